"""A road is closed at noon: shown, adopted, listed, driven round, and open again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from fleet.errors import InvalidInput, NotFound
from fleet.main import closing, rearranging, running_day
from fleet.main.rearranging import Closed, Opened, Rearrangement, Told
from fleet.units import ms_of
from routing.running import Running
from routing.timetable import Call
from tests.fleet.main.running_town import NOON, Town, at_noon


@pytest.fixture
def town(database: str, tmp_path: Path) -> Iterator[Town]:
    with at_noon(database, tmp_path) as made:
        yield made


def look(town: Town) -> running_day.Situation:
    with town.context.engine.connect() as conn:
        found = running_day.look(conn, town.context, town.district_id, NOON)
    assert found is not None
    return found


def shut(town: Town, hours: float = 2.0) -> Closed:
    """The middle of the longest drive that is still to come."""
    rest = look(town).rest
    legs = [
        (int(rest.problem.seconds[a, b]), a, b)
        for calls in rest.orders
        for a, b in zip(_sites(rest, calls), _sites(rest, calls)[1:], strict=False)
    ]
    _, a, b = max(legs)
    one, other = rest.problem.sites[a], rest.problem.sites[b]
    until = ms_of(NOON + timedelta(hours=hours))
    lon, lat = (one.lon + other.lon) / 2, (one.lat + other.lat) / 2
    return Closed(kind="road_closed", lon=lon, lat=lat, radius_m=30, until=until, name="Bridge")


def _sites(rest: Running, calls: Sequence[Call]) -> list[int]:
    return [rest.problem.visits[c.index].site for c in calls if c.kind in ("visit", "dropoff")]


def adopted(town: Town, told: Told, version: int) -> Rearrangement:
    with town.context.engine.begin() as conn:
        seen = town.plan_id, version
        return rearranging.adopt(conn, town.context, town.district_id, told, seen, by="account:1")


def listed(town: Town) -> tuple[closing.Closed, ...]:
    with town.context.engine.connect() as conn:
        return closing.today(conn, town.context, town.district_id)


def test_a_closed_road_is_driven_round_until_it_is_lifted(town: Town) -> None:
    before = look(town)
    told = shut(town)
    adopted(town, told, 1)
    (closed,) = listed(town)
    assert (closed.name, closed.until_ms, closed.place) == ("Bridge", told.until, told.place())
    after = look(town)
    assert after.ways is not None
    n = len(before.agenda.problem.sites)
    more = after.rest.problem.seconds[:n, :n] - before.rest.problem.seconds[:n, :n]
    assert (more > 0).any()
    assert (more >= 0)[after.rest.problem.seconds[:n, :n] >= 0].all()
    adopted(town, Opened(kind="road_opened", closure=closed.id), 2)
    assert listed(town) == ()
    assert look(town).ways is None


def test_a_closure_ends_by_itself(town: Town) -> None:
    adopted(town, shut(town, 0.5), 1)
    with town.context.engine.connect() as conn:
        later = running_day.look(conn, town.context, town.district_id, NOON + timedelta(hours=1))
    assert later is not None and later.ways is None


def test_what_is_over_or_was_never_closed_is_said(town: Town) -> None:
    with town.context.engine.connect() as conn:
        with pytest.raises(InvalidInput, match="still to come"):
            rearranging.propose(conn, town.context, town.district_id, shut(town, -1.0))
        with pytest.raises(NotFound, match="Closure 999"):
            rearranging.propose(conn, town.context, town.district_id, Opened(kind="road_opened", closure=999))
