"""What travels from a connection to the flusher, and one commit's worth of it. No I/O."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias
from uuid import UUID

import msgspec

from tracking.event import Event
from tracking.fix import Bounds
from tracking.protocol import Have, Received, Rejected
from tracking.row import Identity, Row, Source, row_of


class Receiver(Protocol):
    """A connection that waits for its acknowledgement."""

    def committed(self, n: int, refused: Sequence[Rejected]) -> None:
        """Message `n` is on disk, and its refusals are in quarantine. Must neither block nor raise."""


class Parcel(msgspec.Struct, eq=False):
    """One message of one connection.

    Parameters
    ----------
    rows : its good fixes, each with its place in the message
    repeats : some of them may be stored already, by an earlier connection
    received_ms : epoch milliseconds
    arrived_s : when it arrived, by the process's monotonic clock
    alarms : since when (epoch milliseconds) the terminal has which alarm bits set; None when unchanged
    refused : what goes into quarantine, with those that the database refused later
    """

    receiver: Receiver
    source: Source
    n: int
    received_ms: int
    rows: Sequence[tuple[int, Row]] = ()
    repeats: bool = False
    event: Event | None = None
    have: Have | None = None
    app: str = ""
    refused: list[Rejected] = []
    arrived_s: float = 0.0
    alarms: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one commit has stored.

    Parameters
    ----------
    commit_s : from its first statement to the end of its COMMIT, retries included
    waiting : fixes that were queued behind it when it ended
    """

    parcels: Sequence[Parcel]
    commit_s: float
    waiting: int


def parcel_of(
    receiver: Receiver, source: Source, received: Received, bounds: Bounds, stored_until_ms: int | None
) -> Parcel:
    """Make the parcel of a message.

    Parameters
    ----------
    stored_until_ms : time of the terminal's newest fix in the database; what is no newer may be a repeat
    """
    rows = [(index, row_of(fix, source, bounds)) for index, fix in received.fixes]
    repeats = stored_until_ms is not None and any([row.identity.t <= stored_until_ms for _, row in rows])
    return Parcel(
        receiver,
        source,
        received.n,
        bounds.now_ms,
        rows,
        repeats,
        received.event,
        received.have,
        refused=list(received.refused),
        arrived_s=time.monotonic(),
    )


EventKey: TypeAlias = tuple[int, UUID]
Key: TypeAlias = Identity | EventKey


@dataclass(frozen=True, slots=True)
class Tap:
    """An event with its sender, on its way into the database."""

    event: Event
    source: Source
    received_ms: int

    @property
    def key(self) -> EventKey:
        """Terminal and id: what makes an event itself."""
        return self.source.terminal_id, self.event.id


@dataclass(frozen=True, slots=True)
class Units:
    """Fixes and events to be stored, each once, sorted by key so that two gateways never wait crosswise.

    Parameters
    ----------
    fresh : fixes that nobody has sent before, as far as is known
    careful : fixes that may be stored already
    """

    fresh: Sequence[Row]
    careful: Sequence[Row]
    taps: Sequence[Tap]

    def __len__(self) -> int:
        return len(self.fresh) + len(self.careful) + len(self.taps)

    def all_careful(self) -> Units:
        """The same, with every fix taken for a possible repeat."""
        rows = sorted([*self.fresh, *self.careful], key=lambda row: row.identity)
        return Units((), rows, self.taps)

    def halves(self) -> tuple[Units, Units]:
        """Two smaller lots of the same; needs two units or more."""
        every = self.all_careful()
        rows, taps = every.careful, every.taps
        if len(rows) >= 2 or not taps:
            cut = len(rows) // 2
            return Units((), rows[:cut], ()), Units((), rows[cut:], taps)
        cut = len(taps) // 2 if not rows else 0
        return Units((), rows, taps[:cut]), Units((), (), taps[cut:])

    @property
    def keys(self) -> Iterator[Key]:
        """The identities of all of them."""
        yield from (row.identity for row in self.fresh)
        yield from (row.identity for row in self.careful)
        yield from (tap.key for tap in self.taps)


def units_of(parcels: Iterable[Parcel]) -> Units:
    """What some parcels hold to be stored."""
    fresh: dict[Identity, Row] = {}
    careful: dict[Identity, Row] = {}
    taps: dict[EventKey, Tap] = {}
    for parcel in parcels:
        lane = careful if parcel.repeats else fresh
        for _, row in parcel.rows:
            lane.setdefault(row.identity, row)
        if parcel.event is not None:
            tap = Tap(parcel.event, parcel.source, parcel.received_ms)
            taps.setdefault(tap.key, tap)
    if careful:
        for identity in careful.keys() & fresh.keys():
            del fresh[identity]
    return Units(
        [fresh[key] for key in sorted(fresh)],
        [careful[key] for key in sorted(careful)],
        [taps[key] for key in sorted(taps)],
    )


def newest_by_van(units: Units) -> list[Row]:
    """The newest unflagged fix of each van, by van; of one instant the smaller (terminal, digest)."""
    newest: dict[int, Row] = {}
    for rows in (units.fresh, units.careful):
        for row in rows:
            if row.flags == 0:
                identity = row.identity
                held = newest.get(identity.van_id)
                if held is None or _newer(identity, held.identity):
                    newest[identity.van_id] = row
    return [newest[van_id] for van_id in sorted(newest)]


def _newer(one: Identity, other: Identity) -> bool:
    return one.t > other.t or (one.t == other.t and one[2:] < other[2:])


def set_aside(parcels: Iterable[Parcel], bad: Mapping[Key, str]) -> None:
    """Turn the units named in `bad`, with their sentences, into refusals of the parcels that hold them."""
    for parcel in parcels:
        kept = []
        for index, row in parcel.rows:
            why = bad.get(row.identity)
            if why is None:
                kept.append((index, row))
            else:
                raw = msgspec.json.encode(row.fix)
                parcel.refused.append(Rejected(parcel.n, index, why, raw))
        parcel.rows = kept
        if parcel.event is not None:
            why = bad.get((parcel.source.terminal_id, parcel.event.id))
            if why is not None:
                parcel.refused.append(Rejected(parcel.n, None, why, msgspec.json.encode(parcel.event)))
                parcel.event = None
