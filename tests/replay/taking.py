"""A van's day that has everything an export can meet, for the tests of the formats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import psycopg
import sqlalchemy as sa

from fleet.registry import District, Van
from fleet.units import ms_of
from fleet.words import Locale
from replay.export import Leaf, Order
from tracking.fix import FLAG_INACCURATE
from tracking.outliers import FLAG_JUMP
from tracking.track import Fixes

DAY = date(2026, 7, 22)
START = datetime(2026, 7, 22, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai
DISTRICT = District(1, "测试区", "Test", "Asia/Shanghai", 115.98, 36.45, synthetic=True)
VAN = Van(7, "V<1>", "1号车 & 组", "Van 1", "", "#2fb7c9", (), 0, 0, None)


def order(locale: Locale = "zh", days: int = 1) -> Order:
    """An order for some days."""
    return Order(DISTRICT, VAN, DAY, DAY + timedelta(days=days - 1), locale)


def leaf() -> Leaf:
    """Seven fixes: a conflict at the third instant, an odd one, a gap of ten minutes before the last two."""
    seconds = np.array([0, 10, 20, 20, 30, 630, 640])
    n = len(seconds)
    unknown = np.full(n, np.nan)
    fixes = Fixes(
        t_ms=ms_of(START) + seconds * 1000 + 125,
        terminal_id=np.array([1, 1, 1, 2, 1, 1, 1]),
        digest=np.arange(n),
        lon=115.98 + seconds / 1e5,
        lat=36.45 + np.zeros(n),
        speed_mps=np.array([5.5, np.nan, 0, 0, 140, 5, 5]),
        heading_deg=unknown,
        accuracy_m=np.array([8.0, 8, 8, 900, 8, 8, 8]),
        battery=unknown,
        flags=np.array([0, 0, 0, FLAG_INACCURATE, FLAG_JUMP, 0, 0]),
        received_ms=ms_of(START) + seconds * 1000 + 900,
    )
    return Leaf(
        DAY,
        fixes,
        terminal=fixes.terminal_id - 1,
        codes=("=1+2 & co", "t-2"),
        altitude_m=np.array([31.25, *unknown[1:]]),
        hdop=np.array([0.9, *unknown[1:]]),
        satellites=np.array([11, -1, -1, -1, -1, -1, -1]),
        chosen=np.array([True, True, True, False, True, True, True]),
    )


def two_days() -> Iterator[Leaf]:
    """The same day twice, a day apart."""
    first = leaf()
    yield first
    later = replace(first.fixes, t_ms=first.fixes.t_ms + 86_400_000)
    yield replace(first, day=DAY + timedelta(days=1), fixes=later)


def put_fixes(conn: sa.Connection, van_id: int, days: int, every_s: int = 1) -> int:
    """Store a fix each `every_s` for whole days of the district, from `DAY` on; how many."""
    midnight = datetime(2026, 7, 21, 16, tzinfo=UTC)
    end = midnight + timedelta(days=days)
    conn.exec_driver_sql(
        f"CREATE TABLE fix_taken PARTITION OF fix FOR VALUES FROM ('{midnight}') TO ('{end}')"
    )
    driver = conn.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    text = "COPY fix (van_id, t, terminal_id, digest, geom, speed_mps, received_at) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(text) as copy:
        for n in range(0, days * 86_400, every_s):
            t = midnight + timedelta(seconds=n)
            lon = 115.98 + n % 977 * 1e-5
            copy.write(f"{van_id}\t{t}\t1\t{n}\tSRID=4326;POINT({lon:.7f} 36.45)\t5\t{t}\n")
    return days * 86_400 // every_s
