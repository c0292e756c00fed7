"""What guests see of vans, from the stored fixes: places as the veil allows them, of the time it allows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from psycopg.rows import dict_row

from fleet import registry, sql
from fleet.geo import M_PER_DEG, LonLat
from fleet.units import moment_of, ms_of
from maps.redact import CELL_M, REACH_M, cell_of, is_private, told
from maps.scope import Scope
from maps.veil import Entry, Sight, sight, span_of

_SQL = sql.load(Path(__file__).with_name("share.sql"))
_SEEN_WITHIN: Final = timedelta(minutes=30)
_STALE_MS: Final = 60_000
_DAY_S: Final = 86_400
AT_ONCE: Final = 20
"""So many vans of a day that is over are looked at and told together."""
STEP_MS: Final = 60_000
"""A day that is over is shown minute by minute."""
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


def live(conn: sa.Connection, district_id: int, scope: Scope, *, at: datetime, day: date) -> list[Spot]:
    """Where a guest sees vans as of a time, in the order of their ids.

    Parameters
    ----------
    conn : best in one snapshot, so that no fix comes between two questions
    at : domain time; the scope's delay before now
    day : which day that is in the district
    """
    at_ms = ms_of(at)
    begins, until = (moment_of(each) for each in span_of(at_ms, scope.delay_s))
    known = courses(conn, district_id, _vans(conn, district_id, scope, day), begins=begins, until=until)
    wanted = [(van, sight(course, at_ms, scope.delay_s)) for van, course in known.items()]
    return [spot for spot in _inside(conn, _spots(conn, wanted), scope.beats) if spot is not None]


def over(
    conn: sa.Connection, district_id: int, scope: Scope, *, begins: datetime, ends: datetime, day: date
) -> Iterator[dict[int, list[Spot | None]]]:
    """Where a guest sees vans at each minute of a day that is over, by van; None where it was not seen.

    Parameters
    ----------
    conn : in one snapshot
    ends : at least five minutes ago; itself left out

    Returns
    -------
    Parts of at most `AT_ONCE` vans, in the order of their ids, those without any van left out: of a fleet's
    day no more than a part is in memory.
    """
    minutes = range(ms_of(begins), ms_of(ends), STEP_MS)
    chosen = _vans(conn, district_id, scope, day)
    vans = sorted(each.id for each in registry.vans(conn, district_id) if chosen is None or each.id in chosen)
    for n in range(0, len(vans) if minutes else 0, AT_ONCE):
        if seen := _over(conn, district_id, scope, minutes, vans[n : n + AT_ONCE]):
            yield seen


def _over(
    conn: sa.Connection, district_id: int, scope: Scope, minutes: range, vans: Collection[int]
) -> dict[int, list[Spot | None]]:
    since, _ = span_of(minutes[0], _DAY_S)
    _, until = span_of(minutes[-1], _DAY_S)
    known = courses(conn, district_id, vans, begins=moment_of(since), until=moment_of(until))
    wanted = [(van, sight(course, at_ms, _DAY_S)) for van, course in known.items() for at_ms in minutes]
    seen = _inside(conn, _spots(conn, wanted), scope.beats)
    return {van: seen[n * len(minutes) : (n + 1) * len(minutes)] for n, van in enumerate(known)}


def _vans(conn: sa.Connection, district_id: int, scope: Scope, day: date) -> Collection[int] | None:
    """Which vans may appear; None for all of the district."""
    if scope.beats is None:
        return scope.vans
    beats = set(scope.beats)
    serving = registry.beats_of(conn, district_id, day)
    found = {van for van, its in serving.items() if not beats.isdisjoint(its)}
    return found if scope.vans is None else found.intersection(scope.vans)


def courses(
    conn: sa.Connection, district_id: int, vans: Collection[int] | None, *, begins: datetime, until: datetime
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
    near: dict[LonLat, bool] = {}
    for row in _ask(conn, "courses", params):
        cell = cell_of((row["lon"], row["lat"]))
        if cell not in near:
            near[cell] = is_private(cell, [(home[0], home[1]) for home in row["homes"]])
        private = near[cell]
        entries = found.setdefault(row["id"], [])
        # Two fixes of one instant: the van was in both cells, one after the other.
        after = entries[-1].t_ms + 1 if entries else row["t_ms"]
        entries.append(Entry(max(row["t_ms"], after), cell, private))
    return found


def _spots(conn: sa.Connection, wanted: Sequence[tuple[int, Sight]]) -> list[Spot | None]:
    """Each sight with the fix that was in force; None where the van had not been heard for long."""
    found: list[Spot | None] = [None] * len(wanted)
    if not wanted:
        return found
    times = [moment_of(each.at_ms) for _, each in wanted]
    params = {
        "vans": [van for van, _ in wanted],
        "times": times,
        "seen_within_s": _SEEN_WITHIN.total_seconds(),
        "first": min(times) - _SEEN_WITHIN,
        "last": max(times),
    }
    for row in _ask(conn, "positions", params):
        n = row["n"] - 1
        van, seen = wanted[n]
        found[n] = _spot(van, seen, row)
    return found


def _spot(van: int, seen: Sight, fix: Mapping[str, Any]) -> Spot:
    lon, lat = told(seen.cell if seen.cell is not None else (fix["lon"], fix["lat"]))
    return Spot(van, lon, lat, fix["t_ms"] < seen.at_ms - _STALE_MS, seen.held)


def _inside(conn: sa.Connection, seen: list[Spot | None], beats: Sequence[int] | None) -> list[Spot | None]:
    """Without what is shown outside of all beats: what guests are not shown decides nothing."""
    if beats is None:
        return seen
    params = {
        "lons": [spot and spot.lon for spot in seen],
        "lats": [spot and spot.lat for spot in seen],
        "beats": list(beats),
    }
    within = {row["n"] - 1 for row in _ask(conn, "inside", params)}
    return [spot if n in within else None for n, spot in enumerate(seen)]


def _ask(conn: sa.Connection, name: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    driver = conn.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    with driver.cursor(row_factory=dict_row) as cursor:
        cursor.execute(_SQL[name].encode(), params)
        return cursor.fetchall()
