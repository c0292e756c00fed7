"""Days of a driving fleet as they lie in the heap: in the order of time, the vans interleaved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tracking.lot import OPTIONAL, Floats, Lot

MIDDLE: Final = (115.98, 36.45)
HALF_DEG: Final = 0.06
"""How far the fleet strays from the middle."""
HOURS: Final = 10
"""A van's day, from midnight UTC: 08:00 to 18:00 in its district."""
_LEG_S: Final = 300
_STEP_DEG: Final = 0.0075
_LOT_FIXES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Fleet:
    """Whose fixes they are: van n has terminal n.

    Parameters
    ----------
    fixes : of each van and day
    """

    vans: int
    fixes: int
    seed: int = 1


def day_of(fleet: Fleet, starts_ms: int, number: int) -> Iterator[Lot]:
    """One day's fixes in large lots; the last fixes of the fleet are each lot's end, by van.

    Parameters
    ----------
    starts_ms : the day's first instant
    number : which of the days it is; each has paths of its own
    """
    random = np.random.default_rng((fleet.seed, number))
    step_ms = HOURS * 3_600_000 // fleet.fixes
    phase_ms = np.sort(random.integers(0, step_ms, fleet.vans))
    corners = _corners(random, fleet.vans)
    ids = np.arange(1, fleet.vans + 1)
    rounds = max(1, _LOT_FIXES // fleet.vans)
    for first in range(0, fleet.fixes, rounds):
        each = np.arange(first, min(first + rounds, fleet.fixes))
        t_ms = (each[:, None] * step_ms + phase_ms[None, :]).reshape(-1)
        van_id = np.tile(ids, len(each))
        place = _along(corners, van_id - 1, t_ms / 1000)
        n = len(van_id)
        optional = np.full((n, len(OPTIONAL)), np.nan)
        optional[:, 0], optional[:, 1], optional[:, 3] = 6.5, 90.0, 8.0
        yield Lot(
            van_id=van_id,
            t_ms=starts_ms + t_ms,
            terminal_id=van_id,
            digest=random.integers(-(2**62), 2**62, n),
            district_id=np.ones(n, np.int64),
            lon=place[:, 0],
            lat=place[:, 1],
            optional=optional,
            flags=np.zeros(n, np.int64),
            received_ms=starts_ms + t_ms + 300,
            careful=np.zeros(n, bool),
        )


def _corners(random: np.random.Generator, vans: int) -> Floats:
    """Where each van turns: vans x legs x (lon, lat), a walk that is thrown back at the district's edge."""
    legs = HOURS * 3600 // _LEG_S + 2
    starts = random.uniform(-HALF_DEG, HALF_DEG, (vans, 1, 2))
    walk = starts + random.normal(0, _STEP_DEG, (vans, legs, 2)).cumsum(axis=1)
    places: Floats = np.abs((walk + HALF_DEG) % (4 * HALF_DEG) - 2 * HALF_DEG) - HALF_DEG + np.array(MIDDLE)
    return places


def _along(corners: Floats, van: np.ndarray[tuple[int], np.dtype[np.int64]], since_s: Floats) -> Floats:
    """The places of some vans at some times of the day."""
    leg, share = np.divmod(since_s / _LEG_S, 1)
    index = leg.astype(np.int64)
    share = share[:, None]
    place: Floats = corners[van, index] * (1 - share) + corners[van, index + 1] * share
    return place
