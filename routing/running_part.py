"""A few vans of a running day as a problem of their own, with its promises locked but for a few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from routing.levels import is_moved
from routing.place import Orders
from routing.plan import Plan
from routing.problem import PROMISE_S, Problem, Promise, Relation, TimeWindow, Van, Visit
from routing.timetable import Call


@dataclass(frozen=True, slots=True)
class Part:
    """Some vans and all that they and nobody else may serve, with the indexes in the whole problem."""

    problem: Problem
    orders: Orders
    vans: tuple[int, ...]
    visits: tuple[int, ...]

    def whole(self, orders: Orders, before: Orders) -> Orders:
        """Orders of the part, put into those of the whole."""
        lists = list(before)
        for van, calls in zip(self.vans, orders, strict=True):
            lists[van] = tuple(
                replace(call, index=self.visits[call.index]) if call.kind in ("visit", "dropoff") else call
                for call in calls
            )
        return tuple(lists)


def nearest(problem: Problem, orders: Orders, site: int, most: int) -> tuple[int, ...]:
    """The vans that are near a site now or call near it later, at most so many.

    One that is to hand a thing over is left alone.
    """
    far: list[tuple[int, int]] = []
    for van, calls in enumerate(orders):
        if any(call.kind == "handover" for call in calls):
            continue
        sites = [problem.vans[van].depot]
        sites += [problem.visits[c.index].site for c in calls if c.kind in ("visit", "dropoff")]
        ways = [int(each) for each in problem.seconds[sites, site] if each >= 0]
        if ways:
            far.append((min(ways), van))
    return tuple(sorted(van for _, van in sorted(far)[:most]))


def held(problem: Problem, plan: Plan, near: int, spare: int) -> Problem:
    """The problem with each promise made a rule, but for those broken already and `spare` more, the nearest.

    Whatever keeps its rules breaks no more promises than were broken before, and the spare ones.
    """
    broken, kept = _broken(problem, plan)
    by_way = sorted(kept, key=lambda n: (int(problem.seconds[problem.visits[n].site, near]), n))
    free = broken | set(by_way[:spare])
    visits = (visit if n in free else _kept(visit) for n, visit in enumerate(problem.visits))
    return replace(problem, visits=tuple(visits))


def _broken(problem: Problem, plan: Plan) -> tuple[set[int], list[int]]:
    """Promised visits whose promise the plan breaks, and the others."""
    promised = {n for n, visit in enumerate(problem.visits) if visit.promise is not None}
    kept: list[int] = []
    for route in plan.routes:
        for stop in route.stops:
            if stop.visit in promised and not is_moved(problem.visits[stop.visit], route.van, stop):
                kept.append(stop.visit)
    return promised - set(kept), kept


def _kept(visit: Visit) -> Visit:
    promise = visit.promise
    if promise is None:
        return visit
    from_s, to_s = promise.begins_s - PROMISE_S, promise.begins_s + PROMISE_S
    held = (TimeWindow(max(w.opens_s, from_s), min(w.closes_s, to_s)) for w in visit.windows)
    windows = tuple(window for window in held if window.opens_s <= window.closes_s)
    return replace(visit, windows=windows or visit.windows, vans=frozenset({promise.van}))


def part(problem: Problem, orders: Orders, vans: Sequence[int]) -> Part:
    """What some vans are to do, with the unserved; whatever the other vans do stays as it is."""
    van_of = {call.index: van for van, calls in enumerate(orders) for call in calls if _visits(call)}
    inside = set(vans)
    chosen = [n for n in range(len(problem.visits)) if van_of.get(n) in inside or n not in van_of]
    chosen = [n for n in chosen if n in van_of or not _bound_outside(problem, n, van_of, inside)]
    number = {n: k for k, n in enumerate(chosen)}
    place = {van: k for k, van in enumerate(vans)}
    locked = {n for n in chosen if n in van_of and _bound_outside(problem, n, van_of, inside)}
    visits = tuple(
        _visit(problem.visits[n], place, frozenset({van_of[n]}) if n in locked else None) for n in chosen
    )
    small = replace(
        problem,
        vans=tuple(_van(problem.vans[van], number) for van in vans),
        visits=visits,
        cells=tuple(
            replace(cell, vans=frozenset(place[v] for v in cell.vans if v in place)) for cell in problem.cells
        ),
        relations=tuple(
            Relation(each.kind, tuple(number[n] for n in each.visits if n in number))
            for each in problem.relations
            if sum(n in number for n in each.visits) > 1
        ),
    )
    lists = (
        tuple(replace(c, index=number[c.index]) if _visits(c) else c for c in orders[van]) for van in vans
    )
    return Part(small, tuple(lists), tuple(vans), tuple(chosen))


def _visits(call: Call) -> bool:
    return call.kind in ("visit", "dropoff")


def _bound_outside(problem: Problem, n: int, van_of: Mapping[int, int], inside: set[int]) -> bool:
    """Whether a relation or a piece of equipment ties a visit to one that another van serves."""
    outside = {other for other, van in van_of.items() if van not in inside}
    if any(n in each.visits and outside.intersection(each.visits) for each in problem.relations):
        return True
    needs = problem.visits[n].equipment
    return bool(needs) and any(needs & problem.visits[other].equipment for other in outside)


def _van(van: Van, number: Mapping[int, int]) -> Van:
    return replace(van, prefix=tuple(number[n] for n in van.prefix))


def _visit(visit: Visit, place: Mapping[int, int], only: frozenset[int] | None) -> Visit:
    """A visit with the vans renumbered; a promise by a van outside can no longer be kept, nor broken more."""
    vans = visit.vans if only is None else only
    promise = visit.promise
    return replace(
        visit,
        vans=None if vans is None else frozenset(place[v] for v in vans if v in place),
        familiar=frozenset(place[v] for v in visit.familiar if v in place),
        service_by_van=tuple(visit.service_by_van[v] for v in place) if visit.service_by_van else (),
        promise=Promise(place[promise.van], promise.begins_s) if promise and promise.van in place else None,
    )
