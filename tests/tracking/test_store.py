"""What is read back of the vans."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from fleet.db import make_engine
from tests.tracking.platform import LAT, LON, NOON, NOON_MS, register
from tests.tracking.storing import store as store_lots
from tracking import store
from tracking.event import Event
from tracking.fix import FLAG_INACCURATE, Fix
from tracking.source import Source


def test_tracks_latest_and_counts(database: str) -> None:
    engine = make_engine(database)
    fleet = register(engine, vans=2)
    source = Source(fleet.terminals[0], fleet.vans[0], fleet.district_id)
    accurate = [Fix(NOON_MS - 1000 * k, LON, LAT, speed_mps=2.5) for k in (1, 2, 3)]
    fixes = [*accurate, Fix(NOON_MS, LON, LAT, accuracy_m=9999.0)]
    done = Event(UUID(int=1), NOON_MS, "done", stop=3)
    asyncio.run(store_lots(database, [(source, fixes, done, False), (source, fixes, done, True)]))
    with engine.connect() as conn:
        (latest,) = store.latest(conn, fleet.district_id)
        assert (latest.van_id, latest.t, latest.speed_mps) == (
            fleet.vans[0],
            NOON - timedelta(seconds=1),
            2.5,
        )
        track = list(store.track(conn, fleet.vans[0], NOON - timedelta(seconds=3), NOON))
        assert [fix.t for fix in track] == [NOON - timedelta(seconds=s) for s in (3, 2, 1)]
        assert (track[0].lon, track[0].lat) == (LON, LAT)
        (newest,) = store.track(conn, fleet.vans[0], NOON, NOON + timedelta(seconds=1))
        assert newest.flags == FLAG_INACCURATE
        (extent,) = store.extents(conn, fleet.vans, NOON - timedelta(hours=1), NOON + timedelta(hours=1))
        assert (extent.fixes, extent.first, extent.last) == (4, NOON - timedelta(seconds=3), NOON)
        box = [(LON - 0.01, LAT - 0.01), (LON + 0.01, LAT - 0.01), (LON, LAT + 0.01)]
        seen = store.within(conn, box, NOON - timedelta(seconds=2), NOON + timedelta(seconds=1))
        # Without the inaccurate one.
        assert seen == tuple((fleet.vans[0], NOON - timedelta(seconds=s), LON, LAT) for s in (2, 1))
        elsewhere = [(lon + 1, lat) for lon, lat in (*box, box[0])]
        assert store.within(conn, elsewhere, NOON - timedelta(hours=1), NOON) == ()
        with pytest.raises(ValueError, match="three corners"):
            store.within(conn, box[:2], NOON, NOON)
        assert store.counts(conn) == store.Counts(4, 4, 1, 1, 0)
        assert store.stops_done(conn) == 1
    engine.dispose()
