"""One GPS report: its shape on the wire, what is refused, what is flagged, and its identity."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

FLAG_AHEAD: Final = 1
"""Its time lies more than a minute ahead of ours."""
FLAG_INACCURATE: Final = 2
"""Its accuracy is worse than the limit."""
FLAG_ZERO_ISLAND: Final = 4
"""It claims to lie at 0, 0, where no van drives but many broken receivers do."""
FLAG_NO_FIX: Final = 8
"""Its receiver had no position, by its own word; the place is its last one, or none."""

YEAR_2000_MS: Final = 946_684_800_000
AHEAD_REFUSED_MS: Final = 24 * 3600 * 1000
AHEAD_FLAGGED_MS: Final = 60 * 1000
ZERO_ISLAND_DEG: Final = 0.01
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RANGES: Final[tuple[tuple[str, float, float], ...]] = (
    ("speed_mps", 0.0, 150.0),
    ("heading_deg", 0.0, 360.0),
    ("altitude_m", -1_000.0, 20_000.0),
    ("accuracy_m", 0.0, 1_000_000.0),
    ("hdop", 0.0, 1_000.0),
    ("satellites", 0, 255),
    ("battery", 0.0, 1.0),
)


class LooseFix(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One GPS report as a terminal sends it, be its numbers in their ranges or not.

    Parameters
    ----------
    t : epoch milliseconds, UTC
    lon, lat : degrees, in the datum of the terminal
    speed_mps, heading_deg, altitude_m, accuracy_m : metres, seconds and degrees; None when unknown
    hdop : dilution of precision
    satellites : how many were used
    battery : the terminal's charge, 0 to 1
    """

    t: int
    lon: float
    lat: float
    speed_mps: float | None = None
    heading_deg: float | None = None
    altitude_m: float | None = None
    accuracy_m: float | None = None
    hdop: float | None = None
    satellites: int | None = None
    battery: float | None = None


class Fix(LooseFix, frozen=True, gc=False, omit_defaults=True):
    """The same, its numbers held to their ranges where it is decoded: no range needs looking at again."""

    lon: Annotated[float, Meta(ge=-180, le=180)]
    lat: Annotated[float, Meta(ge=-90, le=90)]
    speed_mps: Annotated[float, Meta(ge=0, le=150)] | None = None
    heading_deg: Annotated[float, Meta(ge=0, le=360)] | None = None
    altitude_m: Annotated[float, Meta(ge=-1_000, le=20_000)] | None = None
    accuracy_m: Annotated[float, Meta(ge=0, le=1_000_000)] | None = None
    hdop: Annotated[float, Meta(ge=0, le=1_000)] | None = None
    satellites: Annotated[int, Meta(ge=0, le=255)] | None = None
    battery: Annotated[float, Meta(ge=0, le=1)] | None = None


class Bounds(msgspec.Struct, frozen=True, gc=False):
    """What a fix is judged against.

    Parameters
    ----------
    now_ms : our clock, epoch milliseconds
    accuracy_limit_m : fixes worse than this are flagged
    """

    now_ms: int
    accuracy_limit_m: float = 200.0


def refusal(fix: LooseFix, now_ms: int) -> str | None:
    """Why a fix cannot be kept, as a sentence with the value; None when it can.

    Refused are values that no van can have: out of range, not a number, before 2000, more than 24 h ahead.
    """
    if not -180.0 <= fix.lon <= 180.0:
        return f"lon {fix.lon} is not within -180 to 180"
    if not -90.0 <= fix.lat <= 90.0:
        return f"lat {fix.lat} is not within -90 to 90"
    return time_refusal(fix.t, now_ms) or _range_refusal(fix)


def _range_refusal(fix: LooseFix) -> str | None:
    for name, low, high in _RANGES:
        value = getattr(fix, name)
        if value is not None and not low <= value <= high:
            return f"{name} {value} is not within {low:g} to {high:g}"
    return None


def time_refusal(t: int, now_ms: int) -> str | None:
    """Why a time cannot be right, as a sentence; None when it can."""
    if t < YEAR_2000_MS:
        return f"time {say_time(t)} is before the year 2000; send epoch milliseconds"
    if t > now_ms + AHEAD_REFUSED_MS:
        return f"time {say_time(t)} is more than 24 h in the future; correct the terminal's clock"
    return None


def say_time(t: int) -> str:
    """Epoch milliseconds as a person reads them, or the bare number where no calendar reaches."""
    try:
        return (_EPOCH + timedelta(milliseconds=t)).strftime("%Y-%m-%d %H:%M:%SZ")
    except OverflowError:
        return str(t)


def is_timely(t: int, now_ms: int) -> bool:
    """Whether a time may be right; `time_refusal` says why not."""
    return YEAR_2000_MS <= t <= now_ms + AHEAD_REFUSED_MS


def digest_of(fix: LooseFix) -> int:
    """64-bit signed hash of where and how fast: with van, time and terminal the identity of a fix.

    Taken of lon and lat in 1e-7 degrees and speed in cm/s, so that a number written in another way is the
    same number. An unknown speed differs from a standing van.
    """
    speed = math.nan if fix.speed_mps is None else fix.speed_mps
    return int(digests_of(*(np.array([each]) for each in (fix.lon, fix.lat, speed)))[0])


def digests_of(
    lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64], speed_mps: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    """`digest_of` for many at once; an unknown speed is not a number.

    Source: each value is stirred in by the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
    """
    cm_s = np.where(np.isnan(speed_mps), -1.0, np.floor(speed_mps * 100 + 0.5))
    state = np.zeros(len(lon), np.uint64)
    for column in (np.floor(lon * 1e7 + 0.5), np.floor(lat * 1e7 + 0.5), cm_s):
        state = _stirred(state + _GOLDEN + column.astype(np.int64).view(np.uint64))
    return state.view(np.int64)


def _stirred(state: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
