"""The judge: whether a plan obeys every hard rule of its problem.

Plain and slow on purpose. It shares no code with what makes plans: it reads the stops' times as claims and
tests each against the problem's own figures. No plan is shown, stored or published with a violation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from routing.plan import Plan, Route, Stop
from routing.problem import Problem

Rule: TypeAlias = Literal[
    "route", "order", "unreachable", "travel", "service", "shift", "window", "break", "capacity",
    "food_clock", "skills", "kitchen", "beat", "duplicate", "unserved", "totals",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule broken: on which van's route, at which stop of it, and by what."""

    rule: Rule
    van: int
    stop: int
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}: van {self.van}, stop {self.stop}: {self.detail}"


def violations(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """Every broken hard rule of a plan; empty when the plan may be shown."""
    found = list(_each_once(problem, plan))
    for route in plan.routes:
        if not 0 <= route.van < len(problem.vans):
            found.append(Violation("route", route.van, 0, "there is no such van"))
            continue
        shape = list(_shape(problem, route))
        found += shape
        if not shape:
            for rule in (_times, _services, _rests, _cups, _reloads, _who, _totals):
                found += rule(problem, route)
    if not any(each.rule == "route" for each in found):
        found += _levels(problem, plan)
    return tuple(found)


def _each_once(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """A visit is on exactly one route or in the list of the unserved; a van has one route at most."""
    vans = [route.van for route in plan.routes]
    for van in sorted({van for van in vans if vans.count(van) > 1}):
        yield Violation("duplicate", van, 0, "has more than one route")
    called = [stop.visit for route in plan.routes for stop in route.stops if stop.visit is not None]
    for visit in range(len(problem.visits)):
        times = called.count(visit) + plan.unserved.count(visit)
        name = problem.visits[visit].name
        if times > 1:
            yield Violation("duplicate", -1, 0, f"{name} is in the plan {times} times")
        if times == 0:
            yield Violation("unserved", -1, 0, f"{name} is neither served nor named as unserved")


def _shape(problem: Problem, route: Route) -> Iterator[Violation]:
    """Stops refer to things that exist, and the route begins and ends at its depot, once each."""
    kinds = [stop.kind for stop in route.stops]
    if len(kinds) < 2 or kinds[0] != "start" or kinds[-1] != "end":
        yield Violation("route", route.van, 0, "does not begin with start and finish with end")
        return
    if kinds.count("start") + kinds.count("end") != 2:
        yield Violation("route", route.van, 0, "starts or ends in its middle")
    for n, stop in enumerate(route.stops):
        if not 0 <= stop.site < len(problem.sites):
            yield Violation("route", route.van, n, f"site {stop.site} does not exist")
        elif not _at_its_place(problem, route.van, stop):
            yield Violation("route", route.van, n, f"a {stop.kind} is not at the place it is for")


def _at_its_place(problem: Problem, van: int, stop: Stop) -> bool:
    if stop.kind in ("visit", "dropoff"):
        if stop.visit is None or not 0 <= stop.visit < len(problem.visits):
            return False
        visit = problem.visits[stop.visit]
        return stop.site == visit.site and stop.kind == visit.kind
    if stop.visit is not None:
        return False
    if stop.kind == "pass":
        known = stop.cell is not None and 0 <= stop.cell < len(problem.cells)
        return known and stop.cell is not None and stop.site == problem.cells[stop.cell].site
    if stop.kind == "reload":
        known = stop.kitchen is not None and 0 <= stop.kitchen < len(problem.kitchens)
        return known and stop.kitchen is not None and stop.site == problem.kitchens[stop.kitchen].site
    one = problem.vans[van]
    ends_at = one.depot if one.home is None else one.home
    return stop.kind == "break" or stop.site == (ends_at if stop.kind == "end" else one.depot)


def _times(problem: Problem, route: Route) -> Iterator[Violation]:
    """Each stop follows the one before by at least the road's time, inside the shift."""
    van = problem.vans[route.van]
    for n, stop in enumerate(route.stops):
        if not stop.arrives_s <= stop.begins_s <= stop.leaves_s:
            yield Violation("order", route.van, n, "arrives, begins and leaves out of order")
    for n in range(1, len(route.stops)):
        before, stop = route.stops[n - 1], route.stops[n]
        seconds = int(problem.seconds[before.site][stop.site])
        if seconds < 0:
            yield Violation("unreachable", route.van, n, f"no road from {before.site} to {stop.site}")
        elif stop.arrives_s != before.leaves_s + seconds:
            yield Violation(
                "travel", route.van, n, f"arrives {stop.arrives_s}, not {before.leaves_s + seconds}"
            )
    if route.stops[0].leaves_s < van.starts_s:
        yield Violation("shift", route.van, 0, f"leaves {van.starts_s - route.stops[0].leaves_s} s early")
    if route.stops[-1].leaves_s > van.ends_s:
        late_s = route.stops[-1].leaves_s - van.ends_s
        yield Violation("shift", route.van, len(route.stops) - 1, f"is back {late_s} s late")


def _services(problem: Problem, route: Route) -> Iterator[Violation]:
    """Service takes its time and begins inside a window of its site's."""
    for n, stop in enumerate(route.stops):
        took_s = stop.leaves_s - stop.begins_s
        owed_s = 0
        if stop.visit is not None:
            visit = problem.visits[stop.visit]
            owed_s = visit.service_s
            if not any(w.opens_s <= stop.begins_s <= w.closes_s for w in visit.windows):
                yield Violation("window", route.van, n, f"{visit.name} begins at {stop.begins_s}")
        elif stop.cell is not None:
            owed_s = problem.cells[stop.cell].tour_s
        elif stop.kind == "reload":
            owed_s = 0 if stop.kitchen is None else problem.kitchens[stop.kitchen].service_s
        elif stop.kind == "break":
            rest = problem.vans[route.van].rest
            owed_s = rest.duration_s if rest else 0
        if took_s != owed_s:
            yield Violation("service", route.van, n, f"takes {took_s} s, not {owed_s}")


def _rests(problem: Problem, route: Route) -> Iterator[Violation]:
    """One break, begun in its window, on every route that is still out when the window closes."""
    rest = problem.vans[route.van].rest
    taken = [(n, stop) for n, stop in enumerate(route.stops) if stop.kind == "break"]
    if rest is None:
        for n, _ in taken:
            yield Violation("break", route.van, n, "this shift has no break")
        return
    if len(taken) > 1:
        yield Violation("break", route.van, taken[1][0], f"{len(taken)} breaks")
    if not taken and route.stops[-1].arrives_s > rest.latest_s:
        yield Violation("break", route.van, 0, "no break")
    for n, stop in taken:
        if not rest.earliest_s <= stop.begins_s <= rest.latest_s:
            yield Violation("break", route.van, n, f"begins at {stop.begins_s}")


def _cups(problem: Problem, route: Route) -> Iterator[Violation]:
    """Between two loads no container gives more than it holds; nothing is served past its batch's hour."""
    van = problem.vans[route.van]
    holds = {"hot": van.hot_cups, "cold": van.cold_cups}
    given = dict.fromkeys(holds, 0)
    batch_s = van.batch_s
    for n, stop in enumerate(route.stops):
        if stop.kind == "reload" and stop.kitchen is not None:
            given = dict.fromkeys(holds, 0)
            batch_s = problem.kitchens[stop.kitchen].ready_s
        if stop.visit is None:
            continue
        for portion in problem.visits[stop.visit].portions:
            item = problem.items[portion.item]
            given[item.container] += portion.cups
            if stop.leaves_s > batch_s + item.hold_s + 2 * 3600:
                yield Violation("food_clock", route.van, n, f"{item.code} is served at {stop.leaves_s}")
        for container, cups in given.items():
            if cups > holds[container]:
                yield Violation("capacity", route.van, n, f"{cups} {container} cups of {holds[container]}")


def _reloads(problem: Problem, route: Route) -> Iterator[Violation]:
    """A van reloads while the kitchen is open and its batch ready."""
    for n, stop in enumerate(route.stops):
        if stop.kind != "reload" or stop.kitchen is None:
            continue
        kitchen = problem.kitchens[stop.kitchen]
        if not max(kitchen.window.opens_s, kitchen.ready_s) <= stop.begins_s <= kitchen.window.closes_s:
            yield Violation("kitchen", route.van, n, f"reloads at {stop.begins_s}")


def _who(problem: Problem, route: Route) -> Iterator[Violation]:
    """The van has what each visit asks for, and passes only through its own beats."""
    van = problem.vans[route.van]
    for n, stop in enumerate(route.stops):
        if stop.visit is not None:
            missing = problem.visits[stop.visit].skills - van.skills
            if missing:
                yield Violation("skills", route.van, n, f"lacks {', '.join(sorted(missing))}")
        if stop.cell is not None and route.van not in problem.cells[stop.cell].vans:
            yield Violation("beat", route.van, n, "passes through another van's beat")


def _totals(problem: Problem, route: Route) -> Iterator[Violation]:
    """Driving and patrol are what the stops add up to."""
    van = problem.vans[route.van]
    drive_s = drive_m = patrol_s = 0
    for n in range(1, len(route.stops)):
        a, b = route.stops[n - 1].site, route.stops[n].site
        drive_s += int(problem.seconds[a][b])
        drive_m += int(problem.metres[a][b])
        if van.in_beat_s is not None:
            patrol_s += int(van.in_beat_s[a][b])
    if van.inside is not None and van.in_beat_s is not None:
        for stop in route.stops:
            if stop.kind in ("visit", "dropoff", "pass") and van.inside[stop.site]:
                patrol_s += stop.leaves_s - stop.begins_s
    told = (route.drive_s, route.drive_m, route.patrol_s)
    if told != (drive_s, drive_m, patrol_s):
        yield Violation("totals", route.van, 0, f"says {told}, adds up to {(drive_s, drive_m, patrol_s)}")


def _levels(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """The plan's figures say what its stops and its unserved say."""
    if any(not 0 <= visit < len(problem.visits) for visit in plan.unserved):
        yield Violation("unserved", -1, 0, "names a visit that does not exist")
        return
    left = [problem.visits[visit] for visit in plan.unserved]
    patrols = {route.van: route.patrol_s for route in plan.routes}
    short_min = 0
    for n, van in enumerate(problem.vans):
        if van.inside is not None:
            short_s = problem.patrol_target_s - van.patrolled_s - patrols.get(n, 0)
            short_min += max(0, (short_s + 59) // 60)
    naps = 0
    for route in plan.routes:
        for stop in route.stops:
            nap = problem.visits[stop.visit].nap if stop.visit is not None else None
            naps += nap is not None and nap.opens_s <= stop.begins_s < nap.closes_s
    true = {
        "sos_missed": sum(visit.sos for visit in left),
        "mandatory_missed": sum(visit.mandatory and not visit.sos for visit in left),
        "prize_missed": sum(v.prize for v in left if not (v.mandatory or v.sos) and v.kind == "visit"),
        "patrol_short_min": short_min,
        "portions_missed": sum(portion.cups for visit in left for portion in visit.portions),
        "naps": naps,
        "drive_s": sum(route.drive_s for route in plan.routes),
    }
    told = plan.levels.figures()
    for name, value in true.items():
        if told[name] != value:
            yield Violation("totals", -1, 0, f"{name} says {told[name]}, is {value}")
