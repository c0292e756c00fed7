"""Finds what a guest must not get in whatever a guest got: places, words, numbers of records, dwells."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from fleet.geo import M_PER_DEG, LonLat, haversine_m
from maps.redact import HOME_M, cell_of

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WITHIN = 4  # numbers that stand so near to each other may be a place
_MERCATOR_M = M_PER_DEG * 6_378_137 / 6_371_008.8
_SCALES = (1.0, 1e5, 1e6, 1e7)
_NEAR_DEG = 0.004
SURE_MS = 20_000
"""Whoever knows a moment better than this knows it exactly."""


@dataclass(frozen=True, slots=True)
class Dwell:
    """From when to when a van was at a door, or near it; epoch milliseconds."""

    van_id: int
    came_ms: int
    went_ms: int


@dataclass(frozen=True, slots=True)
class Protected:
    """What no guest may get."""

    homes: Sequence[LonLat]
    words: Sequence[str]
    ids: Sequence[int]
    dwells: Sequence[Dwell]


@dataclass(frozen=True, slots=True)
class Frame:
    """A message of the guests' socket, and what the domain's clock showed when it came, less the delay."""

    heard_ms: float
    as_of_ms: int
    vans: Sequence[Sequence[Any]]


@dataclass(slots=True)
class Recording:
    """All that a guest got: texts by where they came from, and the socket's messages."""

    texts: list[tuple[str, bytes]] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)


def found_in(recording: Recording, protected: Protected) -> list[str]:
    """Everything of it that a guest must not get, in words."""
    told = []
    for where, raw in recording.texts:
        told += [f"{where}: {what}" for what in _words(raw, protected)]
        told += [f"{where}: {what}" for what in _ids(raw, protected.ids)]
        told += [f"{where}: {what}" for what in _places(raw, protected.homes)]
    return told + [what for dwell in protected.dwells for what in _dwell(recording.frames, dwell)]


def _words(raw: bytes, protected: Protected) -> Iterator[str]:
    for word in protected.words:
        forms = {
            word,
            json.dumps(word)[1:-1],
            json.dumps(word)[1:-1].upper().replace("\\U", "\\u"),
            quote(word),
            "".join(f"&#{ord(sign)};" for sign in word),
            "".join(f"&#x{ord(sign):x};" for sign in word),
        }
        if any(form.encode() in raw for form in forms):
            yield f"the word {word}"


def _ids(raw: bytes, ids: Sequence[int]) -> Iterator[str]:
    for number in ids:
        if re.search(rb"(?<!\d)%d(?!\d)" % number, raw):
            yield f"the number {number}"


def _places(raw: bytes, homes: Sequence[LonLat]) -> Iterator[str]:
    """Pairs of numbers, in degrees, in parts of them or in metres of the web's maps, that lie near a home."""
    lons: list[tuple[int, float]] = []
    lats: list[tuple[int, float]] = []
    for n, match in enumerate(_NUMBER.finditer(raw.decode("utf-8", "replace"))):
        value = float(match[0])
        if not math.isfinite(value):
            continue
        for lon, lat in _readings(value):
            lons += [(n, lon)] if any(abs(lon - home[0]) < _NEAR_DEG for home in homes) else []
            lats += [(n, lat)] if any(abs(lat - home[1]) < _NEAR_DEG for home in homes) else []
    for (n, lon), (k, lat) in itertools.product(lons, lats):
        if n != k and abs(n - k) < _WITHIN and _is_protected((lon, lat), homes):
            yield f"the place {lon:.6f}, {lat:.6f}"


def _readings(value: float) -> Iterator[LonLat]:
    for scale in _SCALES:
        yield value / scale, value / scale
    if abs(value) < 2.1e7:
        yield value / _MERCATOR_M, math.degrees(math.atan(math.sinh(math.radians(value / _MERCATOR_M))))


def _is_protected(at: LonLat, homes: Sequence[LonLat]) -> bool:
    """Near a home, and not what stands for a whole cell."""
    return any(haversine_m(at, home) <= HOME_M for home in homes) and haversine_m(at, cell_of(at)) > 1.5


def _dwell(frames: Sequence[Frame], dwell: Dwell) -> Iterator[str]:
    """Two moments at which the picture of the van changed its ways, as far apart as the dwell, around it."""
    middle = (dwell.came_ms + dwell.went_ms) / 2
    for clock, moments in (
        ("the time shown", _changes(frames, dwell.van_id, lambda frame: frame.as_of_ms)),
        ("when messages came", _changes(frames, dwell.van_id, lambda frame: frame.heard_ms)),
    ):
        for a, b in itertools.product(moments, moments):
            if a < middle < b and abs((b - a) - (dwell.went_ms - dwell.came_ms)) < SURE_MS:
                yield f"a dwell of {(b - a) / 1000:.0f} s by {clock}"


def _changes(frames: Sequence[Frame], van_id: int, clock: Any) -> list[float]:
    """When a van began or ceased to move, came, went, or was told otherwise (stale, held)."""
    moments: list[float] = []
    kind: object = None
    for before, after in itertools.pairwise(frames):
        old, new = (next((row for row in each.vans if row[0] == van_id), None) for each in (before, after))
        moves = old is not None and new is not None and old[1:3] != new[1:3]
        now = (moves, None if new is None else tuple(new[3:]))
        if now != kind or (moves and _jumped(old, new)):
            moments.append(clock(after))
        kind = now
    return moments


def _jumped(old: Sequence[Any] | None, new: Sequence[Any] | None) -> bool:
    return old is not None and new is not None and haversine_m((old[1], old[2]), (new[1], new[2])) > HOME_M


def frames_of(told: Iterable[tuple[float, str | bytes]]) -> list[Frame]:
    """Messages of a live map as frames; those that hold no vans are left out."""
    decoded = [(heard_ms, json.loads(text)) for heard_ms, text in told]
    return [Frame(heard, each["as_of"], each["vans"]) for heard, each in decoded if "as_of" in each]
