"""What a track proves, and how long finding it takes: stays beside two known libraries, a day of real taxis.

All of it runs on one core. Times beside the libraries are the processor's, theirs those of the search alone,
without making their tables.
"""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

import numpy as np

from tests.bench import fencing, stayers, van_days
from tests.bench.bench_ingest import SECONDS, flooded
from tests.bench.cpu import cores
from tests.bench.figure import Case, Figure, Mode
from tests.bench.rig import rigged
from tests.bench.stayers import Stays
from tests.tracking import taxis
from tests.tracking.noise import MIDDLE, STARTS_MS, TUNING_SEEDS, labelled
from tracking.outliers import flags_of
from tracking.simplify import simplify
from tracking.stay_points import find_stay_points
from tracking.stays import DOOR_DWELL_S, DOOR_RADIUS_M, Stay, find_stays, find_trips
from tracking.track import LONGEST_GAP_S, Fixes, Floats, Ints, Track, choose

_FIXES: Final = 21_600
_TRIES: Final = 5
_SAME_MS: Final = 15_000
"""Stays that begin and end within this of each other are the same."""
_ROUND_S: Final = 900
_STANDS_S: Final = 600
_DRIVES_MPS: Final = 10.0


def cases(mode: Mode) -> Iterator[Case]:
    """Each on its own."""
    yield Case("stays", _stays)
    yield Case("agreement", _agreement)
    yield Case("memory", _memory)
    if mode != "quick":
        yield Case("taxis", _taxis)
    yield Case("from the database", partial(van_days.figures, mode))
    yield Case("fences", partial(fencing.figures, mode))
    yield Case("live path", partial(_live_path, mode))


def _live_path(mode: Mode) -> Iterator[Figure]:
    """Ingest with touched days, fences and alerts looking on, beside ingest alone, on one core."""
    with cores("one core"), rigged(1_000) as rig:
        alone, watched = (
            flooded(rig, design, 1, SECONDS[mode]).rate for design in ("stock way", "stock way, watched")
        )
    ratio = round(watched / alone, 2)
    yield Figure(
        "fixes acknowledged, stock way, 5,000 fences and alerts", round(watched), "fixes/s", "without",
        round(alone), ratio, ">= 0.85", ratio >= 0.85,
    )  # fmt: skip


def _stays() -> Iterator[Figure]:
    """A noisy day: doors, and stay points with the parameters that the peers get."""
    track = _noisy_day()
    with _one_core():
        doors_s = _best_s(lambda: find_stays(track))
        points_s = _best_s(lambda: _points(track))
        _, moving_s = stayers.movingpandas(track, DOOR_RADIUS_M, DOOR_DWELL_S)
        _, intel_s = stayers.trackintel(track, DOOR_RADIUS_M, DOOR_DWELL_S, LONGEST_GAP_S)
    for name, ours_s in (("doors", doors_s), ("stay points", points_s)):
        for peer, peer_s in (("MovingPandas", moving_s), ("trackintel", intel_s)):
            ratio = peer_s / ours_s
            yield Figure(
                f"{name} of a day of {len(track):,} fixes", round(ours_s * 1000, 1), "ms",
                f"{peer}, ms", round(peer_s * 1000), round(ratio, 1), ">= 20", ratio >= 20,
            )  # fmt: skip


def _agreement() -> Iterator[Figure]:
    """A day without noise, where all definitions agree; then a noisy one, where only trackintel's is ours."""
    for name, track in (("calm", _calm_day()), ("noisy", _noisy_day())):
        points = [(stay.starts_ms, stay.ends_ms) for stay in _points(track)]
        doors = [(stay.starts_ms, stay.ends_ms) for stay in find_stays(track)]
        moving, _ = stayers.movingpandas(track, DOOR_RADIUS_M, DOOR_DWELL_S)
        intel, _ = stayers.trackintel(track, DOOR_RADIUS_M, DOOR_DWELL_S, LONGEST_GAP_S)
        for ours, stays in (("stay points", points), ("doors", doors)):
            for peer, others in (("MovingPandas", moving), ("trackintel", intel)):
                share = _same(stays, others)
                agree = name == "calm" or (ours, peer) == ("stay points", "trackintel")
                yield Figure(
                    f"{name} day: of {peer}'s {len(others)} those among our {len(stays)} {ours}",
                    round(share, 3), "share", expect="= 1" if agree else "", ok=share == 1 if agree else None,
                )  # fmt: skip


def _memory() -> Iterator[Figure]:
    """What a van's day takes at most while it is worked out, its own columns included."""
    stored = _shuffled(labelled(TUNING_SEEDS[0], hours=6.5).fixes, _FIXES)
    tracemalloc.start()
    _work_out(stored)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    held = sum(each.nbytes for each in _columns(stored)) / 1e6
    yield Figure(
        f"memory for a day of {len(stored):,} fixes", round(peak + held, 1), "MB",
        expect="<= 50", ok=peak + held <= 50,
    )  # fmt: skip


def _taxis() -> Iterator[Figure]:
    """Every taxi's day: chosen, flagged, its stays, trips and way."""
    if not taxis.FILE.exists():
        yield Figure(f"no {taxis.FILE.name} beside the project: not measured", 0, "s")
        return
    days = list(taxis.fixes())
    with _one_core():
        began = time.perf_counter()
        found = [_work_out(stored) for stored in days]
        took_s = time.perf_counter() - began
    fixes = sum(len(stored) for stored in days)
    yield Figure(
        f"{len(days)} taxis' days, {fixes:,} fixes", round(took_s, 2), "s", expect="<= 30", ok=took_s <= 30
    )
    yield Figure("stays found in them", sum(stays for stays, _ in found), "stays")
    yield Figure("driven in them", round(sum(metres for _, metres in found) / 1000), "km")


def _work_out(stored: Fixes) -> tuple[int, float]:
    track = choose(stored)
    clean = track.take(flags_of(track) == 0)
    stays = find_stays(clean)
    simplify(clean)
    return len(stays), sum(trip.distance_m for trip in find_trips(clean, stays))


def _points(track: Track) -> tuple[Stay, ...]:
    return find_stay_points(track, radius_m=DOOR_RADIUS_M, min_dwell_s=DOOR_DWELL_S)


def _noisy_day() -> Track:
    track = labelled(TUNING_SEEDS[0], hours=6.7).track
    return track.take(flags_of(track) == 0).take(slice(0, _FIXES))


def _calm_day() -> Track:
    """By turns ten minutes at a door and five of driving, nothing else."""
    second = np.arange(_FIXES)
    turn, within = np.divmod(second, _ROUND_S)
    driven_s = turn * (_ROUND_S - _STANDS_S) + np.maximum(0, within - _STANDS_S)
    lon = MIDDLE[0] + driven_s * _DRIVES_MPS * 1.118e-5
    unknown = np.full(_FIXES, np.nan)
    return Track(STARTS_MS + 1000 * second, lon, np.full(_FIXES, MIDDLE[1]), unknown, unknown, unknown)


def _same(stays: Stays, others: Stays) -> float:
    """The share of the others that are among the stays too."""
    both = sum(any(abs(a - c) <= _SAME_MS and abs(b - d) <= _SAME_MS for a, b in stays) for c, d in others)
    return both / max(1, len(others))


def _shuffled(stored: Fixes, count: int) -> Fixes:
    return stored.take(np.random.default_rng(1).permutation(len(stored))[:count])


def _columns(stored: Fixes) -> Iterator[Ints | Floats]:
    yield from (stored.t_ms, stored.terminal_id, stored.digest, stored.lon, stored.lat, stored.speed_mps)
    yield from (stored.heading_deg, stored.accuracy_m, stored.battery, stored.flags, stored.received_ms)


def _best_s(work: Callable[[], object]) -> float:
    """The processor's seconds of the shortest of some tries."""
    tries = []
    for _ in range(_TRIES):
        began = time.process_time()
        work()
        tries.append(time.process_time() - began)
    return min(tries)


@contextmanager
def _one_core() -> Iterator[None]:
    had = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(had)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, had)
