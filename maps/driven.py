"""What a van drove on a day, for drawing: its stays, and its trips as simplified lines with times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import sqlalchemy as sa

from maps.scene import Dwell, Leg
from tracking import history, outliers
from tracking.simplify import simplify
from tracking.stays import find_stays, find_trips
from tracking.track import Track, choose


@dataclass(frozen=True, slots=True)
class Driven:
    """A van's day as it is drawn.

    Parameters
    ----------
    legs : of trips, cut at gaps; a fix that was left out lies `simplify.DRAWN_ERROR_M` from its line at most
    left_out : how many stored fixes make no part of the track
    until : the newest fix, epoch milliseconds; None where there is none
    """

    stays: tuple[Dwell, ...]
    legs: tuple[Leg, ...]
    left_out: int
    until: int | None


def read(conn: sa.Connection, van_id: int, starts: datetime, ends: datetime) -> Driven:
    """What a van drove with starts <= t < ends."""
    stored = history.fixes_of(conn, van_id, starts, ends)
    primary = history.primary_terminals(conn, [van_id]).get(van_id)
    track = outliers.sound(choose(stored, primary))
    return drawn(track, len(stored) - len(track))


def drawn(track: Track, left_out: int = 0) -> Driven:
    """A sound track as it is drawn."""
    stays = find_stays(track)
    dwells = tuple(
        Dwell(n, (round(stay.lon, 6), round(stay.lat, 6)), stay.starts_ms, stay.ends_ms)
        for n, stay in enumerate(stays, start=1)
    )
    legs: list[Leg] = []
    for trip in find_trips(track, stays):
        part = track.take(slice(trip.first, trip.last + 1))
        for corners in simplify(part):
            if len(corners) > 1:
                legs.append(_leg(len(legs) + 1, part.take(corners)))
    return Driven(dwells, tuple(legs), left_out, int(track.t_ms[-1]) if len(track) else None)


def _leg(n: int, corners: Track) -> Leg:
    points = zip(np.round(corners.lon, 6).tolist(), np.round(corners.lat, 6).tolist(), strict=True)
    return Leg(n, tuple(points), tuple(corners.t_ms.tolist()))
