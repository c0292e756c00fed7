"""Spreads calls over the days ahead: each person's days are chosen best while all others stay. Pure.

Smallest gaps hold always. A largest gap that cannot be kept costs more than anything else, by risk and day;
then vans' time that is not there; then trips into a neighbourhood, days past the target, calls made without
need, and days that are fuller than others.

A first spreading is made day by day. Then, person by person, dynamic programming over the days finds the
cheapest calls of this one person exactly; the whole never gets dearer. The same needs give the same days, in
whatever order their rows came, and the work grows with the number of people, not with their square. CP-SAT
on three people at a time took eight times as long for the same cost; on whole neighbourhoods it was dearer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeAlias

from routing.horizon import TRIP_S, Ahead, Given, Need

# Costs of one unit each; a minute is the unit of loads.
_LATE, _OVER, _TRIP, _PAST, _CALL, _FULL = 2000, 40, 120, 12, 30, 1
_NOBODY: Final = 10**9
"""What a call costs that no van of the day can make."""
_FULL_FROM: Final = (0.5, 0.7, 0.85, 1.0)
"""Shares of a day's time from which each more minute costs more."""
_ROUNDS: Final = 3
_NO_SKILL: Final = frozenset[str]()

_Key: TypeAlias = tuple[int, int]
_Gaps: TypeAlias = tuple[int, ...]
_Choice: TypeAlias = int | None


def spread(ahead: Ahead, rounds: int = _ROUNDS) -> Given:
    """Give every need its days.

    Parameters
    ----------
    rounds : how often everybody's days are chosen anew at most

    Returns
    -------
    By day, the needs called on. Whatever order the rows came in, the same.
    """
    board = _Board(ahead, by_hand(ahead))
    people = [tuple(own) for _, own in groupby(ahead.needs, key=lambda need: need.recipient_id)]
    for _ in range(rounds):
        if not sum([board.choose_anew(own) for own in people]):
            break
    return board.given


def by_hand(ahead: Ahead) -> Given:
    """Calls at their target, the most overdue first while there is time, at their largest gap in any case."""
    closed = {need.key: -need.since for need in ahead.needs}
    of_person = {
        person: tuple(own) for person, own in groupby(ahead.needs, key=lambda need: need.recipient_id)
    }
    given: dict[int, frozenset[_Key]] = {}
    for n in range(ahead.days):
        left_s = sum(van.seconds for van in ahead.vans[n]) - sum(need.load_s for need in _daily(ahead, n))
        today: dict[int, _Key] = {}
        for need in sorted(ahead.needs, key=lambda each: _urgency(each, n, closed)):
            gaps, gap = need.gaps[n], n - closed[need.key]
            if gaps is None or gap < gaps.target or need.recipient_id in today:
                continue
            if not _can(ahead, n, need):
                continue
            if left_s >= need.load_s or gap >= gaps.most:
                today[need.recipient_id] = need.key
                left_s -= need.load_s
                for other in of_person[need.recipient_id]:
                    if need.rank in other.closed_by:
                        closed[other.key] = n
        given[n] = frozenset(today.values())
    return given


def cost_of(ahead: Ahead, given: Given) -> int:
    """What a spreading costs in all: the smaller the better."""
    cost = 0
    for need in ahead.needs:
        keys = [(need.recipient_id, rank) for rank in need.closed_by]
        closing = [n for n in range(ahead.days) if any(key in given[n] for key in keys)]
        for n in range(ahead.days):
            cost += _wish(need, n, n - max((each for each in closing if each <= n), default=-need.since))
    board = _Board(ahead, given)
    calls = sum(len(keys) for keys in given.values())
    return cost + _CALL * calls + sum(board.day_cost(n, board.used[n]) for n in range(ahead.days))


def _urgency(need: Need, n: int, closed: Mapping[_Key, int]) -> tuple[float, int, _Key]:
    gaps = need.gaps[n]
    ratio = (n - closed[need.key]) / gaps.most if gaps else 0.0
    # The longer call first: it counts for the shorter one of the same person.
    return -ratio * need.risk, -need.rank, need.key


def _can(ahead: Ahead, n: int, need: Need) -> bool:
    """Whether a van of the day has the skills."""
    return any(need.skills <= van.skills for van in ahead.vans[n])


def _daily(ahead: Ahead, n: int) -> list[Need]:
    return [need for need in ahead.daily if need.gaps[n] is not None]


def _wish(need: Need, n: int, gap: int) -> int:
    """What it costs that on the evening of a day the last call that counts was so long ago."""
    gaps = need.gaps[n]
    if gaps is None:
        return 0
    return need.risk * (_LATE * (gap >= gaps.most) + _PAST * (gap >= gaps.target))


@dataclass(frozen=True, slots=True)
class _Step:
    """The cheapest way to a state: its cost, the choice of its day, and the state before."""

    cost: int
    choice: _Choice
    before: _Gaps | None


class _Board:
    """A spreading with what each day is loaded with."""

    def __init__(self, ahead: Ahead, given: Given) -> None:
        self.ahead = ahead
        self.calls: dict[int, dict[int, frozenset[_Key]]] = {}
        for n, keys in given.items():
            own: dict[int, set[_Key]] = {}
            for key in keys:
                own.setdefault(key[0], set()).add(key)
            self.calls[n] = {person: frozenset(each) for person, each in own.items()}
        every = {_NO_SKILL, *(need.skills for need in (*ahead.needs, *ahead.daily))}
        self.skills = sorted(every, key=sorted)
        self.have = [
            [sum(van.seconds for van in vans if asked <= van.skills) // 60 for asked in self.skills]
            for vans in ahead.vans
        ]
        self.daily: list[dict[int, Need]] = [
            {need.recipient_id: need for need in _daily(ahead, n)} for n in range(ahead.days)
        ]
        self.used = [[0] * len(self.skills) for _ in range(ahead.days)]
        self.there: list[dict[int, int]] = [{} for _ in range(ahead.days)]
        needs = {need.key: need for need in ahead.needs}
        for n in range(ahead.days):
            called = self.calls[n]
            for need in (
                *(needs[key] for key in sorted(given[n])),
                *(need for person, need in sorted(self.daily[n].items()) if person not in called),
            ):
                self._put(n, need, 1)

    @property
    def given(self) -> Given:
        """By day, the needs called on."""
        return {n: frozenset[_Key]().union(*own.values()) for n, own in self.calls.items()}

    def choose_anew(self, own: Sequence[Need]) -> bool:
        """Choose one person's days best, all others staying; whether anything changed."""
        person = own[0].recipient_id
        for n in range(self.ahead.days):
            for need in self._called(own, n):
                self._put(n, need, -1)
        costs = [self._costs(own, n) for n in range(self.ahead.days)]
        chosen = _cheapest(own, costs)
        changed = False
        for n, choice in enumerate(chosen):
            keys = frozenset(() if choice is None else (own[choice].key,))
            changed = changed or keys != self.calls[n].get(person, frozenset())
            self.calls[n][person] = keys
            for need in self._called(own, n):
                self._put(n, need, 1)
        return changed

    def day_cost(self, n: int, used: Sequence[int]) -> int:
        """What a day's load costs."""
        cost = _TRIP * len(self.there[n])
        calm = max(0, self.have[n][0] - self.ahead.drops_s[n] // 60)
        load = used[0] + len(self.there[n]) * TRIP_S // 60
        for share in _FULL_FROM:
            cost += _FULL * max(0, load - int(share * calm))
        cost += _OVER * max(0, load - self.have[n][0])
        for k in range(1, len(self.skills)):
            cost += _OVER * max(0, used[k] - self.have[n][k])
        return cost

    def _called(self, own: Sequence[Need], n: int) -> Iterable[Need]:
        """Who makes the van come to a person on a day: the call given, else the daily one."""
        keys = self.calls[n].get(own[0].recipient_id, frozenset[_Key]())
        given = [need for need in own if need.key in keys]
        daily = self.daily[n].get(own[0].recipient_id)
        return given or ([daily] if daily else [])

    def _put(self, n: int, need: Need, sign: int) -> None:
        for k, asked in enumerate(self.skills):
            if asked <= need.skills:
                self.used[n][k] += sign * (need.load_s // 60)
        there = self.there[n]
        there[need.cluster] = there.get(need.cluster, 0) + sign
        if not there[need.cluster]:
            del there[need.cluster]

    def _costs(self, own: Sequence[Need], n: int) -> tuple[int, ...]:
        """What each of a person's calls would cost the day, and last what none would."""
        found = []
        for need in own:
            cost = self._with(n, need) + _CALL
            found.append(cost if _can(self.ahead, n, need) else cost + _NOBODY)
        daily = self.daily[n].get(own[0].recipient_id)
        found.append(self._with(n, daily) if daily else self.day_cost(n, self.used[n]))
        return tuple(found)

    def _with(self, n: int, need: Need) -> int:
        """What a day costs with one call more."""
        self._put(n, need, 1)
        cost = self.day_cost(n, self.used[n])
        self._put(n, need, -1)
        return cost


def _cheapest(own: Sequence[Need], costs: Sequence[Sequence[int]]) -> list[_Choice]:
    """One person's cheapest calls: for each day which of their needs, or none.

    A state holds for each need the days since a call counted, as far as they matter. Ties go to the state and
    the choice that come first in order.
    """
    most = [max((gaps.most for gaps in need.gaps if gaps), default=1) for need in own]
    start = tuple(min(need.since - 1, cap) for need, cap in zip(own, most, strict=True))
    layers: list[dict[_Gaps, _Step]] = [{start: _Step(0, None, None)}]
    for n, of_day in enumerate(costs):
        layer: dict[_Gaps, _Step] = {}
        for state in sorted(layers[-1]):
            cost = layers[-1][state].cost
            aged = tuple(min(gap + 1, cap) for gap, cap in zip(state, most, strict=True))
            for choice in (None, *range(len(own))):
                after = _after(own, aged, choice, n)
                if after is None:
                    continue
                here = cost + of_day[-1 if choice is None else choice]
                here += sum(_wish(need, n, gap) for need, gap in zip(own, after, strict=True))
                if after not in layer or here < layer[after].cost:
                    layer[after] = _Step(here, choice, state)
        layers.append(layer)
    at: _Gaps | None = min(layers[-1], key=lambda each: (layers[-1][each].cost, each))
    chosen: list[_Choice] = []
    for layer in reversed(layers[1:]):
        assert at is not None
        chosen.append(layer[at].choice)
        at = layer[at].before
    return chosen[::-1]


def _after(own: Sequence[Need], aged: _Gaps, choice: _Choice, n: int) -> _Gaps | None:
    """The days since on the evening; None where the call would come too soon, or is not asked for."""
    if choice is None:
        return aged
    gaps = own[choice].gaps[n]
    if gaps is None or aged[choice] < gaps.least:
        return None
    rank = own[choice].rank
    return tuple(0 if rank in need.closed_by else gap for need, gap in zip(own, aged, strict=True))
