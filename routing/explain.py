"""Why a visit is unserved: for each van what stands in its way, and the smallest change that would let it in.

A reason is proved: the change, made to the problem, lets the visit into the van's route at the place named
while the other calls keep their order, and no smaller change does. Beat passes and naps give way first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from routing import nearest, trial
from routing.ground import ground_of, lay
from routing.levels import plan_of
from routing.needs import asks, in_order, merged, rank_of, summed
from routing.patrol import fill
from routing.place import locked
from routing.plan import Levels, Plan, Stop
from routing.problem import Problem, Visit
from routing.reason import CODES, Code, Need, Reason, as_json, relaxed, with_visit
from routing.reason_words import say
from routing.timetable import Breach, Call, Timetable, calls_of, route_of, timetable
from routing.units import holders, units_of, units_used
from routing.ways import Way, every_way, walked

__all__ = [
    "CODES", "Code", "Need", "Reason", "as_json", "explain", "orders_of", "relaxed", "say", "warm_up",
    "with_visit",
]  # fmt: skip

_ROUNDS = 8


def orders_of(problem: Problem, plan: Plan) -> tuple[tuple[Call, ...], ...]:
    """For each van of the problem its calls without beat passes, none waiting for a nap to end."""
    orders: list[tuple[Call, ...]] = [() for _ in problem.vans]
    for route in plan.routes:
        calls = (call for call in calls_of(problem, route.stops) if call.kind != "pass")
        orders[route.van] = tuple(
            replace(call, in_nap=True) if call.kind in ("visit", "dropoff") else call for call in calls
        )
    return tuple(orders)


def explain(problem: Problem, plan: Plan) -> Mapping[int, tuple[Reason, ...]]:
    """For each unserved visit a reason for each van, the van that is nearest to serving it first."""
    day = _Day(problem, plan)
    vans = [_Asked(day, van) for van in range(len(problem.vans))] if plan.unserved else []
    return {
        visit: tuple(sorted((van.reason(visit) for van in vans), key=lambda each: each.nearness))
        for visit in plan.unserved
    }


def warm_up(problem: Problem) -> None:
    """Compile what explaining runs, or load what was compiled, on any problem with a van and a visit."""
    ground = ground_of(problem, 0, ())
    new = lay(problem, 0, ground, 0)
    slack = nearest.slack(ground, 0)
    nearest.nearest(ground, slack, new, 0, False)
    nearest.reload_for(ground, slack, new, 0)


class _Day:
    """What all vans' reasons rest on."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem, self.plan = problem, plan
        self.orders = orders_of(problem, plan)
        self.stops: dict[int, Sequence[Stop]] = {route.van: route.stops for route in plan.routes}
        self.on = {s.visit: r.van for r in plan.routes for s in r.stops if s.visit is not None}
        self.links = problem.seconds >= 0
        self.found: dict[tuple[int, bool], set[int]] = {}

    def linked(self, site: int, *, to: bool) -> set[int]:
        """Sites to which roads lead from this one, by whatever others, or from which they lead to it."""
        if (site, to) not in self.found:
            links, known, fresh = self.links.T if to else self.links, {site}, [site]
            while fresh:
                more = {int(n) for n in np.flatnonzero(links[fresh.pop()])} - known
                known |= more
                fresh += more
            self.found[site, to] = known
        return self.found[site, to]


class _Found(NamedTuple):
    """A place with all that it needs, fixed needs apart; `rank` as `trial` counts it."""

    rank: int
    needs: tuple[Need, ...]
    position: int
    begins_s: int


class _Asked:
    """One van that is asked why it does not serve a visit."""

    def __init__(self, day: _Day, van: int) -> None:
        self.day, self.problem, self.van = day, day.problem, van
        self.calls = day.orders[van]
        self.first = locked(self.problem, van, self.calls)
        self.visits = [call.index for call in self.calls if call.kind in ("visit", "dropoff")]

    @cached_property
    def ground(self) -> trial.Ground:
        """The van's route as arrays."""
        return ground_of(self.problem, self.van, self.calls)

    @cached_property
    def slack(self) -> nearest.Slack:
        """The room on the route."""
        return nearest.slack(self.ground, len(self.calls))

    def reason(self, visit: int) -> Reason:
        """What this van would need: fewest changes, then the smallest, over all places on its route."""
        fixed = tuple(self._fixed(visit))
        row = lay(self.problem, self.van, self.ground, visit)
        every = bool(self._codes(visit)) or self.problem.vans[self.van].leaves_by_s is not None
        ways = nearest.nearest(self.ground, self.slack, row, self.first, every)
        best = self._best(visit, ways)
        if best is None:
            return Reason(self.van, in_order((*fixed, Need(self._no_road(visit)))), None)
        if best.needs:
            best = self._reloaded(visit, row) or best
        needs = in_order((*fixed, *best.needs))
        if not needs:
            needs = (self._room(visit, best),)
        return Reason(self.van, needs, best.position)

    def _fixed(self, visit: int) -> Iterator[Need]:
        """What stands in the way wherever on the route the visit would be."""
        asked = self.problem.visits[visit]
        missing = tuple(sorted(asked.skills - self.problem.vans[self.van].skills))
        if missing:
            yield Need("skills", what=missing)
        if asked.vans is not None and self.van not in asked.vans:
            yield Need("vans")
        found: dict[str, Need] = {}
        for relation in self.problem.relations:
            served = [n for n in relation.visits if n in self.day.on and n != visit]
            if visit not in relation.visits or not served:
                continue
            elsewhere = [n for n in served if self.day.on[n] != self.van]
            if relation.kind == "not_same_day":
                found.setdefault("not_same_day", Need("not_same_day", visit=served[0]))
            elif elsewhere:
                other = self.day.on[elsewhere[0]]
                found.setdefault("same_van", Need("same_van", visit=elsewhere[0], van=other))
        yield from found.values()

    def _no_road(self, visit: int) -> Code:
        """Whether no route at all leads there and home, or none that keeps the order of the calls."""
        one, site = self.problem.vans[self.van], self.problem.visits[visit].site
        there, back = self.day.linked(one.depot, to=False), self.day.linked(one.ends_at, to=True)
        return "road" if site in there and site in back else "unreachable"

    def _best(self, visit: int, ways: trial.Ints) -> _Found | None:
        """The nearest place. Equipment is added to what its trial says, so that says the least it can be."""
        best: _Found | None = None
        least = self._least_equipment(visit) * trial.ONE_NEED
        for position in sorted(range(len(ways)), key=lambda n: (ways[n, 0], ways[n, 4], n)):
            rank = int(ways[position, 0])
            if rank >= trial.NO_ROAD or (best is not None and best.rank <= rank + least):
                break
            gap, after, later_s = (int(n) for n in ways[position, 1:4])
            found = self._at(visit, position, (gap, bool(after), later_s))
            if best is None or found.rank < best.rank:
                best = found
        return best

    def _at(self, visit: int, position: int, way: Way) -> _Found:
        """What the visit needs at one position of the route, the break being where it hurts least."""
        locks: tuple[Need, ...] = ()
        if position < self.first:
            prefix = self.problem.vans[self.van].prefix
            behind = sum(c.kind in ("visit", "dropoff") and c.index in prefix for c in self.calls[position:])
            locks = (Need("prefix", behind),)
        bare = Reason(self.van, locks, position)
        order = with_visit(self.problem, self.calls, visit, bare)
        table = walked(self.problem, self.van, order, way)
        needs = self._asked(visit, bare, table)
        # Leaving later and hours of other pace are what may make the timetable choose another way.
        if self.problem.vans[self.van].leaves_by_s is not None or self.problem.pace or asks(needs, "start"):
            needs = self._proved(visit, bare, needs)
        stops: Sequence[Stop] = table.stops
        if self._codes(visit):
            stops = self._stops(visit, replace(bare, needs=(*locks, *needs)))
        needs = (*locks, *needs, *self._equipment(visit, stops))
        begins_s = next(stop.begins_s for stop in stops if stop.visit == visit)
        return _Found(rank_of(needs), needs, position, begins_s)

    def _stops(self, visit: int, reason: Reason) -> Sequence[Stop]:
        """The van's stops with the changes made; only where equipment makes their times matter."""
        order = with_visit(self.problem, self.calls, visit, reason)
        mended = relaxed(self.problem, visit, reason)
        return timetable(mended, self.van, order).stops

    def _leaving_later(
        self, visit: int, bare: Reason, needs: tuple[Need, ...], stops: Sequence[Stop]
    ) -> tuple[Need, ...]:
        """Where leaving later makes up for the span, that is asked for: nobody works longer for it."""
        span = next((need for need in needs if need.code == "span"), None)
        first = stops[1]
        if span is None or first.visit is None or first.begins_s - first.arrives_s < span.short:
            return needs
        instead = tuple(Need("start", span.short) if need is span else need for need in needs)
        tried = replace(bare, needs=(*bare.needs, *instead))
        order = with_visit(self.problem, self.calls, visit, tried)
        sound = not timetable(relaxed(self.problem, visit, tried), self.van, order).breaches
        return instead if sound else needs

    def _asked(self, visit: int, bare: Reason, table: Timetable) -> tuple[Need, ...]:
        """What one way of the break needs."""
        needs = merged(self._need(breach, visit) for breach in table.breaches)
        return self._leaving_later(visit, bare, needs, table.stops)

    def _proved(self, visit: int, bare: Reason, needs: tuple[Need, ...]) -> tuple[Need, ...]:
        """The needs if the timetable finds nothing more, else the least of all ways that it agrees with."""
        least = self._enough(visit, bare, needs)
        if least == needs:
            return needs
        order = with_visit(self.problem, self.calls, visit, bare)
        others = (self._asked(visit, bare, table) for table in every_way(self.problem, self.van, order))
        for other in sorted(dict.fromkeys(others), key=rank_of):
            if rank_of(other) >= rank_of(least):
                break
            least = min(least, self._enough(visit, bare, other), key=rank_of)
        return least

    def _enough(self, visit: int, bare: Reason, needs: tuple[Need, ...]) -> tuple[Need, ...]:
        """The needs, made larger or more until the timetable finds nothing."""
        for _ in range(_ROUNDS):
            reason = replace(bare, needs=(*bare.needs, *needs))
            order = with_visit(self.problem, self.calls, visit, reason)
            left = timetable(relaxed(self.problem, visit, reason), self.van, order).breaches
            if not left:
                break
            needs = summed((*needs, *merged(self._need(breach, visit) for breach in left)))
        return needs

    def _need(self, breach: Breach, visit: int) -> Need:
        whose = None if breach.visit in (-1, visit) else breach.visit
        if breach.code == "capacity":
            return Need("capacity", breach.short, (breach.container or "cold",))
        if breach.code == "window":
            return Need("window" if whose is None else "later_window", breach.short, visit=whose)
        if breach.code == "unreachable":
            return Need("road")
        if breach.code == "shift_end":
            one = self.problem.vans[self.van]
            if one.starts_s >= one.ends_s + one.overtime_s:
                return Need("ended", breach.short)
            return Need("shift_end", breach.short, ("overtime",) if one.overtime_s else ())
        return Need(breach.code, breach.short)

    def _codes(self, visit: int) -> set[str]:
        """Things whose use this van's times decide."""
        asked = {code for n in (visit, *self.visits) for code in self.problem.visits[n].equipment}
        if any(call.kind == "handover" for call in self.calls):
            asked |= {code for each in self.problem.visits for code in each.equipment}
        return asked

    def _equipment(self, visit: int, stops: Sequence[Stop]) -> Iterator[Need]:
        """Units that are missing once the van has these stops."""
        for code in sorted(self._codes(visit)):
            short = units_used(self.problem, code, {**self.day.stops, self.van: stops}) - units_of(
                self.problem, code
            )
            if short > 0:
                others = [van for van in holders(self.problem, code, self.day.stops) if van != self.van]
                yield Need("equipment", short, (code,), van=others[0] if others else None)

    def _least_equipment(self, visit: int) -> int:
        """How many things are missing whatever the hour of the visit."""
        missing = 0
        for code in self.problem.visits[visit].equipment:
            halves: list[set[int]] = [set(), set()]
            for van, stops in self.day.stops.items():
                for stop in stops:
                    if (
                        van != self.van
                        and stop.visit is not None
                        and code in self.problem.visits[stop.visit].equipment
                    ):
                        halves[stop.begins_s >= self.problem.noon_s].add(van)
            missing += min(len(half) for half in halves) >= units_of(self.problem, code)
        return missing

    def _reloaded(self, visit: int, row: int) -> _Found | None:
        """The visit let in by a reload alone."""
        if not self.problem.visits[visit].portions or not self.problem.kitchens:
            return None
        node, at, position = (int(n) for n in nearest.reload_for(self.ground, self.slack, row, self.first))
        if node < 0:
            return None
        kitchen = node - len(self.calls) - 1
        before = at < position
        need = Need("reload", kitchen=kitchen, position=at if before else at + 1)
        reason = Reason(self.van, (need,), position - before)
        table = timetable(self.problem, self.van, with_visit(self.problem, self.calls, visit, reason))
        if table.breaches or list(self._equipment(visit, table.stops)):
            return None
        reload = [stop for stop in table.stops if stop.kitchen is not None]
        nth = sum(call.kind == "reload" for call in self.calls[:at])
        where = self.problem.sites[self.problem.kitchens[kitchen].site].name
        begins_s = next(stop.begins_s for stop in table.stops if stop.visit == visit)
        told = replace(need, what=(where,), at_s=reload[nth].begins_s)
        return _Found(0, (told,), position - before, begins_s)

    def _room(self, visit: int, best: _Found) -> Need:
        """There is room: what a higher level would lose, if anything, where only cups are to be gained."""
        asked = self.problem.visits[visit]
        if _is_optional_dropoff(asked):
            calls = with_visit(self.problem, self.calls, visit, Reason(self.van, (), best.position))
            levels = self._patrolled(calls)
            patrol_min = levels.patrol_short_min - self.day.plan.levels.patrol_short_min
            if patrol_min > 0:
                return Need("patrol", 60 * patrol_min)
            if patrol_min == 0 and levels.unseen_min > self.day.plan.levels.unseen_min:
                return Need("unseen", 60 * (levels.unseen_min - self.day.plan.levels.unseen_min))
        return Need("fits", at_s=best.begins_s)

    def _patrolled(self, calls: tuple[Call, ...]) -> Levels:
        """The plan's levels with these calls of this van, its slack patrolled."""
        cells = tuple(replace(cell, vans=cell.vans & {self.van}) for cell in self.problem.cells)
        alone = tuple(calls if van == self.van else () for van in range(len(self.problem.vans)))
        filled = fill(replace(self.problem, cells=cells), alone)[self.van]
        stops = timetable(self.problem, self.van, filled).stops
        others = [route for route in self.day.plan.routes if route.van != self.van]
        return plan_of(self.problem, [*others, route_of(self.problem, self.van, stops)]).levels


def _is_optional_dropoff(visit: Visit) -> bool:
    """Whether patrol stands above it: only its cups count."""
    return visit.kind == "dropoff" and not visit.mandatory and not visit.sos
