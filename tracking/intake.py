"""The flusher's queue: bounded, first in first out on a connection, and fair between connections. No I/O.

A terminal back from a dead zone sends hours of fixes in large messages. Were they taken as they come, every
other van would wait behind them. So large messages wait in a lane of their own, and while others report live
a batch takes only so much of them along that its commit stays short. How much that is, is learnt from the
commits: a little more after each short one, much less after a long one.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tracking.parcel import Parcel, Receiver

LIGHT_FIXES: Final = 8
"""A message with more fixes than this is backlog."""
BATCH_FIXES: Final = 10_000
"""About how much one commit holds at most."""
LEAST_BACKLOG_FIXES: Final = 50
"""One message of backlog is taken along even where commits are slow: it must come to an end some day."""
_FIRST_BACKLOG_FIXES: Final = 100
_MORE_FIXES: Final = 5
_LESS: Final = 0.7
_LIVELY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is gathered.

    Parameters
    ----------
    interval_s : the shortest time from one commit's start to the next, wall time
    queue_fixes : fixes in memory at which `put` waits, and so sockets are not read
    """

    interval_s: float = 0.005
    queue_fixes: int = 20_000


class Intake:
    """Parcels between their arrival and their commit.

    Parameters
    ----------
    limit_fixes : how much may be held before `is_full`; a connection stops reading then
    short_s : a commit is short that lasts no longer: half of the pace, so that live fixes find it idle
    """

    def __init__(self, limit_fixes: int, short_s: float = 0.0025) -> None:
        self._limit = limit_fixes
        self._short_s = short_s
        self._backlog_fixes = _FIRST_BACKLOG_FIXES
        self._light: list[Parcel] = []
        self._backlog: deque[Parcel] = deque()
        self._behind: Counter[Receiver] = Counter()
        self._lively_until_s = 0.0
        self._is_lively = False
        self.carried_backlog = False
        """Whether the batch taken last has backlog in it while others report live."""
        self._on_room: list[Callable[[], None]] = []
        self.held = 0
        """Fixes and messages held, those of the batch under way included."""

    def __bool__(self) -> bool:
        return bool(self._light or self._backlog)

    @property
    def is_full(self) -> bool:
        """Whether no connection should be read on."""
        return self.held >= self._limit

    @property
    def has_light(self) -> bool:
        """Whether somebody who reports live waits."""
        return bool(self._light)

    def when_room(self, call: Callable[[], None]) -> None:
        """Call once, as soon as it is not full any more."""
        self._on_room.append(call)

    def put(self, parcel: Parcel) -> None:
        """Hold a parcel. Never refused: who sees `is_full` reads no further message."""
        weight = len(parcel.fixes)
        self.held += weight + 1
        # Behind backlog of the same connection even a light one waits: its ack covers all before it.
        if weight > LIGHT_FIXES or (self._behind and parcel.receiver in self._behind):
            self._backlog.append(parcel)
            self._behind[parcel.receiver] += 1
        else:
            self._light.append(parcel)

    def take(self, now_s: float) -> list[Parcel]:
        """The next batch: all that is light, and of the backlog as much as the live vans bear.

        Parameters
        ----------
        now_s : monotonic
        """
        batch, self._light = self._light, []
        if batch:
            self._lively_until_s = now_s + _LIVELY_S
        self._is_lively = now_s < self._lively_until_s
        room = self._backlog_fixes if self._is_lively else BATCH_FIXES
        self.carried_backlog = self._is_lively and bool(self._backlog)
        while self._backlog and room > 0:
            parcel = self._backlog.popleft()
            room -= len(parcel.fixes) + 1
            self._behind[parcel.receiver] -= 1
            if not self._behind[parcel.receiver]:
                del self._behind[parcel.receiver]
            batch.append(parcel)
        return batch

    def release(self, batch: list[Parcel], took_s: float) -> None:
        """A batch is committed after so long: what it held makes room."""
        self.held -= sum([len(parcel.fixes) for parcel in batch]) + len(batch)
        if self._is_lively:
            self._learn(took_s)
        if self._on_room and not self.is_full:
            calls, self._on_room = self._on_room, []
            for call in calls:
                call()

    def _learn(self, took_s: float) -> None:
        if took_s > self._short_s:
            self._backlog_fixes = max(LEAST_BACKLOG_FIXES, int(self._backlog_fixes * _LESS))
        elif self._backlog:
            self._backlog_fixes = min(BATCH_FIXES, self._backlog_fixes + _MORE_FIXES)
