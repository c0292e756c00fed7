"""What guests see of vans, from the stored fixes: places as the veil allows them, of the time it allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from psycopg.rows import dict_row

from fleet import sql
from fleet.geo import M_PER_DEG
from fleet.units import moment_of, ms_of
from maps.redact import CELL_M, REACH_M, cell_of, is_private, told
from maps.veil import Entry, Sight, sight, span_of

_SQL = sql.load(Path(__file__).with_name("share.sql"))
_SEEN_WITHIN: Final = timedelta(minutes=30)
_STALE_MS: Final = 60_000
Courses = Mapping[int, Sequence[Entry]]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a guest sees a van.

    Parameters
    ----------
    stale : it had not been heard for a minute
    held : it is, or was lately, near homes: its place and time are coarse
    """

    van_id: int
    lon: float
    lat: float
    stale: bool
    held: bool


def spots(
    conn: sa.Connection, district_id: int, vans: Sequence[int] | None, *, at: datetime, delay_s: int
) -> list[Spot]:
    """Where a guest sees vans as of a time, in the order of their ids.

    Parameters
    ----------
    conn : best in one snapshot, so that no fix comes between two questions
    vans : None for all of the district
    at : domain time; `delay_s` before now
    """
    begins, until = (moment_of(each) for each in span_of(ms_of(at), delay_s))
    known = courses(conn, district_id, vans, begins=begins, until=until)
    sights = {van: sight(course, ms_of(at), delay_s) for van, course in known.items()}
    return [_spot(*each) for each in _placed(conn, list(sights.items()))]


def courses(
    conn: sa.Connection, district_id: int, vans: Sequence[int] | None, *, begins: datetime, until: datetime
) -> Courses:
    """The cells that vans came into from `begins` to before `until`, by van; vans not seen are left out."""
    params = {
        "district_id": district_id,
        "vans": None if vans is None else list(vans),
        "begins": begins,
        "until": until,
        "since": begins - _SEEN_WITHIN,
        "step_deg": CELL_M / M_PER_DEG,
        "reach_deg": 1.1 * REACH_M / M_PER_DEG,
    }
    found: dict[int, list[Entry]] = {}
    for row in _ask(conn, "courses", params):
        cell = cell_of((row["lon"], row["lat"]))
        private = is_private(cell, [(home[0], home[1]) for home in row["homes"]])
        entries = found.setdefault(row["id"], [])
        # Two fixes of one instant: the van was in both cells, one after the other.
        after = entries[-1].t_ms + 1 if entries else row["t_ms"]
        entries.append(Entry(max(row["t_ms"], after), cell, private))
    return found


_Placed = tuple[int, Sight, dict[str, Any]]


def _placed(conn: sa.Connection, wanted: Sequence[tuple[int, Sight]]) -> list[_Placed]:
    """Each sight with the fix that was in force; left out where the van had not been heard for long."""
    params = {
        "vans": [van for van, _ in wanted],
        "times": [moment_of(each.at_ms) for _, each in wanted],
        "seen_within_s": _SEEN_WITHIN.total_seconds(),
    }
    fixes = {row["id"]: row for row in _ask(conn, "positions", params)}
    return [(van, each, fixes[van]) for van, each in wanted if van in fixes]


def _spot(van: int, seen: Sight, fix: Mapping[str, Any]) -> Spot:
    lon, lat = told(seen.cell if seen.cell is not None else (fix["lon"], fix["lat"]))
    return Spot(van, lon, lat, fix["t_ms"] < seen.at_ms - _STALE_MS, seen.held)


def _ask(conn: sa.Connection, name: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    driver = conn.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    with driver.cursor(row_factory=dict_row) as cursor:
        cursor.execute(_SQL[name].encode(), params)
        return cursor.fetchall()
