"""The stream of binary COPY, read back by PostgreSQL itself."""

from __future__ import annotations

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tracking.storing import Deaf
from tracking.copying import COLUMNS, copy_body
from tracking.fix import Fix, digest_of
from tracking.lot import lot_of
from tracking.parcel import Parcel
from tracking.source import Source

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


def _sorted(fixes: list[Fix]) -> list[Fix]:
    """By identity, each once; of equal ones the first is kept."""
    first = {(fix.t, digest_of(fix)): fix for fix in reversed(fixes)}
    return [first[key] for key in sorted(first)]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_fixes, min_size=1, max_size=5))
def test_what_is_packed_is_what_postgresql_reads(database: str, fixes: list[Fix]) -> None:
    lot = lot_of([Parcel(Deaf(), _SOURCE, 1, NOW, list(enumerate(fixes)), accuracy_limit_m=50.0)])
    with psycopg.connect(database) as conn:
        conn.execute("CREATE TEMPORARY TABLE probe (n serial, LIKE fix INCLUDING DEFAULTS)")
        with conn.cursor().copy(_COPY) as copy:
            copy.write(copy_body(lot))
        read = conn.execute(_READ, binary=True).fetchall()
        conn.rollback()
    assert read == [
        (
            3, 7, digest_of(fix), fix.t, fix.lon, fix.lat, 4326, fix.speed_mps, fix.heading_deg,
            fix.altitude_m, fix.accuracy_m, fix.hdop, fix.satellites, fix.battery, flags, NOW,
        )
        for fix, flags in zip(_sorted(fixes), lot.flags.tolist(), strict=True)
    ]  # fmt: skip
