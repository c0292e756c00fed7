"""What a van drove, for drawing: no fix far from its line, each corner with its time."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import sqlalchemy as sa

from fleet.units import ms_of
from maps import driven
from tests.maps import staging
from tests.maps.proofs import START, put_proofs
from tracking.simplify import DRAWN_ERROR_M
from tracking.track import Track, apart_m


def test_stays_and_legs_of_a_stored_day(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    staging.make_partition(conn, START)
    told = put_proofs(conn, stage)
    found = driven.read(conn, stage.van_ids[0], START, START + timedelta(hours=12))
    assert found.until == ms_of(told.fixes[-1][0]) and found.left_out == 0
    service = next(each for each in told.spans if each["kind"] == "service")
    near = [dwell for dwell in found.stays if abs(dwell.starts - int(str(service["from"]))) < 60_000]
    assert len(near) == 1 and near[0].n == found.stays.index(near[0]) + 1
    assert [leg.n for leg in found.legs] == list(range(1, len(found.legs) + 1))
    assert sum(len(leg.points) for leg in found.legs) < len(told.fixes) * 0.7
    gap = next(each for each in told.spans if each["kind"] == "gap")
    starts, ends = int(str(gap["from"])), int(str(gap["to"]))
    assert all(leg.t_ms[-1] <= starts or leg.t_ms[0] >= ends for leg in found.legs), "no line over a gap"


def test_no_fix_lies_far_from_the_line() -> None:
    n = 400
    t_ms = np.arange(n, dtype=np.int64) * 5_000
    angle = np.linspace(0, 9, n)
    unknown = np.full(n, np.nan)
    track = Track(t_ms, 116 + angle * 0.002, 36.4 + 0.004 * np.sin(angle), unknown, unknown, unknown)
    drawn = driven.drawn(track)
    (leg,) = drawn.legs
    assert leg.t_ms[0] == 0 and leg.t_ms[-1] == t_ms[-1] and list(leg.t_ms) == sorted(leg.t_ms)
    assert len(leg.points) < n / 3
    corners = np.array(leg.points)
    fine = np.linspace(0, len(corners) - 1, 20_000)
    lon = np.interp(fine, np.arange(len(corners)), corners[:, 0])
    lat = np.interp(fine, np.arange(len(corners)), corners[:, 1])
    far = [
        float(apart_m(lon, lat, float(x), float(y)).min()) for x, y in zip(track.lon, track.lat, strict=True)
    ]
    assert max(far) < DRAWN_ERROR_M + 0.5


def test_a_day_without_fixes_draws_nothing(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    assert driven.read(conn, stage.van_ids[0], START, START) == driven.Driven((), (), 0, None)
