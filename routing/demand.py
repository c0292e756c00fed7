"""What a day asks for: visits that are due by their cadence, and drop-offs of what the season hands out.

Gaps are counted in whole days between dates, so that a daily check made last afternoon is due this morning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fleet.registry import Cadence, MenuItem, Recipient

DROPOFF_S = 15 * 60
"""Service time of a drop-off at a stop point."""
_BY_VAN = ("check", "visit", "monthly")
"""Channels that need a van, each closing those before it; a phone call needs none."""
_PRIZE_SCALE = 10
_MOST_OVERDUE = 20.0


@dataclass(frozen=True, slots=True)
class Due:
    """A person to be called on: by which cadence, how long, and what leaving them out would cost."""

    recipient_id: int
    cadence_id: int
    channel: str
    service_s: int
    skills: frozenset[str]
    mandatory: bool
    prize: int


@dataclass(frozen=True, slots=True)
class DropOff:
    """Cups by menu item code for the people whom a stop point serves."""

    site_id: int
    cups: Mapping[str, int]


def due_visits(
    people: Sequence[Recipient],
    cadences: Iterable[Cadence],
    last: Mapping[tuple[int, str], date],
    day: date,
) -> tuple[Due, ...]:
    """Who is due on a day, one call a person at most.

    Next due is the last call plus the target gap, and never sooner than the smallest gap. A call is mandatory
    when its cadence says so or when tomorrow would be past the largest gap. Where several channels are due
    together the longest call closes them all: it takes over their skills, their prizes and their duty.

    Parameters
    ----------
    last : the date of each person's last call by channel; who was never called on counts as just due
    """
    risks = {person.id: person.risk for person in people}
    found: dict[int, list[Due]] = {}
    for cadence in cadences:
        if cadence.channel in _BY_VAN and cadence.recipient_id in risks:
            due = _due(cadence, risks[cadence.recipient_id], last, day)
            if due is not None:
                found.setdefault(due.recipient_id, []).append(due)
    return tuple(_joined(found[person]) for person in sorted(found))


def drop_offs(people: Sequence[Recipient], menu: Iterable[MenuItem], season: str) -> tuple[DropOff, ...]:
    """One drop-off a stop point: for each person a cup of each of the season's items that they may have."""
    items = [item for item in menu if item.season == season]
    served: dict[int, list[Recipient]] = {}
    for person in people:
        if person.stop_id is not None:
            served.setdefault(person.stop_id, []).append(person)
    found: list[DropOff] = []
    for site_id, here in sorted(served.items()):
        may = sum(1 for person in here if not person.sugar_free)
        cups = {item.code: may if item.sugary else len(here) for item in items}
        cups = {code: n for code, n in cups.items() if n > 0}
        if cups:
            found.append(DropOff(site_id, cups))
    return tuple(found)


def _due(cadence: Cadence, risk: int, last: Mapping[tuple[int, str], date], day: date) -> Due | None:
    closing = _BY_VAN[_BY_VAN.index(cadence.channel) :]
    dates = [last[key] for channel in closing if (key := (cadence.recipient_id, channel)) in last]
    gap = (day - max(dates)).days if dates else cadence.target_days
    if gap < max(cadence.target_days, cadence.min_days):
        return None
    overdue = min(_MOST_OVERDUE, gap / cadence.max_days)
    return Due(
        recipient_id=cadence.recipient_id,
        cadence_id=cadence.id,
        channel=cadence.channel,
        service_s=cadence.service_s,
        skills=frozenset(cadence.skills),
        mandatory=cadence.mandatory or (bool(dates) and gap >= cadence.max_days),
        prize=max(1, round(_PRIZE_SCALE * risk * overdue)),
    )


def _joined(dues: Sequence[Due]) -> Due:
    longest = max(dues, key=lambda due: (_BY_VAN.index(due.channel), due.service_s))
    return Due(
        recipient_id=longest.recipient_id,
        cadence_id=longest.cadence_id,
        channel=longest.channel,
        service_s=max(due.service_s for due in dues),
        skills=frozenset().union(*(due.skills for due in dues)),
        mandatory=any(due.mandatory for due in dues),
        prize=sum(due.prize for due in dues),
    )
