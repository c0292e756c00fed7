"""What one commit carries: the fixes and events of some parcels, each once. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import msgspec

from tracking.event import Event
from tracking.lot import Lot, lot_of
from tracking.parcel import Parcel
from tracking.protocol import Rejected
from tracking.source import Identity, Source, identity_of

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
class Cargo:
    """Fixes and events to be stored, sorted by key so that two gateways never wait crosswise."""

    lot: Lot
    taps: Sequence[Tap]

    def __len__(self) -> int:
        return len(self.lot) + len(self.taps)

    def all_careful(self) -> Cargo:
        """The same, with every fix taken for a possible repeat."""
        return Cargo(self.lot.all_careful(), self.taps)

    def halves(self) -> tuple[Cargo, Cargo]:
        """Two smaller ones of the same; needs two fixes or events, or more."""
        lot, taps = self.lot, self.taps
        if len(lot) >= 2 or not taps:
            cut = len(lot) // 2
            return Cargo(lot.take(slice(cut)), ()), Cargo(lot.take(slice(cut, None)), taps)
        cut = len(taps) // 2 if not len(lot) else 0
        return Cargo(lot, taps[:cut]), Cargo(lot.take(slice(0)), taps[cut:])

    def identities(self) -> Iterator[Key]:
        """The identities of all of them."""
        yield from self.lot.identities()
        yield from (tap.key for tap in self.taps)


def cargo_of(parcels: Sequence[Parcel]) -> Cargo:
    """What some parcels hold to be stored."""
    taps: dict[EventKey, Tap] = {}
    for parcel in parcels:
        if parcel.event is not None:
            tap = Tap(parcel.event, parcel.source, parcel.received_ms)
            taps.setdefault(tap.key, tap)
    return Cargo(lot_of(parcels), [taps[key] for key in sorted(taps)])


def set_aside(parcels: Iterable[Parcel], bad: Mapping[Key, str]) -> None:
    """Turn what is named in `bad`, with its sentence, into refusals of the parcels that hold it."""
    for parcel in parcels:
        kept = []
        for index, fix in parcel.fixes:
            why = bad.get(identity_of(fix, parcel.source))
            if why is None:
                kept.append((index, fix))
            else:
                parcel.refused.append(Rejected(parcel.n, index, why, msgspec.json.encode(fix)))
        parcel.fixes = kept
        if parcel.event is not None:
            why = bad.get((parcel.source.terminal_id, parcel.event.id))
            if why is not None:
                parcel.refused.append(Rejected(parcel.n, None, why, msgspec.json.encode(parcel.event)))
                parcel.event = None
