"""What travels from a connection to the flusher. No I/O."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from fleet import geo
from tracking.event import Event
from tracking.fix import Bounds, Fix
from tracking.protocol import Have, Received, Rejected
from tracking.source import Source


class Receiver(Protocol):
    """A connection that waits for its acknowledgement."""

    def committed(self, n: int, refused: Sequence[Rejected]) -> None:
        """Message `n` is on disk, and its refusals are in quarantine. Must neither block nor raise."""


class Parcel(msgspec.Struct, eq=False):
    """One message of one connection.

    Parameters
    ----------
    fixes : the good ones, each with its place in the message
    repeats : some of them may be stored already, by an earlier connection
    accuracy_limit_m : fixes worse than this are flagged
    received_ms : epoch milliseconds
    arrived_s : when it arrived, by the process's monotonic clock
    alarms : from when on (epoch milliseconds) the terminal had which alarm bits set; None when unchanged
    refused : what goes into quarantine, with those that the database refused later
    flags : what the terminal itself has told of a fix, by the fix's place in the message
    weight : what it counts in the queue: its fixes as they came, and one; the queue sets it
    """

    receiver: Receiver
    source: Source
    n: int
    received_ms: int
    fixes: Sequence[tuple[int, Fix]] = ()
    repeats: bool = False
    event: Event | None = None
    have: Have | None = None
    app: str = ""
    refused: list[Rejected] = []
    arrived_s: float = 0.0
    alarms: tuple[int, int] | None = None
    accuracy_limit_m: float = 200.0
    flags: Mapping[int, int] = {}
    weight: int = 0


def parcel_of(
    receiver: Receiver, source: Source, received: Received, bounds: Bounds, stored_until_ms: int | None
) -> Parcel:
    """Make the parcel of a message.

    Parameters
    ----------
    stored_until_ms : time of the van's newest fix in the database; what is no newer may be a repeat
    """
    fixes = received.fixes
    repeats = stored_until_ms is not None and any([fix.t <= stored_until_ms for _, fix in fixes])
    return Parcel(
        receiver,
        source,
        received.n,
        bounds.now_ms,
        fixes,
        repeats,
        None if received.event is None else _in_wgs84(received.event, source),
        received.have,
        refused=list(received.refused),
        arrived_s=time.monotonic(),
        accuracy_limit_m=bounds.accuracy_limit_m,
    )


def _in_wgs84(event: Event, source: Source) -> Event:
    """The event, its place turned from the terminal's datum as that of a fix is."""
    if source.datum == "wgs84" or event.lon is None or event.lat is None:
        return event
    lon, lat = geo.to_wgs84((event.lon, event.lat), source.datum)
    return msgspec.structs.replace(event, lon=lon, lat=lat)
