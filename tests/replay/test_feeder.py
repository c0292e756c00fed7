"""Recorded tracks through the real protocol into a real database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from fleet import registry, tables
from fleet.clock import Clock
from fleet.context import Context
from fleet.errors import InvalidInput, NotFound, Unavailable
from replay import feeder
from replay.entry import Reading, Recorded, Unreadable
from replay.feeder import Order, survey
from tests.replay.seeding import DAY, MORNING, Seeded, seed
from tests.replay.serving import context_on, gateway, serving
from tracking.fix import Fix

TAXIS = Path(__file__).parents[2].parent / "shared/data/gps/shenzhen_taxi_544999.csv.gz"
NOBODY = "http://127.0.0.1:9"
READING = Reading(day=DAY, zone=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def context(database: str, tmp_path: Path) -> Iterator[Context]:
    """A context on a fresh database, at the end of the day that is fed."""
    with context_on(database, Clock.opening(MORNING + timedelta(hours=10)), tmp_path) as made:
        yield made


@pytest.fixture
def here(context: Context) -> Seeded:
    """A small district."""
    with context.engine.begin() as conn:
        return seed(conn)


def order(here: Seeded, path: Path, url: str) -> Order:
    """An order to feed a file, making vans."""
    address = url.replace("http", "ws") + "/terminal/ws"
    return Order(path, READING, here.district_id, address, create_vans=True)


def test_rows_in_any_order_are_stored_once(context: Context, here: Seeded, tmp_path: Path) -> None:
    path = tmp_path / "day.csv"
    rows = [f"{n % 3},{9 + n % 4:02}:{n % 60:02}:00,115.9{n},36.4,0,{n}" for n in range(240)]
    future = "0,08:00:00,115.9,99.5,0,1"
    path.write_text("\n".join([*rows, rows[7], future, "0,nine,115.9,36.4,0,1"]))
    seen: list[int] = []
    with serving(gateway(context)) as url:
        wish = order(here, path, url)
        first = feeder.run(context.engine, wish, lambda report: seen.append(report.sent))
        again = feeder.run(context.engine, wish)
    assert (first.rows, first.sent, first.acknowledged, first.refused) == (243, 242, 241, 1)
    assert (first.stored, again.stored) == (240, 0)
    assert list(first.reasons) == ["lat 99.5 is not within -90 to 90"]
    assert list(first.unreadable) == ["time 'nine' cannot be read"]
    assert seen


def test_paced_feeding_goes_by_time(context: Context, here: Seeded, tmp_path: Path) -> None:
    path = tmp_path / "V1.csv"
    times = ("09:00:20", "09:00:00", "09:00:10")
    path.write_text("t,lon,lat\n" + "".join(f"{each},115.9,36.4\n" for each in times))
    with serving(gateway(context)) as url:
        report = feeder.run(context.engine, replace(order(here, path, url), speed=200.0, create_vans=False))
    assert report.stored == 3
    assert report.seconds >= 0.1
    fix = tables.fix
    with context.engine.connect() as conn:
        rows = conn.execute(sa.select(fix.c.t, fix.c.van_id).order_by(fix.c.received_at, fix.c.t)).all()
    times_stored = [t for t, _ in rows]
    assert times_stored == sorted(times_stored)
    assert {van_id for _, van_id in rows} == {here.vans[0]}


def test_what_cannot_be_fed_gets_a_sentence(
    context: Context, here: Seeded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "unknown.csv"
    path.write_text("t,lon,lat\n09:00:00,115.9,36.4\n")
    wish = replace(order(here, path, NOBODY), create_vans=False)
    with pytest.raises(NotFound, match="no van unknown"):
        feeder.run(context.engine, wish)
    with pytest.raises(InvalidInput, match="not above zero"):
        feeder.run(context.engine, replace(order(here, path, NOBODY), speed=0.0))
    monkeypatch.setattr(feeder, "_STALLED_S", 0.5)
    monkeypatch.setattr(feeder, "_TICK_S", 0.1)
    with pytest.raises(Unavailable, match=r"No platform answers at ws://127\.0\.0\.1:9/"):
        feeder.run(context.engine, order(here, path, NOBODY))
    path.write_text("t,lon,lat\n")
    with pytest.raises(InvalidInput, match="no fix"):
        feeder.run(context.engine, order(here, path, NOBODY))


def test_a_survey_counts() -> None:
    found = survey([Recorded("b", Fix(9, 1, 2)), Unreadable(2, "x"), Recorded("a", Fix(3, 1, 2))])
    assert (found.rows, found.vehicles, found.first_ms, found.last_ms) == (3, ("b", "a"), 3, 9)
    assert found.unreadable == {"x": 1}


@pytest.mark.skipif(not TAXIS.exists(), reason="the shared taxi day is not here")
def test_the_first_twenty_thousand_taxi_rows(context: Context, here: Seeded) -> None:
    reading = Reading(day=date(2026, 7, 21), zone=ZoneInfo("Asia/Shanghai"))
    with serving(gateway(context)) as url:
        wish = replace(order(here, TAXIS, url), reading=reading, limit=20_000)
        first = feeder.run(context.engine, wish)
        again = feeder.run(context.engine, wish)
    assert (first.sent, first.acknowledged, first.refused, first.stored) == (20_000, 20_000, 0, 19_991)
    assert (again.acknowledged, again.stored) == (20_000, 0)
    with context.engine.connect() as conn:
        assert len(registry.vans(conn, here.district_id)) > 2
