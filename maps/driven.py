"""What a van drove on a day, for drawing: its stays, and its trips as simplified lines with times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

import numpy as np
import shapely
import sqlalchemy as sa

from fleet import registry
from fleet.geo import M_PER_DEG
from fleet.units import ms_of
from maps.scene import Dwell, Leg
from tracking import outliers, store
from tracking.stays import find_stays, find_trips
from tracking.track import LONGEST_GAP_S, Fixes, Floats, Ints, Track, choose

ERROR_M: Final = 5.0
"""How far a drawn line may lie from a fix that was left out of it."""


@dataclass(frozen=True, slots=True)
class Driven:
    """A van's day as it is drawn.

    Parameters
    ----------
    legs : of trips, cut at gaps
    left_out : fixes that are stored and make no part of the track
    until : the newest fix, epoch milliseconds; None where there is none
    """

    stays: tuple[Dwell, ...]
    legs: tuple[Leg, ...]
    left_out: int
    until: int | None


def read(conn: sa.Connection, district_id: int, van_id: int, starts: datetime, ends: datetime) -> Driven:
    """What a van drove with starts <= t < ends."""
    stored = _fixes(conn, van_id, starts, ends)
    primary = next(
        (
            each.id
            for each in registry.terminals(conn, district_id)
            if each.van_id == van_id and each.is_primary
        ),
        None,
    )
    track = outliers.sound(choose(stored, primary))
    until = int(track.t_ms[-1]) if len(track) else None
    return drawn(track, len(stored) - len(track), until)


def drawn(track: Track, left_out: int, until: int | None) -> Driven:
    """A sound track as it is drawn."""
    stays = find_stays(track)
    dwells = tuple(
        Dwell(n, (stay.lon, stay.lat), stay.starts_ms, stay.ends_ms) for n, stay in enumerate(stays, start=1)
    )
    legs: list[Leg] = []
    for trip in find_trips(track, stays):
        part = track.take(slice(trip.first, trip.last + 1))
        for points, t_ms in _lines(part):
            legs.append(Leg(len(legs) + 1, points, t_ms))
    return Driven(dwells, tuple(legs), left_out, until)


def _lines(track: Track) -> list[tuple[tuple[tuple[float, float], ...], tuple[int, ...]]]:
    gaps = np.flatnonzero(np.diff(track.t_ms) > LONGEST_GAP_S * 1000) + 1
    borders = [0, *gaps.tolist(), len(track)]
    parts = [track.take(slice(*pair)) for pair in pairwise(borders)]
    return [_simplified(part) for part in parts if len(part) > 1]


def _simplified(track: Track) -> tuple[tuple[tuple[float, float], ...], tuple[int, ...]]:
    """Fewer corners, no fix farther than `ERROR_M` from the line; each corner keeps its time as a height."""
    shrink = np.cos(np.radians(track.lat[0]))
    x, y = track.lon * shrink * M_PER_DEG, track.lat * M_PER_DEG
    line = shapely.LineString(np.column_stack([x, y, np.arange(len(track))]))
    kept = shapely.get_coordinates(line.simplify(ERROR_M, preserve_topology=False), include_z=True)
    which = kept[:, 2].astype(np.int64)
    points = zip(np.round(track.lon[which], 6).tolist(), np.round(track.lat[which], 6).tolist(), strict=True)
    return tuple(points), tuple(track.t_ms[which].tolist())


def _fixes(conn: sa.Connection, van_id: int, starts: datetime, ends: datetime) -> Fixes:
    rows = list(store.track(conn, van_id, starts, ends))

    def whole(values: Iterable[int]) -> Ints:
        return np.fromiter(values, np.int64, len(rows))

    def measured(name: str) -> Floats:
        return np.array([getattr(each, name) for each in rows], np.float64)

    return Fixes(
        t_ms=whole(ms_of(each.t) for each in rows),
        terminal_id=whole(each.terminal_id for each in rows),
        digest=whole(each.digest for each in rows),
        lon=measured("lon"),
        lat=measured("lat"),
        speed_mps=measured("speed_mps"),
        heading_deg=measured("heading_deg"),
        accuracy_m=measured("accuracy_m"),
        battery=np.full(len(rows), np.nan),
        flags=whole(each.flags for each in rows),
        received_ms=whole(ms_of(each.received_at) for each in rows),
    )
