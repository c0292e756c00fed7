from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fleet import tables
from fleet.clock import Clock
from fleet.driving import Matrix
from fleet.geo import LonLat
from fleet.main import beginning
from fleet.roads import Roads
from maps.day import Stop, Tap
from routing import store
from tests.fleet.main.running_town import NOON, at_noon, tap
from tests.routing.town import DAY, MORNING


def test_what_is_done_passed_over_or_driven_to_is_begun_today_alone(database: str, tmp_path: Path) -> None:
    with at_noon(database, tmp_path) as town, town.context.engine.begin() as conn:
        stops = [s for s in store.stops_of(conn, town.plan_id) if s.kind in ("visit", "dropoff")]
        found = set(beginning.look(conn, town.context, town.district_id, DAY))
        for van in {stop.van_id for stop in stops}:
            calls = [stop for stop in stops if stop.van_id == van]
            over = [stop.id for stop in calls if stop.leaves <= NOON]
            begun = [stop.id for stop in calls if stop.id in found]
            assert begun == [stop.id for stop in calls[: len(begun)]]
            assert len(over) <= len(begun) <= len(over) + 1
        assert beginning.look(conn, town.context, town.district_id, DAY + timedelta(days=1)) == {}
        early = replace(town.context, clock=Clock.opening(MORNING))
        assert list(beginning.look(conn, early, town.district_id, DAY)) == []
        # No crew has said that it has come to the call under way: as late as if it came now.
        late = beginning.look(conn, town.context, town.district_id, DAY)
        for van in {stop.van_id for stop in stops}:
            (last,) = [stop for stop in stops if stop.van_id == van and stop.id in late][-1:]
            others = [
                late[stop.id] for stop in stops if stop.van_id == van and stop.id in late and stop != last
            ]
            assert set(others) <= {0}
            assert late[last.id] % 60 == 0
        # A tap of a later call passes over those before it.
        last = next(stop for stop in reversed(stops) if stop.van_id == stops[0].van_id)
        tap(conn, (town.district_id, last.van_id), "arrived", last.id, NOON)
        after = set(beginning.look(conn, town.context, town.district_id, DAY))
        assert {stop.id for stop in stops if stop.van_id == last.van_id} <= after


class Counted(Roads):
    """Roads that count how often they are asked for a table, and of how many places."""

    def __init__(self) -> None:
        super().__init__("")
        self.asked: list[int] = []

    def table(self, points: Sequence[LonLat]) -> Matrix:
        self.asked.append(len(points))
        return super().table(points)


def test_the_roads_are_asked_once_for_all_vans_under_way(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_noon(database, tmp_path) as town, town.context.engine.begin() as conn:
        roads = Counted()
        counting = replace(town.context, roads=roads)
        together = beginning.look(conn, counting, town.district_id, DAY)
        assert roads.asked == [4], "from where each of the two vans is to where it heads for"
        # Asked for each alone they are as late.
        monkeypatch.setattr(beginning, "_AT_ONCE", 1)
        assert beginning.look(conn, counting, town.district_id, DAY) == together
        assert roads.asked == [4, 2, 2]
        conn.execute(tables.van_state.delete())
        beginning.look(conn, counting, town.district_id, DAY)
        assert roads.asked == [4, 2, 2], "of vans that were not seen nobody is asked"


def at(minute: int) -> datetime:
    return MORNING + timedelta(minutes=minute)


def stop(n: int, kind: str, begins: int, leaves: int) -> Stop:
    return Stop(
        n, 1, n, kind, (116.0, 36.5), at(begins), at(begins), at(leaves), {}, False, "", "", None
    )  # fmt: skip


def said(kind: str, stop_id: int, minute: int) -> Tap:
    return Tap(1, kind, at(minute), stop_id, {})


ROUTE = (stop(1, "start", 0, 0), stop(2, "visit", 10, 20), stop(3, "visit", 30, 40), stop(4, "end", 50, 50))


@pytest.mark.parametrize(
    ("told", "minute", "drive_min", "late_min"),
    [
        ([("done", 2, 20)], 22, 5, 0),
        ([("done", 2, 30)], 31, 8, 9),
        ([("arrived", 2, 25)], 26, 0, 15),
        ([("arrived", 2, 12)], 30, 0, 10),
        ([("arrived", 2, 10)], 15, 0, 0),
        ([("done", 2, 20), ("done", 3, 55)], 56, 20, 26),
        ([("done", 2, 20), ("done", 3, 55), ("done", 4, 70)], 90, 0, 20),
    ],
    ids=["in time", "on the way", "came late", "stays long", "as planned", "going home", "back"],
)
def test_how_late_a_crew_is(
    told: list[tuple[str, int, int]], minute: int, drive_min: int, late_min: int
) -> None:
    taps = [said(*each) for each in told]
    assert beginning.late_s(ROUTE, taps, at(minute), lambda _: 60 * drive_min) == 60 * late_min


def test_a_van_that_was_not_seen_is_late_from_now_on() -> None:
    assert beginning.late_s(ROUTE, [said("done", 2, 20)], at(33), lambda _: None) == 180
