"""One van's track as columns: chosen from its stored fixes, in any order of arrival. Pure.

What tracks prove is found by the modules beside it, each a function of a track: what is odd about a fix,
where the van stayed, how it went between.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from fleet.geo import EARTH_RADIUS_M

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Truths: TypeAlias = npt.NDArray[np.bool_]

LONGEST_GAP_S: Final = 300.0
"""Between fixes farther apart than this nobody knows where the van was."""


@dataclass(frozen=True, slots=True, eq=False)
class Fixes:
    """Stored fixes of one van: columns of one length n >= 0, in any order, conflicts and repeats among them.

    Parameters
    ----------
    t_ms, received_ms : epoch milliseconds
    lon, lat : degrees, WGS-84
    speed_mps, heading_deg, accuracy_m, battery : not a number where unknown
    flags : those that each earned by itself, as in `tracking.fix`
    """

    t_ms: Ints
    terminal_id: Ints
    digest: Ints
    lon: Floats
    lat: Floats
    speed_mps: Floats
    heading_deg: Floats
    accuracy_m: Floats
    battery: Floats
    flags: Ints
    received_ms: Ints

    def __len__(self) -> int:
        return len(self.t_ms)

    def take(self, which: Ints | Truths | slice) -> Fixes:
        """Some of them."""
        return Fixes(*[getattr(self, each.name)[which] for each in fields(self)])

    def join(self, others: Fixes) -> Fixes:
        """These and others."""
        pairs = [(getattr(self, each.name), getattr(others, each.name)) for each in fields(self)]
        return Fixes(*[np.concatenate(pair) for pair in pairs])


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """A van's unflagged fixes by time, one an instant: columns of one length n >= 0, `t_ms` strictly rising.

    Parameters
    ----------
    t_ms : epoch milliseconds
    lon, lat : degrees, WGS-84
    speed_mps, heading_deg, battery : not a number where unknown
    """

    t_ms: Ints
    lon: Floats
    lat: Floats
    speed_mps: Floats
    heading_deg: Floats
    battery: Floats

    def __len__(self) -> int:
        return len(self.t_ms)

    def take(self, which: Ints | Truths | slice) -> Track:
        """Some of it, in order."""
        return Track(*[getattr(self, each.name)[which] for each in fields(self)])


def choose(stored: Fixes, primary_terminal: int | None = None) -> Track:
    """A van's track: its unflagged fixes by time, one an instant.

    Of fixes that share their instant the van's primary terminal's is taken, then the more accurate, then that
    of the smaller digest and terminal.

    Parameters
    ----------
    primary_terminal : None where the van has none
    """
    sound = stored.take(stored.flags == 0)
    is_other = sound.terminal_id != (-1 if primary_terminal is None else primary_terminal)
    accuracy_m = np.where(np.isnan(sound.accuracy_m), np.inf, sound.accuracy_m)
    order = np.lexsort((sound.terminal_id, sound.digest, accuracy_m, is_other, sound.t_ms))
    t_ms = sound.t_ms[order]
    is_first = np.ones(len(t_ms), bool)
    is_first[1:] = t_ms[1:] != t_ms[:-1]
    best = sound.take(order[is_first])
    return Track(best.t_ms, best.lon, best.lat, best.speed_mps, best.heading_deg, best.battery)


def steps_m(track: Track) -> Floats:
    """Great-circle metres from each fix to the next: n - 1 values, none for n < 2."""
    return apart_m(track.lon[:-1], track.lat[:-1], track.lon[1:], track.lat[1:])


def steps_s(track: Track) -> Floats:
    """Seconds from each fix to the next."""
    return np.diff(track.t_ms) / 1000.0


def find_gaps(track: Track, *, gap_s: float = LONGEST_GAP_S) -> tuple[tuple[int, int], ...]:
    """Silences longer than this, from one fix to the next: epoch milliseconds, in time order."""
    before = np.flatnonzero(np.diff(track.t_ms) > gap_s * 1000)
    return tuple(zip(track.t_ms[before].tolist(), track.t_ms[before + 1].tolist(), strict=True))


def distance_m(track: Track) -> float:
    """The way through all fixes in metres, by straight lines, a receiver's noise and all.

    What a van drove is the sum of its trips (`stays.find_trips`): at a fix a second the noise of standing is
    several times as long.
    """
    return float(np.sum(steps_m(track)))


def apart_m(lon: Floats, lat: Floats, other_lon: Floats | float, other_lat: Floats | float) -> Floats:
    """Great-circle metres between places, degrees in; as `fleet.geo.haversine_m`, columns at a time."""
    lat_a, lat_b = np.radians(lat), np.radians(other_lat)
    half_lat = (lat_b - lat_a) / 2
    half_lon = np.radians(np.asarray(other_lon) - lon) / 2
    h = np.sin(half_lat) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin(half_lon) ** 2
    metres: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, h)))
    return metres
