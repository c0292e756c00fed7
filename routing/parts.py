"""A wide day in neighbourhoods: which vans and which visits are planned together.

Pure: the same day, orders and turn give the same groups. Vans and visits that some rule ties to each other
are one knot, and no border cuts a knot. The knots are halved along the wider side of the vans' places, each
half with visits by its share of the vans, until a group is small enough.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from routing.place import Orders
from routing.problem import Problem, TimeWindow, Visit

ONE_TABLE = 1_500
"""Up to so many sites a day is planned whole, with one road table."""

_Point: TypeAlias = tuple[float, float]
_Key: TypeAlias = tuple[frozenset[str], frozenset[int] | None, int, int, tuple[TimeWindow, ...]]


@dataclass(frozen=True, slots=True)
class Most:
    """How much a group may hold: vans, and visits and beat cells together."""

    vans: int = 13
    places: int = 520


@dataclass(frozen=True, slots=True)
class Group:
    """Vans and visits that are planned together, and of each of the fleet's equipment the units they have.

    A group without vans holds visits that are too many for the only van that is near them.
    """

    vans: tuple[int, ...]
    visits: tuple[int, ...]
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Knot:
    """What must stay together, where it lies, and how many places it has."""

    vans: tuple[int, ...]
    visits: tuple[int, ...]
    at: _Point
    places: int

    @property
    def first(self) -> tuple[int, ...]:
        """Orders knots of one place."""
        return (*self.vans, -1, *self.visits)


def parted(problem: Problem, orders: Orders, most: Most | None = None, turn: int = 0) -> tuple[Group, ...]:
    """Each van and each visit in one group.

    Parameters
    ----------
    orders : what the vans do so far; a visit stays with the van that serves it
    turn : with another number the borders lie elsewhere

    Returns
    -------
    Groups that hold no more than `most`, unless one knot alone does. Together they have no more units of a
    thing than the fleet, and each at least as many as its vans use in these orders.
    """
    return tuple(_Parting(problem, orders, most or Most()).groups(turn))


class _Parting:
    def __init__(self, problem: Problem, orders: Orders, most: Most) -> None:
        self.problem, self.most = problem, most
        self.held = [
            list(dict.fromkeys((*van.prefix, *(c.index for c in calls if c.kind in ("visit", "dropoff")))))
            for van, calls in zip(problem.vans, orders, strict=True)
        ]
        self.begun = any(orders)
        self.codes = [thing.code for thing in problem.equipment]
        self.users = [
            {van for van, visits in enumerate(self.held) if any(self._needs(n, code) for n in visits)}
            for code in self.codes
        ]
        self.cells = Counter(van for cell in problem.cells for van in cell.vans)
        self.known: dict[_Key, frozenset[int]] = {}

    def groups(self, turn: int) -> Iterator[Group]:
        """All groups of the day, from one side of it to the other."""
        units = tuple(thing.units for thing in self.problem.equipment)
        return self._grouped(self._knots(), units, turn)

    def _needs(self, visit: int, code: str) -> bool:
        return code in self.problem.visits[visit].equipment

    # Knots.

    def _knots(self) -> list[_Knot]:
        tied = _Ties(len(self.problem.vans) + len(self.problem.visits))
        first = len(self.problem.vans)
        for van, visits in enumerate(self.held):
            tied.join([van, *(first + n for n in visits)])
        for n, visit in enumerate(self.problem.visits):
            if visit.vans is not None and len(visit.vans) == 1:
                tied.join([*visit.vans, first + n])
        for relation in self.problem.relations:
            tied.join([first + n for n in relation.visits])
        for thing, users in zip(self.problem.equipment, self.users, strict=True):
            if len(users) > thing.units:  # a unit changes vans at noon
                tied.join(sorted(users))
        return [
            self._knot([n for n in each if n < first], [n - first for n in each if n >= first])
            for each in tied.groups()
        ]

    def _knot(self, vans: Sequence[int], visits: Sequence[int]) -> _Knot:
        points = [self._van_at[van] for van in vans] or [
            self._at(self.problem.visits[n].site) for n in visits
        ]
        places = len(visits) + sum(self.cells[van] for van in vans)
        return _Knot(tuple(vans), tuple(visits), _middle(points), places)

    @cached_property
    def _van_at(self) -> list[_Point]:
        """Where each van is at work: in the middle of its calls, else of its beats, else at its depot."""
        cells: dict[int, list[int]] = {}
        for cell in self.problem.cells:
            for van in cell.vans:
                cells.setdefault(van, []).append(cell.site)
        found = []
        for n, one in enumerate(self.problem.vans):
            sites = [self.problem.visits[visit].site for visit in self.held[n]]
            sites = sites or cells.get(n) or [one.depot]
            found.append(_middle([self._at(site) for site in sites]))
        return found

    def _at(self, site: int) -> _Point:
        """On a plane: degrees of longitude as long as those of latitude."""
        place = self.problem.sites[site]
        return place.lon * self._narrow, place.lat

    @cached_property
    def _narrow(self) -> float:
        lats = [site.lat for site in self.problem.sites]
        return math.cos(math.radians(sum(lats) / max(1, len(lats))))

    # Groups.

    def _grouped(self, knots: Sequence[_Knot], units: tuple[int, ...], turn: int) -> Iterator[Group]:
        manned = [knot for knot in knots if knot.vans]
        free = [knot for knot in knots if not knot.vans]
        vans, places = sum(len(knot.vans) for knot in manned), sum(knot.places for knot in knots)
        parts = max(math.ceil(vans / self.most.vans), math.ceil(places / self.most.places))
        if parts <= 1 or len(manned) <= 1:
            yield from self._leaf(manned, free, units)
            return
        share = (parts // 2) / parts
        if turn:
            share = (parts // 2 + 0.5) / (parts + 1)
        axis = _wider([knot.at for knot in manned], [knot.at for knot in free]) ^ (turn % 2)
        sides = self._halves(manned, free, axis, share)
        theirs = self._shared(sides, units)
        self._mend(sides, theirs)
        for side, own in zip(sides, theirs, strict=True):
            yield from self._grouped(side, own, 0)

    def _leaf(
        self, manned: Sequence[_Knot], free: Sequence[_Knot], units: tuple[int, ...]
    ) -> Iterator[Group]:
        """One group; of more visits than its table may hold the farthest lie in groups without a van."""
        room = self.most.places - sum(knot.places for knot in manned)
        kept, left = list(manned), list[_Knot]()
        here = _middle([knot.at for knot in manned]) if manned else (0.0, 0.0)
        for knot in sorted(free, key=lambda each: (not self._is_due(each), math.dist(each.at, here))):
            if manned and knot.places <= room:
                kept.append(knot)
                room -= knot.places
            else:
                left.append(knot)
        yield _group(kept, units)
        none = tuple(0 for _ in units)
        for knot in left:
            yield _group([knot], none)

    def _is_due(self, knot: _Knot) -> bool:
        return any(self.problem.visits[n].mandatory or self.problem.visits[n].sos for n in knot.visits)

    def _halves(
        self, manned: Sequence[_Knot], free: Sequence[_Knot], axis: int, share: float
    ) -> tuple[list[_Knot], list[_Knot]]:
        """Vans by their share; visits by the vans' share too, or on their side of the border of routes."""

        def along(knot: _Knot) -> tuple[float, float, tuple[int, ...]]:
            return knot.at[axis], knot.at[1 - axis], knot.first

        manned, free = sorted(manned, key=along), sorted(free, key=along)
        vans = [len(knot.vans) for knot in manned]
        cut = int(np.searchsorted(np.cumsum(vans), share * sum(vans) - 1e-9)) + 1
        cut = min(cut, len(manned) - 1)
        left, right = manned[:cut], manned[cut:]
        if self.begun:
            border = (left[-1].at[axis] + right[0].at[axis]) / 2
            at = sum(knot.at[axis] < border for knot in free)
        else:
            quota = (
                (sum(k.places for k in manned) + sum(k.places for k in free)) * sum(vans[:cut]) / sum(vans)
            )
            room = quota - sum(knot.places for knot in left)
            at = int(np.searchsorted(np.cumsum([knot.places for knot in free]), room, side="right"))
        return [*left, *free[:at]], [*right, *free[at:]]

    def _shared(
        self, sides: tuple[list[_Knot], list[_Knot]], units: tuple[int, ...]
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Whole units: each half keeps those in use on its vans, spare ones go where visits need them."""
        left: list[int] = []
        for code, users, all_of_it in zip(self.codes, self.users, units, strict=True):
            used = [len(users.intersection(v for knot in side for v in knot.vans)) for side in sides]
            used = [min(each, all_of_it) for each in used]
            needs = [sum(self._needs(n, code) for knot in side for n in knot.visits) for side in sides]
            spare = max(0, all_of_it - sum(used))
            more = round(spare * needs[0] / sum(needs)) if sum(needs) else spare // 2
            left.append(min(used[0] + more, all_of_it))
        return tuple(left), tuple(whole - part for whole, part in zip(units, left, strict=True))

    def _mend(self, sides: tuple[list[_Knot], list[_Knot]], units: Sequence[Sequence[int]]) -> None:
        """Move visits to the half that can serve them where their own cannot."""
        vans = [frozenset(van for knot in side for van in knot.vans) for side in sides]
        for here, there in ((0, 1), (1, 0)):
            for knot in [each for each in sides[here] if not each.vans]:
                can = [sum(self._can(n, vans[k], units[k]) for n in knot.visits) for k in (here, there)]
                if can[1] > can[0]:
                    sides[here].remove(knot)
                    sides[there].append(knot)

    def _can(self, n: int, vans: frozenset[int], units: Sequence[int]) -> bool:
        """Whether one of the vans could serve a visit, with the equipment that they have."""
        visit = self.problem.visits[n]
        if any(code in visit.equipment and not own for code, own in zip(self.codes, units, strict=True)):
            return False
        return not self._able(visit).isdisjoint(vans)

    def _able(self, visit: Visit) -> frozenset[int]:
        """Vans that may serve a visit by its locks, its skills, its cups and its hours."""
        cups = self.problem.cups_of(visit, "hot"), self.problem.cups_of(visit, "cold")
        key = visit.skills, visit.vans, *cups, visit.windows
        if key not in self.known:
            found = [
                vans
                for (skills, hot, cold, from_s, until_s), vans in self._kinds.items()
                if visit.skills <= skills
                and cups[0] <= hot
                and cups[1] <= cold
                and any(max(w.opens_s, from_s) <= min(w.closes_s, until_s) for w in visit.windows)
            ]
            able = frozenset[int]().union(*found)
            self.known[key] = able if visit.vans is None else able & visit.vans
        return self.known[key]

    @cached_property
    def _kinds(self) -> Mapping[tuple[frozenset[str], int, int, int, int], frozenset[int]]:
        """Vans by what decides whom they may serve."""
        kinds: dict[tuple[frozenset[str], int, int, int, int], set[int]] = {}
        for n, van in enumerate(self.problem.vans):
            hot, cold = max(van.hot_cups, van.aboard("hot")), max(van.cold_cups, van.aboard("cold"))
            kind = van.skills, hot, cold, van.starts_s, van.ends_s + van.overtime_s
            kinds.setdefault(kind, set()).add(n)
        return {kind: frozenset(vans) for kind, vans in kinds.items()}


class _Ties:
    """Things joined to each other, directly or by others."""

    def __init__(self, count: int) -> None:
        self.head = list(range(count))

    def join(self, some: Sequence[int]) -> None:
        for other in some[1:]:
            a, b = self._find(some[0]), self._find(other)
            self.head[max(a, b)] = min(a, b)

    def groups(self) -> list[list[int]]:
        """Each group in rising order, by its first."""
        found: dict[int, list[int]] = {}
        for n in range(len(self.head)):
            found.setdefault(self._find(n), []).append(n)
        return list(found.values())

    def _find(self, n: int) -> int:
        while self.head[n] != n:
            self.head[n] = self.head[self.head[n]]
            n = self.head[n]
        return n


def _group(knots: Sequence[_Knot], units: tuple[int, ...]) -> Group:
    vans = sorted(van for knot in knots for van in knot.vans)
    return Group(tuple(vans), tuple(sorted(n for knot in knots for n in knot.visits)), units)


def _middle(points: Sequence[_Point]) -> _Point:
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def _wider(manned: Sequence[_Point], free: Sequence[_Point]) -> int:
    """The axis along which vans lie farther apart, or visits where vans do not."""
    for points in (manned, free):
        spans = (
            [max(p[axis] for p in points) - min(p[axis] for p in points) for axis in (0, 1)]
            if points
            else [0, 0]
        )
        if any(spans):
            return int(spans[1] > spans[0])
    return 0
