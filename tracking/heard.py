"""What was heard of each terminal: when, in which protocol, how old its fixes, how wrong its clock. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tracking.batch import Batch
from tracking.fix import AHEAD_FLAGGED_MS, Fix
from tracking.parcel import Parcel

_CLOCK_MAX_MS: Final = 2**53
"""A terminal's clock beyond this is no clock."""


@dataclass(slots=True)
class Heard:
    """The notes on one terminal since they were last written down; times in epoch milliseconds.

    Parameters
    ----------
    heard_ms : when its last message reached us
    fix_ms : time of its newest fix; fixes that lie ahead of our clock do not count; None when there was none
    lag_ms : how old that fix was when it reached us
    offset_ms : its clock less ours; None when unknown
    told : it has said itself what its clock shows. Else the offset is concluded from a fix of the future: its
        clock is ahead by at least so much
    """

    terminal_id: int
    protocol: str
    heard_ms: int
    fix_ms: int | None = None
    lag_ms: int | None = None
    offset_ms: int | None = None
    told: bool = False
    fixes: int = 0
    refused: int = 0

    def note(self, parcel: Parcel) -> None:
        """Take in one committed message."""
        received_ms = parcel.received_ms
        if received_ms > self.heard_ms:
            self.heard_ms = received_ms
        if parcel.fixes:
            self._note_fixes(parcel.fixes, received_ms)
        if parcel.refused:
            self.refused += len(parcel.refused)
        have = parcel.have
        if have is not None and have.t is not None and 0 <= have.t <= _CLOCK_MAX_MS:
            self.offset_ms, self.told = have.t - received_ms, True

    def _note_fixes(self, fixes: Sequence[tuple[int, Fix]], received_ms: int) -> None:
        self.fixes += len(fixes)
        newest = fixes[0][1].t if len(fixes) == 1 else max([fix.t for _, fix in fixes])
        if newest > received_ms:
            if not self.told and (self.offset_ms is None or newest - received_ms > self.offset_ms):
                self.offset_ms = newest - received_ms
            shown = [fix.t for _, fix in fixes if fix.t <= received_ms + AHEAD_FLAGGED_MS]
            if not shown:
                return
            newest = max(shown)
        if self.fix_ms is None or newest > self.fix_ms:
            self.fix_ms, self.lag_ms = newest, received_ms - newest

    def follow(self, older: Heard) -> None:
        """Add to these notes the older ones of the same terminal, which could not be written down."""
        self.heard_ms = max(self.heard_ms, older.heard_ms)
        self.fixes += older.fixes
        self.refused += older.refused
        if older.fix_ms is not None and (self.fix_ms is None or older.fix_ms >= self.fix_ms):
            self.fix_ms, self.lag_ms = older.fix_ms, older.lag_ms
        if self.told or older.offset_ms is None:
            return
        if older.told or self.offset_ms is None or older.offset_ms > self.offset_ms:
            self.offset_ms, self.told = older.offset_ms, older.told


class Hearing:
    """The notes on all terminals of one process."""

    def __init__(self) -> None:
        self._notes: dict[int, Heard] = {}

    def committed(self, batch: Batch) -> None:
        """Take in one commit. On the hot path."""
        notes = self._notes
        for parcel in batch.parcels:
            source = parcel.source
            note = notes.get(source.terminal_id)
            if note is None:
                note = notes[source.terminal_id] = Heard(
                    source.terminal_id, source.protocol, parcel.received_ms
                )
            note.note(parcel)

    def heard(self, terminal_id: int, protocol: str, at_ms: int) -> None:
        """Note a sign of life that nothing is stored of, such as a heartbeat."""
        note = self._notes.setdefault(terminal_id, Heard(terminal_id, protocol, at_ms))
        note.heard_ms = max(note.heard_ms, at_ms)

    def take(self) -> list[Heard]:
        """All notes, by terminal, to be written down; new ones begin."""
        taken, self._notes = self._notes, {}
        return [taken[key] for key in sorted(taken)]

    def put_back(self, notes: Sequence[Heard]) -> None:
        """The notes could not be written down: keep them beside what came since."""
        for older in notes:
            newer = self._notes.get(older.terminal_id)
            if newer is None:
                self._notes[older.terminal_id] = older
            else:
                newer.follow(older)
