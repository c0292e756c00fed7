"""The platform's side of one JT/T 808 connection, without any I/O: bytes in, commands out.

A shell feeds what arrives to `ServerConnection.feed`, takes commands until there is none, and obeys them one
by one: what a later message means depends on what became of an earlier one. A bad message is a value, never
an exception. None is answered with "ok" before it is stored; a frame with a wrong checksum is not answered.
"""

from __future__ import annotations

import hmac
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from fleet.keys import token_hash
from tracking.adapters import jt808_body, jt808_frame
from tracking.adapters.jt808_body import Id, Registered, Result, TerminalReply
from tracking.adapters.jt808_frame import Broken, Frame, Garbage, Header, Reader
from tracking.adapters.jt808_judge import Known, Piece, judge
from tracking.adapters.jt808_parts import Joiner
from tracking.fix import Fix
from tracking.protocol import Rejected

MOST_GARBAGE: Final = 8 * 1024
"""After so many bytes without a good frame the other end is no device of ours."""
MOST_STRANGE: Final = 5
"""So many messages that may not be served close the connection."""
_SERVED: Final = frozenset({Id.TERMINAL_REPLY, Id.HEARTBEAT, Id.LOGOUT, Id.LOCATION, Id.BATCH})
_DOOR: Final = frozenset({Id.REGISTER, Id.AUTHENTICATE})


@dataclass(frozen=True, slots=True)
class Register:
    """The terminal asks for a code; answer with `ServerConnection.registered`."""

    header: Header


@dataclass(frozen=True, slots=True)
class Authenticate:
    """The terminal shows its code; answer with `admitted` or `turned_away`."""

    header: Header
    code: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Send this."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Received:
    """One message, with all that is to be committed before it may be answered with `ServerConnection.answer`.

    Parameters
    ----------
    n : number of its last parcel on this connection: one for each of the pieces, then one for the fixes
    fixes : the good ones, each with its place in the message and the flags that its status earns
    pieces : alarms that are new, each committed no later than the next
    result : what it is answered when all of it can be stored
    headers : of its frames, each answered; none where the frame cannot be trusted
    """

    n: int
    fixes: tuple[tuple[int, Fix, int], ...] = ()
    pieces: tuple[Piece, ...] = ()
    refused: tuple[Rejected, ...] = ()
    result: Result = Result.OK
    headers: tuple[Header, ...] = ()


@dataclass(frozen=True, slots=True)
class Replied:
    """The terminal's general reply to a message of ours."""

    reply: TerminalReply


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection; `why` is for our own log."""

    why: str


Command: TypeAlias = Register | Authenticate | Answer | Received | Replied | Close


class ServerConnection:
    """One terminal's connection."""

    def __init__(self) -> None:
        self._reader = Reader()
        self._joiner = Joiner()
        self._waiting: deque[Frame | Broken | Garbage] = deque()
        self._at_s = 0.0
        self._garbage = 0
        self._strange = 0
        self._serial = 0
        self._known: Known | None = None
        self._header: Header | None = None
        self._code_hash = b""
        self._leaving = ""
        self._closed = False
        self.received_n = 0
        """Number of the last parcel asked for."""
        self.counts: Counter[str] = Counter()
        """How often what was refused: frames, and bytes of garbage."""

    @property
    def edition(self) -> int:
        """The year of the edition that the admitted terminal speaks; its 2011 and 2013 headers are alike."""
        return 2019 if self._header is not None and self._header.is_2019 else 2013

    def count_parcel(self) -> int:
        """The number of one more parcel, for what is to be committed beside the messages."""
        self.received_n += 1
        return self.received_n

    def feed(self, data: bytes, at_s: float) -> None:
        """Take in what arrived at monotonic `at_s`, in pieces of any size."""
        self._waiting.extend(self._reader.read(data))
        self._at_s = at_s

    def end(self) -> None:
        """Nothing more arrives: count what was left waiting for its rest."""
        self.counts["broken"] += len(self._reader.end())

    def take(self, now_ms: int) -> Command | None:
        """What to do next; None when more must arrive first, or when the connection is closed.

        Parameters
        ----------
        now_ms : our clock, epoch milliseconds
        """
        if self._closed:
            return None
        command = self._next(now_ms)
        self._closed = isinstance(command, Close)
        return command

    def registered(self, asked: Register, code: str | None) -> bytes:
        """The reply to a registration; without a code it is refused.

        A refusal does not say whether the number is known to us.
        """
        result = Registered.OK
        if code is None:
            result = Registered.NO_SUCH_TERMINAL
            self._count_strange("registration")
        body = jt808_body.register_reply(asked.header.serial, result, code or "")
        return self._frame(asked.header, Id.REGISTER_REPLY, body)

    def admitted(self, asked: Authenticate, known: Known) -> bytes:
        """The reply to a right code; from here on the terminal is served."""
        self._known = known
        self._header = asked.header
        self._code_hash = token_hash(asked.code)
        self._strange = 0
        return self._reply(asked.header, Result.OK)

    def turned_away(self, asked: Authenticate) -> bytes:
        """The reply to a wrong code."""
        self._count_strange("code")
        return self._reply(asked.header, Result.FAILED)

    def answer(self, received: Received, result: Result) -> bytes:
        """The replies to a message that is stored; empty where there is nobody to reply to."""
        return b"".join(self._reply(header, result) for header in received.headers)

    def text(self, words: str, *, urgent: bool) -> tuple[int, bytes]:
        """A text for the terminal's screen: the serial that its reply will name, and the frame."""
        assert self._header is not None
        body = jt808_body.text(words, urgent=urgent, is_2019=self._header.is_2019)
        serial = self._serial
        return serial, self._frame(self._header, Id.TEXT, body)

    def _next(self, now_ms: int) -> Command | None:
        while not (why := self._enough()):
            if not self._waiting:
                return None
            found = self._waiting.popleft()
            if isinstance(found, Garbage):
                self.counts["garbage"] += found.size
                self._garbage += found.size
            elif (command := self._judge(found, now_ms)) is not None:
                return command
        return Close(why)

    def _enough(self) -> str:
        if self._leaving:
            return self._leaving
        if self._garbage > MOST_GARBAGE:
            return "garbage"
        return "too many messages that may not be served" if self._strange >= MOST_STRANGE else ""

    def _judge(self, frame: Frame | Broken, now_ms: int) -> Command | None:
        if isinstance(frame, Broken):
            self.counts["broken"] += 1
            self._garbage += len(frame.raw)
            return None if self._known is None else self._refuse(frame.why, frame.raw, ())
        self._garbage = 0
        header = frame.header
        if header.message_id in _DOOR:
            return self._at_door(frame)
        if self._known is None or self._header is None:
            return self._not_served(header, "stranger")
        if header.number != self._header.number:
            return self._not_served(header, "foreign")
        if header.message_id not in _SERVED:
            self.counts["unsupported"] += 1
            return Answer(self._reply(header, Result.UNSUPPORTED))
        return self._serve(frame, self._known, now_ms)

    def _at_door(self, frame: Frame) -> Command:
        header = frame.header
        if _fault(frame) or header.part is not None:
            return self._bad_at_door(header)
        if header.message_id == Id.REGISTER:
            registration = jt808_body.read_registration(frame.body, is_2019=header.is_2019)
            return self._bad_at_door(header) if isinstance(registration, str) else Register(header)
        code = jt808_body.read_authentication(frame.body, is_2019=header.is_2019)
        asked = Authenticate(header, code or "")
        if code is None:
            return Answer(self.turned_away(asked))
        if self._header is None:
            return asked
        # One connection is one terminal's, by one code.
        same = header.number == self._header.number and self._is_code(code)
        return Answer(self._reply(header, Result.OK) if same else self.turned_away(asked))

    def _is_code(self, code: str) -> bool:
        return hmac.compare_digest(token_hash(code), self._code_hash)

    def _bad_at_door(self, header: Header) -> Answer:
        self._count_strange("bad")
        return Answer(self._reply(header, Result.BAD_MESSAGE))

    def _not_served(self, header: Header, why: str) -> Answer:
        self._count_strange(why)
        return Answer(self._reply(header, Result.FAILED))

    def _serve(self, frame: Frame, known: Known, now_ms: int) -> Command | None:
        header, body = frame.header, frame.body
        headers: tuple[Header, ...] = (header,)
        if why := _fault(frame):
            return self._refuse(why, frame.raw, headers)
        if header.part is not None:
            joined = self._joiner.add(header, body, self._at_s)
            self.counts["incomplete"] = self._joiner.dropped
            if joined is None:
                return None
            if isinstance(joined, str):
                return self._refuse(joined, frame.raw, headers)
            headers = tuple(replace(header, serial=serial) for serial in joined.serials)
            body = joined.body
        if header.message_id in {Id.LOCATION, Id.BATCH}:
            return self._locations(body, headers, known, now_ms)
        if header.message_id == Id.TERMINAL_REPLY:
            reply = jt808_body.read_terminal_reply(body)
            return self._refuse(reply, frame.raw, headers) if isinstance(reply, str) else Replied(reply)
        if header.message_id == Id.LOGOUT:
            self._leaving = "the terminal logged out"
        return Answer(b"".join(self._reply(each, Result.OK) for each in headers))

    def _locations(self, body: bytes, headers: tuple[Header, ...], known: Known, now_ms: int) -> Received:
        single = headers[0].message_id == Id.LOCATION
        bodies: Sequence[bytes] | str = (body,) if single else jt808_body.read_batch(body)
        if isinstance(bodies, str):
            return self._refuse(bodies, body, headers)
        found = judge(bodies, known, now_ms, is_2019=headers[0].is_2019)
        self.received_n += len(found.pieces) + 1
        n = self.received_n
        refused = tuple(
            Rejected(n, None if single else each.index, each.why, each.raw) for each in found.refused
        )
        self.counts["bad"] += len(refused)
        # A batch is answered as a whole: bad locations in it are in quarantine, and need not come again.
        result = Result.OK if found.fixes else Result.BAD_MESSAGE
        return Received(n, found.fixes, found.pieces, refused, result, headers)

    def _refuse(self, why: str, raw: bytes, headers: tuple[Header, ...]) -> Received:
        """Refuse a whole message: into quarantine, and answered so where its header can be trusted."""
        if headers:
            self.counts["bad"] += 1
        self.received_n += 1
        rejected = Rejected(self.received_n, None, why, raw)
        return Received(self.received_n, refused=(rejected,), result=Result.BAD_MESSAGE, headers=headers)

    def _count_strange(self, why: str) -> None:
        self._strange += 1
        self.counts[why] += 1

    def _reply(self, header: Header, result: Result) -> bytes:
        body = jt808_body.platform_reply(header.serial, header.message_id, result)
        return self._frame(header, Id.PLATFORM_REPLY, body)

    def _frame(self, to: Header, message_id: Id, body: bytes) -> bytes:
        """A frame of ours, in the edition of the terminal's own."""
        header = Header(message_id, to.phone, self._serial, to.version)
        self._serial = self._serial + 1 & 0xFFFF
        return jt808_frame.frame(header, body)


def _fault(frame: Frame) -> str:
    if frame.header.encryption:
        return "its body is encrypted, which we cannot read; switch encryption off"
    return "" if frame.whole else "its body is not as long as its header says"
