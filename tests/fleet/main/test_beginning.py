from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from fleet.clock import Clock
from fleet.main import beginning
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
        assert beginning.look(conn, town.context, town.district_id, DAY + timedelta(days=1)) == ()
        early = replace(town.context, clock=Clock.opening(MORNING))
        assert list(beginning.look(conn, early, town.district_id, DAY)) == []
        # A tap of a later call passes over those before it.
        last = next(stop for stop in reversed(stops) if stop.van_id == stops[0].van_id)
        tap(conn, (town.district_id, last.van_id), "arrived", last.id, NOON)
        after = set(beginning.look(conn, town.context, town.district_id, DAY))
        assert {stop.id for stop in stops if stop.van_id == last.van_id} <= after
