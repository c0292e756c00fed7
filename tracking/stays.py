"""Where a van stood and how it went between: stays and trips, both functions of a track. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tracking.track import LONGEST_GAP_S, Track, apart_m, steps_m

DOOR_RADIUS_M: Final = 30.0
DOOR_DWELL_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Stay:
    """A dwell seen in a track, at the middle of its fixes.

    Parameters
    ----------
    starts_ms, ends_ms : epoch milliseconds of its first and last fix
    first, last : their places in the track, both included
    """

    starts_ms: int
    ends_ms: int
    lon: float
    lat: float
    first: int
    last: int

    @property
    def dwell_s(self) -> float:
        """How long."""
        return (self.ends_ms - self.starts_ms) / 1000


@dataclass(frozen=True, slots=True)
class Trip:
    """Movement between two stays, or between a stay and the track's end.

    Parameters
    ----------
    starts_ms, ends_ms : epoch milliseconds
    first, last : places in the track, both included
    distance_m : along its fixes
    """

    starts_ms: int
    ends_ms: int
    first: int
    last: int
    distance_m: float


def find_stays(
    track: Track,
    *,
    radius_m: float = DOOR_RADIUS_M,
    min_dwell_s: float = DOOR_DWELL_S,
    gap_s: float = LONGEST_GAP_S,
) -> tuple[Stay, ...]:
    """Find where the van stood still.

    Parameters
    ----------
    track : n >= 0
    radius_m : metres, > 0; how far a stay's fixes may lie from its first
    min_dwell_s : the shortest stay that counts, seconds, >= 0
    gap_s : a silence longer than this ends a stay

    Returns
    -------
    Disjoint stays in time order; empty when n < 2.

    Raises
    ------
    ValueError : radius_m <= 0 or min_dwell_s < 0.

    Source: stay points, Li et al. 2008.
    """
    if radius_m <= 0 or min_dwell_s < 0:
        raise ValueError(f"radius {radius_m} m and dwell {min_dwell_s} s must be above zero")
    found: list[Stay] = []
    count, first = len(track), 0
    breaks = np.flatnonzero(np.diff(track.t_ms) > gap_s * 1000) + 1
    ends = np.append(breaks, count)
    while first < count - 1:
        until = int(ends[np.searchsorted(ends, first, side="right")])
        far = apart_m(
            track.lon[first:until], track.lat[first:until], float(track.lon[first]), float(track.lat[first])
        )
        away = np.flatnonzero(far > radius_m)
        last = first + int(away[0]) - 1 if len(away) else until - 1
        if last > first and track.t_ms[last] - track.t_ms[first] >= min_dwell_s * 1000:
            which = slice(first, last + 1)
            lon, lat = float(np.mean(track.lon[which])), float(np.mean(track.lat[which]))
            found.append(Stay(int(track.t_ms[first]), int(track.t_ms[last]), lon, lat, first, last))
            first = last + 1
        else:
            first += 1
    return tuple(found)


def find_trips(track: Track, stays: tuple[Stay, ...]) -> tuple[Trip, ...]:
    """The movement between stays, in time order; the track's ends count as stays of no length."""
    metres = np.concatenate([[0.0], np.cumsum(steps_m(track))])
    borders = [0, *(border for stay in stays for border in (stay.first, stay.last)), len(track) - 1]
    trips = []
    for first, last in zip(borders[::2], borders[1::2], strict=True):
        if last > first:
            gone_m = float(metres[last] - metres[first])
            trips.append(Trip(int(track.t_ms[first]), int(track.t_ms[last]), first, last, gone_m))
    return tuple(trips)
