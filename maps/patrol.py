"""What the tracks of a day prove, for the screens: the ledgers of the vans, the cells of the beats.

The rules are `tracking.ledger`'s and `tracking.coverage`'s. What was read is kept here, so that only new
fixes are asked for, and a proof is made again only when something it rests on has changed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import sqlalchemy as sa

from fleet.registry import Cell
from fleet.units import moment_of, ms_of
from maps.day import Day
from tracking import history, ledger
from tracking.day_proof import DistrictDay, facts_with, told_of
from tracking.ledger import Told
from tracking.proof import DayProof, Facts, prove
from tracking.track import Fixes, Ints

_OVERLAP: Final = timedelta(seconds=30)
"""Fixes are committed a little after they are received: look back over what was seen."""
_FIXES_PER_S: Final = 50_000
"""Of all vans together so many are proved again a second at most; a tenth of a core."""
_AT_ONCE_S: Final = 4.0


@dataclass(frozen=True, slots=True)
class Seen:
    """How well a beat is covered today.

    longest_s : how long its longest unseen cell has waited
    away_s : since when no van has passed any of it
    """

    beat_id: int
    share: float
    longest_s: int
    away_s: int


@dataclass(frozen=True, slots=True)
class _Made:
    """A proof and when it was made, monotonic seconds."""

    proof: DayProof
    at_s: float


class DayTracks:
    """What is stored of a district's vans on a day, and what it proves. One thread at a time.

    Parameters
    ----------
    known : the registry's word on the day; where that has changed, begin anew
    """

    def __init__(self, known: DistrictDay) -> None:
        self.known = known
        self._stored: dict[int, Fixes] = {}
        self._made: dict[int, _Made] = {}
        self._claimed_s: dict[int, int] = {}
        self._received_until: datetime | None = None

    def follow(self, conn: sa.Connection, now: datetime) -> None:
        """Take in what was received since the last look, and prove what it touches."""
        told = told_of(conn, self.known, list(self.known.vans), now)
        # A van without a beat or a call proves no patrol: its fixes are not asked for.
        concerned = [
            van_id for van_id in self.known.vans if self.known.beats_for(van_id) or told[van_id].calls
        ]
        self._read(conn, concerned)
        stored = {van_id: self._stored.get(van_id, history.NONE) for van_id in concerned}
        for van_id, facts in facts_with(conn, self.known, stored, now).items():
            if self._is_due(van_id, facts):
                self._made[van_id] = _Made(prove(facts), time.monotonic())
        self._claimed_s = {van_id: ledger.claimed_s(each) for van_id, each in told.items()}

    def proved_s(self, van_id: int) -> int:
        """Seconds of patrol that a van's track proves."""
        made = self._made.get(van_id)
        return made.proof.ledger.proved_s if made else 0

    def claimed_s(self, van_id: int) -> int:
        """Seconds of patrol by its crew's word."""
        return self._claimed_s.get(van_id, 0)

    def seen(self, beat_id: int, since: datetime, now: datetime) -> Seen:
        """How much of a beat was passed; a cell not yet seen has waited since `since`."""
        last = self._last_seen_ms(beat_id)
        if not last.size:
            return Seen(beat_id, 0.0, 0, 0)
        waited = ms_of(now) - np.maximum(last, ms_of(min(since, now)))
        return Seen(beat_id, float((last > 0).mean()), int(waited.max() // 1000), int(waited.min() // 1000))

    def unseen(self, beat_id: int) -> tuple[Cell, ...]:
        """The places of a beat that none of its vans has passed today."""
        never = self._last_seen_ms(beat_id) == 0
        cells = self.known.beats[beat_id].cells
        return tuple(cell for cell, is_unseen in zip(cells, never, strict=True) if is_unseen)

    def _last_seen_ms(self, beat_id: int) -> Ints:
        """When each cell of a beat was seen last by any of its vans; 0 for never."""
        last = np.zeros(len(self.known.beats[beat_id].cells), np.int64)
        for van_id, made in self._made.items():
            start = 0
            for beat in self.known.beats_for(van_id):
                passes = made.proof.coverage.passes[start : start + len(beat.cells)]
                start += len(beat.cells)
                if beat.id == beat_id:
                    own = [max((each.ends_ms for each in cell), default=0) for cell in passes]
                    last = np.maximum(last, np.array(own, np.int64))
        return last

    def _read(self, conn: sa.Connection, van_ids: Sequence[int]) -> None:
        """Read what came since the last look, and what came shortly before it once more."""
        starts, ends = (moment_of(each) for each in self.known.within)
        fresh = [van_id for van_id in van_ids if van_id not in self._stored]
        held = [van_id for van_id in van_ids if van_id in self._stored]
        since = None if self._received_until is None else self._received_until - _OVERLAP
        found = dict(history.fixes_of_vans(conn, held, starts, ends, since)) if held else {}
        if fresh:
            found |= {van_id: history.NONE for van_id in fresh}
            found |= history.fixes_of_vans(conn, fresh, starts, ends)
        for van_id, fixes in found.items():
            self._stored[van_id] = history.caught_up(self._stored.get(van_id, history.NONE), fixes, since)
            if len(fixes):
                until = moment_of(int(fixes.received_ms.max()))
                self._received_until = max(until, self._received_until or until)

    def _is_due(self, van_id: int, facts: Facts) -> bool:
        """Whether a proof rests on anything that has changed; long tracks wait for their turn."""
        made = self._made.get(van_id)
        if made is None:
            return True
        before = made.proof.facts
        if _words(before.told) != _words(facts.told):
            return True
        if not np.array_equal(before.ground.places, facts.ground.places):
            return True
        rest_s = len(self._made) * len(facts.stored) / _FIXES_PER_S
        rests = rest_s > _AT_ONCE_S and time.monotonic() - made.at_s < rest_s
        return before.stored is not facts.stored and not rests


def _words(told: Told) -> object:
    """What was told, whatever the clock."""
    calls = [(call.starts_ms, call.ends_ms if call.ends_ms < told.until_ms else None) for call in told.calls]
    return told.shift, list(told.taps), calls


def shift_start(day: Day, van_ids: Sequence[int]) -> datetime:
    """When the first of some vans' shifts begins; midnight without shifts."""
    starts = [shift.starts for shift in day.shifts if shift.van_id in van_ids]
    return min(starts, default=day.start)


def vans_by_beat(beats_of: Mapping[int, Sequence[int]]) -> Mapping[int, list[int]]:
    """Whose each beat is."""
    found: dict[int, list[int]] = {}
    for van_id, own in beats_of.items():
        for beat_id in own:
            found.setdefault(beat_id, []).append(van_id)
    return found
