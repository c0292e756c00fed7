"""The judge: whether a plan obeys every hard rule of its problem and says of itself what is true.

Plain and slow on purpose. It shares no code with what makes plans: it reads the stops' times as claims and
tests each against the problem's own rows. No plan is shown, stored or published with a violation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from routing.checker_levels import levels_violations, totals_violations
from routing.checker_routes import route_violations, shape_violations
from routing.plan import Plan, Route, Stop
from routing.problem import Problem
from routing.violation import Violation


def violations(problem: Problem, plan: Plan, *, figures: bool = True) -> tuple[Violation, ...]:
    """Every broken rule of a plan; empty when the plan may be shown.

    Without `figures` its totals and levels are not added up again: for a plan that was timed a moment ago.
    Where a route's very shape is broken nothing that rests on all routes is judged, and where no road leads
    nothing is added up.
    """
    found = list(_each_once(problem, plan))
    shapes = [list(shape_violations(problem, route)) for route in plan.routes]
    for route, shape in zip(plan.routes, shapes, strict=True):
        found += shape or route_violations(problem, route)
    if any(shapes):
        return tuple(found)
    for together in (_prefixes, _relations, _equipment):
        found += together(problem, plan)
    if figures and not any(each.rule == "unreachable" for each in found):
        for route in plan.routes:
            found += totals_violations(problem, route)
        found += levels_violations(problem, plan)
    return tuple(found)


def _each_once(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """A visit is on exactly one route or in the list of the unserved; a van has one route at most."""
    vans = Counter(route.van for route in plan.routes)
    for van in sorted(van for van, times in vans.items() if times > 1):
        yield Violation("duplicate", van, 0, "has more than one route")
    named = Counter(stop.visit for route in plan.routes for stop in route.stops if stop.visit is not None)
    named.update(plan.unserved)
    for n, visit in enumerate(problem.visits):
        times = named[n]
        if times > 1:
            yield Violation("duplicate", -1, 0, f"{visit.name} is in the plan {times} times")
        if times == 0:
            yield Violation("unserved", -1, 0, f"{visit.name} is neither served nor named as unserved")
    for n in plan.unserved:
        if not 0 <= n < len(problem.visits):
            yield Violation("unserved", -1, 0, f"visit {n} does not exist")


def _calls_of_vans(plan: Plan) -> Mapping[int, list[int]]:
    """What each van calls on, in order."""
    called: dict[int, list[int]] = {}
    for route in plan.routes:
        called.setdefault(route.van, []).extend(s.visit for s in route.stops if s.visit is not None)
    return called


def _prefixes(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """A van's locked visits are its first, in their order. Passes, reloads and the break may lie between."""
    called = _calls_of_vans(plan)
    for n, van in enumerate(problem.vans):
        first = called.get(n, [])[: len(van.prefix)]
        if first != list(van.prefix):
            yield Violation("prefix", n, 0, f"calls on {first} first, not on {list(van.prefix)}")


def _relations(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Visits that belong to one van are on one; of those that are not for the same day one is served."""
    on: dict[int, list[int]] = {}
    for van, called in _calls_of_vans(plan).items():
        for visit in called:
            on.setdefault(visit, []).append(van)
    for n, relation in enumerate(problem.relations):
        vans = [van for visit in relation.visits for van in on.get(visit, ())]
        if relation.kind == "same_van" and len(set(vans)) > 1:
            yield Violation("relation", -1, 0, f"relation {n} is served by the vans {sorted(set(vans))}")
        if relation.kind == "not_same_day" and len(vans) > 1:
            yield Violation("relation", -1, 0, f"{len(vans)} visits of relation {n} are served")


def _equipment(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """No half-day has a thing on more vans than there are units, and each unit gets where it serves."""
    codes = sorted({code for visit in problem.visits for code in visit.equipment})
    for code in codes:
        units = sum(thing.units for thing in problem.equipment if thing.code == code)
        morning, afternoon = _users(problem, plan, code)
        for half, vans in (("morning", morning), ("afternoon", afternoon)):
            if len(vans) > units:
                yield Violation(
                    "equipment", -1, 0, f"{code} is on {len(vans)} vans in the {half}, of {units}"
                )
        if max(len(morning), len(afternoon)) > units:
            continue
        missing = len(morning | afternoon) - units
        givers, takers = sorted(morning - afternoon), sorted(afternoon - morning)
        handed = _most_handed(problem, plan, (code, givers, takers)) if missing > 0 else 0
        if handed < missing:
            detail = f"{code} would have to change vans {missing} times, {handed} times it can"
            yield Violation("equipment", -1, 0, detail)


def _users(problem: Problem, plan: Plan, code: str) -> tuple[set[int], set[int]]:
    """The vans on which a thing is used before and after noon."""
    morning: set[int] = set()
    afternoon: set[int] = set()
    for route in plan.routes:
        for stop in _uses(problem, route, code):
            (morning if stop.begins_s < problem.noon_s else afternoon).add(route.van)
    return morning, afternoon


def _uses(problem: Problem, route: Route, code: str) -> list[Stop]:
    return [s for s in route.stops if s.visit is not None and code in problem.visits[s.visit].equipment]


def _most_handed(problem: Problem, plan: Plan, asked: tuple[str, Sequence[int], Sequence[int]]) -> int:
    """How many takers can be given a unit, each by a giver of its own.

    One more can while some taker finds a giver that is free, or whose taker finds another. Source: Kuhn 1955.
    """
    code, givers, takers = asked
    able = {t: [g for g in givers if _can_hand(problem, plan, (code, g, t))] for t in takers}
    given_to: dict[int, int] = {}

    def served(taker: int, asked_before: set[int]) -> bool:
        for giver in able[taker]:
            if giver in asked_before:
                continue
            asked_before.add(giver)
            if giver not in given_to or served(given_to[giver], asked_before):
                given_to[giver] = taker
                return True
        return False

    return sum(1 for taker in takers if served(taker, set()))


def _can_hand(problem: Problem, plan: Plan, asked: tuple[str, int, int]) -> bool:
    """Some centre sees the giver after its last use, and no later the taker, before its first.

    A van stops there to hand over, ends its day there, or begins it there.
    """
    code, giver, taker = asked
    gives = [route for route in plan.routes if route.van == giver]
    takes = [route for route in plan.routes if route.van == taker]
    last_s = max(stop.leaves_s for route in gives for stop in _uses(problem, route, code))
    first_s = min(stop.begins_s for route in takes for stop in _uses(problem, route, code))
    left = [s for r in gives for s in r.stops if s.kind in ("handover", "end") and s.begins_s >= last_s]
    taken = [s for r in takes for s in r.stops if s.kind in ("handover", "start") and s.leaves_s <= first_s]
    return any(
        a.site == b.site and a.site in problem.centres and a.leaves_s <= b.leaves_s
        for a in left
        for b in taken
    )
