"""A staged day with everything that a chart draws: proofs, calls for help, cups thrown away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fleet import tables
from tests.maps import staging
from tests.maps.product import Product
from tests.maps.proofs import make_room, put_proofs
from tests.maps.staging import CENTRE, NOW


@pytest.fixture(scope="module")
def charted(shared: Product) -> Product:
    """The staged product with its charts full."""
    make_room(shared.context.database_url)
    first, second = shared.stage.van_ids[:2]
    with shared.context.engine.begin() as conn:
        put_proofs(conn, shared.stage)
        staging.put_tap(conn, first, "reload", NOW - timedelta(hours=1), cups=6)
        staging.put_tap(conn, second, "reload", NOW - timedelta(minutes=20), cups=3)
        for n, (seen_s, way_s, there_s) in enumerate(((25, 60, 540), (80, 130, None)), start=1):
            at = NOW - timedelta(minutes=50 * n)
            conn.execute(
                tables.sos.insert().values(
                    district_id=shared.stage.district_id, source="form", source_key=f"k{n}",
                    place="第1小区", geom=staging.point(*CENTRE), called_at=at,
                    state="closed" if there_s else "accepted", van_id=first,
                    seen_at=at + timedelta(seconds=seen_s), accepted_at=at + timedelta(seconds=way_s),
                    arrived_at=at + timedelta(seconds=there_s) if there_s else None,
                    closed_at=at + timedelta(seconds=there_s + 600) if there_s else None,
                )
            )  # fmt: skip
    return shared
