"""What a district's viewers see, and what changed lately. Pure: numbered deltas over a latest picture.

A viewer who comes back is given one delta merged of all it missed, or the whole picture when that lies too
far back. Nobody's slowness costs memory: no viewer has a queue.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import msgspec

DEPTH: Final = 256
"""Deltas kept; at four a second, a minute of a busy district."""
_encoder = msgspec.json.Encoder()


class VanRow(NamedTuple):
    """Where a van was last; times in epoch milliseconds, `battery` 0 to 1."""

    van_id: int
    t_ms: int
    lon: float
    lat: float
    speed_mps: float | None
    heading_deg: float | None
    battery: float | None
    received_ms: int


class EntryRow(msgspec.Struct, frozen=True):
    """One entry of the district's journal; `at` in epoch milliseconds."""

    state: int
    at: int
    kind: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Tick:
    """What a viewer is told at once.

    Parameters
    ----------
    cursor : give it back to go on from here
    number : of the delta, within the process's epoch
    now_ms : domain time, epoch milliseconds
    state : the district's
    snapshot : `vans` are all of them, not only the changed ones
    """

    cursor: str
    number: int
    now_ms: int
    state: int
    snapshot: bool
    vans: tuple[VanRow, ...]
    journal: tuple[EntryRow, ...]

    @cached_property
    def encoded(self) -> str:
        """As JSON; encoded once, however many viewers get it."""
        told: dict[str, object] = {"cursor": self.cursor, "now": self.now_ms, "state": self.state}
        if self.snapshot:
            told["snapshot"] = True
        return _encoder.encode({**told, "vans": self.vans, "journal": self.journal}).decode()


class _Delta(NamedTuple):
    number: int
    van_ids: frozenset[int]
    journal: tuple[EntryRow, ...]


class Ring:
    """One district's picture.

    Parameters
    ----------
    epoch : names this process's count; a cursor of another epoch means nothing here
    """

    def __init__(self, epoch: str, depth: int = DEPTH) -> None:
        self._epoch = epoch
        self._latest: dict[int, VanRow] = {}
        self._deltas: deque[_Delta] = deque(maxlen=depth)
        self._made: dict[int, Tick] = {}
        self.number = 0
        self.state = 0

    def apply(self, vans: Iterable[VanRow], journal: Sequence[EntryRow] = (), *, state: int = 0) -> bool:
        """Take in what was read; whether anything is new.

        Parameters
        ----------
        journal : entries in the order of their state
        state : the district's, where it is known without entries
        """
        changed = {van.van_id: van for van in vans if self._latest.get(van.van_id) != van}
        entries = tuple(entry for entry in journal if entry.state > self.state)
        new_state = max([self.state, state, *(entry.state for entry in entries)])
        if not changed and new_state == self.state:
            return False
        self._latest.update(changed)
        self.state = new_state
        self.number += 1
        self._deltas.append(_Delta(self.number, frozenset(changed), entries))
        self._made.clear()
        return True

    def number_of(self, cursor: str | None) -> int | None:
        """The number in a cursor; None when it is not one of ours or lies too far back."""
        epoch, _, digits = (cursor or "").rpartition(".")
        if epoch != self._epoch or not digits.isascii() or not digits.isdigit() or len(digits) > 18:
            return None
        number = int(digits)
        return number if self._reaches(number) else None

    def since(self, number: int | None, now_ms: int) -> Tick:
        """All that happened after `number`, merged; the whole picture where it cannot be told."""
        if number is None or not self._reaches(number):
            return self._tick(now_ms, True, tuple(self._latest.values()), ())
        tick = self._made.get(number)
        if tick is None or number == self.number:
            missed = [delta for delta in self._deltas if delta.number > number]
            van_ids = sorted(frozenset().union(*(delta.van_ids for delta in missed)))
            journal = tuple(entry for delta in missed for entry in delta.journal)
            tick = self._tick(now_ms, False, tuple(self._latest[van_id] for van_id in van_ids), journal)
            self._made[number] = tick
        return tick

    def _reaches(self, number: int) -> bool:
        return self.number - len(self._deltas) <= number <= self.number

    def _tick(
        self, now_ms: int, snapshot: bool, vans: tuple[VanRow, ...], journal: tuple[EntryRow, ...]
    ) -> Tick:
        cursor = f"{self._epoch}.{self.number}"
        return Tick(cursor, self.number, now_ms, self.state, snapshot, vans, journal)
