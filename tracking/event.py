"""What a crew taps and a terminal reads: its shape on the wire and what is refused."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec

from tracking.fix import time_refusal

KINDS: Final = (
    "departed", "arrived", "started", "done", "no_answer", "declined", "reload", "break", "accepted",
    "unable", "sos", "reading", "seen", "alarm",
)  # fmt: skip
_BIGINT_MAX = 2**63 - 1
_RANGES: Final[tuple[tuple[str, float, float], ...]] = (
    ("stop", 1, _BIGINT_MAX),
    ("seq", 0, _BIGINT_MAX),
    ("lon", -180.0, 180.0),
    ("lat", -90.0, 90.0),
    ("celsius", -90.0, 200.0),
    ("cups", 0, 100_000),
)
_LONGEST: Final[tuple[tuple[str, int], ...]] = (
    ("task", 64),
    ("container", 64),
    ("note", 2_000),
    ("alarm", 64),
)
_COLUMNS = frozenset({"id", "t", "kind", "stop"})


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One tap, reading or call for help; its identity is (terminal, id).

    Parameters
    ----------
    id : made by the terminal, so that an event sent twice is one event
    t : epoch milliseconds, UTC
    kind : one of `KINDS`
    stop : planned stop that it is about
    task : such as ``sos:12``
    seq : with ``seen``, the pushed message that the crew has seen
    lon, lat : where it was tapped, degrees
    celsius, container, cups : with ``reading``, ``reload`` and hand-outs
    note : what the crew wrote
    alarm : with ``alarm``, which: ``overspeed``, ``fatigue``, ...
    blobs : SHA-256 (hex) of photos and signatures, put before the event
    """

    id: UUID
    t: int
    kind: str
    stop: int | None = None
    task: str | None = None
    seq: int | None = None
    lon: float | None = None
    lat: float | None = None
    celsius: float | None = None
    container: str | None = None
    cups: int | None = None
    note: str | None = None
    alarm: str | None = None
    blobs: tuple[str, ...] = ()

    def body(self) -> dict[str, object]:
        """What the event says beside id, time, kind and stop, ready for JSON."""
        told: dict[str, object] = msgspec.to_builtins(self)
        return {key: value for key, value in told.items() if key not in _COLUMNS}


def refusal(event: Event, now_ms: int) -> str | None:
    """Why an event cannot be kept, as a sentence with the value; None when it can."""
    if event.kind not in KINDS:
        return f"kind {event.kind[:40]!r} is unknown; known are {', '.join(KINDS)}"
    if event.kind == "seen" and event.seq is None:
        return "kind 'seen' needs seq, the number of the message that was seen"
    if event.kind == "alarm" and not event.alarm:
        return "kind 'alarm' needs alarm, the name of what is wrong"
    return time_refusal(event.t, now_ms) or _number_refusal(event) or _text_refusal(event)


def _number_refusal(event: Event) -> str | None:
    for name, low, high in _RANGES:
        value = getattr(event, name)
        if value is not None and not low <= value <= high:
            return f"{name} {value} is not within {low:g} to {high:g}"
    if (event.lon is None) != (event.lat is None):
        return "lon and lat come together or not at all"
    return None


def _text_refusal(event: Event) -> str | None:
    for name, longest in _LONGEST:
        value = getattr(event, name)
        if value is not None and len(value) > longest:
            return f"{name} is {len(value)} characters long; at most {longest} are kept"
        if value is not None and "\0" in value:
            return f"{name} holds a zero character, which no text may"
    for name in event.blobs:
        if len(name) != 64 or not all(c in "0123456789abcdef" for c in name):
            return f"blob {name[:70]!r} is not a SHA-256 in lower-case hex"
    return None
