"""What a day asks for: visits that are due by their cadence, and drop-offs of what the season hands out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from fleet.registry import Cadence, MenuItem, Recipient
from routing.cadence import BY_VAN, Last, Standing, in_force, standing, weight

DROPOFF_S = 15 * 60
"""Service time of a drop-off at a stop point."""
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


class Advice(Protocol):
    """What looking days ahead says of one of them."""

    def wants(self, recipient_id: int, channel: str) -> bool | None:
        """Whether this call was given to the day; None where nothing is advised about it."""
        ...


def due_visits(
    people: Sequence[Recipient],
    cadences: Iterable[Cadence],
    last: Last,
    day: date,
    advice: Advice | None = None,
    able: Sequence[frozenset[str]] | None = None,
) -> tuple[Due, ...]:
    """Who is due on a day, one call a person at most that a van of the day can make.

    Without advice, a call is due once the target gap has passed since the last that counted for it. With
    advice it is due on the day that it was given to, which lies between its smallest and its largest gap;
    what was given to a later day waits, unless tomorrow would be past its largest gap. Never sooner than the
    smallest gap. A call is mandatory when its cadence says so or when tomorrow would be past the largest gap.
    Where several channels are due together the longest call that a van can make closes the shorter ones: it
    takes over their prizes, their duty and, as far as one van has them all, their skills. A longer call that
    no van can make today does not stand in its way: it is due by itself, to be told among the unserved.

    Parameters
    ----------
    cadences : rules and exceptions; those in force on the day count, in any order
    last : the date of each person's last call by channel; who was never called on counts as just due
    able : the skills of each van of the day; None: they are not looked at
    """
    risks = {person.id: person.risk for person in people}
    found: dict[int, list[tuple[Standing, Due]]] = {}
    for cadence in in_force(cadences, day):
        if cadence.channel in BY_VAN and cadence.recipient_id in risks:
            stands = standing(cadence, last, day)
            if _is_due(stands, advice):
                due = _due(stands, risks[cadence.recipient_id])
                found.setdefault(due.recipient_id, []).append((stands, due))
    return tuple(due for person in sorted(found) for due in _joined(found[person], able))


def prize_of(risk: int, ratio: float) -> int:
    """What an optional call is worth: risk times overdue ratio."""
    return max(1, round(_PRIZE_SCALE * risk * min(_MOST_OVERDUE, ratio)))


def must(stands: Standing) -> bool:
    """Whether leaving the call out is no choice any more."""
    return stands.cadence.mandatory or stands.state == "last_day" or _past(stands)


def _past(stands: Standing) -> bool:
    return stands.last is not None and stands.state == "overdue"


def _is_due(stands: Standing, advice: Advice | None) -> bool:
    cadence = stands.cadence
    if stands.gap < cadence.min_days:
        return False
    wanted = advice.wants(cadence.recipient_id, cadence.channel) if advice is not None else None
    if wanted is None:
        return stands.state != "early"
    return wanted or stands.state in ("last_day", "overdue")


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


def spared(drops: Sequence[DropOff], share: float) -> tuple[DropOff, ...]:
    """The drop-offs that are left on a day with so much of its outdoor work: those with the most cups.

    Parameters
    ----------
    share : 0 to 1, as `fleet.season.outdoor_limit` has it; all drop-offs take the same time
    """
    ranked = sorted(drops, key=lambda drop: (-sum(drop.cups.values()), drop.site_id))
    kept = {drop.site_id for drop in ranked[: int(share * len(ranked))]}
    return tuple(drop for drop in drops if drop.site_id in kept)


def _due(stands: Standing, risk: int) -> Due:
    cadence = stands.cadence
    return Due(
        recipient_id=cadence.recipient_id,
        cadence_id=cadence.id,
        channel=cadence.channel,
        service_s=cadence.service_s,
        skills=frozenset(cadence.skills),
        mandatory=must(stands),
        prize=prize_of(risk, stands.ratio),
    )


def _joined(dues: Sequence[tuple[Standing, Due]], able: Sequence[frozenset[str]] | None) -> Iterator[Due]:
    """One person's calls: the one that closes all that it can, and longer ones that nobody can make."""

    def can(skills: frozenset[str]) -> bool:
        return able is None or any(skills <= has for has in able)

    ranked = sorted((due for _, due in dues), key=lambda due: weight(due.channel, due.service_s))
    made = [due for due in ranked if can(due.skills)]
    if not made:
        yield _one(ranked, ranked[-1].skills.union(*(due.skills for due in ranked)))
        return
    longest = made[-1]
    skills = longest.skills
    closed = ranked[: ranked.index(longest) + 1]
    for due in reversed(closed):
        if can(skills | due.skills):
            skills |= due.skills
    yield _one(closed, skills)
    yield from ranked[len(closed) :]


def _one(closed: Sequence[Due], skills: frozenset[str]) -> Due:
    """The last of these calls, with the duty and the prizes of all."""
    return replace(
        closed[-1],
        service_s=max(due.service_s for due in closed),
        skills=skills,
        mandatory=any(due.mandatory for due in closed),
        prize=sum(due.prize for due in closed),
    )
