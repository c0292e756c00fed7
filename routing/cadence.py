"""The algebra of cadences: which is in force, what closes it, how long ago it was closed. Pure.

Gaps are whole days between dates, so that a daily check made last afternoon is due this morning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from fleet.registry import Cadence

BY_VAN: Final = ("check", "visit", "monthly")
"""Channels that need a van, the shortest call first."""
CHANNELS: Final = (*BY_VAN, "call")
"""Channels of cadences. Visits may also be a grid worker's (`grid`), which no cadence asks for."""
CLOSED_BY: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "call": ("call", "grid", "check", "visit", "monthly"),
        "check": ("grid", "check", "visit", "monthly"),
        "visit": ("visit", "monthly"),
        "monthly": ("monthly",),
    }
)
"""What counts for a cadence, where it does not say so itself. The database computes the same table."""
Last: TypeAlias = Mapping[tuple[int, str], date]
"""The day of each person's last served visit, by recipient id and channel."""
State: TypeAlias = Literal["overdue", "last_day", "due", "early"]
STATES: Final[tuple[State, ...]] = ("overdue", "last_day", "due", "early")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a cadence stands on a day.

    Parameters
    ----------
    last : the day that closed it last; None when it never was
    gap : whole days since then; for who was never called on, the target gap
    ratio : gap / largest gap; above 1 it is overdue
    """

    cadence: Cadence
    last: date | None
    gap: float
    ratio: float

    @property
    def state(self) -> State:
        """overdue: the largest gap has passed; last_day: tomorrow it will have; due: at its target."""
        if self.gap > self.cadence.max_days:
            return "overdue"
        if self.last is not None and self.gap + 1 > self.cadence.max_days:
            return "last_day"
        return "due" if self.gap >= target_gap(self.cadence) else "early"


def in_force(cadences: Iterable[Cadence], day: date) -> tuple[Cadence, ...]:
    """At most one cadence a person and channel, by person, then channel.

    A person's own exception replaces the rule on its days; of two exceptions the one that began later.
    """
    best: dict[tuple[int, str], Cadence] = {}
    for each in cadences:
        key = (each.recipient_id, each.channel)
        if _covers(each, day) and (key not in best or _precedence(each) > _precedence(best[key])):
            best[key] = each
    return tuple(best[key] for key in sorted(best))


def closers(cadence: Cadence) -> tuple[str, ...]:
    """The channels whose visits count for a cadence."""
    return cadence.closed_by or CLOSED_BY[cadence.channel]


def target_gap(cadence: Cadence) -> float:
    """Days after which it is due: its target, and never sooner than its smallest gap."""
    return max(cadence.target_days, cadence.min_days)


def last_closed(cadence: Cadence, last: Last) -> date | None:
    """The day that closed a cadence last, by whichever channel counts for it."""
    days = [last[key] for channel in closers(cadence) if (key := (cadence.recipient_id, channel)) in last]
    return max(days, default=None)


def standing(cadence: Cadence, last: Last, day: date) -> Standing:
    """How a cadence stands on a day."""
    closed = last_closed(cadence, last)
    gap = target_gap(cadence) if closed is None else float((day - closed).days)
    return Standing(cadence, closed, gap, gap / cadence.max_days)


def standings(cadences: Iterable[Cadence], last: Last, day: date) -> tuple[Standing, ...]:
    """How all cadences in force stand, the most overdue first."""
    found = [standing(each, last, day) for each in in_force(cadences, day)]
    return tuple(sorted(found, key=lambda s: (-s.ratio, s.cadence.recipient_id, s.cadence.channel)))


def weight(channel: str, service_s: int) -> tuple[int, int]:
    """How long a call by van is, to compare two of them."""
    return BY_VAN.index(channel), service_s


def _covers(cadence: Cadence, day: date) -> bool:
    begun = cadence.day_from is None or cadence.day_from <= day
    return begun and (cadence.day_to is None or day <= cadence.day_to)


def _precedence(cadence: Cadence) -> tuple[bool, date, int]:
    return cadence.own, cadence.day_from or date.min, cadence.id
