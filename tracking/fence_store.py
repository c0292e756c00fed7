"""Fences in the database, and what stored tracks had to do with them.

Functions take the caller's connection and neither open nor commit.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Final

import numpy as np
import sqlalchemy as sa
from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy.dialects.postgresql import insert

from fleet import tables
from fleet.errors import NotFound
from fleet.geo import M_PER_DEG
from fleet.units import ms_of
from tracking.fence import MARGIN_M, Fence, Hours, Kind, Outline, ground
from tracking.fence_terms import Draft
from tracking.fences import plain_lot
from tracking.lot import Lot
from tracking.passage import GAP_MS, How, Moment, Passage, Standing, Step, Walk
from tracking.statements import TEXTS

_WGS84: Final = 4326


@dataclass(frozen=True, slots=True)
class Entry:
    """A fence as a list shows it."""

    id: int
    code: str
    name: str
    name_en: str
    kind: Kind
    radius_m: float | None
    tells: tuple[str, ...]
    retired_at: datetime | None


def put(conn: sa.Connection, district_id: int, drafts: Iterable[Draft], now: datetime) -> int:
    """Keep fences: a new code is added, a known one changed, and back in use if it was retired.

    Returns
    -------
    How many were known.
    """
    t = tables.fence
    codes = set(conn.scalars(sa.select(t.c.code).where(t.c.district_id == district_id)))
    rows = [_values(draft) for draft in drafts]
    if rows:
        statement = insert(t)
        change = {name: statement.excluded[name] for name in rows[0]} | {"retired_at": None}
        kept = {"district_id": district_id, "created_at": now}
        statement = statement.on_conflict_do_update(constraint="fence_code_key", set_=change)
        conn.execute(statement, [{**kept, **row} for row in rows])
    return sum(row["code"] in codes for row in rows)


def retire(conn: sa.Connection, district_id: int, code: str, now: datetime) -> int:
    """Let a fence count no more; it stays where past alerts name it. Its id.

    Raises
    ------
    NotFound : no such fence is in use.
    """
    t = tables.fence
    ours = (t.c.district_id == district_id) & (t.c.code == code) & t.c.retired_at.is_(None)
    found: int | None = conn.scalar(t.update().where(ours).values(retired_at=now).returning(t.c.id))
    if found is None:
        raise NotFound(
            "There is no fence {code!r} in use in district {district}. See `carevan fences list`.",
            code=code, district=district_id,
        )  # fmt: skip
    return found


def entries(conn: sa.Connection, district_id: int) -> tuple[Entry, ...]:
    """All fences of a district, retired ones too, by code."""
    t = tables.fence
    columns = (
        t.c.id, t.c.code, t.c.name, t.c.name_en, t.c.kind, t.c.radius_m, t.c.tells, t.c.retired_at,
    )  # fmt: skip
    rows = conn.execute(sa.select(*columns).where(t.c.district_id == district_id).order_by(t.c.code))
    return tuple(Entry(*row[:6], tuple(row.tells), row.retired_at) for row in rows)


def in_use(conn: sa.Connection, district_id: int | None = None) -> tuple[Fence, ...]:
    """The fences that count, of a district or of all, by id."""
    t, d = tables.fence, tables.district
    query = sa.select(t, d.c.timezone).join(d, d.c.id == t.c.district_id).where(t.c.retired_at.is_(None))
    if district_id is not None:
        query = query.where(t.c.district_id == district_id)
    return tuple(_fence(row) for row in conn.execute(query.order_by(t.c.id)).mappings())


def middles(
    conn: sa.Connection, district_id: int, fence_ids: Iterable[int]
) -> dict[int, tuple[float, float]]:
    """A place inside each of some fences in use, lon and lat by id; without ids nothing is asked."""
    asked = frozenset(fence_ids)
    if not asked:
        return {}
    inside = {
        each.id: ground(each).representative_point() for each in in_use(conn, district_id) if each.id in asked
    }
    return {number: (round(at.x, 6), round(at.y, 6)) for number, at in inside.items()}


def counting(conn: sa.Connection, district_id: int, since: datetime, until: datetime) -> tuple[Fence, ...]:
    """The fences of a district that counted at any time of a span: one that was retired in it up to then.

    They count as they are drawn now, also before they were.
    """
    t, d = tables.fence, tables.district
    counts = (t.c.created_at < until) & (t.c.retired_at.is_(None) | (t.c.retired_at > since))
    query = sa.select(t, d.c.timezone).join(d, d.c.id == t.c.district_id)
    rows = conn.execute(query.where(t.c.district_id == district_id, counts).order_by(t.c.id)).mappings()
    return tuple(_until_retired(row) for row in rows)


def _until_retired(row: sa.RowMapping) -> Fence:
    fence = _fence(row)
    if row["retired_at"] is None:
        return fence
    retired_ms = ms_of(row["retired_at"])
    ends_ms = retired_ms if fence.valid_to_ms is None else min(fence.valid_to_ms, retired_ms)
    return replace(fence, valid_to_ms=ends_ms)


def edition(conn: sa.Connection, district_id: int) -> str:
    """Another one whenever anything of a district's fences is another."""
    found: str = conn.exec_driver_sql(TEXTS["fence_edition"], {"district_id": district_id}).scalar_one()
    return found


def passages(
    conn: sa.Connection, van_id: int, district_id: int, since: datetime, until: datetime
) -> tuple[Passage, ...]:
    """What a van did at its district's fences by its stored fixes with since <= t < until, in time order.

    PostGIS judges each step of the track; what follows of it is `tracking.passage`'s, as on the live path.
    """
    fences = {each.id: each for each in in_use(conn, district_id)}
    values = {
        "van_id": van_id, "district_id": district_id, "since": since, "until": until,
        "gap": timedelta(milliseconds=GAP_MS), "margin_m": MARGIN_M, "north_m": M_PER_DEG,
    }  # fmt: skip
    rows = conn.exec_driver_sql(TEXTS["fence_steps"], values)
    told: list[Passage] = []
    for fence_id, steps in itertools.groupby(rows, key=lambda row: row[0]):
        walk = Walk(Standing(), Outline(fences[fence_id]))
        for step in steps:
            walk.take(_step(fences[fence_id], *step[1:]))
        told += walk.told
    return tuple(sorted(told, key=lambda each: (each.t_ms, each.fence_id)))


def recent(conn: sa.Connection, since: datetime, until: datetime) -> Lot:
    """The fixes of all vans with since <= t < until, one an instant of a van, to be looked at for fences."""
    rows = conn.exec_driver_sql(TEXTS["fence_recent"], {"since": since, "until": until}).all()
    ids = np.array([(row[0], row[1], ms_of(row[2])) for row in rows], np.int64).reshape(-1, 3)
    lonlat = np.array([row[3:] for row in rows], np.float64).reshape(-1, 2)
    return plain_lot(ids[:, 0], ids[:, 1], ids[:, 2], lonlat[:, 0], lonlat[:, 1])


def _step(fence: Fence, *row: Any) -> Step:
    from_t, from_lon, from_lat, t, lon, lat, is_gap, crosses, lies_in, is_near = row
    start, end = Moment(ms_of(from_t), from_lon, from_lat), Moment(ms_of(t), lon, lat)
    was_on, is_on = fence.in_force(np.array((start.t_ms, end.t_ms), np.int64)).tolist()
    unseen: How | None = "gap" if is_gap else "hours" if was_on != is_on else None
    lies_in &= is_on
    touches = lies_in or (crosses and is_on and not unseen)
    return Step(start, end, unseen, touches, lies_in, is_out=not (is_near and is_on))


def _values(draft: Draft) -> dict[str, object]:
    hour_from, hour_to = draft.hours or (None, None)
    return {
        "code": draft.code,
        "name": draft.name,
        "name_en": draft.name_en,
        "kind": draft.kind,
        "geom": from_shape(draft.shape, srid=_WGS84),
        "radius_m": draft.radius_m,
        "van_ids": None if draft.van_ids is None else list(draft.van_ids),
        "valid_from": draft.valid_from,
        "valid_to": draft.valid_to,
        "hour_from": hour_from,
        "hour_to": hour_to,
        "tells": list(draft.tells),
        "dwell_s": draft.dwell_s,
    }


def _fence(row: sa.RowMapping) -> Fence:
    hours = None
    if row["hour_from"] is not None:
        hours = Hours(_second(row["hour_from"]), _second(row["hour_to"]), row["timezone"])
    return Fence(
        row["id"],
        row["kind"],
        to_shape(row["geom"]),
        row["radius_m"] or 0.0,
        code=row["code"],
        district_id=row["district_id"],
        van_ids=None if row["van_ids"] is None else frozenset(row["van_ids"]),
        valid_from_ms=None if row["valid_from"] is None else ms_of(row["valid_from"]),
        valid_to_ms=None if row["valid_to"] is None else ms_of(row["valid_to"]),
        hours=hours,
        tells=frozenset(row["tells"]),
        dwell_s=row["dwell_s"],
    )


def _second(of_day: time) -> int:
    return of_day.hour * 3600 + of_day.minute * 60 + of_day.second
