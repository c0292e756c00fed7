"""A van's day from the database to its ledger, stays and trips: time, and the most memory at once.

The day is three minutes of driving and three of standing in turn, with eight metres of noise, in two of ten
beats. Other vans' days are stored between its fixes, as they come in life.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final

import numpy as np
import psycopg
import sqlalchemy as sa

from fleet import tables
from fleet.db import make_engine
from fleet.geo import M_PER_DEG
from fleet.units import moment_of, ms_of
from tests.bench.figure import Figure, Mode
from tests.bench.rig import Rig, rigged
from tracking.day_proof import district_day, facts_of, proof_of_day
from tracking.days import part_for
from tracking.proof import prove

_DAY: Final = date(2026, 7, 21)
_STARTS_MS: Final = ms_of(datetime(2026, 7, 20, 16, tzinfo=UTC)) + 8 * 3_600_000
_NOW: Final = datetime(2026, 7, 22, 16, tzinfo=UTC)
_FIXES: Final[dict[Mode, int]] = {"quick": 2_160, "default": 21_600, "full": 21_600}
_VANS: Final = 20
_RUNS: Final = 15
_LON: Final = 115.98
_LAT: Final = 36.45
_BEATS: Final = 10
_CELLS: Final = 16
_SIDE_M: Final = 2_000.0
_EXPECT_MS: Final = 150.0
_EXPECT_MB: Final = 50.0


def figures(mode: Mode) -> Iterator[Figure]:
    """All of it on one database."""
    with rigged(_VANS) as rig:
        _stage(rig)
        _fill(rig, _FIXES[mode])
        engine = make_engine(rig.url)
        with engine.connect() as conn:
            yield from _measured(conn, _FIXES[mode])
        engine.dispose()


def _measured(conn: sa.Connection, fixes: int) -> Iterator[Figure]:
    district_id, van_id = conn.execute(sa.select(tables.van.c.district_id, tables.van.c.id).limit(1)).one()
    proof = proof_of_day(conn, district_id, van_id, _DAY, _NOW)
    assert len(proof.facts.stored) == fixes
    assert proof.stays and proof.trips and proof.ledger.proved_s
    waits_ms, read_ms, prove_ms = [], [], []
    for _ in range(_RUNS):
        began = time.perf_counter()
        proof_of_day(conn, district_id, van_id, _DAY, _NOW)
        waits_ms.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        facts = facts_of(conn, district_day(conn, district_id, _DAY), van_id, _NOW)
        read_ms.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        prove(facts)
        prove_ms.append((time.perf_counter() - began) * 1000)
    name = f"a van's day of {fixes} fixes: database to ledger, stays, trips"
    middle = _middle(waits_ms)
    yield Figure(f"{name}, p50", middle, "ms", expect=f"<= {_EXPECT_MS:g}", ok=middle <= _EXPECT_MS)
    yield Figure(f"{name}, longest of {_RUNS}", round(max(waits_ms), 1), "ms")
    yield Figure("of this, reading", _middle(read_ms), "ms")
    yield Figure("of this, proving", _middle(prove_ms), "ms")
    tracemalloc.start()
    proof_of_day(conn, district_id, van_id, _DAY, _NOW)
    peak_mb = round(tracemalloc.get_traced_memory()[1] / 1e6, 1)
    tracemalloc.stop()
    yield Figure(
        "memory for one van-day, most at once",
        peak_mb,
        "MB",
        expect=f"<= {_EXPECT_MB:g}",
        ok=peak_mb <= _EXPECT_MB,
    )


def _stage(rig: Rig) -> None:
    """Ten beats of sixteen cells, a door in each, the first two of them every van's."""
    engine = make_engine(rig.url)
    with engine.begin() as conn:
        district_id = conn.scalar(sa.select(tables.district.c.id))
        for n in range(_BEATS):
            corners = [_at(n * _SIDE_M + east, north) for east, north in _SQUARE]
            ring = ", ".join(f"{lon} {lat}" for lon, lat in corners)
            geom = f"SRID=4326;MULTIPOLYGON((({ring})))"
            values = {"district_id": district_id, "code": f"b{n}", "name": f"{n}", "geom": geom}
            beat = conn.execute(
                tables.beat.insert().values(**values).returning(tables.beat.c.id)
            ).scalar_one()
            cells = [(n * _SIDE_M + 250 + 500 * (k % 4), 250 + 500 * (k // 4)) for k in range(_CELLS)]
            conn.execute(
                tables.beat_cell.insert(), [{"beat_id": beat, "geom": _point(*cell)} for cell in cells]
            )
            door = {"district_id": district_id, "code": f"h{n}", "kind": "home", "name": f"{n}"}
            conn.execute(tables.site.insert().values(geom=_point(n * _SIDE_M + 1_000, 1_000), **door))
            for van_id in conn.scalars(sa.select(tables.van.c.id)).all() if n < 2 else ():
                own = {"van_id": van_id, "beat_id": beat, "day_from": _DAY}
                conn.execute(tables.beat_assignment.insert().values(**own))
    engine.dispose()


_SQUARE: Final = ((0.0, 0.0), (_SIDE_M, 0.0), (_SIDE_M, _SIDE_M), (0.0, _SIDE_M), (0.0, 0.0))


def _fill(rig: Rig, fixes: int) -> None:
    """A fix each two seconds of every van."""
    part = part_for(ms_of(moment_of(_STARTS_MS)) // 86_400_000)
    with psycopg.connect(rig.url, autocommit=True) as conn:
        days = "FOR VALUES FROM ('2026-07-21') TO ('2026-07-22')"
        made = f"CREATE TABLE IF NOT EXISTS {part.name} PARTITION OF fix {days}"
        conn.execute(made.encode())
        vans = [row[0] for row in conn.execute("SELECT id FROM van ORDER BY id")]
        copy_fix = "COPY fix (van_id, t, terminal_id, digest, geom, speed_mps, received_at) FROM STDIN"
        with conn.cursor() as cursor, cursor.copy(copy_fix) as copy:
            ways = {van_id: _way(van_id, fixes) for van_id in vans}
            for n in range(fixes):
                moment = moment_of(_STARTS_MS + 2_000 * n)
                for van_id, way in ways.items():
                    lon, lat, speed = way[n]
                    copy.write_row(
                        (van_id, moment, van_id, n, f"SRID=4326;POINT({lon} {lat})", speed, moment)
                    )
        conn.execute("ANALYZE fix")


def _way(seed: int, fixes: int) -> list[tuple[float, float, float]]:
    """Three minutes of six on the road, eight metres of noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(fixes) * 2.0
    moved_s = np.floor(t / 360) * 180 + np.minimum(t % 360, 180)
    along = moved_s * 8.0
    east = np.abs((along % 7_000) - 3_500) + rng.normal(0, 8, fixes)
    north = 1_000 + 600 * np.sin(along / 900) + rng.normal(0, 8, fixes)
    speed = np.where(t % 360 < 180, 8.0, 0.0)
    lonlat = [_at(*each) for each in zip(east.tolist(), north.tolist(), strict=True)]
    return [(lon, lat, each) for (lon, lat), each in zip(lonlat, speed.tolist(), strict=True)]


def _at(east_m: float, north_m: float) -> tuple[float, float]:
    return _LON + east_m / M_PER_DEG / float(np.cos(np.radians(_LAT))), _LAT + north_m / M_PER_DEG


def _point(east_m: float, north_m: float) -> str:
    lon, lat = _at(east_m, north_m)
    return f"SRID=4326;POINT({lon} {lat})"


def _middle(values: list[float]) -> float:
    return round(sorted(values)[len(values) // 2], 1)
