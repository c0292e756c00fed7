"""The rest of a running day as a problem: what is done is gone, what is being driven to is locked.

Pure. The plan that was published and where each van stands at a moment go in; out come a problem whose vans
begin where they will be free, with what they have aboard, and the calls still planned for each of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from routing.place import Orders
from routing.plan import Plan, Stop
from routing.problem import (
    PROMISE_S,
    IntMatrix,
    Problem,
    Promise,
    Relation,
    Site,
    TimeWindow,
    Van,
    Visit,
    frozen_matrix,
)
from routing.running_ease import Eased, ease_all
from routing.running_rest import hold_breaks
from routing.timetable import Call, calls_of

Row: TypeAlias = npt.NDArray[np.int32]
_CALLS = ("visit", "dropoff", "reload", "pass", "handover")


@dataclass(frozen=True, slots=True)
class Spot:
    """A van between two sites: where it is, and what roads lead from there to each of the problem's sites.

    `seconds` and `metres` have one value a site, -1 where no road leads.
    """

    lon: float
    lat: float
    seconds: Row
    metres: Row


@dataclass(frozen=True, slots=True)
class VanNow:
    """What is known of one van of the problem at the moment.

    Parameters
    ----------
    at : the site where it will be free next, or the spot where it is on the road
    free_s : when: the end of the service under way, or now
    heading : the visits that it is driving to, in order: locked
    hot_aboard, cold_aboard : cups left in its containers; full where None
    batch_s : when the food aboard was ready; the shift's own batch where None
    patrolled_s : patrol done so far
    rested : whether its break was taken
    out_s : its working span so far, without break and reloads
    """

    at: int | Spot
    free_s: int
    heading: tuple[int, ...] = ()
    hot_aboard: int | None = None
    cold_aboard: int | None = None
    batch_s: int | None = None
    patrolled_s: int = 0
    rested: bool = False
    out_s: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """The day at a moment: each van of the problem, and the visits that need no van any more."""

    vans: tuple[VanNow, ...]
    done: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Running:
    """The rest of the day.

    Parameters
    ----------
    orders : what is still planned for each van, as indexes of `problem`; it may have become too late
    visits : for each visit of `problem`, its index in the whole day's problem
    eased : what was widened for the sake of what is being driven to
    """

    problem: Problem
    orders: Orders
    visits: tuple[int, ...]
    eased: tuple[Eased, ...] = ()


@dataclass(frozen=True, slots=True)
class Roads:
    """Seconds and metres from a new place to each site, and from each site to it; -1 where no road leads."""

    seconds_from: Row
    metres_from: Row
    seconds_to: Row
    metres_to: Row


def placed(problem: Problem, site: Site, roads: Roads) -> Problem:
    """The problem with one more site, its last. Serving there is patrol wherever it lies, as an SOS is."""
    size = len(problem.sites)
    seconds, metres = np.zeros((size + 1, size + 1), np.int32), np.zeros((size + 1, size + 1), np.int32)
    seconds[:size, :size], metres[:size, :size] = problem.seconds, problem.metres
    seconds[size, :size], seconds[:size, size] = roads.seconds_from, roads.seconds_to
    metres[size, :size], metres[:size, size] = roads.metres_from, roads.metres_to
    vans = (
        van
        if van.inside is None or van.in_beat_s is None
        else replace(
            van,
            inside=np.append(van.inside, [True]),
            in_beat_s=frozen_matrix(np.pad(van.in_beat_s, (0, 1))),
        )
        for van in problem.vans
    )
    return replace(
        problem,
        sites=(*problem.sites, site),
        seconds=frozen_matrix(seconds),
        metres=frozen_matrix(metres),
        vans=tuple(vans),
    )


def sited(problem: Problem, site: Site) -> Problem:
    """A problem without tables, with one more site; see `placed`."""
    vans = (
        van if van.inside is None else replace(van, inside=np.append(van.inside, [True]))
        for van in problem.vans
    )
    return replace(problem, sites=(*problem.sites, site), vans=tuple(vans))


def running(
    problem: Problem, plan: Plan, state: State, promised_s: Mapping[int, int] | None = None
) -> Running:
    """The rest of a day from its published problem and plan.

    Every visit that is still planned has its promise, and begins no sooner than the promise allows: somebody
    who was told 10:00 is not called on at 09:30. Breaks stay where they move fewest promises. What is
    unserved may still be put in.

    Parameters
    ----------
    promised_s : what was promised, of visits that the plan begins at another time

    Raises
    ------
    ValueError : the state does not have exactly one row for each van.
    """
    if len(state.vans) != len(problem.vans):
        raise ValueError(f"{len(state.vans)} vans are told of, the problem has {len(problem.vans)}")
    left = tuple(n for n in range(len(problem.visits)) if n not in state.done)
    number = {visit: n for n, visit in enumerate(left)}
    held = _locks(problem, plan, state)
    promised = {
        stop.visit: Promise(route.van, (promised_s or {}).get(stop.visit, stop.begins_s))
        for route in plan.routes
        for stop in route.stops
        if stop.visit is not None
    }
    bare = replace(
        problem,
        visits=tuple(_visit(problem.visits[n], promised.get(n), held.get(n)) for n in left),
        relations=_relations(problem, number),
    )
    bare = _with_spots(bare, state, number)
    orders = _orders(problem, plan, state, number)
    rest, eased = ease_all(bare)
    return Running(hold_breaks(rest, orders), orders, left, eased)


def _visit(visit: Visit, promise: Promise | None, held: frozenset[int] | None) -> Visit:
    kept = replace(visit, promise=promise or visit.promise)
    if held is not None:
        kept = replace(kept, vans=held if kept.vans is None else kept.vans & held)
    return kept if promise is None else replace(kept, windows=not_before(kept.windows, promise))


def not_before(windows: Sequence[TimeWindow], promise: Promise) -> tuple[TimeWindow, ...]:
    """Windows without what lies before the promise allows; the promise itself lies in one of them."""
    from_s = promise.begins_s - PROMISE_S
    kept = (TimeWindow(max(w.opens_s, from_s), w.closes_s) for w in windows if w.closes_s >= from_s)
    return tuple(kept) or tuple(windows)


def _locks(problem: Problem, plan: Plan, state: State) -> dict[int, frozenset[int]]:
    """What was done binds what is left: equipment stays on its van, and so do visits that belong together.

    Of visits that are not for the same day, one done rules out the others.
    """
    van_of = {stop.visit: route.van for route in plan.routes for stop in route.stops}
    used: set[str] = set()
    for n in state.done:
        used |= problem.visits[n].equipment
    locks = {
        n: frozenset({van_of[n]})
        for n, visit in enumerate(problem.visits)
        if n in van_of and visit.equipment & used
    }
    for relation in problem.relations:
        vans = {van_of[n] for n in relation.visits if n in state.done and n in van_of}
        if vans:
            held = frozenset(vans) if relation.kind == "same_van" else frozenset[int]()
            locks |= {n: locks.get(n, held) & held for n in relation.visits if n not in state.done}
    return locks


def _relations(problem: Problem, number: dict[int, int]) -> tuple[Relation, ...]:
    kept = (
        Relation(each.kind, tuple(number[n] for n in each.visits if n in number))
        for each in problem.relations
    )
    return tuple(each for each in kept if len(each.visits) > 1)


def _orders(problem: Problem, plan: Plan, state: State, number: dict[int, int]) -> Orders:
    """What follows the last call that is done, on each van; what is being driven to comes first."""
    lists: list[tuple[Call, ...]] = [() for _ in problem.vans]
    heading = {n for now in state.vans for n in now.heading}
    for route in plan.routes:
        stops = route.stops
        last = max((k for k, stop in enumerate(stops) if stop.visit in state.done), default=0)
        free_s = state.vans[route.van].free_s
        ahead = [
            stop
            for k, stop in enumerate(stops)
            if (stop.visit is not None and stop.visit in number and stop.visit not in heading)
            or (stop.visit is None and k > last and stop.leaves_s > free_s)
        ]
        lists[route.van] = tuple(
            _call(problem, stop, call, number)
            for stop, call in zip(
                (s for s in ahead if s.kind in _CALLS), calls_of(problem, ahead), strict=True
            )
        )
    for van, now in enumerate(state.vans):
        first = tuple(Call(problem.visits[n].kind, number[n], in_nap=True) for n in now.heading)
        lists[van] = (*first, *lists[van])
    return tuple(lists)


def _call(problem: Problem, stop: Stop, call: Call, number: dict[int, int]) -> Call:
    """A planned call. One planned before its nap may slip into it rather than wait until it is over."""
    if call.kind not in ("visit", "dropoff"):
        return call
    nap = problem.visits[call.index].nap
    slips = call.in_nap or (nap is not None and stop.begins_s < nap.opens_s)
    return Call(call.kind, number[call.index], slips)


def _with_spots(problem: Problem, state: State, number: dict[int, int]) -> Problem:
    """The vans where they are. A spot on the road is a site that roads lead away from, and none to."""
    spots = [now.at for now in state.vans if isinstance(now.at, Spot)]
    sites = (*problem.sites, *(Site(f"on the road {n}", s.lon, s.lat) for n, s in enumerate(spots, start=1)))
    vans: list[Van] = []
    met = len(problem.sites)
    for van, now in zip(problem.vans, state.vans, strict=True):
        if isinstance(now.at, Spot):
            depot, met = met, met + 1
        else:
            depot = now.at
        vans.append(_rested_later(problem, _van(van, now, depot, number), now))
    return replace(
        problem,
        sites=sites,
        seconds=_extended(problem.seconds, [spot.seconds for spot in spots]),
        metres=_extended(problem.metres, [spot.metres for spot in spots]),
        vans=tuple(_inside(van, len(spots)) for van in vans),
    )


def _rested_later(problem: Problem, van: Van, now: VanNow) -> Van:
    """No break before what is being driven to, unless it would come too late behind it."""
    if van.rest is None or not van.prefix:
        return van
    at, clock_s = now.at, now.free_s
    for n in van.prefix:
        visit = problem.visits[n]
        leg_s = at.seconds[visit.site] if isinstance(at, Spot) else problem.seconds[at, visit.site]
        clock_s = max(clock_s + max(0, int(leg_s)), visit.windows[0].opens_s) + visit.service_s
        at = visit.site
    if clock_s > van.rest.latest_s:
        return van
    return replace(van, rest=replace(van.rest, earliest_s=max(van.rest.earliest_s, clock_s)))


def _van(van: Van, now: VanNow, depot: int, number: dict[int, int]) -> Van:
    return replace(
        van,
        depot=depot,
        home=van.ends_at,
        starts_s=now.free_s,
        ends_s=max(van.ends_s, now.free_s),
        overtime_s=max(0, van.overtime_s - max(0, now.free_s - van.ends_s)),
        leaves_by_s=None,
        hot_aboard=now.hot_aboard,
        cold_aboard=now.cold_aboard,
        batch_s=van.batch_s if now.batch_s is None else now.batch_s,
        patrolled_s=now.patrolled_s,
        worked_s=van.worked_s + now.out_s,
        rest=None if now.rested else van.rest,
        span_s=None if van.span_s is None else max(1, van.span_s - now.out_s),
        prefix=tuple(number[n] for n in now.heading),
    )


def _extended(matrix: IntMatrix, rows: Sequence[Row]) -> IntMatrix:
    if not rows:
        return matrix
    size, more = len(matrix), len(rows)
    whole = np.full((size + more, size + more), -1, np.int32)
    whole[:size, :size] = matrix
    whole[size:, :size] = np.stack(rows)
    np.fill_diagonal(whole[size:, size:], 0)
    return frozen_matrix(whole)


def _inside(van: Van, spots: int) -> Van:
    """A spot counts as off the beat: what of the first leg is patrol is not known, so none of it is."""
    if not spots or van.inside is None or van.in_beat_s is None:
        return van
    inside = np.concatenate([van.inside, np.zeros(spots, np.bool_)])
    in_beat_s = frozen_matrix(np.pad(van.in_beat_s, (0, spots)))
    return replace(van, inside=inside, in_beat_s=in_beat_s)
