"""A day of 180 real taxis, where the file lies beside the project: 544,999 fixes in no order, some twice."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from tracking.track import Fixes, Floats, Ints, Track, choose

FILE: Final = Path(__file__).parents[3] / "shared/data/gps/shenzhen_taxi_544999.csv.gz"
FIXES: Final = 544_999
VANS: Final = 180
STEPS_OVER_150_KMH: Final = 2_148
"""Between neighbours in time, before anything is left out."""


def fixes() -> Iterator[Fixes]:
    """Each taxi's fixes as the file has them, its place in the file as its moment of arrival."""
    with gzip.open(FILE, "rt") as text:
        rows = [line.rstrip("\n").split(",") for line in text if line[0].isdigit()]
    van, _, lon, lat, _, kmh = zip(*rows, strict=True)
    ids = np.array(van, np.int64)
    clock = np.array([row[1].split(":") for row in rows], np.int64)
    t_ms = clock @ np.array([3600, 60, 1]) * 1000
    places = np.array([lon, lat], np.float64)
    speed_mps = np.array(kmh, np.float64) / 3.6
    for each in np.unique(ids).tolist():
        yield _of(np.flatnonzero(ids == each), t_ms, places, speed_mps)


def _of(which: Ints, t_ms: Ints, places: Floats, speed_mps: Floats) -> Fixes:
    count = len(which)
    unknown, none = np.full(count, np.nan), np.zeros(count, np.int64)
    lon, lat = places[:, which]
    digest = np.round(lon * 1e6).astype(np.int64) * 1_000_003 + np.round(lat * 1e6).astype(np.int64)
    digest = digest * 1_009 + np.round(speed_mps[which] * 10).astype(np.int64)
    return Fixes(
        t_ms[which], none + 1, digest, lon, lat, speed_mps[which], unknown, unknown, unknown, none, which
    )


def tracks() -> Iterator[Track]:
    """Each taxi's day as a track."""
    return map(choose, fixes())
