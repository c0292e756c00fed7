"""A small district for tests: two vans on shift, an elder, people who may log in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from fleet import accounts, tables, terminals
from fleet.accounts import Role
from fleet.clock import Clock, wall_now
from fleet.context import Context
from fleet.db import make_engine
from fleet.roads import Roads
from fleet.settings import Settings

DAY = date(2026, 7, 20)
OPENS = datetime(2026, 7, 20, 2, 46, tzinfo=UTC)  # 10:46 in Shanghai
PASSWORD = "Mungbean-2026"
CENTRE = (116.00, 36.45)
HOME = (116.02, 36.46)


@dataclass(frozen=True, slots=True)
class World:
    """Ids of what `people` made."""

    district_id: int
    vans: tuple[int, int]
    tokens: tuple[str, str]
    terminals: tuple[int, int]
    recipient_id: int
    home_id: int


@contextmanager
def context_on(database_url: str, home: Path, **settings: object) -> Iterator[Context]:
    """A context on a database, its clock at `OPENS`, without roads."""
    engine, roads = make_engine(database_url), Roads()
    told = Settings.model_validate({"home": home, **settings})
    try:
        yield Context(told, database_url, engine, Clock.opening(OPENS), roads, b"k" * 32)
    finally:
        roads.close()
        engine.dispose()


def people(conn: sa.Connection) -> World:
    """Fill an empty database."""
    district_id = _one(conn, tables.district, name="测试区", centre=_point(CENTRE))
    hall = {"code": "c1", "kind": "centre", "name": "中心", "geom": _point(CENTRE)}
    centre = _one(conn, tables.site, district_id=district_id, is_depot=True, is_kitchen=True, **hall)
    door = {"code": "h1", "kind": "home", "name": "1号楼", "geom": _point(HOME)}
    home_id = _one(conn, tables.site, district_id=district_id, **door)
    crew = _one(conn, tables.crew, district_id=district_id, name="一组")
    vans, ids, tokens = [], [], []
    for n in (1, 2):
        van = _one(conn, tables.van, district_id=district_id, code=f"v{n}", name=f"{n}号车", depot_id=centre)
        shift = {"starts": OPENS - timedelta(hours=2), "ends": OPENS + timedelta(hours=6)}
        conn.execute(tables.shift.insert().values(van_id=van, day=DAY, crew_id=crew, **shift))
        terminal = terminals.register(conn, district_id, van, f"v{n}-sim", kind="simulator", now=OPENS)
        vans.append(van)
        ids.append(terminal)
        tokens.append(terminals.issue_token(conn, terminal))
    recipient = _one(
        conn,
        tables.recipient,
        district_id=district_id,
        code="r1",
        name="刘淑珍",
        birth_year=1940,
        home_id=home_id,
    )
    return World(
        district_id, (vans[0], vans[1]), (tokens[0], tokens[1]), (ids[0], ids[1]), recipient, home_id
    )


def seen(conn: sa.Connection, world: World, van: int, lonlat: tuple[float, float], t: datetime) -> None:
    """Put a van's newest position where `lonlat` says."""
    values = {"t": t, "lon": lonlat[0], "lat": lonlat[1], "received_at": t, "terminal_id": 1, "digest": 0}
    conn.execute(tables.van_state.insert().values(van_id=van, district_id=world.district_id, **values))


def log_in(conn: sa.Connection, district_id: int, role: Role) -> str:
    """Somebody new with a role, named like it, and their session's token."""
    account = accounts.create(conn, role, PASSWORD, role, wall_now())
    accounts.grant(conn, account.id, district_id, role)
    return accounts.open_session(conn, account.id, district_id, wall_now(), timedelta(hours=1))


def _one(conn: sa.Connection, table: sa.Table, **values: object) -> int:
    made: int = conn.execute(table.insert().values(**values).returning(table.c.id)).scalar_one()
    return made


def _point(lonlat: tuple[float, float]) -> str:
    return f"SRID=4326;POINT({lonlat[0]} {lonlat[1]})"
