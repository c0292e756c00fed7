"""What a guest is told of a van's time near homes: days that differ in it look alike."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from maps.veil import AWAY_MS, MARK_MS, Entry, Sight, sight, span_of, stretch_ms

S = 1000
DAY = 1_784_692_800_000  # a whole five minutes
AWAY, DOOR, YARD = (116.0, 36.0), (116.1, 36.1), (116.2, 36.2)
_delays = st.sampled_from((30, 60, 120, 300, 900))
Frame = tuple[int, tuple[float, float] | None, bool, Entry | None]


def day(*moves: tuple[int, tuple[float, float]]) -> list[Entry]:
    """A course, by seconds since the day's beginning."""
    return [Entry(DAY + round(s * S), cell, cell != AWAY) for s, cell in moves]


def shown(course: Sequence[Entry], seconds: Iterable[int], delay_s: int) -> list[Frame]:
    """What guests are told: the time that is shown, the cell or the place (here: what was in force then)."""
    frames = []
    for s in seconds:
        at = DAY + s * S
        begins, until = span_of(at, delay_s)
        before = [each for each in course if each.t_ms <= begins][-1:]
        known = before + [each for each in course if begins < each.t_ms < until]
        seen = sight(known, at, delay_s)
        place = None if seen.cell else [each for each in course if each.t_ms <= seen.at_ms][-1]
        frames.append((seen.at_ms, seen.cell, seen.held, place))
    return frames


def test_a_van_comes_stays_and_goes() -> None:
    course = day((-3600, AWAY), (723, DOOR), (1531, AWAY))
    at = {s: sight(course, DAY + s * S, 60) for s in (699, 700, 723, 899, 900, 1531, 2099, 2100)}
    assert at[699] == Sight(DAY + 699 * S, None, False)
    for s in (700, 723, 899):
        assert at[s] == Sight(DAY + 700 * S - 1, None, True)  # stands still since the stretch began
    assert at[900] == Sight(DAY + 900 * S, DOOR, True)
    assert at[1531] == Sight(DAY + 1500 * S, DOOR, True)
    assert at[2099] == Sight(DAY + 1800 * S, DOOR, True)
    assert at[2100] == Sight(DAY + 2100 * S, None, False)


@given(_delays, st.integers(600, 1199), st.integers(1, 400), st.data())
def test_when_within_five_minutes_it_went_changes_nothing(
    delay_s: int, came: int, stayed: int, data: st.DataObject
) -> None:
    went = came + stayed
    bound = -(-went * S // MARK_MS) * MARK_MS // S
    other = data.draw(st.integers(max(came + 1, bound - MARK_MS // S + 1), bound))
    both = [day((-3600, AWAY), (came, DOOR), (left, AWAY)) for left in (went, other)]
    first, second = (shown(course, range(0, 3600, 7), delay_s) for course in both)
    assert [each[:3] for each in first] == [each[:3] for each in second]
    # No place of it is told before it has been away for five minutes.
    for _, cell, held, place in first:
        assert held or place == both[0][0] or (cell is None and place == both[0][2])


@given(_delays, st.integers(601, 1200), st.data())
def test_when_within_a_stretch_it_came_changes_nothing(delay_s: int, came: int, data: st.DataObject) -> None:
    stretch = stretch_ms(delay_s)
    began = (DAY + came * S) // stretch * stretch
    low, high = (began - DAY) / S, (began + stretch - DAY) / S
    # Both before the same whole five minutes: which one follows is told anyway.
    mark = (came * S // MARK_MS + 1) * MARK_MS / S
    other = data.draw(st.integers(int(max(low, mark - MARK_MS / S)) + 1, int(min(high, mark)) - 1))
    came = max(came, int(max(low, mark - MARK_MS / S)) + 1)
    both = [day((-3600, AWAY), (at, DOOR), (2000, AWAY)) for at in (came, other)]
    assert len({tuple(shown(course, range(0, 3600, 7), delay_s)) for course in _places_dropped(both)}) == 1


_edits = st.lists(st.tuples(st.integers(1, 1500), _delays), min_size=1, max_size=4)


def shown_over_edits(
    course: Sequence[Entry], edits: Sequence[tuple[int, int]], first_s: int
) -> list[list[Frame]]:
    """What guests are told while the link's delay is changed under them: frames by edition."""
    begins = [0, *itertools.accumulate(after for after, _ in edits)]
    delays = [first_s, *(delay_s for _, delay_s in edits)]
    return [
        shown(course, range(begun - delay_s, ended - delay_s, 7), delay_s)
        for begun, ended, delay_s in zip(begins, [*begins[1:], 6000], delays, strict=True)
    ]


@given(st.integers(600, 1199), st.integers(1, 400), _delays, _edits, st.data())
def test_a_link_that_is_edited_while_open_tells_no_more_of_when_a_van_went(
    came: int, stayed: int, first_s: int, edits: list[tuple[int, int]], data: st.DataObject
) -> None:
    went = came + stayed
    bound = -(-went * S // MARK_MS) * MARK_MS // S
    other = data.draw(st.integers(max(came + 1, bound - MARK_MS // S + 1), bound))
    told = []
    for left in (went, other):
        course = day((-3600, AWAY), (came, DOOR), (left, AWAY))
        editions = shown_over_edits(course, edits, first_s)
        told.append([[frame[:3] for frame in frames] for frames in editions])
        for _, cell, _, place in itertools.chain(*editions):
            assert cell is not None or (place is not None and not place.private)
    assert told[0] == told[1]


@given(st.integers(601, 1200), _delays, _edits, st.data())
def test_a_link_that_is_edited_while_open_tells_no_more_of_when_a_van_came(
    came: int, first_s: int, edits: list[tuple[int, int]], data: st.DataObject
) -> None:
    # To within a stretch of the quickest delay that it ever had.
    stretch = min(stretch_ms(each) for each in (first_s, *(delay_s for _, delay_s in edits)))
    began = (DAY + came * S) // stretch * stretch
    mark = (came * S // MARK_MS + 1) * MARK_MS / S
    low = int(max((began - DAY) / S, mark - MARK_MS / S)) + 1
    high = int(min((began + stretch - DAY) / S, mark)) - 1
    both = (max(came, low), data.draw(st.integers(low, high)))
    told = [shown_over_edits(day((-3600, AWAY), (at, DOOR), (2000, AWAY)), edits, first_s) for at in both]
    assert told[0] == told[1]


def _places_dropped(courses: Sequence[list[Entry]]) -> list[list[Entry]]:
    """The same, without places near homes: a frame must never hold one."""
    for course in courses:
        for _, cell, _, place in shown(course, range(0, 3600, 7), 60):
            assert cell is not None or (place is not None and not place.private)
    return list(courses)


_moves = st.lists(st.tuples(st.integers(1, 900), st.sampled_from((AWAY, DOOR, YARD))), max_size=12)


@given(_moves, _delays)
def test_near_homes_the_picture_changes_at_grid_points_only(
    moves: list[tuple[int, tuple[float, float]]], delay_s: int
) -> None:
    t, course = 0, day((-3600, AWAY))
    for after, cell in moves:
        t += after
        course.append(Entry(DAY + t * S, cell, cell != AWAY))
    seconds = range(0, t + 1200, 3)
    frames = shown(course, seconds, delay_s)
    near = [(each.t_ms, after.t_ms) for each, after in itertools.pairwise(course) if each.private]
    for s, (_, shown_cell, held, place) in zip(seconds, frames, strict=True):
        at = DAY + s * S
        assert shown_cell is not None or (place is not None and not place.private)
        if any(came <= at < went + AWAY_MS for came, went in near):
            assert held
    for (old, new), s in zip(itertools.pairwise(frames), seconds[1:], strict=True):
        if old[2] and old[:3] != new[:3]:
            at = DAY + s * S
            grid = {at // MARK_MS * MARK_MS, at // stretch_ms(delay_s) * stretch_ms(delay_s)}
            assert any(at - each < 3 * S for each in grid)


def test_a_stretch_ends_before_it_is_shown() -> None:
    for delay_s in (1, 30, 60, 120, 300, 900, 86_400):
        begins, until = span_of(DAY + 17 * S, delay_s)
        assert until - DAY <= 17 * S + max(1, delay_s * 5 / 6) * S
        assert until > DAY + 17 * S
        assert begins == DAY - AWAY_MS
    stretches = [stretch_ms(delay_s) for delay_s in range(1, 1000)]
    for shorter, longer in itertools.pairwise(stretches):
        assert longer % shorter == 0
    assert MARK_MS % stretches[-1] == 0
