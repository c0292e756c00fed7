"""What a van's day proves of its calls, from fixes to grades."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.geo import LonLat
from replay.facts import Call, Day, Planned, Tap, Told
from replay.proving import Finding, Seen, decisive, prove
from tests.replay.day import DOOR, FAR, at, drive, east, plan, stays_of, tap, tapped_at
from tests.replay.seeding import DAY
from tests.replay.simulated import UNTIL, live
from tracking.stays import find_stays
from tracking.track import Fixes, Track, choose

VAN, OTHER = 1, 2
EVENING = Day(at(600), at(600))
NOWHERE = drive([])


def call(stop: Planned, *taps: Tap, van: int = VAN) -> Call:
    """A call with its taps."""
    told = tuple(Told(van, each) for each in taps)
    return Call(f"call:{stop.id}", DAY, stop, VAN, True, None, stop.id, "visit", told)


def proved(track: Track, *calls: Call, van: int = VAN, readings: tuple[Tap, ...] = ()) -> tuple[Finding, ...]:
    """What the day proves."""
    return prove(calls, van, Seen(track, stays_of(track), readings), EVENING)


def grades(found: tuple[Finding, ...]) -> list[str | None]:
    """Of each call."""
    return [None if each.graded is None else each.graded.grade for each in found]


def test_a_visit_as_planned_with_tap_and_photo_is_an_a() -> None:
    track = drive([(0, 10, east(900)), (20, 35, east(10)), (45, 50, east(900))])
    (found,) = proved(track, call(plan(1, 20), tap(1, 34, 1, pictures=1)))
    assert found.adherence.verdict == "served"
    assert found.graded is not None and (found.graded.grade, found.graded.score) == ("A", 92)


def test_a_completion_tapped_75_km_away_is_a_d() -> None:
    stood_there = drive([(20, 35, DOOR), (120, 140, FAR)])
    for tapped in (tap(1, 130, 1, pictures=1), tapped_at(tap(1, 34, 1, pictures=1), FAR)):
        (found,) = proved(stood_there, call(plan(1, 20), tapped))
        assert found.adherence.verdict == "served" and found.adherence.stay is not None
        assert grades((found,)) == ["D"]
    (found,) = proved(drive([(20, 140, FAR)]), call(plan(1, 20), tap(1, 34, 1, pictures=1)))
    assert found.adherence.stay is None and grades((found,)) == ["D"]


def test_a_tap_without_any_track_is_a_d() -> None:
    at_the_door = tapped_at(tap(1, 34, 1, pictures=1), DOOR)
    assert grades(proved(NOWHERE, call(plan(1, 20), at_the_door))) == ["D"]
    # The track is silent for longer than a gap around the tap.
    assert grades(proved(drive([(0, 10, DOOR)]), call(plan(1, 300), replace(at_the_door, t_ms=at(305))))) == [
        "D"
    ]


def test_of_two_terminals_the_one_that_proves_more_counts() -> None:
    track = drive([(20, 35, DOOR), (60, 65, east(5000))])
    near, far = tap(1, 34, 1, terminal=1, pictures=1), tap(2, 62, 1, terminal=2)
    (found,) = proved(track, call(plan(1, 20), near, far))
    assert grades((found,)) == ["A"] and found.adherence.closing == (near, far)


def test_a_drop_off_with_a_reading() -> None:
    track = drive([(20, 35, DOOR)])
    reading = replace(tap(9, 25, None, "reading"), celsius=63.5)
    done = tapped_at(tap(1, 34, 1, pictures=1), east(20))
    (found,) = proved(track, call(plan(1, 20, kind="dropoff"), done), readings=(reading,))
    assert found.graded is not None and found.graded.score == 100


def test_three_doors_35_m_apart_from_one_stay_are_each_proved() -> None:
    doors = [east(35 * n) for n in range(3)]
    track = drive([(0, 60, east(35)), (80, 90, east(3000))])
    calls = [call(plan(n + 1, 20 * n, doors[n]), tap(n, 20 * n + 16, n + 1, pictures=1)) for n in range(3)]
    found = proved(track, *calls)
    assert [each.adherence.sharers for each in found] == [3, 3, 3]
    assert grades(found) == ["A", "A", "A"]


def test_a_break_and_a_pass_leave_no_evidence() -> None:
    assert proved(NOWHERE, call(plan(1, 20, kind="break")), call(plan(2, 30, kind="pass"))) == ()


def test_a_call_that_another_van_closed_is_the_other_vans() -> None:
    taken = call(plan(1, 20), tap(1, 34, 1), van=OTHER)
    last = decisive(taken)
    assert last is not None and last.van_id == OTHER
    assert proved(drive([(20, 35, east(5000))]), taken) == ()
    (here,) = proved(drive([(20, 35, DOOR)]), taken)
    assert here.adherence.verdict == "arrived" and here.graded is None
    (there,) = proved(drive([(20, 35, DOOR)]), taken, van=OTHER)
    assert there.adherence.verdict == "served" and grades((there,)) == ["B"]


def stored(track: Track, order: list[int]) -> Fixes:
    """A track's fixes as they lie in the store, in some order."""
    count = len(track)
    unknown, ones = np.full(count, np.nan), np.ones(count, np.int64)
    place, unsaid = (track.lon, track.lat), (unknown,) * 4
    fixes = Fixes(track.t_ms, ones, np.arange(count), *place, *unsaid, ones * 0, ones)
    return fixes.take(np.array(order, np.int64))


PLACES: list[LonLat] = [east(35 * n) for n in range(3)]
WHOLE = drive([(0, 14, PLACES[0]), (16, 30, PLACES[1]), (40, 55, PLACES[2])], every_s=20)
CALLS = [
    call(plan(1, 0, PLACES[0]), tap(1, 13, 1), tap(2, 14, 1, terminal=2)),
    call(plan(2, 20, PLACES[1]), tap(3, 29, 2, "no_answer")),
    call(plan(3, 40, PLACES[2])),
]


@settings(max_examples=15)
@given(st.randoms(use_true_random=False))
def test_shuffled_fixes_and_taps_are_the_same_evidence(random: object) -> None:
    assert hasattr(random, "shuffle")
    order = [*range(len(WHOLE)), *range(0, len(WHOLE), 7)]
    random.shuffle(order)
    calls = [replace(each, taps=tuple(reversed(each.taps))) for each in CALLS]
    random.shuffle(calls)
    track = choose(stored(WHOLE, order))
    mixed = prove(calls, VAN, Seen(track, find_stays(track)[::-1], ()), EVENING)
    assert [(f.adherence, f.graded) for f in mixed] == [
        (f.adherence, f.graded) for f in proved(WHOLE, *CALLS)
    ]


def told_of(found: Finding) -> str:
    """The label that the evidence puts on a call."""
    adherence, letter = found.adherence, found.graded and found.graded.grade
    if adherence.verdict == "skipped":
        return "skipped"
    if adherence.verdict == "arrived":
        return "forgotten"
    if letter == "D":
        return "elsewhere"
    if adherence.in_order is False:
        return "swapped"
    return "late" if adherence.window_late_s > 0 else "good"


@pytest.mark.parametrize("seed", [0, 6, 7, 10])
def test_every_seeded_fault_of_a_simulated_day_is_found_and_nothing_else(seed: int) -> None:
    lived = live(seed, faulty=seed > 0)
    found = prove(lived.calls, VAN, Seen(lived.track, stays_of(lived.track), ()), Day(UNTIL, UNTIL))
    labelled = {each.call.stop.id: told_of(each) for each in found if each.call.stop.id in lived.labels}
    assert labelled == lived.labels
