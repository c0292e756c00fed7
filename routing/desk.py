"""A planner's hand on a plan: stops moved, put in, taken out, locked and forbidden, each timed anew. Pure.

A session is a value: a problem, for each van its calls in order, and their timetable. An edit gives the next
session and touches as few vans as it must. What an edit breaks is in the timetables (`routing.trouble`
tells): nothing is refused here. Beat passes give way to calls, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from routing.change import Change, applied
from routing.levels import in_nap, plan_of
from routing.place import Orders, Place, call_of, locked, places, suits
from routing.plan import Plan
from routing.problem import Problem
from routing.timetable import Call, Timetable, route_of, timetable

Kind: TypeAlias = Literal["move", "add", "remove", "lock", "unlock", "forbid", "allow", "change"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing that a planner does.

    Parameters
    ----------
    visit : which visit; -1 for a change
    van : onto which van, locked to which, forbidden on which; -1 is the van that suits best
    position : before which of the van's calls, the visit itself not counted; None is the best place
    change : for `change`, what is assumed to be otherwise
    """

    kind: Kind
    visit: int = -1
    van: int = -1
    position: int | None = None
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """What a planner decided about a visit: the one van it is locked to, the vans it is forbidden on."""

    locked: int | None = None
    banned: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """A plan under a planner's hand.

    `free` is the problem with the changes and without pins; `problem` has the pins in its visits' vans.
    """

    free: Problem
    problem: Problem
    pins: Mapping[int, Pin]
    orders: Orders
    tables: tuple[Timetable, ...]

    def where(self, visit: int) -> tuple[int, int] | None:
        """The van of a visit and its position among the van's calls; None while it is unserved."""
        for van, calls in enumerate(self.orders):
            for position, call in enumerate(calls):
                if call.index == visit and call.kind in ("visit", "dropoff"):
                    return van, position
        return None


def opened(problem: Problem, orders: Orders, pins: Mapping[int, Pin] | None = None) -> Session:
    """A session on a plan's calls."""
    pins = dict(pins or {})
    bound = pinned(problem, pins)
    tables = tuple(timetable(bound, van, calls) for van, calls in enumerate(orders))
    return Session(problem, bound, pins, orders, tables)


def edited(session: Session, edits: Iterable[Edit]) -> Session:
    """The session after these edits, one after the other."""
    for edit in edits:
        session = _DOERS[edit.kind](session, edit)
    return session


def plan(session: Session) -> Plan:
    """The plan that a session's calls make. It may break rules."""
    routes = [route_of(session.problem, van, each.stops) for van, each in enumerate(session.tables)]
    return plan_of(session.problem, routes)


def touched(before: Session, after: Session) -> tuple[int, ...]:
    """The vans whose timetables differ, or what they or their visits are held to."""
    return tuple(van for van in range(len(after.tables)) if _differs(before, after, van))


def _differs(before: Session, after: Session, van: int) -> bool:
    if before.tables[van] != after.tables[van] or before.problem.vans[van] is not after.problem.vans[van]:
        return True
    was, becomes = before.problem.visits, after.problem.visits
    served = [call.index for call in after.orders[van] if call.kind in ("visit", "dropoff")]
    return any(was[n] != becomes[n] for n in served)


def pinned(problem: Problem, pins: Mapping[int, Pin]) -> Problem:
    """The problem with what a planner decided about its visits."""
    visits = list(problem.visits)
    every = frozenset(range(len(problem.vans)))
    for n, pin in pins.items():
        vans = visits[n].vans
        allowed = (every if vans is None else vans) - pin.banned
        visits[n] = replace(visits[n], vans=allowed if pin.locked is None else frozenset({pin.locked}))
    return replace(problem, visits=tuple(visits))


def _repinned(session: Session, pins: Mapping[int, Pin]) -> Session:
    return replace(session, pins=pins, problem=pinned(session.free, pins))


def _pin(session: Session, edit: Edit, pin: Pin) -> Session:
    kept = {n: each for n, each in session.pins.items() if n != edit.visit}
    return _repinned(session, kept if pin == Pin() else {**kept, edit.visit: pin})


def _with(session: Session, van: int, calls: Sequence[Call]) -> Session:
    """The session with one van's calls set and timed; passes give way where they must."""
    orders, tables = list(session.orders), list(session.tables)
    orders[van], tables[van] = _timed(session.problem, van, calls)
    return replace(session, orders=tuple(orders), tables=tuple(tables))


def _timed(problem: Problem, van: int, calls: Sequence[Call]) -> tuple[tuple[Call, ...], Timetable]:
    whole = _best_naps(problem, van, calls)
    if not whole[1].breaches or all(call.kind != "pass" for call in calls):
        return whole
    kept, table = _best_naps(problem, van, [call for call in calls if call.kind != "pass"])
    if table.breaches:
        return kept, table
    return _with_passes(problem, van, kept, (calls, table))


def _with_passes(
    problem: Problem, van: int, kept: tuple[Call, ...], before: tuple[Sequence[Call], Timetable]
) -> tuple[tuple[Call, ...], Timetable]:
    """As many of the passes that were there as the calls have time for, each where it was."""
    calls, table = before
    done: list[Call] = []
    rest = list(kept)
    for call in calls:
        if call.kind != "pass":
            done.append(rest.pop(0))
            continue
        tried = timetable(problem, van, (*done, call, *rest))
        if not tried.breaches:
            done.append(call)
            table = tried
    return tuple(done), table


def _best_naps(problem: Problem, van: int, calls: Sequence[Call]) -> tuple[tuple[Call, ...], Timetable]:
    """Calls that wait for the end of a nap do so only while that breaks nothing."""
    asked = tuple(calls)
    table = timetable(problem, van, asked)
    if not table.breaches:
        return asked, table
    knocking = tuple(
        replace(call, in_nap=True) if call.kind in ("visit", "dropoff") else call for call in asked
    )
    other = timetable(problem, van, knocking)
    return (knocking, other) if other.rank < table.rank else (asked, table)


def _without(session: Session, visit: int) -> Session:
    found = session.where(visit)
    if found is None:
        return session
    van, position = found
    calls = session.orders[van]
    return _with(session, van, (*calls[:position], *calls[position + 1 :]))


def _remove(session: Session, edit: Edit) -> Session:
    return _without(session, edit.visit)


def _put(session: Session, edit: Edit) -> Session:
    """Move or add: the visit goes where it is told, or to the best place there is."""
    without = _without(session, edit.visit)
    if edit.van >= 0 and edit.position is not None:
        return _inserted(without, edit.van, edit.position, edit.visit)
    found = best_place(without, edit.visit, None if edit.van < 0 else edit.van)
    return without if found is None else _inserted(without, found[0], found[1], edit.visit)


def _inserted(session: Session, van: int, position: int, visit: int) -> Session:
    calls = session.orders[van]
    at = max(locked(session.problem, van, calls), min(position, len(calls)))
    outside = replace(call_of(session.problem, visit), in_nap=False)
    return _with(session, van, (*calls[:at], outside, *calls[at:]))


def best_place(session: Session, visit: int, van: int | None = None) -> tuple[int, int] | None:
    """The van and position where a visit breaks least, disturbs fewest naps and ends the day earliest.

    Among all vans those that may not take it are passed over while one may. None without any van.
    """
    problem = session.problem
    every = range(len(problem.vans)) if van is None else (van,)
    able = [each for each in every if suits(problem, each, visit)] or list(every)
    fitting = [found for each in able if (found := _fitting(session, each, visit)) is not None]
    if not fitting:
        fitting = [found for each in able if (found := _nearest(session, each, visit)) is not None]
    if not fitting:
        return None
    best = min(fitting, key=lambda each: each[0])
    return best[1], best[2]


_Ranked: TypeAlias = tuple[tuple[int, ...], int, int]


def room(session: Session, visit: int) -> tuple[int, ...]:
    """The vans that may take a visit and have room for it, once their beat passes give way."""
    problem = session.problem
    found: list[int] = []
    for van, calls in enumerate(session.orders):
        if suits(problem, van, visit):
            kept = [call for call in calls if call.kind != "pass"]
            tried = places(problem, van, kept, call_of(problem, visit), within_s=0)
            if any(not place.timetable.breaches for place in tried):
                found.append(van)
    return tuple(found)


def _fitting(session: Session, van: int, visit: int) -> _Ranked | None:
    """The best place that breaks nothing: passes stay where they are."""
    problem, calls = session.problem, session.orders[van]
    found = [
        place
        for place in places(problem, van, calls, call_of(problem, visit), within_s=0)
        if not place.timetable.breaches
    ]
    if not found:
        return None
    best = min(found, key=lambda place: _rank(session, place))
    return _rank(session, best), van, best.position


def _nearest(session: Session, van: int, visit: int) -> _Ranked | None:
    """The place that breaks least once the passes have given way."""
    problem = session.problem
    kept = [n for n, call in enumerate(session.orders[van]) if call.kind != "pass"]
    calls = [session.orders[van][n] for n in kept]
    found = min(
        places(problem, van, calls, call_of(problem, visit)),
        key=lambda place: _rank(session, place),
        default=None,
    )
    if found is None:
        return None
    at = kept[found.position] if found.position < len(kept) else len(session.orders[van])
    return _rank(session, found), van, at


def _rank(session: Session, place: Place) -> tuple[int, ...]:
    problem = session.problem
    naps = sum(
        stop.visit is not None and in_nap(problem.visits[stop.visit], stop.begins_s)
        for stop in place.timetable.stops
    )
    count, short, ends_s = place.timetable.rank
    later_s = ends_s - session.tables[place.van].stops[-1].leaves_s
    return count, short, naps, later_s


def _lock(session: Session, edit: Edit) -> Session:
    """Only this van may serve it from now on; a visit that is elsewhere goes there."""
    pin = session.pins.get(edit.visit, Pin())
    found = session.where(edit.visit)
    van = edit.van if edit.van >= 0 or found is None else found[0]
    after = _pin(session, edit, Pin(van, pin.banned - {van}))
    return after if found is None or found[0] == van else _put(after, replace(edit, van=van, position=None))


def _unlock(session: Session, edit: Edit) -> Session:
    return _pin(session, edit, replace(session.pins.get(edit.visit, Pin()), locked=None))


def _forbid(session: Session, edit: Edit) -> Session:
    """Never on this van: it goes to the best other place that breaks nothing, else it is unserved."""
    pin = session.pins.get(edit.visit, Pin())
    locked = None if pin.locked == edit.van else pin.locked
    after = _pin(session, edit, Pin(locked, pin.banned | {edit.van}))
    found = after.where(edit.visit)
    if found is None or found[0] != edit.van:
        return after
    without = _without(after, edit.visit)
    able = [n for n in range(len(after.problem.vans)) if suits(after.problem, n, edit.visit)]
    fitting = [place for van in able if (place := _fitting(without, van, edit.visit)) is not None]
    if not fitting:
        return without
    _, van, position = min(fitting, key=lambda each: each[0])
    return _inserted(without, van, position, edit.visit)


def _allow(session: Session, edit: Edit) -> Session:
    pin = session.pins.get(edit.visit, Pin())
    return _pin(session, edit, replace(pin, banned=pin.banned - {edit.van}))


def _change(session: Session, edit: Edit) -> Session:
    return session if edit.change is None else assumed(session, [edit.change])


_OF_ONE_VAN = frozenset({"shift", "span", "rest", "skill", "cups"})


def assumed(session: Session, changes: Sequence[Change]) -> Session:
    """The session on a day with these changes; who may gain from them is timed anew."""
    free = applied(session.free, changes)
    problem = pinned(free, session.pins)
    alone = all(each.kind in _OF_ONE_VAN and each.van >= 0 for each in changes)
    whose = {each.van for each in changes} if alone else set(range(len(session.tables)))
    orders, tables = list(session.orders), list(session.tables)
    for van in whose:
        orders[van], tables[van] = _timed(problem, van, orders[van])
    return replace(session, free=free, problem=problem, orders=tuple(orders), tables=tuple(tables))


_DOERS = {
    "move": _put,
    "add": _put,
    "remove": _remove,
    "lock": _lock,
    "unlock": _unlock,
    "forbid": _forbid,
    "allow": _allow,
    "change": _change,
}
