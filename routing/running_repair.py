"""What events do to a running day: an answer at once, then a better one, both judged, with a diff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from fleet.errors import Conflict
from routing.checker import violations
from routing.ejection import Answer, Weighed, Within, answer, relieve
from routing.housing import house
from routing.levels import plan_of
from routing.place import Orders
from routing.plan import Plan
from routing.problem import Container, Problem, Visit
from routing.running_changes import Change, broken_by, changes, stands
from routing.running_ease import Eased, ease_all
from routing.running_improve import Wish, improve, routes_with
from routing.timetable import Call


@dataclass(frozen=True, slots=True)
class NewVisit:
    """Somebody is to be called on today: a call for help where `visit.sos`, a booking else."""

    visit: Visit


@dataclass(frozen=True, slots=True)
class Booked:
    """A visit of the problem that no van has yet is asked for: as a new one, but it keeps its index."""

    visit: int


@dataclass(frozen=True, slots=True)
class NoShow:
    """A visit is no longer asked for."""

    visit: int


@dataclass(frozen=True, slots=True)
class VanDown:
    """A van stands still for the rest of the day; what it was driving to is lost too."""

    van: int


@dataclass(frozen=True, slots=True)
class ThermosCold:
    """The food of one container may no longer be handed out, until the van reloads."""

    van: int
    container: Container


@dataclass(frozen=True, slots=True)
class RoadClosed:
    """Roads were closed, or are open again: the problem has their driving times already.

    `near` is the site that lies nearest to them.
    """

    near: int


Event: TypeAlias = NewVisit | Booked | NoShow | VanDown | ThermosCold | RoadClosed


@dataclass(frozen=True, slots=True)
class Repair:
    """The day after an event.

    Parameters
    ----------
    problem : as the event has made it; visits keep their indexes, a new one is the last
    answered : the plan found at once
    plan : the better one that followed, or the same
    changes : the promises that `plan` does not keep
    weighed : for a new visit, every van, and why those that do not go do not
    eased : limits widened for the sake of what is being driven to
    over : how many promises are moved for the event above the budget; those that it breaks by itself
        (`Change.forced`) do not count
    standing : the problem with the promises that the event alone leaves
    """

    problem: Problem
    answered: Plan
    plan: Plan
    changes: tuple[Change, ...]
    weighed: tuple[Weighed, ...] = ()
    eased: tuple[Eased, ...] = ()
    over: int = 0
    standing: Problem | None = None


def repair(problem: Problem, orders: Orders, event: Event | None, wish: Wish | None = None) -> Repair:
    """Mend a running day after an event; without one, only what has become too late.

    Raises
    ------
    Conflict : the plan was refused by the checker, which is a mistake of ours.
    """
    wish = wish or Wish()
    at_once = respond(problem, orders, event, wish)
    if wish.seconds <= 0 and wish.steps is None:
        return at_once
    return better(at_once, site_of(at_once.problem, orders, event), wish)


def respond(problem: Problem, orders: Orders, event: Event | None, wish: Wish) -> Repair:
    """The answer at once: by string ejection, within the promises that the event alone leaves."""
    problem, orders, homeless = after(problem, orders, event)
    problem, eased = ease_all(problem)
    standing = stands(problem, orders)
    lists = list(orders)
    for van in range(len(problem.vans)):
        room = relieve(standing, van, lists[van], budget=wish.budget)
        lists[van] = room.calls
        homeless = (*homeless, *(call.index for call in room.ejected))
    orders = tuple(lists)
    weighed: tuple[Weighed, ...] = ()
    if isinstance(event, NewVisit | Booked):
        asked = event.visit if isinstance(event, Booked) else len(problem.visits) - 1
        orders, left, weighed = _put_in(standing, orders, asked, wish)
        homeless = (*homeless, *left)
    orders, left = house(standing, orders, homeless)
    orders = _insisted(standing, orders, left, wish)
    plan = plan_of(problem, routes_with(standing, orders))
    _demand_sound(problem, plan)
    found = Repair(problem, plan, plan, (), weighed, eased, standing=standing)
    return _told(found, plan, wish)


def better(found: Repair, site: int, wish: Wish) -> Repair:
    """The improvement of an answer: only the vans nearest to the site change, no promise that it keeps."""
    after = improve(found.standing or found.problem, found.answered, site, wish)
    plan = plan_of(found.problem, after.routes)
    return _told(found, min(plan, found.answered, key=lambda each: each.levels), wish)


def _told(found: Repair, plan: Plan, wish: Wish) -> Repair:
    diff = changes(found.problem, plan, found.standing)
    moved = sum(not each.forced for each in diff)
    return replace(found, plan=plan, changes=diff, over=max(0, moved - wish.budget))


def _demand_sound(problem: Problem, plan: Plan) -> None:
    broken = violations(problem, plan)
    if broken:
        raise Conflict(
            "The repair of the running day breaks a rule and was thrown away ({rule}). Plan the rest anew.",
            rule=broken[0],
        )


def _put_in(
    problem: Problem, orders: Orders, visit: int, wish: Wish
) -> tuple[Orders, tuple[int, ...], tuple[Weighed, ...]]:
    """A new visit: a call for help where it is reached first, anything else where it costs least.

    Others are given up for a mandatory one only where it fits nowhere, and for an optional one never.
    """
    asked = problem.visits[visit]
    if not asked.sos:
        orders, left = house(problem, orders, [visit])
        if not left or not asked.mandatory:
            return orders, left, ()
    found = answer(problem, orders, visit, Within(_left(problem, orders, wish), wish.in_time_s))
    return found.orders, found.homeless, found.weighed


def _left(problem: Problem, orders: Orders, wish: Wish) -> int:
    """What is left of the budget when some of it is spent."""
    return max(0, wish.budget - broken_by(problem, orders))


def _insisted(problem: Problem, orders: Orders, left: Sequence[int], wish: Wish) -> Orders:
    """Mandatory visits that found no place push optional ones out, one after another.

    First all of them within what is left of the budget; who is then still without a place passes it.
    """
    passing: list[tuple[int, Orders, Answer]] = []
    for visit in left:
        if not problem.visits[visit].mandatory:
            continue
        found = _pushed_in(problem, orders, visit, wish)
        if found.over or found.van is None:
            passing.append((visit, orders, found))
        else:
            orders = found.orders
    for visit, before, found in passing:
        again = found if orders is before else _pushed_in(problem, orders, visit, wish)
        orders = again.orders
    return orders


def _pushed_in(problem: Problem, orders: Orders, visit: int, wish: Wish) -> Answer:
    # By when help is in time says nothing of who gave way for it.
    within = Within(_left(problem, orders, wish), insists=True)
    return answer(problem, orders, visit, within, weigh=False)


def after(problem: Problem, orders: Orders, event: Event | None) -> tuple[Problem, Orders, tuple[int, ...]]:
    """The problem as an event has made it, what is left of the orders, and who lost their place by it.

    Visits keep their indexes; a new one is the last.
    """
    match event:
        case NewVisit():
            return replace(problem, visits=(*problem.visits, event.visit)), orders, ()
        case NoShow():
            return _gone(problem, event.visit), without(orders, {event.visit}), ()
        case VanDown():
            return _down(problem, event.van), _emptied(orders, event.van), _visits(orders[event.van])
        case ThermosCold():
            return _cold(problem, event), orders, ()
    return problem, orders, ()


def site_of(problem: Problem, orders: Orders, event: Event | None) -> int:
    """The place round which an event matters: the vans near it are looked at."""
    match event:
        case NewVisit():
            return event.visit.site
        case NoShow() | Booked():
            return problem.visits[event.visit].site
        case VanDown() | ThermosCold():
            served = _visits(orders[event.van])
            return problem.visits[served[0]].site if served else problem.vans[event.van].ends_at
        case RoadClosed():
            return event.near
    return problem.vans[0].ends_at


def without(orders: Orders, visits: set[int]) -> Orders:
    """Orders without some visits."""
    return tuple(
        tuple(call for call in calls if not (call.kind in ("visit", "dropoff") and call.index in visits))
        for calls in orders
    )


def _emptied(orders: Orders, van: int) -> Orders:
    return tuple(() if n == van else calls for n, calls in enumerate(orders))


def _visits(calls: Sequence[Call]) -> tuple[int, ...]:
    return tuple(call.index for call in calls if call.kind in ("visit", "dropoff"))


def _gone(problem: Problem, n: int) -> Problem:
    """A visit that asks for nothing any more: nobody serves it and leaving it out costs nothing."""
    nothing = replace(
        problem.visits[n], mandatory=False, sos=False, prize=0, portions=(), promise=None, vans=frozenset()
    )
    vans = tuple(replace(van, prefix=tuple(k for k in van.prefix if k != n)) for van in problem.vans)
    return replace(problem, visits=(*problem.visits[:n], nothing, *problem.visits[n + 1 :]), vans=vans)


def _down(problem: Problem, n: int) -> Problem:
    """A van that goes nowhere: its day ends here and now, and nobody may be promised to it."""
    van = problem.vans[n]
    stands = replace(
        van, home=van.depot, ends_s=van.starts_s, overtime_s=0, rest=None, span_s=None, prefix=()
    )
    others = frozenset(range(len(problem.vans))) - {n}
    visits = (
        replace(visit, vans=others if visit.vans is None else visit.vans & others) for visit in problem.visits
    )
    return replace(
        problem,
        vans=(*problem.vans[:n], stands, *problem.vans[n + 1 :]),
        visits=tuple(visits),
        cells=tuple(replace(cell, vans=cell.vans - {n}) for cell in problem.cells),
    )


def _cold(problem: Problem, event: ThermosCold) -> Problem:
    van = problem.vans[event.van]
    empty = replace(van, hot_aboard=0) if event.container == "hot" else replace(van, cold_aboard=0)
    return replace(problem, vans=(*problem.vans[: event.van], empty, *problem.vans[event.van + 1 :]))
