"""Whether a van will be late is asked of a real road server of the invented town; and guessed without one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa

from fleet import driving, osrm, tables
from fleet.clock import Clock
from fleet.geo import LonLat
from fleet.main.alarming import Watch
from fleet.roads import Roads
from fleet.synthetic import town
from fleet.synthetic.plane import place
from tests.fleet.main.alarms import look, only
from tests.fleet.main.conftest import Desk
from tests.world import DAY, OPENS, seen

# Both banks of the river, 360 m apart and far from its bridges.
BANKS: Final = (place((2400.0, -1780.0)), place((2400.0, -1420.0)))
# The ends of a main road across the town.
ENDS: Final = (place((-4300.0, 0.0)), place((4300.0, 0.0)))
BRIDGE_S: Final = 450
"""So long after its window's end the first van is on the wrong bank: by the bridge only it is 12 min late."""
MAIN_ROAD_S: Final = -500
"""So long before its planned time the second van is at the other end: at 25 km/h only it is 12 min late."""


@pytest.fixture(scope="module")
def url(road_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    source = tmp_path_factory.mktemp("late") / "town.osm.pbf"
    town.write(source)
    osrm.build(road_home, source)
    with osrm.Router(road_home) as router:
        yield router.url


@pytest.fixture
def roads(url: str) -> Iterator[Roads]:
    client = Roads(url)
    yield client
    client.close()


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """Two vans with their next stops."""

    desk: Desk
    stops: tuple[int, int]

    def by(self, roads: Roads) -> Desk:
        """The same, whose roads are these."""
        return replace(self.desk, context=replace(self.desk.context, roads=roads))

    def late(self) -> list[tuple[str, int]]:
        """Whose alerts stand, and by how many seconds."""
        a = tables.alert
        with self.desk.context.engine.connect() as conn:
            found = conn.execute(sa.select(a.c.subject, a.c.body).where(a.c.ended.is_(None)))
            return [(row.subject, row.body["late_s"]) for row in found]


@pytest.fixture
def on_the_way(desk: Desk) -> OnTheWay:
    """The first van has a window, the second a planned time; the clock all but stands."""
    only(desk, "late")
    slow = replace(desk, context=replace(desk.context, clock=Clock.opening(OPENS, 1e-6)))
    world, ways = desk.world, ((BANKS, BRIDGE_S, True), (ENDS, MAIN_ROAD_S, False))
    stops = []
    with desk.context.engine.begin() as conn:
        plan = tables.plan.insert().values(
            district_id=world.district_id, day=DAY, version=1, status="published", basis="road", seed=1,
            levels={}, violations=0, created_at=OPENS, created_by="test",
        )  # fmt: skip
        plan_id = conn.execute(plan.returning(tables.plan.c.id)).scalar_one()
        for van, ((here, there), after_s, is_window) in zip(world.vans, ways, strict=True):
            seen(conn, world, van, here, OPENS)
            due = OPENS - timedelta(seconds=after_s)
            begins = due - timedelta(hours=1) if is_window else due
            stop = tables.plan_stop.insert().values(
                plan_id=plan_id, van_id=van, seq=1, kind="dropoff", site_id=world.home_id, geom=_point(there),
                arrives=begins, begins=begins, leaves=begins, window_to=due if is_window else None,
            )  # fmt: skip
            stops.append(conn.execute(stop.returning(tables.plan_stop.c.id)).scalar_one())
    return OnTheWay(slow, (stops[0], stops[1]))


def _point(at: LonLat) -> str:
    return f"SRID=4326;POINT({at[0]!r} {at[1]!r})"


@pytest.mark.process
def test_by_road_the_van_at_the_river_is_late_and_the_one_on_the_main_road_is_not(
    on_the_way: OnTheWay, roads: Roads
) -> None:
    desk = on_the_way.by(roads)
    watch = Watch(desk.context)
    assert look(desk, watch) == [("late", "raised")]
    table = roads.table(BANKS)
    assert table.basis == "road"
    ((subject, late_s),) = on_the_way.late()
    assert subject == f"stop:{on_the_way.stops[0]}"
    assert late_s == BRIDGE_S + table.seconds[0, 1]
    assert look(desk, watch) == []
    with desk.context.engine.begin() as conn:
        lon, lat = BANKS[1]
        moved = tables.van_state.update().where(tables.van_state.c.van_id == desk.world.vans[0])
        conn.execute(moved.values(lon=lon, lat=lat))
    assert look(desk, watch) == [("late", "ended")]


def test_without_roads_it_is_guessed_the_other_way_round(on_the_way: OnTheWay) -> None:
    """The river is nothing to a straight line, and a main road is driven at 25 km/h."""
    roads = Roads()
    desk = on_the_way.by(roads)
    assert look(desk, Watch(desk.context)) == [("late", "raised")]
    roads.close()
    ((subject, late_s),) = on_the_way.late()
    assert subject == f"stop:{on_the_way.stops[1]}"
    assert late_s == MAIN_ROAD_S + driving.estimate_table(ENDS).seconds[0, 1]
