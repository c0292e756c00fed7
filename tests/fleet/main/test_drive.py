import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.driving import Line, estimate_line
from fleet.geo import LonLat, haversine_m
from fleet.main.drive import STEP_MS, Drive, Made, PlannedStop, Task
from tracking.event import Event
from tracking.fix import Fix

START = 1_784_507_400_000  # 2026-07-20 08:30 in Shanghai
MINUTE = 60_000
DEPOT, DOOR, POINT, FAR = (116.0, 36.45), (116.01, 36.45), (116.01, 36.46), (116.03, 36.47)


def route(points: Sequence[LonLat]) -> Line:
    return estimate_line(points)


def stop(number: int, kind: str, at: LonLat, begins_min: int, lasts_min: int) -> PlannedStop:
    begins = START + begins_min * MINUTE
    return PlannedStop(number, kind, at, begins - 2 * MINUTE, begins, begins + lasts_min * MINUTE, number)


PLAN = (
    stop(1, "start", DEPOT, 0, 0),
    stop(2, "dropoff", DOOR, 15, 10),
    stop(3, "pass", POINT, 40, 0),
    stop(4, "dropoff", FAR, 60, 15),
    stop(5, "end", DEPOT, 100, 0),
)


@cache
def lived(*until_min: int) -> list[Made]:
    drive = Drive("van:1", START, DEPOT, route)
    drive.follow(PLAN)
    return [each for minute in until_min for each in drive.advance(START + minute * MINUTE)]


def taps(made: list[Made]) -> list[tuple[str, int | None]]:
    return [(m.item.kind, m.item.stop) for m in made if isinstance(m.item, Event)]


def fixes(made: list[Made]) -> list[Fix]:
    return [m.item for m in made if isinstance(m.item, Fix)]


def test_a_day_is_driven_as_planned() -> None:
    made = lived(130)
    assert taps(made) == [
        ("departed", 1),
        ("departed", 2), ("arrived", 2), ("started", 2), ("done", 2),
        ("departed", 3), ("arrived", 3),
        ("departed", 4), ("arrived", 4), ("started", 4), ("done", 4),
        ("departed", 5), ("arrived", 5), ("done", 5),
    ]  # fmt: skip
    times = [fix.t for fix in fixes(made)]
    assert times == list(range(START + STEP_MS, START + 130 * MINUTE + 1, STEP_MS))


def test_nothing_is_reached_faster_than_the_road_allows() -> None:
    track = fixes(lived(130))
    steps = [haversine_m((a.lon, a.lat), (b.lon, b.lat)) for a, b in itertools.pairwise(track)]
    assert max(steps) < 60


@settings(max_examples=3, deadline=None)
@given(st.lists(st.integers(1, 129), max_size=5).map(sorted))
def test_how_often_the_clock_is_looked_at_changes_nothing(cuts: list[int]) -> None:
    assert lived(*cuts, 130) == lived(130)


def test_a_service_begins_no_earlier_than_planned_and_every_tap_has_its_own_identity() -> None:
    made = lived(130)
    begun = {m.item.stop: m.item.t for m in made if isinstance(m.item, Event) and m.item.kind == "started"}
    assert begun[2] >= PLAN[1].begins - STEP_MS and begun[4] >= PLAN[3].begins - STEP_MS
    ids = Counter(m.item.id for m in made if isinstance(m.item, Event))
    assert max(ids.values()) == 1
    assert all(identity.version == 7 for identity in ids)


def test_an_sos_is_accepted_driven_to_and_the_plan_goes_on() -> None:
    drive = Drive("van:1", START, DEPOT, route)
    drive.follow(PLAN)
    drive.advance(START + 32 * MINUTE)
    drive.offer(Task("sos:9", FAR, START + 32 * MINUTE))
    made = drive.advance(START + 180 * MINUTE)
    told = [(m.item.kind, m.item.task) for m in made if isinstance(m.item, Event) and m.item.task]
    assert told == [("accepted", "sos:9"), ("arrived", "sos:9"), ("done", "sos:9")]
    arrived = next(
        m.item for m in made if isinstance(m.item, Event) and (m.item.kind, m.item.task) == told[1]
    )
    assert arrived.lon is not None and arrived.lat is not None
    assert haversine_m((arrived.lon, arrived.lat), FAR) < 1
    assert ("done", 4) in taps(made)


def test_a_withdrawn_sos_is_left() -> None:
    drive = Drive("van:1", START, DEPOT, route)
    drive.follow(PLAN)
    drive.offer(Task("sos:9", FAR, START))
    drive.advance(START + 1 * MINUTE)
    drive.withdraw("sos:9")
    made = drive.advance(START + 130 * MINUTE)
    assert [m for m in made if isinstance(m.item, Event) and m.item.task] == []
    assert ("done", 2) in taps(made)


def test_a_new_version_of_the_plan_does_not_repeat_what_is_done() -> None:
    drive = Drive("van:1", START, DEPOT, route)
    drive.follow(PLAN)
    drive.advance(START + 30 * MINUTE)
    drive.follow([replace(each, id=each.id + 10) for each in PLAN])
    made = drive.advance(START + 130 * MINUTE)
    assert [(kind, number) for kind, number in taps(made) if kind == "done"] == [("done", 14), ("done", 15)]


def test_some_fixes_fall_into_a_dead_zone() -> None:
    made = lived(130)
    lost = sum(m.dead_zone for m in made)
    assert 0 < lost < len(made) / 4
