"""What the checker asks of one van's route, whatever the other vans do."""

from __future__ import annotations

from collections.abc import Iterator

from routing.plan import Route, Stop
from routing.problem import HANDOVER_S, Problem
from routing.violation import Rule, Violation

DANGER_S = 2 * 3600
"""Seconds that food may spend outside its safe temperatures. Source: GB 31654."""


def shape_violations(problem: Problem, route: Route) -> Iterator[Violation]:
    """Stops refer to things that exist, and the route leads from its depot to its home, once each.

    A route without these can be judged by its other rules, one with them cannot.
    """
    if not 0 <= route.van < len(problem.vans):
        yield Violation("route", route.van, 0, "there is no such van")
        return
    kinds = [stop.kind for stop in route.stops]
    if len(kinds) < 2 or kinds[0] != "start" or kinds[-1] != "end":
        yield Violation("route", route.van, 0, "does not begin with start and finish with end")
        return
    if kinds.count("start") + kinds.count("end") != 2:
        yield Violation("route", route.van, 0, "starts or ends in its middle")
    for n, stop in enumerate(route.stops):
        if not 0 <= stop.site < len(problem.sites):
            yield Violation("route", route.van, n, f"site {stop.site} does not exist")
        elif not _names_its_own(problem, stop):
            yield Violation(
                "route", route.van, n, f"a {stop.kind} does not name what it is for, and only that"
            )
        elif not _at_its_place(problem, route.van, stop):
            yield Violation("route", route.van, n, f"a {stop.kind} is not at the place it is for")


def _names_its_own(problem: Problem, stop: Stop) -> bool:
    """A visit has a visit's index, a pass a cell's, a reload a kitchen's, and nothing has another's."""
    for index, kinds, rows in (
        (stop.visit, ("visit", "dropoff"), len(problem.visits)),
        (stop.cell, ("pass",), len(problem.cells)),
        (stop.kitchen, ("reload",), len(problem.kitchens)),
    ):
        if stop.kind in kinds and (index is None or not 0 <= index < rows):
            return False
        if stop.kind not in kinds and index is not None:
            return False
    return stop.visit is None or stop.kind == problem.visits[stop.visit].kind


def _at_its_place(problem: Problem, van: int, stop: Stop) -> bool:
    """A break is taken, and a thing handed over, wherever the van is; `handover` asks for a centre."""
    one = problem.vans[van]
    if stop.visit is not None:
        return stop.site == problem.visits[stop.visit].site
    if stop.cell is not None:
        return stop.site == problem.cells[stop.cell].site
    if stop.kitchen is not None:
        return stop.site == problem.kitchens[stop.kitchen].site
    if stop.kind == "start":
        return stop.site == one.depot
    if stop.kind == "end":
        return stop.site == (one.depot if one.home is None else one.home)
    return True


def route_violations(problem: Problem, route: Route) -> Iterator[Violation]:
    """Every rule that one route of a sound shape breaks."""
    yield from _order(route)
    for rule in (_travel, _services, _shift, _windows, _rests, _cups, _food, _reloads, _who, _where):
        yield from rule(problem, route)


def leg_s(problem: Problem, origin: int, to: int, leaves_s: int) -> int | None:
    """Seconds of a drive: the table's, at the pace of the hour that it begins in, rounded up."""
    if problem.legs is None:
        table_s = int(problem.seconds[origin][to])
    elif origin == to:
        table_s = 0
    else:
        table_s = problem.legs.drives.get((origin, to), (-1, -1))[0]
    if table_s < 0:
        return None
    if not problem.pace:
        return table_s
    hour = (leaves_s % (24 * 3600)) // 3600
    whole, part = divmod(table_s * problem.pace[hour], 100)
    return whole + (1 if part else 0)


def _order(route: Route) -> Iterator[Violation]:
    for n, stop in enumerate(route.stops):
        if not stop.arrives_s <= stop.begins_s <= stop.leaves_s:
            yield Violation("order", route.van, n, "arrives, begins and leaves out of order")


def _travel(problem: Problem, route: Route) -> Iterator[Violation]:
    """A stop is reached as soon as the road allows: neither sooner nor later."""
    for n in range(1, len(route.stops)):
        before, stop = route.stops[n - 1], route.stops[n]
        seconds = leg_s(problem, before.site, stop.site, before.leaves_s)
        if seconds is None:
            yield Violation("unreachable", route.van, n, f"no road from {before.site} to {stop.site}")
        elif stop.arrives_s != before.leaves_s + seconds:
            detail = f"arrives {stop.arrives_s}, not {before.leaves_s + seconds}"
            yield Violation("travel", route.van, n, detail)


def _services(problem: Problem, route: Route) -> Iterator[Violation]:
    """What is done at a stop takes its time; at the start and the end nothing is done."""
    for n, stop in enumerate(route.stops):
        took_s, owed_s = stop.leaves_s - stop.begins_s, _owed_s(problem, route.van, stop)
        if took_s != owed_s:
            yield Violation("service", route.van, n, f"takes {took_s} s, not {owed_s}")


def _owed_s(problem: Problem, van: int, stop: Stop) -> int:
    if stop.visit is not None:
        visit = problem.visits[stop.visit]
        return visit.service_by_van[van] if len(visit.service_by_van) > 0 else visit.service_s
    if stop.cell is not None:
        return problem.cells[stop.cell].tour_s
    if stop.kitchen is not None:
        return problem.kitchens[stop.kitchen].service_s
    rest = problem.vans[van].rest
    if stop.kind == "break":
        return rest.duration_s if rest else stop.leaves_s - stop.begins_s  # none is due: `break` says so
    return HANDOVER_S if stop.kind == "handover" else 0


def _shift(problem: Problem, route: Route) -> Iterator[Violation]:
    """Out when the van may leave, back before it must be, and not out for longer than its span."""
    van, last = problem.vans[route.van], len(route.stops) - 1
    out_s, back_s = route.stops[0].leaves_s, route.stops[-1].leaves_s
    leaves_by_s = van.starts_s if van.leaves_by_s is None else van.leaves_by_s
    if not van.starts_s <= out_s <= leaves_by_s:
        yield Violation("shift", route.van, 0, f"leaves at {out_s}, not in {van.starts_s}-{leaves_by_s}")
    if back_s > van.ends_s + van.overtime_s:
        late_s = back_s - van.ends_s - van.overtime_s
        yield Violation("shift", route.van, last, f"is back {late_s} s late")
    if van.span_s is not None:
        span_s = back_s - out_s
        for stop in route.stops:
            if stop.kind == "break" or stop.kind == "reload":
                span_s -= stop.leaves_s - stop.begins_s
        if span_s > van.span_s:
            yield Violation("span", route.van, last, f"is out for {span_s} s of {van.span_s}")


def _windows(problem: Problem, route: Route) -> Iterator[Violation]:
    """Service begins inside one of the visit's windows."""
    for n, stop in enumerate(route.stops):
        if stop.visit is not None:
            visit = problem.visits[stop.visit]
            if not any(w.opens_s <= stop.begins_s <= w.closes_s for w in visit.windows):
                yield Violation("window", route.van, n, f"{visit.name} begins at {stop.begins_s}")


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
    """Until the first reload no container gives more than was aboard, after it no more than it holds."""
    van = problem.vans[route.van]
    left = {
        "hot": van.hot_cups if van.hot_aboard is None else van.hot_aboard,
        "cold": van.cold_cups if van.cold_aboard is None else van.cold_aboard,
    }
    for n, stop in enumerate(route.stops):
        if stop.kitchen is not None:
            left = {"hot": van.hot_cups, "cold": van.cold_cups}
        if stop.visit is None:
            continue
        for portion in problem.visits[stop.visit].portions:
            left[problem.items[portion.item].container] -= portion.cups
        for container, cups in left.items():
            if cups < 0:
                yield Violation("capacity", route.van, n, f"{-cups} {container} cups too many by here")


def _food(problem: Problem, route: Route) -> Iterator[Violation]:
    """Service ends while the batch aboard is safe."""
    batch_s = problem.vans[route.van].batch_s
    for n, stop in enumerate(route.stops):
        if stop.kitchen is not None:
            batch_s = problem.kitchens[stop.kitchen].ready_s
        if stop.visit is None:
            continue
        for portion in problem.visits[stop.visit].portions:
            item = problem.items[portion.item]
            if stop.leaves_s > batch_s + item.hold_s + DANGER_S:
                yield Violation("food_clock", route.van, n, f"{item.code} is served at {stop.leaves_s}")


def _reloads(problem: Problem, route: Route) -> Iterator[Violation]:
    """A van reloads while the kitchen is open and this batch of it ready."""
    for n, stop in enumerate(route.stops):
        if stop.kitchen is not None:
            kitchen = problem.kitchens[stop.kitchen]
            is_open = kitchen.window.opens_s <= stop.begins_s <= kitchen.window.closes_s
            if not is_open or stop.begins_s < kitchen.ready_s:
                yield Violation("kitchen", route.van, n, f"reloads at {stop.begins_s}")


def _who(problem: Problem, route: Route) -> Iterator[Violation]:
    """The van may serve each visit and has what it asks for."""
    van = problem.vans[route.van]
    for n, stop in enumerate(route.stops):
        if stop.visit is None:
            continue
        visit = problem.visits[stop.visit]
        missing = [skill for skill in sorted(visit.skills) if skill not in van.skills]
        if missing:
            yield Violation("skills", route.van, n, f"lacks {', '.join(missing)}")
        if visit.vans is not None and route.van not in visit.vans:
            yield Violation("vans", route.van, n, f"{visit.name} is for other vans")


def _where(problem: Problem, route: Route) -> Iterator[Violation]:
    """The van passes through its own beats only, and hands things over at centres only."""
    rules: list[tuple[Rule, int]] = []
    for n, stop in enumerate(route.stops):
        if stop.cell is not None and route.van not in problem.cells[stop.cell].vans:
            rules.append(("beat", n))
        if stop.kind == "handover" and stop.site not in problem.centres:
            rules.append(("handover", n))
    for rule, n in rules:
        yield Violation(rule, route.van, n, f"site {route.stops[n].site} is not the place for it")
