"""The row of binary COPY, read back by PostgreSQL itself."""

from __future__ import annotations

import math

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.geo import haversine_m, wgs84_to_gcj02
from tracking.fix import Bounds, Fix, digest_of
from tracking.row import COLUMNS, Source, copy_body, row_of

NOW = 1_784_692_800_000
_SOURCE = Source(7, 3, 1)
_COPY = f"COPY probe ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)".encode()
_READ = """
    SELECT van_id, terminal_id, digest, (extract(epoch FROM t) * 1000)::bigint, ST_X(geom), ST_Y(geom),
           ST_SRID(geom), speed_mps, heading_deg, altitude_m, accuracy_m, hdop, satellites, battery, flags,
           (extract(epoch FROM received_at) * 1000)::bigint
      FROM probe
     ORDER BY n"""
_optional = st.none() | st.floats(0, 100, width=32)
_fixes = st.builds(
    Fix,
    t=st.integers(946_684_800_000, NOW),
    lon=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    speed_mps=_optional,
    heading_deg=_optional,
    altitude_m=_optional,
    accuracy_m=_optional,
    hdop=_optional,
    satellites=st.none() | st.integers(0, 255),
    battery=_optional,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_fixes, min_size=1, max_size=5))
def test_what_is_packed_is_what_postgresql_reads(database: str, fixes: list[Fix]) -> None:
    rows = [row_of(fix, _SOURCE, Bounds(NOW, 50.0)) for fix in fixes]
    with psycopg.connect(database) as conn:
        conn.execute("CREATE TEMPORARY TABLE probe (n serial, LIKE fix INCLUDING DEFAULTS)")
        with conn.cursor().copy(_COPY) as copy:
            copy.write(copy_body(rows))
        read = conn.execute(_READ, binary=True).fetchall()
        conn.rollback()
    assert read == [
        (
            3, 7, digest_of(fix), fix.t, fix.lon, fix.lat, 4326, fix.speed_mps, fix.heading_deg,
            fix.altitude_m, fix.accuracy_m, fix.hdop, fix.satellites, fix.battery, row.flags, NOW,
        )
        for fix, row in zip(fixes, rows, strict=True)
    ]  # fmt: skip


def test_another_datum_is_stored_as_wgs84_and_keeps_its_identity() -> None:
    true = (115.98, 36.45)
    lon, lat = wgs84_to_gcj02(true)
    row = row_of(Fix(NOW, lon, lat), Source(7, 3, 1, "gcj02"), Bounds(NOW))
    assert haversine_m((row.lon, row.lat), true) < 0.01
    assert row.identity.digest == digest_of(Fix(NOW, lon, lat))
    assert math.floor(NOW / 86_400_000) == row.day
