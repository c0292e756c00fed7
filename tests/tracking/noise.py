"""Labelled tracks: a van's days with known doors, jumps and frozen stretches, as a poor receiver saw them.

The truth is made second by second on a plane of metres: drives along crooked ways at a town's speeds, stays
at doors, waits at traffic lights that are no stays. Then it is seen through noise: on each axis a drift
(Gauss-Markov) and white noise that together have a standard deviation of `SIGMA_M`, bursts of multipath,
tunnels without fixes, receivers that sleep while the van is parked, lost fixes, jumps, and receivers that
freeze. All values stand here and were fixed before any detector was tuned.

Detectors are tuned on `TUNING_SEEDS`; figures are told and asserted on `FINAL_SEEDS`.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from fleet.geo import M_PER_DEG
from tracking.track import Fixes, Floats, Ints, Track, Truths, choose

TUNING_SEEDS: Final = (11, 12, 13, 14, 15, 16)
FINAL_SEEDS: Final = (101, 102, 103, 104, 105, 106)

MIDDLE: Final = (116.05, 36.45)
STARTS_MS: Final = 1_784_692_800_000
HOURS: Final = 6.0
HALF_M: Final = 3_000.0

# Noise, per axis.
SIGMA_M: Final = 8.0
DRIFT_M: Final = 7.0
DRIFT_TAU_S: Final = 90.0
WHITE_M: Final = math.sqrt(SIGMA_M**2 - DRIFT_M**2)
SPEED_NOISE_MPS: Final = 0.4
DECIMALS: Final = 6

# Multipath: an offset that comes within two seconds, wobbles, and goes.
BURSTS_PER_HOUR: Final = 4.0
BURST_S: Final = (5.0, 40.0)
BURST_M: Final = (15.0, 60.0)
BURST_WOBBLE_M: Final = 5.0
BURST_SPEED_MPS: Final = 2.0

# Silences: in tunnels on drives; asleep at a door, longer than any gap that is bridged; single lost fixes.
TUNNELS_PER_HOUR: Final = 6.0
TUNNEL_S: Final = (15.0, 150.0)
SLEEPS: Final = 2
SLEEP_S: Final = (310.0, 600.0)
AWAKE_S: Final = 90
LOST_SHARE: Final = 0.01

# Jumps: farther off than any van gets between two fixes, for one or some fixes; also a day's first or last.
JUMPS_PER_1000: Final = 2.0
JUMP_FIXES: Final = ((1, 0.6), (2, 0.15), (3, 0.1), (5, 0.1), (8, 0.05))
JUMP_LEAST_M: Final = 150.0
JUMP_LEAST_MPS: Final = 60.0
JUMP_FARTHEST_M: Final = 5_000.0
JUMP_AT_END_SHARE: Final = 0.3

# Frozen: one place again and again while the van drives and its speed is told.
FREEZES_PER_HOUR: Final = 0.7
FREEZE_S: Final = (20.0, 120.0)
FREEZE_LEAST_MPS: Final = 3.0

# The truth: stays and drives.
DWELL_S: Final = (60.0, 1_200.0)
NEIGHBOUR_SHARE: Final = 0.35
NEIGHBOUR_M: Final = (30.0, 40.0)
NEIGHBOUR_MPS: Final = (2.5, 5.0)
FAR_M: Final = (150.0, 2_500.0)
CRUISE_MPS: Final = (7.0, 14.0)
CORNER_MPS: Final = 5.0
SPEED_UP_MPS2: Final = 1.5
SLOW_DOWN_MPS2: Final = 2.0
LIGHT_SHARE: Final = 0.4
LIGHT_S: Final = (5.0, 50.0)


@dataclass(frozen=True, slots=True)
class Door:
    """A true stay: when the van stood there, both ends included, and where."""

    starts_ms: int
    ends_ms: int
    lon: float
    lat: float


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A day as its receiver told it, and what is true of it; the labels are one a fix, in time order."""

    fixes: Fixes
    is_jump: Truths
    is_frozen: Truths
    doors: tuple[Door, ...]
    driven_m: float

    @property
    def track(self) -> Track:
        """Its fixes by time."""
        return choose(self.fixes)


@dataclass(slots=True)
class _Truth:
    """Where the van is, a row a second, in metres from the middle."""

    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    stays: list[tuple[int, int]] = field(default_factory=list)

    def stand(self, x: float, y: float, seconds: int) -> None:
        self.stays.append((len(self.x), len(self.x) + seconds))
        self.x += [x] * (seconds + 1)
        self.y += [y] * (seconds + 1)


def labelled(seed: int, *, every_s: int = 1, hours: float = HOURS, tells_speed: bool = True) -> Labelled:
    """A van's day from a seed; without speeds no receiver freezes, as nobody could tell."""
    draw = np.random.default_rng([seed, every_s])
    truth = _live(draw, int(hours * 3600))
    x, y = np.array(truth.x), np.array(truth.y)
    mps = np.hypot(np.gradient(x), np.gradient(y))
    moves = np.ones(len(x), bool)
    for first, last in truth.stays:
        moves[first : last + 1] = False
    seconds = np.arange(0, len(x), every_s)
    silent, sleeps = _silent(draw, moves), _sleeps(draw, truth.stays)
    for first, last in sleeps:
        silent[first + 1 : last] = True
    kept = seconds[~silent[seconds] & (draw.random(len(seconds)) >= LOST_SHARE)]
    blur_x, blur_y, in_burst = _blur(draw, len(x))
    told_mps = mps + draw.normal(0, SPEED_NOISE_MPS, len(x))
    told_mps += in_burst * draw.normal(0, BURST_SPEED_MPS, len(x))
    seen_x, seen_y = (x + blur_x)[kept], (y + blur_y)[kept]
    is_frozen = np.zeros(len(kept), bool)
    if tells_speed:
        is_frozen = _freeze(draw, kept, mps, seen_x, seen_y)
    is_jump = _jump(draw, every_s, is_frozen, seen_x, seen_y)
    lon, lat = _degrees(seen_x, seen_y)
    speed_mps = np.maximum(0.0, told_mps[kept]) if tells_speed else np.full(len(kept), np.nan)
    true_lon, true_lat = _degrees(x, y)
    doors = tuple(
        Door(_ms(first), _ms(last), float(true_lon[first]), float(true_lat[first]))
        for first, last in _parts(truth.stays, sleeps)
    )
    return Labelled(
        _columns(kept, lon, lat, speed_mps),
        is_jump,
        is_frozen,
        doors,
        float(np.hypot(np.diff(x), np.diff(y)).sum()),
    )


def _ms(second: int) -> int:
    return STARTS_MS + 1000 * second


def _degrees(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    lat = MIDDLE[1] + y / M_PER_DEG
    lon = MIDDLE[0] + x / (M_PER_DEG * math.cos(math.radians(MIDDLE[1])))
    return np.round(lon, DECIMALS), np.round(lat, DECIMALS)


def _columns(kept: Ints, lon: Floats, lat: Floats, speed_mps: Floats) -> Fixes:
    count = len(kept)
    unknown, t_ms = np.full(count, np.nan), STARTS_MS + 1000 * kept.astype(np.int64)
    ones, none = np.ones(count, np.int64), np.zeros(count, np.int64)
    return Fixes(t_ms, ones, none, lon, lat, speed_mps, unknown, unknown, unknown, none, t_ms)


def _live(draw: np.random.Generator, seconds: int) -> _Truth:
    """Doors and the ways between, for as long as is asked, ending with a stay."""
    truth = _Truth()
    x, y = draw.uniform(-HALF_M / 2, HALF_M / 2, 2).tolist()
    while True:
        low, high = np.log(DWELL_S)
        truth.stand(x, y, round(float(np.exp(draw.uniform(low, high)))))
        if len(truth.x) >= seconds:
            return truth
        if draw.random() < NEIGHBOUR_SHARE:
            corners, cruise_mps = _next_door(draw, x, y), draw.uniform(*NEIGHBOUR_MPS)
        else:
            corners, cruise_mps = _far_door(draw, x, y), draw.uniform(*CRUISE_MPS)
        _drive(draw, truth, [(x, y), *corners], cruise_mps)
        x, y = corners[-1]


def _next_door(draw: np.random.Generator, x: float, y: float) -> list[tuple[float, float]]:
    far_m, turn = draw.uniform(*NEIGHBOUR_M), draw.uniform(0, 2 * math.pi)
    return [(x + far_m * math.cos(turn), y + far_m * math.sin(turn))]


def _far_door(draw: np.random.Generator, x: float, y: float) -> list[tuple[float, float]]:
    """A way of straight pieces, by turns along x and y."""
    while True:
        far_m, turn = draw.uniform(*FAR_M), draw.uniform(0, 2 * math.pi)
        to_x, to_y = x + far_m * math.cos(turn), y + far_m * math.sin(turn)
        if max(abs(to_x), abs(to_y)) <= HALF_M:
            break
    pieces = int(draw.integers(1, 4))
    corners = []
    for n in range(1, pieces + 1):
        there_x, there_y = x + (to_x - x) * n / pieces, y + (to_y - y) * n / pieces
        before_y = y + (to_y - y) * (n - 1) / pieces
        corners += [(there_x, before_y), (there_x, there_y)]
    return corners


def _drive(
    draw: np.random.Generator, truth: _Truth, way: list[tuple[float, float]], cruise_mps: float
) -> None:
    """Along the way, slower in its corners, waiting at some of them, standing at its end."""
    for n, ((from_x, from_y), (to_x, to_y)) in enumerate(itertools.pairwise(way)):
        length_m = math.hypot(to_x - from_x, to_y - from_y)
        is_end = n == len(way) - 2
        waits_s = 0 if is_end or draw.random() >= LIGHT_SHARE else round(draw.uniform(*LIGHT_S))
        leaves_mps = 0.0 if is_end or waits_s else min(CORNER_MPS, cruise_mps)
        gone_m, mps = 0.0, 0.0 if n == 0 else min(CORNER_MPS, cruise_mps)
        while gone_m < length_m - 0.5:
            may_mps = math.sqrt(leaves_mps**2 + 2 * SLOW_DOWN_MPS2 * (length_m - gone_m))
            mps = max(0.5, min(mps + SPEED_UP_MPS2, cruise_mps, may_mps))
            gone_m = min(length_m, gone_m + mps)
            share = gone_m / length_m
            truth.x.append(from_x + (to_x - from_x) * share)
            truth.y.append(from_y + (to_y - from_y) * share)
        truth.x += [to_x] * waits_s
        truth.y += [to_y] * waits_s


def _times(draw: np.random.Generator, per_hour: float, count: int) -> list[int]:
    """Seconds at which something begins."""
    return sorted(draw.integers(0, count, draw.poisson(per_hour * count / 3600)).tolist())


def _blur(draw: np.random.Generator, count: int) -> tuple[Floats, Floats, Truths]:
    """How far the receiver is off, second by second, and whether in a burst of multipath."""
    keeps = math.exp(-1 / DRIFT_TAU_S)
    steps = draw.normal(0, DRIFT_M * math.sqrt(1 - keeps**2), (count, 2))
    drift = np.empty((count, 2))
    at = draw.normal(0, DRIFT_M, 2)
    for n in range(count):
        at = keeps * at + steps[n]
        drift[n] = at
    off = drift + draw.normal(0, WHITE_M, (count, 2))
    in_burst = np.zeros(count, bool)
    for first in _times(draw, BURSTS_PER_HOUR, count):
        last = min(count, first + round(draw.uniform(*BURST_S)))
        turn, far_m = draw.uniform(0, 2 * math.pi), draw.uniform(*BURST_M)
        since = np.arange(last - first) + 1
        ramp = np.minimum(1.0, np.minimum(since, since[::-1]) / 2)[:, None]
        wobble = draw.normal(0, BURST_WOBBLE_M, (last - first, 2))
        off[first:last] += ramp * (far_m * np.array([math.cos(turn), math.sin(turn)]) + wobble)
        in_burst[first:last] = True
    return off[:, 0], off[:, 1], in_burst


def _sleeps(draw: np.random.Generator, stays: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Silences in some of the longer stays, each awake before and after."""
    found: list[tuple[int, int]] = []
    for n in draw.permutation(len(stays)).tolist():
        first, last = stays[n]
        lasts_s = round(draw.uniform(*SLEEP_S))
        if len(found) < SLEEPS and last - first >= lasts_s + 2 * AWAKE_S:
            found.append((first + AWAKE_S, first + AWAKE_S + lasts_s))
    return found


def _parts(stays: list[tuple[int, int]], sleeps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stays, those in two that a silence cuts."""
    cuts = [
        (slept, n) for n, (first, last) in enumerate(stays) for slept in sleeps if first <= slept[0] < last
    ]
    by_stay = {n: slept for slept, n in cuts}
    parts = []
    for n, (first, last) in enumerate(stays):
        slept = by_stay.get(n)
        parts += [(first, slept[0]), (slept[1], last)] if slept else [(first, last)]
    return parts


def _silent(draw: np.random.Generator, moves: Truths) -> Truths:
    """The seconds in tunnels, which lie on drives."""
    silent = np.zeros(len(moves), bool)
    for first in _times(draw, TUNNELS_PER_HOUR, len(moves)):
        silent[first : first + round(draw.uniform(*TUNNEL_S))] = True
    return silent & moves


def _freeze(draw: np.random.Generator, kept: Ints, mps: Floats, x: Floats, y: Floats) -> Truths:
    """Let the receiver repeat a place, here and there where the van drives all the while."""
    is_frozen = np.zeros(len(kept), bool)
    for at in _times(draw, FREEZES_PER_HOUR * 6, len(mps)):
        first = int(np.searchsorted(kept, at))
        until = int(np.searchsorted(kept, at + draw.uniform(*FREEZE_S)))
        if until - first < 4 or mps[kept[first] : kept[until - 1] + 1].min() < FREEZE_LEAST_MPS:
            continue
        x[first:until], y[first:until] = x[first], y[first]
        is_frozen[first + 1 : until] = True
    return is_frozen


def _jump(draw: np.random.Generator, every_s: int, is_frozen: Truths, x: Floats, y: Floats) -> Truths:
    """Put fixes far off: one, or some in a row at one false place."""
    count = len(x)
    is_jump = np.zeros(count, bool)
    starts = draw.integers(1, count - 10, draw.poisson(JUMPS_PER_1000 * count / 1000)).tolist()
    for end in (0, count - 1):
        starts += [end] if draw.random() < JUMP_AT_END_SHARE else []
    lengths, shares = zip(*JUMP_FIXES, strict=True)
    for first in starts:
        long = 1 if first in (0, count - 1) else int(draw.choice(lengths, p=shares))
        around = slice(max(0, first - 10), first + long + 10)
        if is_jump[around].any() or is_frozen[around].any():
            continue
        least_m = JUMP_LEAST_M + JUMP_LEAST_MPS * every_s
        far_m = math.exp(draw.uniform(math.log(least_m), math.log(JUMP_FARTHEST_M)))
        turn = draw.uniform(0, 2 * math.pi)
        x[first : first + long] += far_m * math.cos(turn)
        y[first : first + long] += far_m * math.sin(turn)
        is_jump[first : first + long] = True
    return is_jump
