"""Gathers what the platform screen shows: rows, proofs of tracks, road times; kept for some seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa

from fleet import journal
from fleet.context import Context
from fleet.roads import Roads
from fleet.words import Locale
from maps import circle, patrol
from maps.board import Gathered, Json, Proof, board
from maps.circle import Circle
from maps.crew import Doing, doings
from maps.day import Day, read_day, read_homes
from maps.patrol import DayTracks
from tracking.day_proof import district_day

FRESH_S = 4.0
_CIRCLE_EVERY = timedelta(minutes=1)
_MOST_ETAS = 100


@dataclass(slots=True)
class _Kept:
    """What is kept of one district between two boards; guarded by its lock."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    at_s: float = float("-inf")
    state: int = -1
    day: Day | None = None
    gathered: Gathered | None = None
    tracks: DayTracks | None = None
    circle: Circle | None = None


class Gatherer:
    """Boards of districts; made once a process, safe between threads."""

    def __init__(self) -> None:
        self._kept: dict[int, _Kept] = {}
        self._lock = threading.Lock()

    def board(self, context: Context, district_id: int, locale: Locale) -> Json:
        """The district's board now, at most some seconds old; at once new when the state was raised."""
        day, gathered = self.gather(context, district_id)
        return board(day, gathered, locale)

    def gather(self, context: Context, district_id: int) -> tuple[Day, Gathered]:
        """The day's rows and what they prove."""
        with self._lock:
            kept = self._kept.setdefault(district_id, _Kept())
        with kept.lock, context.engine.connect() as conn:
            fresh = time.monotonic() - kept.at_s < FRESH_S
            if (
                kept.day is None
                or kept.gathered is None
                or not fresh
                or self._raised(conn, kept, district_id)
            ):
                kept.day, kept.gathered = self._anew(conn, context, kept, district_id)
                kept.at_s, kept.state = time.monotonic(), kept.day.state
            return kept.day, kept.gathered

    @staticmethod
    def _raised(conn: sa.Connection, kept: _Kept, district_id: int) -> bool:
        return journal.current(conn, district_id) != kept.state

    def _anew(
        self, conn: sa.Connection, context: Context, kept: _Kept, district_id: int
    ) -> tuple[Day, Gathered]:
        day = read_day(conn, district_id, context.clock.now())
        rows = doings(day)
        proof = _prove(conn, kept, day)
        if kept.circle is None or day.now - kept.circle.at >= _CIRCLE_EVERY or day.now < kept.circle.at:
            kept.circle = _sample_circle(conn, context.roads, day, rows)
        gathered = Gathered(proof, kept.circle, _etas(context.roads, day, rows), day.season)
        return day, gathered


def _prove(conn: sa.Connection, kept: _Kept, day: Day) -> Proof:
    known = district_day(conn, day.district.id, day.day)
    if kept.tracks is None or kept.tracks.known != known:
        kept.tracks = DayTracks(known)
    tracks = kept.tracks
    tracks.follow(conn, day.now)
    return Proof(
        {van.id: tracks.proved_s(van.id) for van in day.vans},
        {van.id: tracks.claimed_s(van.id) for van in day.vans},
        {
            beat_id: tracks.seen(beat_id, patrol.shift_start(day, van_ids), day.now)
            for beat_id, van_ids in patrol.vans_by_beat(day.beats_of).items()
        },
        [cell for beat_id in patrol.vans_by_beat(day.beats_of) for cell in tracks.unseen(beat_id)],
    )


def _sample_circle(conn: sa.Connection, roads: Roads, day: Day, rows: Sequence[Doing]) -> Circle | None:
    could_go = [
        day.positions[each.van.id].at
        for each in rows
        if not each.stale and each.state not in ("sos", "offline") and each.van.id in day.positions
    ]
    return circle.sample(roads, could_go, read_homes(conn, day.district.id), day.now)


def _etas(roads: Roads, day: Day, rows: Sequence[Doing]) -> Mapping[int, int]:
    """Driving seconds to where each moving van heads; vans that stand or are silent have none."""
    moving = [
        each
        for each in rows
        if each.state in ("driving", "patrolling", "sos") and not each.stale and (each.stop or each.call)
    ][:_MOST_ETAS]
    if not moving:
        return {}
    here = [day.positions[each.van.id].at for each in moving]
    there = [_goal(each) for each in moving]
    seconds = roads.table([*here, *there]).seconds
    n = len(moving)
    found = {each.van.id: int(seconds[i, n + i]) for i, each in enumerate(moving)}
    return {van_id: eta_s for van_id, eta_s in found.items() if eta_s >= 0}


def _goal(each: Doing) -> tuple[float, float]:
    if each.call is not None:
        return each.call.lon, each.call.lat
    assert each.stop is not None
    return each.stop.at
