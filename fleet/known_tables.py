"""Road tables asked for lately: between places that are known only what is new need be asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fleet.geo import LonLat

_LEAST: Final = 50
"""A table of fewer places is asked again: that takes no longer than finding out what is known of it."""
_MOST_PAIRS: Final = 4_000_000
"""Of all that is kept, 9 bytes a pair. The tables unused longest go first."""
KEPT_S: Final = 3600.0
"""A server of somebody else's may be given newer roads."""

_Key: TypeAlias = tuple[int, int]
Ints: TypeAlias = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A table as a server answered it.

    Parameters
    ----------
    seconds, metres : n x n, -1 where no road leads
    off_road : n, places too far from any road
    """

    seconds: Ints
    metres: Ints
    off_road: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of some places: for each of them its place in a table, -1 for none."""

    table: Asked
    at: NDArray[np.intp]

    @property
    def new(self) -> int:
        """How many places it does not know."""
        return int((self.at < 0).sum())


@dataclass(slots=True, eq=False)
class _Kept:
    table: Asked
    number: dict[_Key, int]
    since_s: float
    used: int


class KnownTables:
    """The tables kept. Thread-safe.

    Parameters
    ----------
    clock : seconds that only go on
    """

    def __init__(
        self,
        *,
        most_pairs: int = _MOST_PAIRS,
        kept_s: float = KEPT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most_pairs, self._kept_s, self._clock = most_pairs, kept_s, clock
        self._kept: list[_Kept] = []
        self._uses = 0
        self._lock = threading.Lock()

    def of(self, points: Sequence[LonLat]) -> Known | None:
        """The table that knows most of some places; None where none knows half of them."""
        if len(points) < _LEAST:
            return None
        keys = [_key(point) for point in points]
        with self._lock:
            self._forget()
            best, found = None, len(points) / 2
            for each in self._kept:
                shared = sum(key in each.number for key in keys)
                if shared > found:
                    best, found = each, shared
            if best is None:
                return None
            self._uses += 1
            best.used = self._uses
        return Known(best.table, np.array([best.number.get(key, -1) for key in keys], np.intp))

    def keep(self, points: Sequence[LonLat], table: Asked) -> None:
        """Keep a table that was asked whole."""
        if len(points) < _LEAST or len(points) ** 2 > self._most_pairs:
            return
        number = {_key(point): n for n, point in enumerate(points)}
        with self._lock:
            self._uses += 1
            self._kept.append(_Kept(table, number, self._clock(), self._uses))
            self._forget()

    def _forget(self) -> None:
        """What is too old, then what is too much."""
        now_s = self._clock()
        self._kept = [each for each in self._kept if now_s - each.since_s <= self._kept_s]
        while sum(each.table.seconds.size for each in self._kept) > self._most_pairs:
            self._kept.remove(min(self._kept, key=lambda each: each.used))


def _key(point: LonLat) -> _Key:
    """As exact as a server is asked: a tenth of a metre."""
    return round(point[0] * 1e6), round(point[1] * 1e6)
