"""The error of a simulated receiver: the same for a seed and an instant, whenever it is asked. Pure."""

from __future__ import annotations

import random

from fleet.geo import LonLat, destination

DRIFT_S = 40
DRIFT_SIGMA_M = 5.0
WHITE_SIGMA_M = 1.2
DEAD_ZONE_EVERY_S = 3_300
DEAD_ZONE_LASTS_S = 150


def blur(seed: str, t_ms: int, point: LonLat) -> tuple[LonLat, float]:
    """Move a true position by slow drift and white noise.

    Returns
    -------
    The position as received, rounded as receivers do, and the accuracy that the receiver would claim, metres.
    """
    bucket, part = divmod(t_ms / 1000, DRIFT_S)
    here, there = (_gauss2(f"{seed}:{bucket + n:.0f}", DRIFT_SIGMA_M) for n in (0, 1))
    share = part / DRIFT_S
    white = _gauss2(f"{seed}:{t_ms}", WHITE_SIGMA_M)
    east = here[0] * (1 - share) + there[0] * share + white[0]
    north = here[1] * (1 - share) + there[1] * share + white[1]
    lon, lat = destination(destination(point, 90, east), 0, north)
    accuracy_m = 4.0 + abs(here[0]) * 0.6
    return (round(lon, 6), round(lat, 6)), round(accuracy_m, 1)


def in_dead_zone(seed: str, since_start_s: float) -> bool:
    """Whether the van is where no signal reaches: 150 s in each 55 min, at an hour of its own."""
    shift = random.Random(f"{seed}:zone").uniform(0.2, 0.9) * DEAD_ZONE_EVERY_S
    return (since_start_s - shift) % DEAD_ZONE_EVERY_S < DEAD_ZONE_LASTS_S and since_start_s > shift


def _gauss2(seed: str, sigma: float) -> tuple[float, float]:
    source = random.Random(seed)
    return source.gauss(0, sigma), source.gauss(0, sigma)
