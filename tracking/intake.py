"""The flusher's queue: bounded, first in first out on a connection, and fair between connections. No I/O.

A terminal back from a dead zone sends hours of fixes in large messages. Were they taken as they come, every
other van would wait behind them. So large messages wait in a lane of their own, and while others report live
one commit takes only a little of them, so that it is short and its work stands in nobody's way.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from tracking.parcel import Parcel, Receiver

LIGHT_FIXES: Final = 8
"""A message with more fixes than this is backlog."""
BATCH_FIXES: Final = 7_500
"""About how much of the backlog one commit holds at most."""
LIVELY_FIXES: Final = 100
"""About how much of it while others report live."""
AHEAD_FIXES: Final = 3_000
"""When so much waits, the next batch is made while the database is busy with the one before."""
_LIVELY_S: Final = 1.0
_REST: Final = 3.0
"""How many times as long as its last commit took backlog rests while others report live."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is gathered.

    Parameters
    ----------
    interval_s : the shortest time from one commit's start to the next of its lane, wall time
    queue_fixes : fixes in memory at which `put` waits, and so sockets are not read
    """

    interval_s: float = 0.005
    queue_fixes: int = 20_000


class Side(Protocol):
    """One lane's part of the queue."""

    @property
    def waiting(self) -> int:
        """Fixes and messages that wait to be taken."""

    @property
    def presses(self) -> bool:
        """Whether so much waits that the next batch is to be made while the database is busy."""

    def take(self, now_s: float) -> list[Parcel]:
        """The next batch, in order; `now_s` is monotonic."""

    def set_back(self, parked: Sequence[Parcel], ahead: Sequence[Parcel]) -> None:
        """Some of what was taken cannot be stored yet: it is backlog, and what comes behind it as well.

        Parameters
        ----------
        parked : taken, and not stored
        ahead : a batch that was taken after it and is not begun
        """

    def release(self, batch: Sequence[Parcel]) -> None:
        """A batch is done with: what it held makes room."""

    def rest_s(self, took_s: float) -> float:
        """How long to leave the machine to others after a commit that took so long."""


class Intake:
    """Parcels between their arrival and their commit.

    A connection's parcels are acknowledged cumulatively, so they are never in both lanes at once: what comes
    behind backlog of its own connection is backlog, and backlog waits for the light batches before it.

    Parameters
    ----------
    limit_fixes : how much may be held before `is_full`; a connection stops reading then

    Attributes
    ----------
    light, backlog : what each lane takes from
    held : fixes and messages held, those of the batches under way included
    """

    def __init__(self, limit_fixes: int) -> None:
        self._limit = limit_fixes
        self._on_room: list[Callable[[], None]] = []
        self.held = 0
        self._light = _Light(self._make_room)
        self._backlog = _Backlog(self._light, self._make_room)
        self._light.backlog = self._backlog

    @property
    def light(self) -> Side:
        """Messages of those who report live."""
        return self._light

    @property
    def backlog(self) -> Side:
        """Large messages, and all that come behind one of their own connection."""
        return self._backlog

    @property
    def is_full(self) -> bool:
        """Whether no connection should be read on."""
        return self.held >= self._limit

    def when_room(self, call: Callable[[], None]) -> None:
        """Call once, as soon as it is not full any more."""
        self._on_room.append(call)

    def put(self, parcel: Parcel) -> bool:
        """Hold a parcel, and tell whether it is light. Never refused: who sees `is_full` reads no further."""
        # Kept, since fixes that can never be stored are taken out of it later.
        weight = parcel.weight = len(parcel.fixes) + 1
        self.held += weight
        # Behind backlog of the same connection even a light one waits: its ack covers all before it.
        if weight > LIGHT_FIXES + 1 or (self._backlog.behind and parcel.receiver in self._backlog.behind):
            self._backlog.put(parcel)
            return False
        self._light.put(parcel)
        return True

    def _make_room(self, batch: Sequence[Parcel]) -> None:
        self.held -= _weight(batch)
        if self._on_room and not self.is_full:
            calls, self._on_room = self._on_room, []
            for call in calls:
                call()


class _Light:
    """All of it is taken at once."""

    backlog: _Backlog

    def __init__(self, make_room: Callable[[Sequence[Parcel]], None]) -> None:
        self._make_room = make_room
        self._parcels: list[Parcel] = []
        self.waiting = 0
        self.taken = 0
        self.done = 0
        self.lively_until_s = 0.0

    @property
    def coming(self) -> int:
        """The number of the last batch that may hold what has been put so far."""
        return self.taken + bool(self._parcels)

    @property
    def presses(self) -> bool:
        return self.waiting >= AHEAD_FIXES

    def put(self, parcel: Parcel) -> None:
        self._parcels.append(parcel)
        self.waiting += parcel.weight

    def take(self, now_s: float) -> list[Parcel]:
        batch, self._parcels = self._parcels, []
        if batch:
            self.taken += 1
        if self.waiting > len(batch):  # with at least one fix: who only tells what it has drawn is not live
            self.lively_until_s = now_s + _LIVELY_S
        self.waiting = 0
        return batch

    def set_back(self, parked: Sequence[Parcel], ahead: Sequence[Parcel]) -> None:
        if ahead:
            self.taken -= 1
        held_up = {parcel.receiver for parcel in parked}
        stays: list[Parcel] = []
        moves: list[Parcel] = []
        for parcel in (*ahead, *self._parcels):
            (moves if parcel.receiver in held_up else stays).append(parcel)
        self._parcels, self.waiting = stays, _weight(stays)
        self.backlog.inherit(parked, moves)

    def release(self, batch: Sequence[Parcel]) -> None:
        self.done += 1
        self._make_room(batch)

    def rest_s(self, _took_s: float) -> float:
        return 0.0


class _Backlog:
    """Taken little by little while others report live."""

    def __init__(self, light: _Light, make_room: Callable[[Sequence[Parcel]], None]) -> None:
        self._light = light
        self._make_room = make_room
        self._parked: list[Parcel] = []
        self._parcels: deque[tuple[int, Parcel]] = deque()
        self._yields = False
        self.behind: Counter[Receiver] = Counter()
        self.waiting = 0

    @property
    def presses(self) -> bool:
        return self.waiting >= AHEAD_FIXES and not self._yields

    def put(self, parcel: Parcel) -> None:
        # What is light of this connection is taken by now, or will be with the next light batch.
        self._parcels.append((self._light.coming, parcel))
        self.behind[parcel.receiver] += 1
        self.waiting += parcel.weight

    def take(self, now_s: float) -> list[Parcel]:
        """What is parked, and of the rest as much as the live vans bear."""
        batch, self._parked = self._parked, []
        self.waiting -= _weight(batch)
        self._yields = now_s < self._light.lively_until_s
        room = LIVELY_FIXES if self._yields else BATCH_FIXES
        while self._parcels and room > 0 and self._may_go(self._parcels[0][0]):
            _, parcel = self._parcels.popleft()
            room -= parcel.weight
            self.waiting -= parcel.weight
            batch.append(parcel)
        return batch

    def _may_go(self, after: int) -> bool:
        light = self._light
        return after <= light.done or light.coming == light.done

    def inherit(self, parked: Sequence[Parcel], behind: Sequence[Parcel]) -> None:
        """What was light, and not stored, stands before all backlog of its connections."""
        self._parked += parked
        for parcel in reversed(behind):
            self._parcels.appendleft((0, parcel))
        self.behind.update(parcel.receiver for parcel in (*parked, *behind))
        self.waiting += _weight(parked) + _weight(behind)

    def set_back(self, parked: Sequence[Parcel], ahead: Sequence[Parcel]) -> None:
        self._parked = [*parked, *self._parked]
        for parcel in reversed(ahead):
            self._parcels.appendleft((0, parcel))
        self.waiting += _weight(parked) + _weight(ahead)

    def release(self, batch: Sequence[Parcel]) -> None:
        for parcel in batch:
            self.behind[parcel.receiver] -= 1
            if not self.behind[parcel.receiver]:
                del self.behind[parcel.receiver]
        self._make_room(batch)

    def rest_s(self, took_s: float) -> float:
        return _REST * took_s if self._yields else 0.0


def _weight(parcels: Sequence[Parcel]) -> int:
    return sum([parcel.weight for parcel in parcels])
