"""Who and what there is: districts, vans, terminals, sites, elders, beats, crews, items, cadences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from geoalchemy2.shape import to_shape

from fleet import tables
from fleet.errors import NotFound

Ring = tuple[tuple[float, float], ...]
"""Closed ring of (lon, lat)."""


@dataclass(frozen=True, slots=True)
class District:
    """A service district; every other row belongs to one."""

    id: int
    name: str
    name_en: str
    timezone: str
    lon: float
    lat: float
    synthetic: bool


@dataclass(frozen=True, slots=True)
class Van:
    """A service van with its containers, in cups, and its depot."""

    id: int
    code: str
    name: str
    name_en: str
    plate: str
    colour: str
    features: tuple[str, ...]
    hot_cups: int
    cold_cups: int
    depot_id: int | None


@dataclass(frozen=True, slots=True)
class Terminal:
    """A device that speaks for a van."""

    id: int
    district_id: int
    van_id: int
    code: str
    kind: str
    is_primary: bool
    datum: str
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Site:
    """A place: centre (depot, kitchen), stop point or home."""

    id: int
    code: str
    kind: str
    name: str
    name_en: str
    lon: float
    lat: float
    is_depot: bool
    is_kitchen: bool
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Recipient:
    """An elder. Names are masked wherever many eyes look: `mask_name`."""

    id: int
    code: str
    name: str
    birth_year: int
    home_id: int
    stop_id: int | None
    risk: int
    sugar_free: bool
    nap_from: time
    nap_to: time


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often an elder is due by one channel; gaps in days.

    Parameters
    ----------
    own : the person's own exception, which replaces the rule while it is in force
    day_from, day_to : the days on which an exception is in force, both included; None leaves that end open
    closed_by : the channels whose visits count for it
    """

    id: int
    recipient_id: int
    channel: str
    target_days: float
    min_days: float
    max_days: float
    service_s: int
    skills: tuple[str, ...]
    mandatory: bool
    own: bool
    day_from: date | None = None
    day_to: date | None = None
    closed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """A place of a beat to be passed within 150 m, `passes` times a shift."""

    id: int
    lon: float
    lat: float
    passes: int


@dataclass(frozen=True, slots=True)
class Beat:
    """A patrol area: polygons (outer ring first, then holes) and its cells."""

    id: int
    code: str
    name: str
    name_en: str
    dedicated: bool
    polygons: tuple[tuple[Ring, ...], ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Crew:
    """The people aboard, as one."""

    id: int
    name: str
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """A van's crew and span on a day."""

    van_id: int
    day: date
    crew_id: int
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class MenuItem:
    """Something handed out in a season; `hold_s`: seconds its container keeps it safe."""

    id: int
    code: str
    name: str
    name_en: str
    season: str
    container: str
    hold_s: int
    sugary: bool


def mask_name(name: str) -> str:
    """Hide a person's name as a wall screen must: 刘淑珍 -> 刘*珍, 张三 -> 张*."""
    if len(name) < 2:
        return "*"
    return name[0] + "*" * max(1, len(name) - 2) + (name[-1] if len(name) > 2 else "")


def _lonlat(table: sa.Table, column: str = "geom") -> list[sa.ColumnElement[Any]]:
    return [sa.func.ST_X(table.c[column]).label("lon"), sa.func.ST_Y(table.c[column]).label("lat")]


def _plain(table: sa.Table, *without: str) -> list[sa.ColumnElement[Any]]:
    return [c for c in table.c if c.name not in {"district_id", "geom", "centre", *without}]


def _values(row: sa.RowMapping) -> dict[str, Any]:
    return {str(k): tuple(v) if isinstance(v, list) else v for k, v in row.items()}


def districts(conn: sa.Connection) -> tuple[District, ...]:
    """All districts, by id."""
    t = tables.district
    rows = conn.execute(sa.select(*_plain(t), *_lonlat(t, "centre")).order_by(t.c.id)).mappings()
    return tuple(District(**_values(row)) for row in rows)


def district(conn: sa.Connection, district_id: int) -> District:
    """One district.

    Raises
    ------
    NotFound : there is none with this id.
    """
    found = [each for each in districts(conn) if each.id == district_id]
    if not found:
        raise NotFound("There is no district {id}.", id=district_id)
    return found[0]


def vans(conn: sa.Connection, district_id: int) -> tuple[Van, ...]:
    """The vans of a district, by id."""
    t = tables.van
    rows = conn.execute(
        sa.select(*_plain(t)).where(t.c.district_id == district_id).order_by(t.c.id)
    ).mappings()
    return tuple(Van(**_values(row)) for row in rows)


def sites(conn: sa.Connection, district_id: int, kind: str | None = None) -> tuple[Site, ...]:
    """The sites of a district, of one kind or of all, by id."""
    t = tables.site
    query = sa.select(*_plain(t), *_lonlat(t)).where(t.c.district_id == district_id).order_by(t.c.id)
    if kind is not None:
        query = query.where(t.c.kind == kind)
    return tuple(Site(**_values(row)) for row in conn.execute(query).mappings())


def recipients(conn: sa.Connection, district_id: int) -> tuple[Recipient, ...]:
    """The elders of a district, by id."""
    t = tables.recipient
    rows = conn.execute(
        sa.select(*_plain(t)).where(t.c.district_id == district_id).order_by(t.c.id)
    ).mappings()
    return tuple(Recipient(**_values(row)) for row in rows)


def cadences(conn: sa.Connection, district_id: int) -> tuple[Cadence, ...]:
    """The cadences of a district's elders by id: rules and exceptions, whether in force or not."""
    t, r = tables.cadence, tables.recipient
    query = (
        sa.select(*_plain(t, "closed_by_own"))
        .join(r, r.c.id == t.c.recipient_id)
        .where(r.c.district_id == district_id)
        .order_by(t.c.id)
    )
    return tuple(Cadence(**_values(row)) for row in conn.execute(query).mappings())


def beats(conn: sa.Connection, district_id: int) -> tuple[Beat, ...]:
    """The beats of a district with polygons and cells, by id."""
    t, c = tables.beat, tables.beat_cell
    query = (
        sa.select(c.c.id, c.c.beat_id, c.c.passes, *_lonlat(c))
        .join(t, t.c.id == c.c.beat_id)
        .where(t.c.district_id == district_id)
        .order_by(c.c.id)
    )
    cells: dict[int, list[Cell]] = {}
    for row in conn.execute(query):
        cells.setdefault(row.beat_id, []).append(Cell(row.id, row.lon, row.lat, row.passes))
    rows = conn.execute(sa.select(t).where(t.c.district_id == district_id).order_by(t.c.id)).mappings()
    return tuple(
        Beat(
            **{k: v for k, v in _values(row).items() if k not in {"district_id", "geom"}},
            polygons=_polygons(row["geom"]),
            cells=tuple(cells.get(row["id"], ())),
        )
        for row in rows
    )


def _polygons(geom: Any) -> tuple[tuple[Ring, ...], ...]:
    shape: Any = to_shape(geom)
    return tuple(
        tuple(
            tuple((float(p[0]), float(p[1])) for p in ring.coords)
            for ring in (part.exterior, *part.interiors)
        )
        for part in shape.geoms
    )


def beats_of(conn: sa.Connection, district_id: int, day: date) -> Mapping[int, list[int]]:
    """Beat ids by van id on a day."""
    t, v = tables.beat_assignment, tables.van
    rows = conn.execute(
        sa.select(t.c.van_id, t.c.beat_id)
        .join(v, v.c.id == t.c.van_id)
        .where(
            v.c.district_id == district_id,
            t.c.day_from <= day,
            sa.or_(t.c.day_to.is_(None), t.c.day_to >= day),
        )
        .order_by(t.c.van_id, t.c.beat_id)
    )
    found: dict[int, list[int]] = {}
    for van_id, beat_id in rows:
        found.setdefault(van_id, []).append(beat_id)
    return found


def crews(conn: sa.Connection, district_id: int) -> tuple[Crew, ...]:
    """The crews of a district, by id."""
    t = tables.crew
    rows = conn.execute(
        sa.select(*_plain(t)).where(t.c.district_id == district_id).order_by(t.c.id)
    ).mappings()
    return tuple(Crew(**_values(row)) for row in rows)


def shifts(conn: sa.Connection, district_id: int, day: date) -> tuple[Shift, ...]:
    """The shifts of a day, by van id."""
    t, v = tables.shift, tables.van
    query = (
        sa.select(t)
        .join(v, v.c.id == t.c.van_id)
        .where(v.c.district_id == district_id, t.c.day == day)
        .order_by(t.c.van_id)
    )
    return tuple(Shift(**_values(row)) for row in conn.execute(query).mappings())


def menu(conn: sa.Connection, district_id: int) -> tuple[MenuItem, ...]:
    """What the district hands out, all seasons, by id."""
    t = tables.menu_item
    rows = conn.execute(
        sa.select(*_plain(t)).where(t.c.district_id == district_id).order_by(t.c.id)
    ).mappings()
    return tuple(MenuItem(**_values(row)) for row in rows)


def season_override(conn: sa.Connection, district_id: int, day: date) -> str | None:
    """The planner's own word on the season of a day, when there is one."""
    t = tables.season_override
    return conn.scalar(
        sa.select(t.c.season)
        .where(t.c.district_id == district_id, t.c.day_from <= day, t.c.day_to >= day)
        .order_by(t.c.day_from.desc())
        .limit(1)
    )


def terminals(conn: sa.Connection, district_id: int) -> tuple[Terminal, ...]:
    """The terminals of a district, by id."""
    t = tables.terminal
    rows = conn.execute(_terminal_query().where(t.c.district_id == district_id).order_by(t.c.id)).mappings()
    return tuple(Terminal(**_values(row)) for row in rows)


def _terminal_query() -> sa.Select[Any]:
    t = tables.terminal
    columns: Sequence[sa.ColumnElement[Any]] = (
        t.c.id, t.c.district_id, t.c.van_id, t.c.code, t.c.kind, t.c.is_primary, t.c.datum, t.c.revoked_at
    )  # fmt: skip
    return sa.select(*columns)
