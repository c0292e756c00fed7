"""Who is let in at the terminals' door, and how fast they may send. No I/O, no clock."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final, TypeVar

from fleet.limits import Buckets, Limit
from tracking.throttle import Throttle

_Key = TypeVar("_Key")
_MOST_ADDRESSES: Final = 10_000
_BURST_S: Final = 5.0
_WRONG_TOKENS: Final = Limit(burst=30, per_minute=60)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one source may ask for.

    Parameters
    ----------
    ungreeted : sockets of one address that have not said hello
    address_sockets, terminal_sockets : sockets of one address, of one terminal
    terminal_rate : fixes and messages a second of one terminal; what is more is read later, never dropped
    address_rate : the same of one address, which may stand for many vans behind a carrier's gateway
    """

    ungreeted: int = 32
    address_sockets: int = 20_000
    terminal_sockets: int = 4
    terminal_rate: float = 1_000.0
    address_rate: float = 200_000.0


@dataclass(frozen=True, slots=True)
class Place:
    """A welcomed connection's place; give it back with `Admission.leave`."""

    address: str
    terminal_id: int
    throttles: tuple[Throttle, Throttle]

    def wait_s(self, weight: float, now_s: float) -> float:
        """Count what was received at monotonic `now_s`; seconds to read nothing."""
        first, second = self.throttles
        own, shared = first.take(weight, now_s), second.take(weight, now_s)
        return own if own > shared else shared


class Admission:
    """Counts who stands at the door and who is inside."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._ungreeted: Counter[str] = Counter()
        self._addresses: Counter[str] = Counter()
        self._terminals: Counter[int] = Counter()
        self._address_throttles: dict[str, Throttle] = {}
        self._terminal_throttles: dict[int, Throttle] = {}
        self._wrong = Buckets(_WRONG_TOKENS)

    @property
    def ungreeted(self) -> int:
        """How many stand at the door."""
        return self._ungreeted.total()

    def knock(self, address: str) -> str | None:
        """A socket of `address` was opened: why it is turned away; None when it may say hello."""
        if self._ungreeted[address] >= self._limits.ungreeted:
            return "too many sockets that have not said hello"
        if self._addresses[address] >= self._limits.address_sockets:
            return "too many sockets of this address"
        self._ungreeted[address] += 1
        return None

    def step_in(self, address: str) -> None:
        """It said hello, or went."""
        _less(self._ungreeted, address)

    def may_guess(self, address: str, now_s: float) -> bool:
        """Count a token that is unknown; False when this address has tried too many."""
        return self._wrong.take(address, now_s)

    def is_guessing(self, address: str, now_s: float) -> bool:
        """Whether this address has tried too many unknown tokens for another to be looked up."""
        return self._wrong.is_empty(address, now_s)

    def enter(self, address: str, terminal_id: int) -> Place | None:
        """Take a place inside; None when the terminal has too many."""
        if self._terminals[terminal_id] >= self._limits.terminal_sockets:
            return None
        self._terminals[terminal_id] += 1
        self._addresses[address] += 1
        own = self._terminal_throttles.setdefault(terminal_id, _throttle(self._limits.terminal_rate))
        shared = self._address_throttles.setdefault(address, _throttle(self._limits.address_rate))
        return Place(address, terminal_id, (own, shared))

    def leave(self, place: Place) -> None:
        """Give a place back."""
        # A terminal's throttle stays: who comes back at once finds it as it was left.
        _less(self._terminals, place.terminal_id)
        if _less(self._addresses, place.address) and len(self._address_throttles) > _MOST_ADDRESSES:
            del self._address_throttles[place.address]


def _throttle(per_s: float) -> Throttle:
    return Throttle(per_s, per_s * _BURST_S)


def _less(counts: Counter[_Key], key: _Key) -> bool:
    """Count one less; True when it was the last."""
    counts[key] -= 1
    if counts[key] > 0:
        return False
    del counts[key]
    return True
