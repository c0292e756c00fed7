"""What the board of a beat says of days and hours."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from maps.notice import (
    Call,
    Hours,
    Notice,
    Passing,
    hours_of,
    hours_words,
    passing_of,
    scene_of,
    weekday_words,
)
from maps.scene import Beat, Place

Shift = tuple[date, time, time]
MONDAY = date(2026, 7, 20)
MORNING, NOON, EVENING = time(8, 30), time(12), time(16, 30)
SHIFTS = st.tuples(
    st.integers(0, 13).map(lambda n: MONDAY + timedelta(days=n)),
    st.just(MORNING),
    st.sampled_from([NOON, EVENING]),
)
ZONE = ZoneInfo("Asia/Shanghai")
EIGHT = datetime(2026, 7, 24, 0, 0, tzinfo=UTC)  # in the district
CENTRES = (5, 3)
HOME = 9


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A planned call of some minutes, anywhere in a long day, at a centre, a home, or passing a beat."""
    kind, site_id, beat = draw(
        st.sampled_from(
            [("pass", None, "B1"), ("pass", None, "B2"), ("visit", HOME, None), ("dropoff", HOME, None),
             ("reload", 3, None), ("break", 5, None), ("start", 3, None), ("end", 3, None)]
        )
    )  # fmt: skip
    arrives = EIGHT + timedelta(seconds=draw(st.integers(0, 14 * 3600)))
    return Call(kind, site_id, beat, arrives, arrives + timedelta(seconds=draw(st.integers(0, 7200))))


def clock(hours: float) -> datetime:
    return EIGHT + timedelta(hours=hours - 8)


def test_a_board_tells_whole_hours_in_the_beat_and_at_centres() -> None:
    day = [
        Call("start", 3, None, clock(8.5), clock(8.6)),
        Call("pass", None, "B1", clock(9.99), clock(10.01)),
        Call("visit", HOME, None, clock(10.2), clock(10.9)),
        Call("pass", None, "B1", clock(11), clock(11)),
        Call("pass", None, "B1", clock(15.5), clock(16)),
        Call("pass", None, "B2", clock(12), clock(13)),
        Call("reload", 3, None, clock(13.4), clock(13.7)),
        Call("end", 3, None, clock(16.4), clock(16.5)),
    ]
    found = passing_of(day, "B1", CENTRES, ZONE)
    assert found == (Passing(None, ((9, 12), (15, 16))), Passing(3, ((13, 14),)))
    assert hours_words(found[0].hours, "zh") == "09:00–12:00、15:00–16:00"
    assert passing_of([], "B1", CENTRES, ZONE) == ()


@given(st.lists(calls(), max_size=12), st.randoms(use_true_random=False))
def test_neither_homes_nor_minutes_decide_what_a_board_tells(day: list[Call], chance: random.Random) -> None:
    found = passing_of(day, "B1", CENTRES, ZONE)
    public = [call for call in day if call.site_id != HOME and call.kind not in ("start", "end")]
    assert passing_of(public, "B1", CENTRES, ZONE) == found
    # Whenever within their hours a van comes and goes, the board is the same.
    moved = [call for call in day if call.site_id == HOME]
    for call in public:
        ends = call.leaves - timedelta(microseconds=1) if call.leaves > call.arrives else call.leaves
        first, last = (at.replace(minute=0, second=0, microsecond=0) for at in (call.arrives, ends))
        comes = first + timedelta(seconds=chance.randrange(3600))
        moved.append(
            replace(
                call, arrives=comes, leaves=max(comes, last + timedelta(seconds=chance.randrange(1, 3601)))
            )
        )
    chance.shuffle(moved)
    assert passing_of(moved, "B1", CENTRES, ZONE) == found
    for each in found:
        edges = [edge for span in each.hours for edge in span]
        assert edges == sorted(set(edges)) and edges[0] >= 0 and edges[-1] <= 24


def test_weekdays_of_the_same_hours_stand_together() -> None:
    week = [(MONDAY + timedelta(days=n), MORNING, EVENING if n < 5 else NOON) for n in range(14 - 7)]
    assert hours_of(week) == (Hours((0, 1, 2, 3, 4), MORNING, EVENING), Hours((5, 6), MORNING, NOON))
    assert hours_of([]) == ()


@given(st.lists(SHIFTS).flatmap(lambda drawn: st.tuples(st.just(drawn), st.permutations(drawn))))
def test_hours_do_not_depend_on_the_order_and_lose_no_day(drawn: tuple[list[Shift], list[Shift]]) -> None:
    shifts, shuffled = drawn
    found = hours_of(shifts)
    assert hours_of(shuffled) == found
    said = {(day, each.starts, each.ends) for each in found for day in each.weekdays}
    assert said == {(day.weekday(), starts, ends) for day, starts, ends in shifts}


def test_days_in_a_row_are_said_by_their_ends() -> None:
    assert weekday_words((0, 1, 2, 3, 4, 6), "en") == "Monday to Friday, Sunday"
    assert weekday_words((0, 1, 3), "zh") == "星期一、星期二、星期四"
    assert weekday_words((0, 1, 2, 3, 4, 5, 6), "zh") == "星期一至星期日"
    assert weekday_words((), "zh") == ""


def test_the_map_shows_the_whole_beat_and_its_centres() -> None:
    ring = ((116.0, 36.0), (116.1, 36.0), (116.1, 36.1), (116.0, 36.0))
    centre = Place(1, "centre", "中心1", (116.05, 36.05))
    drawn = scene_of(Notice(Beat(7, "网格7", ((ring,),)), (), None), [centre])
    assert drawn.places == (centre,) and not drawn.stops and not drawn.routes
    assert drawn.bounds is not None
    (west, south), (east, north) = drawn.bounds
    assert all(west < lon < east and south < lat < north for lon, lat in ring)
