"""A group of vans and visits as a problem of its own, and its plan put back into the whole day's.

Pure. The part's road table is asked for by whoever plans it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from fleet.geo import haversine_m
from routing.levels import SEEN_M
from routing.parts import Group
from routing.place import Orders
from routing.plan import Plan, Route
from routing.problem import Legs, Problem, Promise, Van, Visit
from routing.reason import Reason
from routing.timetable import Call

NEAR_M = 2 * SEEN_M
"""A site this near to a cell, as the crow flies, is in the tables of whoever patrols the cell."""
_KITCHENS = 6
"""A part may reload at the kitchens of its depots, and at so many that are nearest to its visits."""
_DEGREE_M = 111_000.0


@dataclass(frozen=True, slots=True, eq=False)
class _Index:
    """The numbers of one problem's rows in another."""

    vans: Mapping[int, int]
    visits: Mapping[int, int]
    sites: Mapping[int, int]
    cells: Mapping[int, int]
    kitchens: Mapping[int, int]

    def call(self, call: Call) -> Call:
        rows = {"pass": self.cells, "reload": self.kitchens, "handover": self.sites}
        return replace(call, index=rows.get(call.kind, self.visits)[call.index])

    def route(self, route: Route) -> Route:
        stops = (
            replace(
                stop,
                site=self.sites[stop.site],
                visit=_at(self.visits, stop.visit),
                cell=_at(self.cells, stop.cell),
                kitchen=_at(self.kitchens, stop.kitchen),
            )
            for stop in route.stops
        )
        return replace(route, van=self.vans[route.van], stops=tuple(stops))


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some vans and visits as a problem, its tables still to be filled, with the indexes in the whole."""

    problem: Problem
    vans: tuple[int, ...]
    visits: tuple[int, ...]
    sites: tuple[int, ...]
    cells: tuple[int, ...]
    kitchens: tuple[int, ...]

    def orders(self, whole: Orders) -> Orders:
        """Of orders of the whole day those of the part's vans."""
        index = self._inwards
        return tuple(tuple(index.call(call) for call in whole[van]) for van in self.vans)

    def routes(self, whole: Mapping[int, Route]) -> list[Route]:
        """Of routes of the whole day, by van, those of the part's vans."""
        return [self._inwards.route(whole[van]) for van in self.vans if van in whole]

    def whole_orders(self, orders: Orders) -> dict[int, tuple[Call, ...]]:
        """The part's orders by the van in the whole day."""
        index = self._outwards
        return {
            van: tuple(index.call(call) for call in calls)
            for van, calls in zip(self.vans, orders, strict=True)
        }

    def whole_routes(self, plan: Plan) -> dict[int, Route]:
        """The part's routes by the van in the whole day."""
        return {self.vans[route.van]: self._outwards.route(route) for route in plan.routes}

    def whole_reason(self, reason: Reason) -> Reason:
        """A reason that names the vans, visits and kitchens of the whole day."""
        index = self._outwards
        needs = (
            replace(
                need,
                visit=_at(index.visits, need.visit),
                van=_at(index.vans, need.van),
                kitchen=_at(index.kitchens, need.kitchen),
            )
            for need in reason.needs
        )
        return replace(reason, van=self.vans[reason.van], needs=tuple(needs))

    @property
    def _outwards(self) -> _Index:
        return _Index(*(dict(enumerate(each)) for each in self._rows))

    @property
    def _inwards(self) -> _Index:
        return _Index(*(_numbered(each) for each in self._rows))

    @property
    def _rows(self) -> tuple[tuple[int, ...], ...]:
        return self.vans, self.visits, self.sites, self.cells, self.kitchens

    def legs(self, laid: Problem, plan: Plan) -> Legs:
        """What the part's tables say of the drives of its plan, and of the sites near to its cells."""
        drives: dict[tuple[int, int], tuple[int, int]] = {}
        in_beat_s: dict[tuple[int, int, int], int] = {}
        for route in plan.routes:
            beat = laid.vans[route.van].in_beat_s
            for a, b in pairwise(stop.site for stop in route.stops):
                leg = self.sites[a], self.sites[b]
                if laid.seconds[a, b] >= 0:
                    drives[leg] = int(laid.seconds[a, b]), int(laid.metres[a, b])
                if beat is not None:
                    in_beat_s[self.vans[route.van], *leg] = int(beat[a, b])
        near: dict[int, dict[int, int]] = {}
        for n, cell in enumerate(laid.cells):
            metres = laid.metres[:, cell.site]
            seen = ((metres >= 0) & (metres <= SEEN_M)).nonzero()[0].tolist()
            near[self.cells[n]] = {self.sites[site]: int(metres[site]) for site in seen}
        return Legs(drives, in_beat_s, near)


class Cutter:
    """Cuts the parts of one wide day."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._square = NEAR_M / _DEGREE_M
        self._squares: dict[tuple[int, int], list[int]] = {}
        for n in range(len(problem.sites) if problem.cells else 0):
            self._squares.setdefault(self._square_of(n), []).append(n)

    def cut(self, group: Group, orders: Orders) -> Part:
        """The group as a problem. `orders` are the whole day's: what they use is in the part."""
        whole, place = self.problem, _numbered(group.vans)
        number = _numbered(group.visits)
        cells = tuple(n for n, cell in enumerate(whole.cells) if not cell.vans.isdisjoint(place))
        kitchens = tuple(self._kitchens(group, orders))
        sites = tuple(sorted(self._sites(group, cells, kitchens, orders)))
        at = _numbered(sites)
        problem = replace(
            whole,
            sites=tuple(whole.sites[n] for n in sites),
            vans=tuple(_van(whole.vans[n], number, at, sites) for n in group.vans),
            visits=tuple(_visit(whole.visits[n], place, group.vans, at) for n in group.visits),
            cells=tuple(
                replace(c, site=at[c.site], vans=frozenset(place[v] for v in c.vans if v in place))
                for c in (whole.cells[n] for n in cells)
            ),
            kitchens=tuple(replace(k, site=at[k.site]) for k in (whole.kitchens[n] for n in kitchens)),
            centres=frozenset(at[n] for n in whole.centres if n in at),
            relations=tuple(
                replace(each, visits=tuple(number[n] for n in each.visits))
                for each in whole.relations
                if all(n in number for n in each.visits)
            ),
            equipment=tuple(
                replace(thing, units=own) for thing, own in zip(whole.equipment, group.units, strict=True)
            ),
            legs=None,
        )
        return Part(problem, group.vans, group.visits, sites, cells, kitchens)

    def _kitchens(self, group: Group, orders: Orders) -> Iterator[int]:
        whole = self.problem
        ends = {site for n in group.vans for site in (whole.vans[n].depot, whole.vans[n].ends_at)}
        used = {call.index for n in group.vans for call in orders[n] if call.kind == "reload"}
        places = [whole.sites[whole.visits[n].site] for n in group.visits] or [whole.sites[n] for n in ends]
        lon = sum(each.lon for each in places) / max(1, len(places))
        lat = sum(each.lat for each in places) / max(1, len(places))

        def away(site: int) -> float:
            place = whole.sites[site]
            return math.hypot((place.lon - lon) * math.cos(math.radians(lat)), place.lat - lat)

        nearest = sorted({k.site for k in whole.kitchens}, key=lambda site: (away(site), site))[:_KITCHENS]
        for n, kitchen in enumerate(whole.kitchens):
            if n in used or kitchen.site in ends or kitchen.site in nearest:
                yield n

    def _sites(self, group: Group, cells: Sequence[int], kitchens: Sequence[int], orders: Orders) -> set[int]:
        whole = self.problem
        sites = {whole.visits[n].site for n in group.visits}
        sites |= {site for n in group.vans for site in (whole.vans[n].depot, whole.vans[n].ends_at)}
        sites |= {whole.kitchens[n].site for n in kitchens}
        sites |= {call.index for n in group.vans for call in orders[n] if call.kind == "handover"}
        for n in cells:
            sites.update(self._near(whole.cells[n].site))
        return sites

    def _near(self, site: int) -> Iterator[int]:
        """The site itself and those that its cell may be seen from."""
        here = self.problem.sites[site]
        column, row = self._square_of(site)
        wide = 1 + math.ceil(1 / max(0.1, math.cos(math.radians(here.lat))))
        for x in range(column - wide, column + wide + 1):
            for y in range(row - 1, row + 2):
                for other in self._squares.get((x, y), ()):
                    there = self.problem.sites[other]
                    if haversine_m((here.lon, here.lat), (there.lon, there.lat)) <= NEAR_M:
                        yield other

    def _square_of(self, site: int) -> tuple[int, int]:
        place = self.problem.sites[site]
        return math.floor(place.lon / self._square), math.floor(place.lat / self._square)


def _at(rows: Mapping[int, int], n: int | None) -> int | None:
    return None if n is None else rows[n]


def _numbered(some: Sequence[int]) -> dict[int, int]:
    return {n: k for k, n in enumerate(some)}


def _van(van: Van, number: Mapping[int, int], at: Mapping[int, int], sites: Sequence[int]) -> Van:
    return replace(
        van,
        depot=at[van.depot],
        home=None if van.home is None else at[van.home],
        prefix=tuple(number[n] for n in van.prefix),
        inside=None if van.inside is None else van.inside[list(sites)],
    )


def _visit(visit: Visit, place: Mapping[int, int], vans: Sequence[int], at: Mapping[int, int]) -> Visit:
    """A visit among the part's vans; a promise of another van is broken here whatever is done."""
    promise = visit.promise
    return replace(
        visit,
        site=at[visit.site],
        vans=None if visit.vans is None else frozenset(place[v] for v in visit.vans if v in place),
        familiar=frozenset(place[v] for v in visit.familiar if v in place),
        service_by_van=tuple(visit.service_by_van[v] for v in vans) if visit.service_by_van else (),
        promise=Promise(place[promise.van], promise.begins_s) if promise and promise.van in place else None,
    )
