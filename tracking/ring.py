"""What a district's viewers see, and what changed lately. Pure: numbered deltas over a latest picture.

A viewer who comes back is given one delta merged of all it missed, or the whole picture when that lies too
far back. Nobody's slowness costs memory: no viewer has a queue. A van's row is encoded once an update, and
joined once a cell; viewers of overlapping views share those bytes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, NamedTuple

import msgspec

from tracking.cells import Cell, View, cell_of

DEPTH: Final = 256
"""Deltas kept; at four a second, a minute of a busy district."""
_FRESH_MS: Final = 500
_MOST_MADE: Final = 256
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


class Piece(NamedTuple):
    """Vans of one cell, and the same encoded."""

    vans: tuple[VanRow, ...]
    encoded: bytes


@dataclass(frozen=True)
class Tick:
    """What a viewer is told at once.

    Parameters
    ----------
    cursor : give it back to go on from here
    number : of the delta, within the process's epoch
    now_ms : domain time, epoch milliseconds
    state : the district's
    snapshot : `pieces` are all that there is, not only what changed
    gone : vans that were in the picture and are not any more
    since : `journal` holds every entry after this state
    view : whose vans these are; None for everybody's
    """

    cursor: str
    number: int
    now_ms: int
    state: int
    snapshot: bool
    pieces: tuple[Piece, ...]
    gone: tuple[int, ...]
    journal: tuple[EntryRow, ...]
    since: int
    view: View | None

    @property
    def vans(self) -> tuple[VanRow, ...]:
        """Rows to draw, in no order."""
        return tuple(van for piece in self.pieces for van in piece.vans)

    @cached_property
    def encoded(self) -> bytes:
        """As JSON; joined once, however many viewers get it."""
        head: dict[str, object] = {"cursor": self.cursor, "now": self.now_ms, "state": self.state}
        if self.snapshot:
            head |= {"snapshot": True, "since": self.since}
            if self.view is not None:
                head["view"] = self.view.bounds()
        parts = [_encoder.encode(head)[:-1], b',"vans":[', b",".join(piece.encoded for piece in self.pieces)]
        if self.gone:
            parts += [b'],"gone":[', ",".join(map(str, self.gone)).encode()]
        return b"".join([*parts, b'],"journal":', _encoder.encode(self.journal), b"}"])

    def with_journal(self, journal: Sequence[EntryRow], since: int) -> Tick:
        """The same with the journal since a state, as far as this tick's own state."""
        return replace(self, journal=tuple(e for e in journal if since < e.state <= self.state), since=since)


class _Delta(NamedTuple):
    """One update: vans with a new row, and where those that changed their cell were before it."""

    number: int
    van_ids: frozenset[int]
    was: Mapping[int, Cell | None]
    journal: tuple[EntryRow, ...]


class _Missed(NamedTuple):
    """All since a number: new rows by cell, and from where to where vans went over a border."""

    pieces: Mapping[Cell, Piece]
    moved: Mapping[int, tuple[Cell, Cell | None]]
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
        self._encoded: dict[int, bytes] = {}
        self._cells: dict[Cell, set[int]] = {}
        self._cell_of: dict[int, Cell] = {}
        self._deltas: deque[_Delta] = deque(maxlen=depth)
        self._whole: dict[Cell, Piece] = {}
        self._missed: dict[int, _Missed] = {}
        self._made: dict[tuple[int | None, View | None], Tick] = {}
        self.number = 0
        self.state = 0

    @property
    def van_ids(self) -> Collection[int]:
        """The vans in the picture."""
        return self._latest.keys()

    def news(self, vans: Iterable[VanRow]) -> list[VanRow]:
        """Those rows that are not in the picture yet."""
        return [van for van in vans if self._latest.get(van.van_id) != van]

    def apply(
        self,
        vans: Iterable[VanRow],
        journal: Sequence[EntryRow] = (),
        *,
        gone: Iterable[int] = (),
        state: int = 0,
    ) -> bool:
        """Take in what was read; whether anything is new.

        Parameters
        ----------
        journal : entries in the order of their state
        gone : vans that are no longer the district's
        state : the district's, where it is known without entries
        """
        changed = {van.van_id: van for van in self.news(vans)}
        leaving = {van_id for van_id in gone if van_id in self._latest and van_id not in changed}
        entries = tuple(entry for entry in journal if entry.state > self.state)
        new_state = max([self.state, state, *(entry.state for entry in entries)])
        if not changed and not leaving and new_state == self.state:
            return False
        was: dict[int, Cell | None] = {}
        for van_id in leaving:
            was[van_id] = self._leave(van_id)
        for van in changed.values():
            self._place(van, was)
        self.state = new_state
        self.number += 1
        self._deltas.append(_Delta(self.number, frozenset(changed), was, entries))
        self._missed.clear()
        self._made.clear()
        return True

    def number_of(self, cursor: str | None) -> int | None:
        """The number in a cursor; None when it is not one of ours or lies too far back."""
        epoch, _, digits = (cursor or "").rpartition(".")
        if epoch != self._epoch or not digits.isascii() or not digits.isdigit() or len(digits) > 18:
            return None
        number = int(digits)
        return number if self.reaches(number) else None

    def since(self, number: int | None, now_ms: int, view: View | None = None) -> Tick:
        """All that happened after `number`, merged; the whole picture where it cannot be told.

        Parameters
        ----------
        view : tell of vans in these cells only; the viewer must have been told of these cells up to `number`
        """
        if number is not None and not self.reaches(number):
            number = None
        made = self._made.get((number, view))
        if made is None or not 0 <= now_ms - made.now_ms <= _FRESH_MS:
            made = self._delta(number, now_ms, view) if number is not None else self._snapshot(now_ms, view)
            if len(self._made) >= _MOST_MADE:
                self._made.clear()
            self._made[number, view] = made
        return made

    def anew(self, number: int, now_ms: int, view: View | None) -> Tick:
        """The whole picture of another view, with the journal after `number`, which it must reach."""
        journal = self._missed_since(number).journal
        since = journal[0].state - 1 if journal else self.state
        return replace(self.since(None, now_ms, view), journal=journal, since=since)

    def reaches(self, number: int) -> bool:
        """Whether what happened after `number` can still be told."""
        return self.number - len(self._deltas) <= number <= self.number

    def _snapshot(self, now_ms: int, view: View | None) -> Tick:
        cells = [cell for cell in self._cells if view is None or view.holds(cell)]
        for cell in cells:
            if cell not in self._whole:
                self._whole[cell] = self._piece(self._cells[cell])
        return self._tick(now_ms, tuple(self._whole[cell] for cell in cells), (), (), view, snapshot=True)

    def _delta(self, number: int, now_ms: int, view: View | None) -> Tick:
        missed = self._missed_since(number)
        pieces = tuple(piece for cell, piece in missed.pieces.items() if view is None or view.holds(cell))
        gone = tuple(van_id for van_id, (was, now) in missed.moved.items() if _left(view, was, now))
        return self._tick(now_ms, pieces, gone, missed.journal, view, snapshot=False)

    def _missed_since(self, number: int) -> _Missed:
        missed = self._missed.get(number)
        if missed is None:
            missed = self._missed[number] = self._merge([d for d in self._deltas if d.number > number])
        return missed

    def _merge(self, deltas: Sequence[_Delta]) -> _Missed:
        was: dict[int, Cell | None] = {}
        for delta in reversed(deltas):
            was.update(delta.was)  # the earliest is where the viewer holds it
        by_cell: dict[Cell, list[int]] = {}
        for van_id in sorted(frozenset().union(*(delta.van_ids for delta in deltas))):
            cell = self._cell_of.get(van_id)
            if cell is not None:
                by_cell.setdefault(cell, []).append(van_id)
        moved = {
            van_id: (before, self._cell_of.get(van_id))
            for van_id, before in was.items()
            if before is not None
        }
        pieces = {cell: self._piece(van_ids) for cell, van_ids in by_cell.items()}
        return _Missed(pieces, moved, tuple(entry for delta in deltas for entry in delta.journal))

    def _piece(self, van_ids: Iterable[int]) -> Piece:
        ordered = sorted(van_ids)
        vans = tuple(self._latest[van_id] for van_id in ordered)
        return Piece(vans, b",".join(self._encoded[van_id] for van_id in ordered))

    def _tick(
        self,
        now_ms: int,
        pieces: tuple[Piece, ...],
        gone: tuple[int, ...],
        journal: tuple[EntryRow, ...],
        view: View | None,
        *,
        snapshot: bool,
    ) -> Tick:
        cursor, since = f"{self._epoch}.{self.number}", journal[0].state - 1 if journal else self.state
        return Tick(cursor, self.number, now_ms, self.state, snapshot, pieces, gone, journal, since, view)

    def _place(self, van: VanRow, was: dict[int, Cell | None]) -> None:
        """Put a van's new row into the picture."""
        before, cell = self._cell_of.get(van.van_id), cell_of(van.lon, van.lat)
        if before != cell:
            was[van.van_id] = self._leave(van.van_id) if before is not None else None
            self._cell_of[van.van_id] = cell
            self._cells.setdefault(cell, set()).add(van.van_id)
        self._latest[van.van_id] = van
        self._encoded[van.van_id] = _encoder.encode(van)
        self._whole.pop(cell, None)

    def _leave(self, van_id: int) -> Cell:
        """Take a van out of the picture; where it was."""
        cell = self._cell_of.pop(van_id)
        del self._latest[van_id], self._encoded[van_id]
        self._cells[cell].discard(van_id)
        if not self._cells[cell]:
            del self._cells[cell]
        self._whole.pop(cell, None)
        return cell


def _left(view: View | None, was: Cell, now: Cell | None) -> bool:
    """Whether a van that was in the picture is not any more."""
    return (view is None or view.holds(was)) and (now is None or (view is not None and not view.holds(now)))
