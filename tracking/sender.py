"""A terminal's side of protocol v1, without any I/O: what to send next, and what became of what was sent.

Taps go first, then live fixes, then the backfill. What was on its way when a connection was lost goes out
again on the next one: the server knows a repeat by its identity.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import msgspec
from msgspec.structs import replace

from tracking.event import Event
from tracking.fix import Fix
from tracking.protocol import MAX_FIXES, MAX_UNACKNOWLEDGED, Have, Hello

Item: TypeAlias = Fix | Event
OnSettled: TypeAlias = Callable[[Item, str | None], None]
"""Told of each item once it is settled: the server's sentence if it was refused, None if it is stored."""
_REASONS_KEPT: Final = 50
_OTHER: Final = "other reasons"
_encoder = msgspec.json.Encoder()


@dataclass(slots=True)
class Tally:
    """What became of the fixes, or of the events.

    Parameters
    ----------
    sent : went out at least once
    resent : went out once more, after a lost connection
    acknowledged : the server has committed them
    refused : the server keeps them in quarantine; sent = acknowledged + refused once all is settled
    reasons : refused ones by the server's sentence
    """

    sent: int = 0
    resent: int = 0
    acknowledged: int = 0
    refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def refuse(self, why: str) -> None:
        """Count one refusal; past some dozens of different sentences they are counted together."""
        self.refused += 1
        known = why in self.reasons or len(self.reasons) < _REASONS_KEPT
        self.reasons[why if known else _OTHER] += 1


@dataclass(slots=True)
class _Queued:
    item: Item
    tried: bool = False


@dataclass(slots=True)
class _OnItsWay:
    n: int
    queued: tuple[_Queued, ...]
    refused: dict[int, str] = field(default_factory=dict)


class Sender:
    """The outgoing half of one terminal, over all of its connections.

    Parameters
    ----------
    max_fixes : most fixes in a message
    max_unacknowledged : most messages on the way
    on_settled : so that who keeps items elsewhere too, such as on disk, may let go of them
    """

    def __init__(
        self,
        *,
        max_fixes: int = MAX_FIXES,
        max_unacknowledged: int = MAX_UNACKNOWLEDGED,
        on_settled: OnSettled | None = None,
    ) -> None:
        self.fixes = Tally()
        self.events = Tally()
        self._max_fixes = max_fixes
        self._window = max_unacknowledged
        self._on_settled = on_settled
        self._taps: deque[_Queued] = deque()
        self._live: deque[_Queued] = deque()
        self._backfill: deque[_Queued] = deque()
        self._on_its_way: deque[_OnItsWay] = deque()
        self._have = Have()
        self._have_is_news = False
        self._open = False
        self._n = 0

    @property
    def pending(self) -> int:
        """How many fixes and events are queued or on their way."""
        waiting = len(self._taps) + len(self._live) + len(self._backfill)
        return waiting + sum(len(message.queued) for message in self._on_its_way)

    @property
    def have(self) -> Have:
        """What the terminal has drawn."""
        return self._have

    def add(self, item: Item, *, live: bool = True) -> None:
        """Queue a fix or an event; a fix made while there is no connection is backfill."""
        if isinstance(item, Event):
            self._taps.append(_Queued(item))
        elif live and self._open:
            self._live.append(_Queued(item))
        else:
            self._backfill.append(_Queued(item))

    def drawn(self, have: Have) -> None:
        """Note what the terminal has drawn; told to the server if it is news."""
        if have != self._have:
            self._have = have
            self._have_is_news = True

    def hello(self, token: str | None, app: str, now_ms: int | None = None) -> bytes:
        """The first message of a connection; `now_ms` is what the terminal's clock shows."""
        self._have_is_news = False
        return _encoder.encode({"hello": Hello(token, app, replace(self._have, t=now_ms))})

    def opened(self) -> None:
        """A connection was welcomed."""
        self._open = True
        self._n = 0

    def lost(self) -> None:
        """The connection is gone: what it had not acknowledged goes out again, first of its kind."""
        self._open = False
        # A refusal whose ack is missing is not committed either: its item is offered again.
        unsettled = [queued for message in self._on_its_way for queued in message.queued]
        self._on_its_way.clear()
        self._taps.extendleft(reversed([q for q in unsettled if isinstance(q.item, Event)]))
        self._backfill.extendleft(reversed([q for q in unsettled if isinstance(q.item, Fix)]))
        self._backfill.extend(self._live)
        self._live.clear()

    def next_message(self, now_ms: int | None = None) -> bytes | None:
        """The next message to send; None while nothing is queued or the window is full.

        Parameters
        ----------
        now_ms : what the terminal's clock shows, told along where there is room for it
        """
        if not self._open or len(self._on_its_way) >= self._window:
            return None
        if self._taps:
            return self._send([self._taps.popleft()], self.events)
        if self._have_is_news:
            self._have_is_news = False
            return self._number({"have": replace(self._have, t=now_ms)}, ())
        for queue in (self._live, self._backfill):
            if queue:
                taken = [queue.popleft() for _ in range(min(self._max_fixes, len(queue)))]
                return self._send(taken, self.fixes)
        return None

    def refused(self, n: int, index: int | None, why: str) -> None:
        """The server keeps item `index` of message `n`, or all of it, in quarantine."""
        for message in self._on_its_way:
            if message.n == n:
                which = range(len(message.queued)) if index is None else (index,)
                message.refused.update((i, why) for i in which if 0 <= i < len(message.queued))

    def acknowledged(self, n: int) -> None:
        """The server has committed every message up to `n`."""
        while self._on_its_way and self._on_its_way[0].n <= n:
            message = self._on_its_way.popleft()
            for queued, why in self._outcomes(message):
                tally = self.events if isinstance(queued.item, Event) else self.fixes
                if why is None:
                    tally.acknowledged += 1
                else:
                    tally.refuse(why)
                if self._on_settled is not None:
                    self._on_settled(queued.item, why)

    def _send(self, taken: list[_Queued], tally: Tally) -> bytes:
        tally.resent += sum(queued.tried for queued in taken)
        tally.sent += sum(not queued.tried for queued in taken)
        for queued in taken:
            queued.tried = True
        items = [queued.item for queued in taken]
        if isinstance(items[0], Event):
            return self._number({"event": items[0]}, taken)
        return self._number({"fix": items[0]} if len(items) == 1 else {"fixes": items}, taken)

    def _number(self, parts: dict[str, object], taken: Iterable[_Queued]) -> bytes:
        self._n += 1
        self._on_its_way.append(_OnItsWay(self._n, tuple(taken)))
        return _encoder.encode({"n": self._n, **parts})

    @staticmethod
    def _outcomes(message: _OnItsWay) -> list[tuple[_Queued, str | None]]:
        return [(queued, message.refused.get(i)) for i, queued in enumerate(message.queued)]
