"""One admitted JT/T 808 connection: what waits for its commit, what for the terminal's reply. No I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fleet.outbox import Message
from tracking.adapters.jt808 import Received, ServerConnection
from tracking.adapters.jt808_body import Id, Result, TerminalReply
from tracking.adapters.jt808_judge import Known
from tracking.fix import Bounds
from tracking.jt808_text import is_urgent, words_of
from tracking.parcel import Parcel
from tracking.protocol import Have, Rejected
from tracking.source import Source

MAX_IN_FLIGHT: Final = 16
"""Messages of one connection without an answer; past it the connection is not read."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """What the registry says about a terminal with a right code.

    Parameters
    ----------
    have : what it was sent and has covered, by the van's numbers
    stored_until_ms : time of the newest stored fix of this terminal; None before the first
    known : what its messages are judged by, its alarm bits over time among it
    """

    known: Known
    token_hash: bytes
    have: Have
    stored_until_ms: int | None


class Line:
    """An admitted connection. The flusher and the courier fill it; its writer empties it.

    Texts go out one at a time, each after the terminal's reply to the one before: what a reply covers is then
    never in doubt, and a crew reads them in order.

    Attributes
    ----------
    on_waiting : called when there is something to send; its writer sets it
    on_covered : called when `have` has grown; its reader sets it
    """

    def __init__(self, core: ServerConnection, admitted: Admitted) -> None:
        self.core = core
        self.admitted = admitted
        self.have = admitted.have
        self.pushed_seq = admitted.have.seq
        """Number of the newest outbox message taken over."""
        self.closing = ""
        """Why it is to be closed; empty while it is not."""
        self.on_waiting: Callable[[], None] = _nobody
        self.on_covered: Callable[[], None] = _nobody
        self._unanswered: deque[Received] = deque()
        self._outgoing: deque[bytes] = deque()
        self._texts: deque[Message] = deque()
        self._asked: set[int] = set()
        """Serials under which the first text was sent; empty while it was not."""
        self._asked_at: float | None = None

    @property
    def source(self) -> Source:
        """Whose fixes they are."""
        return self.admitted.known.source

    @property
    def is_full(self) -> bool:
        """Whether it has as many messages waiting as it may."""
        return len(self._unanswered) + len(self._outgoing) >= MAX_IN_FLIGHT

    def expect(self, received: Received) -> None:
        """A message is on its way to the database; it is answered when it is there."""
        self._unanswered.append(received)

    def committed(self, n: int, refused: Sequence[Rejected]) -> None:
        """All up to parcel `n` is on disk; `refused` are in quarantine, the database's own among them."""
        while self._unanswered and self._unanswered[0].n <= n:
            received = self._unanswered.popleft()
            self.send(self.core.answer(received, _result(received, refused)))
        self.on_waiting()

    def send(self, data: bytes) -> None:
        """Send this, after what is waiting."""
        if data:
            self._outgoing.append(data)
        self.on_waiting()

    def push(self, messages: Sequence[Message], at: float) -> None:
        """Send what is new of the van's outbox; `at` is the loop's time."""
        fresh = [message for message in messages if message.seq > self.pushed_seq]
        if fresh:
            self._texts.extend(fresh)
            self.pushed_seq = fresh[-1].seq
            self._ask_next()
            if self._asked_at is None:
                self._asked_at = at

    def push_again(self, at: float, after_s: float) -> bool:
        """Send the text again that has had no reply for `after_s`. Asks nobody for it: it is held here."""
        if self._asked and self._asked_at is None:
            self._asked_at = at
        elif self._asked and self._asked_at is not None and at - self._asked_at >= after_s:
            self._ask()
        return False

    def replied(self, reply: TerminalReply) -> None:
        """The terminal's reply to a message of ours.

        A text that the terminal cannot show is covered too: sent for ever it would hold up all that follow.
        """
        known = reply.message_id == Id.TEXT and reply.serial in self._asked
        if known and reply.result != Result.FAILED:
            self._cover()
            self._ask_next()

    def close(self, why: str) -> None:
        """Close it once what is waiting has been sent."""
        self.closing = why
        self.on_waiting()

    def outgoing(self) -> Iterator[bytes]:
        """What to send now."""
        while self._outgoing:
            yield self._outgoing.popleft()

    def _ask_next(self) -> None:
        """Send the next text, unless one waits for its reply; what says nothing on a screen is covered."""
        while self._texts and not self._asked:
            if words_of(self._texts[0]):
                self._ask()
            else:
                self._cover()

    def _ask(self) -> None:
        message = self._texts[0]
        serial, data = self.core.text(words_of(message), urgent=is_urgent(message))
        self._asked.add(serial)
        self._asked_at = None
        self.send(data)

    def _cover(self) -> None:
        message = self._texts.popleft()
        self._asked.clear()
        version = message.body.get("version") if message.kind == "plan" else None
        plan = version if isinstance(version, int) else self.have.plan
        self.have = Have(plan, message.seq, self.have.state)
        self.on_covered()


def parcels_of(line: Line, received: Received, bounds: Bounds, arrived_s: float) -> list[Parcel]:
    """The parcels of a message, in the order in which they are to be stored: its alarms, then its fixes."""
    source, until_ms = line.source, line.admitted.stored_until_ms
    first_n = received.n - len(received.pieces)
    parcels = [
        Parcel(
            line,
            source,
            first_n + i,
            bounds.now_ms,
            event=piece.event,
            alarms=None if piece.step is None else (piece.step.t, piece.step.bits),
        )
        for i, piece in enumerate(received.pieces)
    ]
    repeats = until_ms is not None and any(fix.t <= until_ms for _, fix, _ in received.fixes)
    last = Parcel(
        line,
        source,
        received.n,
        bounds.now_ms,
        [(index, fix) for index, fix, _ in received.fixes],
        repeats,
        refused=list(received.refused),
        arrived_s=arrived_s,
        accuracy_limit_m=bounds.accuracy_limit_m,
        flags={index: flags for index, _, flags in received.fixes if flags},
    )
    return [*parcels, last]


def _result(received: Received, refused: Sequence[Rejected]) -> Result:
    """What a message is answered when it is on disk; not "ok" where the database set all of it aside."""
    ours = sum(each.index is not None for each in received.refused)
    all_ = sum(each.index is not None for each in refused if each.n == received.n)
    if received.result is Result.OK and all_ - ours >= len(received.fixes):
        return Result.BAD_MESSAGE
    return received.result


def _nobody() -> None:
    """Nobody listens yet."""
