"""MovingPandas' and trackintel's detectors of stays on our tracks: when each stay began and ended."""

from __future__ import annotations

import time
import warnings
from datetime import timedelta
from importlib import import_module
from typing import Any, TypeAlias

from fleet.errors import Unavailable
from tracking.track import Track

Stays: TypeAlias = list[tuple[int, int]]
"""Epoch milliseconds of each stay's beginning and end, in time order."""
_WGS84 = "EPSG:4326"


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise Unavailable(
            "The library {name} is not installed. Install requirements-bench.txt, then run it again.",
            name=name,
        ) from None


def movingpandas(track: Track, radius_m: float, min_dwell_s: float) -> tuple[Stays, float]:
    """Stops whose fixes fit a rectangle of twice the radius, and the processor's seconds of the search."""
    library = _library("movingpandas")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        moves = library.Trajectory(_frame(track).set_index("tracked_at"), 1)
        began = time.process_time()
        found = library.TrajectoryStopDetector(moves).get_stop_time_ranges(
            max_diameter=2 * radius_m, min_duration=timedelta(seconds=min_dwell_s)
        )
        took_s = time.process_time() - began
    return [(_ms(each.t_0), _ms(each.t_n)) for each in found], took_s


def trackintel(track: Track, radius_m: float, min_dwell_s: float, gap_s: float) -> tuple[Stays, float]:
    """Stay points of its sliding window, the last included, and the processor's seconds of the search.

    It has a stay end with the first fix behind it, however late that comes. Here a stay is what its fixes
    cover, and those that are long enough only by the fix behind are left out.
    """
    library = _library("trackintel")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fixes = library.Positionfixes(_frame(track).assign(user_id=1))
        began = time.process_time()
        fixes, _ = fixes.generate_staypoints(
            method="sliding", dist_threshold=radius_m, time_threshold=min_dwell_s / 60,
            gap_threshold=gap_s / 60, include_last=True,
        )  # fmt: skip
        took_s = time.process_time() - began
    spans = fixes.dropna(subset="staypoint_id").groupby("staypoint_id").tracked_at.agg(["min", "max"])
    found = [(_ms(first), _ms(last)) for first, last in spans.itertuples(index=False)]
    return [(first, last) for first, last in sorted(found) if last - first >= min_dwell_s * 1000], took_s


def _frame(track: Track) -> Any:
    pandas, geopandas = _library("pandas"), _library("geopandas")
    times = pandas.to_datetime(track.t_ms, unit="ms", utc=True)
    places = geopandas.points_from_xy(track.lon, track.lat)
    return geopandas.GeoDataFrame({"tracked_at": times, "geom": places}, geometry="geom", crs=_WGS84)


def _ms(moment: Any) -> int:
    milliseconds: int = round(moment.timestamp() * 1000)
    return milliseconds
