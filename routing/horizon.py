"""The days ahead: what is asked for in them, what can be done, and what was given to which day. Pure.

A **need** is one person's cadence by van over the horizon. Day 0 is the first day; gaps are whole days. Calls
that must be made every day anyway (`daily`) are no choice: they load their day, and are a reason to be in the
neighbourhood. All others are spread: `routing.spread` decides, this module says what is asked and tells what
came of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil, floor
from typing import Final

from fleet.registry import Cadence, Recipient
from routing.cadence import BY_VAN, Last, closers, in_force, last_closed, standing
from routing.demand import must, prize_of

SHORTEST, LONGEST = 7, 28
"""How many days may be looked ahead."""
DAILY_MAX: Final = 2.0
"""A cadence whose largest gap is below this has a call every day."""
CALL_DRIVE_S: Final = 240
"""Driving that one more call in a neighbourhood costs."""
TRIP_S: Final = 900
"""Driving that going to one more neighbourhood costs."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """A cadence's gaps on one day, in whole days: never sooner, wanted, never later."""

    least: int
    target: int
    most: int


@dataclass(frozen=True, slots=True)
class Need:
    """A person's calls by one channel, over all days of the horizon.

    Parameters
    ----------
    since : days from the call that counted last to day 0, > 0; the target gap for who was never called on
    gaps : for each day; None where no cadence is in force
    closed_by : ranks in `BY_VAN` of the person's calls that count for it
    cluster : the neighbourhood
    """

    recipient_id: int
    rank: int
    service_s: int
    skills: frozenset[str]
    risk: int
    since: int
    gaps: tuple[Gaps | None, ...]
    closed_by: frozenset[int]
    cluster: int

    @property
    def key(self) -> tuple[int, int]:
        """Person and rank: no two needs share it."""
        return self.recipient_id, self.rank

    @property
    def load_s(self) -> int:
        """Crew seconds that one call costs, driving inside the neighbourhood included."""
        return self.service_s + CALL_DRIVE_S


@dataclass(frozen=True, slots=True)
class VanTime:
    """Seconds that a van with these skills has for calls on a day."""

    skills: frozenset[str]
    seconds: int


@dataclass(frozen=True, slots=True)
class Ahead:
    """All that spreading depends on: needs by key, daily calls, and each day's vans.

    drops_s : for each day, what its drop-offs take; calls come first, and leave them room where they can
    """

    first: date
    needs: tuple[Need, ...]
    daily: tuple[Need, ...]
    vans: tuple[tuple[VanTime, ...], ...]
    drops_s: tuple[int, ...]

    @property
    def days(self) -> int:
        """How many days are looked ahead."""
        return len(self.vans)


Given = Mapping[int, frozenset[tuple[int, int]]]
"""By day, the needs (by key) that get a call on it."""


@dataclass(frozen=True, slots=True)
class Task:
    """A call given to a day. `ratio` is gap / largest gap on that day, if all before it are kept."""

    recipient_id: int
    cadence_id: int
    channel: str
    mandatory: bool
    prize: int
    ratio: float
    load_s: int
    cluster: int


@dataclass(frozen=True, slots=True)
class DayAhead:
    """One day: its calls, and their load beside what the vans have."""

    day: date
    tasks: tuple[Task, ...]
    load_s: int
    capacity_s: int
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Horizon:
    """The days ahead. Of the first day it is advice for the day's plan: see `wants`."""

    days: tuple[DayAhead, ...]
    spread: frozenset[tuple[int, str]] = field(default=frozenset())
    """Person and channel of every call that a choice was made about."""

    def wants(self, recipient_id: int, channel: str) -> bool | None:
        """Whether the first day was given this call, or a longer one that counts for it."""
        if (recipient_id, channel) not in self.spread:
            return None
        rank = BY_VAN.index(channel)
        given = [task for task in self.days[0].tasks if task.recipient_id == recipient_id]
        return any(BY_VAN.index(task.channel) >= rank for task in given)


def look_ahead(
    people: Sequence[Recipient],
    cadences: Iterable[Cadence],
    last: Last,
    clusters: Mapping[int, int],
    first: date,
    vans: Sequence[Sequence[VanTime]],
    drops_s: Sequence[int] | None = None,
) -> Ahead:
    """Lay out what is asked for from `first` on.

    Parameters
    ----------
    cadences : rules and exceptions; on each day those in force count
    last : the day of each person's last call by channel, before `first`
    clusters : each person's neighbourhood
    vans : for each day the vans and their time; its length is the horizon
    drops_s : for each day what its drop-offs take; None: there are none
    """
    every = list(cadences)
    risks = {person.id: person.risk for person in people}
    by_key: dict[tuple[int, int], dict[int, Cadence]] = {}
    for n in range(len(vans)):
        for cadence in in_force(every, first + timedelta(days=n)):
            if cadence.channel in BY_VAN and cadence.recipient_id in risks:
                key = cadence.recipient_id, BY_VAN.index(cadence.channel)
                by_key.setdefault(key, {})[n] = cadence
    found = [
        _need(of_days, risks[person], clusters.get(person, 0), last, first, len(vans))
        for (person, _), of_days in sorted(by_key.items())
    ]
    return Ahead(
        first,
        tuple(need for need, daily in found if not daily),
        tuple(need for need, daily in found if daily),
        tuple(tuple(sorted(each, key=lambda v: (sorted(v.skills), v.seconds))) for each in vans),
        tuple(drops_s) if drops_s is not None else (0,) * len(vans),
    )


def _need(
    of_days: Mapping[int, Cadence], risk: int, cluster: int, last: Last, first: date, days: int
) -> tuple[Need, bool]:
    cadence = of_days[min(of_days)]
    closed = last_closed(cadence, last)
    since = max(1, (first - closed).days if closed else ceil(standing(cadence, last, first).gap))
    need = Need(
        recipient_id=cadence.recipient_id,
        rank=BY_VAN.index(cadence.channel),
        service_s=cadence.service_s,
        skills=frozenset(cadence.skills),
        risk=risk,
        since=since,
        gaps=tuple(_gaps(of_days[n]) if n in of_days else None for n in range(days)),
        closed_by=frozenset(BY_VAN.index(each) for each in closers(cadence) if each in BY_VAN),
        cluster=cluster,
    )
    return need, all(each.max_days < DAILY_MAX for each in of_days.values())


def _gaps(cadence: Cadence) -> Gaps:
    least = max(1, ceil(cadence.min_days))
    target = max(least, round(cadence.target_days))
    return Gaps(least, target, max(target, floor(cadence.max_days)))


def trouble_of(needs: Sequence[Need], given: Given, days: int) -> list[str]:
    """Which smallest gaps a spreading breaks, in words; empty when none."""
    found: list[str] = []
    for need in needs:
        own = [n for n in range(days) if need.key in given.get(n, frozenset())]
        closing = [-need.since] + [
            n
            for n in range(days)
            if any((need.recipient_id, rank) in given.get(n, frozenset()) for rank in need.closed_by)
        ]
        for n in own:
            gaps, before = need.gaps[n], max(each for each in closing if each < n)
            if gaps is None or n - before < gaps.least:
                found.append(f"person {need.recipient_id} {BY_VAN[need.rank]} on day {n} after day {before}")
    return found


def horizon_of(
    ahead: Ahead,
    given: Given,
    cadences: Iterable[Cadence],
    last: Last,
    assumed: frozenset[int] = frozenset(),
) -> Horizon:
    """What a spreading means for each day, as if every call were made on the day that it was given to."""
    every = list(cadences)
    done: dict[tuple[int, str], date] = dict(last)
    risks = {need.recipient_id: need.risk for need in (*ahead.needs, *ahead.daily)}
    of_key = {need.key: need for need in ahead.needs}
    days: list[DayAhead] = []
    for n in range(ahead.days):
        day = ahead.first + timedelta(days=n)
        today = in_force(every, day)
        channels = {(each.recipient_id, BY_VAN.index(each.channel)): each for each in today
                    if each.channel in BY_VAN}  # fmt: skip
        tasks: list[Task] = []
        for key in sorted(given.get(n, frozenset())):
            stands = standing(channels[key], done, day)
            tasks.append(
                Task(
                    recipient_id=key[0],
                    cadence_id=stands.cadence.id,
                    channel=stands.cadence.channel,
                    mandatory=must(stands),
                    prize=prize_of(risks[key[0]], stands.ratio),
                    ratio=round(stands.ratio, 3),
                    load_s=of_key[key].load_s,
                    cluster=of_key[key].cluster,
                )
            )
        for task in tasks:
            done[task.recipient_id, task.channel] = day
        load_s = day_load_s(ahead, n, given.get(n, frozenset()))
        capacity_s = sum(van.seconds for van in ahead.vans[n])
        days.append(DayAhead(day, tuple(tasks), load_s, capacity_s, n in assumed))
    spread = frozenset((need.recipient_id, BY_VAN[need.rank]) for need in ahead.needs)
    return Horizon(tuple(days), spread)


def day_load_s(ahead: Ahead, n: int, given: frozenset[tuple[int, int]]) -> int:
    """Crew seconds of a day's calls, given and daily; a longer call takes the place of a daily one."""
    called = {person for person, _ in given}
    daily = [need for need in ahead.daily if need.gaps[n] and need.recipient_id not in called]
    chosen = [need for need in ahead.needs if need.key in given]
    trips = {need.cluster for need in (*daily, *chosen)}
    return sum(need.load_s for need in (*daily, *chosen)) + TRIP_S * len(trips)
