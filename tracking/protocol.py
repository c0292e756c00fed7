"""The server's side of terminal protocol v1, without any I/O: bytes in, commands out.

A shell feeds every message to `ServerConnection.receive` and obeys what comes back. A bad message is a value
(`Rejected`), never an exception, and has a number of its own, so that it is refused once, not re-sent for
ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final, TypeAlias

import msgspec

from tracking import event as events
from tracking import fix as fixes_
from tracking.event import Event
from tracking.fix import Fix, LooseFix

SUBPROTOCOL: Final = "carevan.v1"
MAX_BYTES: Final = 64 * 1024
"""Longest message; a longer one closes the socket with 1009."""
MAX_FIXES: Final = 50
"""A terminal puts at most this many fixes into one message."""
MOST_FIXES: Final = 10 * MAX_FIXES
"""A message with more is refused whole: each fix could draw a refusal of its own."""
MAX_UNACKNOWLEDGED: Final = 4
"""A terminal waits for an ack once this many of its messages are on the way."""
HELLO_WITHIN_S: Final = 5.0
_BIGINT_MAX = 2**63 - 1
_PARTS = frozenset({"fix", "fixes", "event", "have"})


class Code(IntEnum):
    """Why the server closes a terminal's socket."""

    TOO_BIG = 1009
    AGAIN = 1013
    BAD_HELLO = 4400
    UNKNOWN_TOKEN = 4401
    LATE_HELLO = 4408
    WRONG_N = 4409
    TOO_MANY = 4429


class Have(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a terminal has drawn: its plan's version, the last push and the district's state.

    `t` is what the clock by which it stamps its fixes shows as it sends this, epoch milliseconds.
    """

    plan: int = 0
    seq: int = 0
    state: int = 0
    t: int | None = None

    def sane(self) -> bool:
        """Whether the database could keep these numbers."""
        return all(0 <= value <= _BIGINT_MAX for value in (self.plan, self.seq, self.state))


class Hello(msgspec.Struct, frozen=True, omit_defaults=True):
    """A terminal's first message."""

    token: str | None = None
    app: str = ""
    have: Have = Have()


class _Greeting(msgspec.Struct, frozen=True):
    hello: Hello


class _Message(msgspec.Struct, frozen=True):
    n: int
    fix: Fix | None = None
    fixes: tuple[Fix, ...] | None = None
    event: Event | None = None
    have: Have | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message, or one fix of it, that is kept in quarantine and not to be sent again.

    Parameters
    ----------
    n : the message's number on its connection
    index : which of its fixes; None for the whole message
    raw : what was sent
    """

    n: int
    index: int | None
    why: str
    raw: bytes


class Received(msgspec.Struct, frozen=True):
    """One message, with all that is to be committed before it may be acknowledged.

    Parameters
    ----------
    fixes : the good ones, each with its place in the message
    """

    n: int
    fixes: tuple[tuple[int, Fix], ...] = ()
    event: Event | None = None
    have: Have | None = None
    refused: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class Close:
    """Close the socket; `why` is for the terminal's maker."""

    code: Code
    why: str


Command: TypeAlias = Hello | Received | Close
_Found: TypeAlias = Fix | Rejected

_greeting = msgspec.json.Decoder(_Greeting)
_message = msgspec.json.Decoder(_Message)
_anything = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder()


class ServerConnection:
    """One terminal's connection.

    Parameters
    ----------
    bearer : the token came with the upgrade; hello need not repeat it
    """

    def __init__(self, *, bearer: bool = False) -> None:
        self._bearer = bearer
        self._greeted = False
        self._closed = False
        self.received_n = 0
        """Number of the last message taken in."""
        self.acknowledged_n = 0
        """Number of the last message acknowledged."""

    def receive(self, data: bytes | str, now_ms: int) -> Command | None:
        """Take in one message.

        Parameters
        ----------
        data : the whole message
        now_ms : our clock, epoch milliseconds

        Returns
        -------
        What to do: greet, store or close; None once the connection is closed.
        """
        if self._closed:
            return None
        command = self._judge(data, now_ms)
        self._closed = isinstance(command, Close)
        return command

    def acknowledge(self, n: int) -> bytes:
        """The ack that says all up to `n` is committed.

        Raises
        ------
        ValueError : `n` was never received or is behind an earlier ack; the shell has lost count.
        """
        if not self.acknowledged_n < n <= self.received_n:
            raise ValueError(f"ack {n} outside {self.acknowledged_n + 1}..{self.received_n}")
        self.acknowledged_n = n
        return b'{"ack":%d}' % n

    def _judge(self, data: bytes | str, now_ms: int) -> Command:
        if len(data) > MAX_BYTES:
            return Close(Code.TOO_BIG, f"a message is at most {MAX_BYTES} bytes; send fewer fixes in one")
        if not self._greeted:
            return self._greet(data)
        n = self.received_n + 1
        try:
            message = _message.decode(data)
        except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError) as error:
            received = _salvage(data, n, now_ms, str(error))
        else:
            received = _sort(message, n, now_ms, data)
        if type(received) is Received:
            self.received_n = n
        return received

    def _greet(self, data: bytes | str) -> Hello | Close:
        try:
            hello = _greeting.decode(data).hello
        except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError) as error:
            return Close(Code.BAD_HELLO, _short(f"say hello first: {error}"))
        if not hello.have.sane() or "\0" in hello.app:
            return Close(Code.BAD_HELLO, "hello.have or hello.app holds a value that cannot be kept")
        if not self._bearer and not hello.token:
            return Close(Code.BAD_HELLO, "hello needs the terminal's token, here or as Authorization: Bearer")
        self._greeted = True
        return hello


def welcome(van_id: int, time: datetime, every_s: float, state: int) -> bytes:
    """The answer to a good hello; `every_s` is how often fixes are wished for, in domain seconds."""
    return _encoder.encode({"welcome": {"van": van_id, "time": time, "every_s": every_s, "state": state}})


def refused(rejected: Rejected) -> bytes:
    """Tell a terminal what was not kept; goes out before the ack that covers it."""
    told: dict[str, object] = {"n": rejected.n, "why": rejected.why}
    if rejected.index is not None:
        told["index"] = rejected.index
    return _encoder.encode({"refused": told})


def state(number: int, time: datetime, platform: Mapping[str, object] | None = None) -> bytes:
    """The district's state and our time.

    Parameters
    ----------
    platform : what the office's screen shows, see `tracking.gateway`; None while none is open
    """
    return _encoder.encode({"state": number, "time": time, "platform": platform})


def push(seq: int, kind: str, body: object) -> bytes:
    """One message of the van's outbox."""
    return _encoder.encode({"seq": seq, kind: body})


def _sort(message: _Message, n: int, now_ms: int, data: bytes | str) -> Received | Close:
    """Judge the values of a message that has the right shape."""
    if message.n != n:
        return _wrong_n(message.n, n)
    parts = (message.fix, message.fixes, message.event, message.have)
    if parts.count(None) != len(parts) - 1:
        return _reject(n, "a message holds one of fix, fixes, event and have", data)
    if message.fix is not None:
        if fixes_.is_timely(message.fix.t, now_ms):
            return Received(n, ((0, message.fix),))
        return _gather(n, [_judged(message.fix, n, None, now_ms)])
    if message.event is not None:
        return _event(n, message.event, now_ms)
    return _fixes(n, message.fixes, now_ms, data) if message.have is None else _have(n, message.have, data)


def _fixes(n: int, fixes: tuple[Fix, ...] | None, now_ms: int, data: bytes | str) -> Received:
    if len(fixes or ()) > MOST_FIXES:
        return _reject(n, _too_many(), data)
    return _gather(n, [_judged(fix, n, i, now_ms) for i, fix in enumerate(fixes or ())])


def _have(n: int, have: Have, data: bytes | str) -> Received:
    if not have.sane():
        return _reject(n, "have holds a number that is negative or too large", data)
    return Received(n, have=have)


def _salvage(data: bytes | str, n: int, now_ms: int, error: str) -> Received | Close:
    """Take the good of a message that has not the right shape: one bad fix must not cost the other 49."""
    try:
        told = _anything.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError):
        return _reject(n, f"not readable as JSON: {error}", data)
    if not isinstance(told, dict):
        return _reject(n, "a message is a JSON object", data)
    number = told.get("n")
    if isinstance(number, bool) or not isinstance(number, int):
        return _reject(n, "a message needs n, a whole number counted from 1", data)
    if number != n:
        return _wrong_n(number, n)
    parts = _PARTS & told.keys()
    if parts == {"fix"}:
        return _gather(n, [_converted(told["fix"], n, None, now_ms)])
    if parts == {"fixes"} and isinstance(told["fixes"], list):
        if len(told["fixes"]) > MOST_FIXES:
            return _reject(n, _too_many(), data)
        return _gather(n, [_converted(item, n, i, now_ms) for i, item in enumerate(told["fixes"])])
    return _reject(n, error, data)


def _too_many() -> str:
    return f"a message holds at most {MAX_FIXES} fixes; this one has more than {MOST_FIXES}"


def _converted(item: object, n: int, index: int | None, now_ms: int) -> _Found:
    if isinstance(item, dict) and isinstance(item.get("t"), float):
        # Some browsers give a position's time with a fraction of a millisecond.
        item = {**item, "t": round(item["t"])}
    try:
        return _judged(msgspec.convert(item, Fix), n, index, now_ms)
    except (msgspec.ValidationError, RecursionError) as error:
        return Rejected(n, index, _why_not(item, now_ms) or _short(str(error)), _encoder.encode(item))


def _why_not(item: object, now_ms: int) -> str | None:
    """The sentence of a fix that has the right shape and a number out of its range."""
    try:
        return fixes_.refusal(msgspec.convert(item, LooseFix), now_ms)
    except (msgspec.ValidationError, RecursionError):
        return None


def _judged(fix: Fix, n: int, index: int | None, now_ms: int) -> _Found:
    if fixes_.is_timely(fix.t, now_ms):
        return fix
    return Rejected(n, index, fixes_.time_refusal(fix.t, now_ms) or "", _encoder.encode(fix))


def _gather(n: int, found: list[_Found]) -> Received:
    good = tuple((i, item) for i, item in enumerate(found) if isinstance(item, Fix))
    return Received(n, good, refused=tuple(item for item in found if isinstance(item, Rejected)))


def _event(n: int, event: Event, now_ms: int) -> Received:
    why = events.refusal(event, now_ms)
    return Received(n, event=event) if why is None else _reject(n, why, _encoder.encode(event))


def _reject(n: int, why: str, data: bytes | str) -> Received:
    raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
    return Received(n, refused=(Rejected(n, None, _short(why), raw),))


def _wrong_n(given: int, wanted: int) -> Close:
    return Close(Code.WRONG_N, _short(f"n is {given} where {wanted} was due; count each message after hello"))


def _short(text: str) -> str:
    """A close frame holds at most 123 bytes of reason; a refusal needs no more."""
    return text.replace("\0", "").encode("utf-8", "replace")[:120].decode("utf-8", "ignore")
