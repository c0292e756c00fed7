"""A planner's hand on a plan: stops moved, put in, taken out, locked and forbidden, each timed anew. Pure.

A session is a value: a problem, for each van its calls in order, and their timetable. An edit gives the next
session and touches as few vans as it must. What an edit breaks is in the timetables (`routing.trouble`
tells): nothing is refused here. Beat passes give way to calls, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from routing.change import Change, applied
from routing.desk_session import (
    Edit,
    Pin,
    Session,
    best_naps,
    held_first,
    opened,
    pinned,
    timed,
    with_calls,
)
from routing.levels import in_nap, plan_of
from routing.place import Place, call_of, locked, places, suits
from routing.plan import Plan
from routing.problem import Problem
from routing.timetable import Call, Timetable, route_of, timetable

__all__ = [
    "Edit", "Pin", "Session", "best_place", "edited", "opened", "pinned", "plan", "room", "touched",
]  # fmt: skip


def edited(session: Session, edits: Iterable[Edit]) -> Session:
    """The session after these edits, one after the other."""
    for edit in edits:
        session = (_errand if edit.by_hand else _DOERS[edit.kind])(session, edit)
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


def _repinned(session: Session, pins: Mapping[int, Pin]) -> Session:
    return replace(session, pins=pins, problem=pinned(session.free, pins))


def _pin(session: Session, edit: Edit, pin: Pin) -> Session:
    kept = {n: each for n, each in session.pins.items() if n != edit.visit}
    return _repinned(session, kept if pin == Pin() else {**kept, edit.visit: pin})


def _without(session: Session, visit: int) -> Session:
    found = session.where(visit)
    if found is None:
        return session
    van, position = found
    calls = session.orders[van]
    return with_calls(session, van, (*calls[:position], *calls[position + 1 :]))


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
    return with_calls(session, van, (*calls[:at], outside, *calls[at:]))


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


def _hold(session: Session, edit: Edit) -> Session:
    """The van's first visits are held as they stand; no more than it has begun lets the others go."""
    visits = [call.index for call in session.orders[edit.van] if call.kind in ("visit", "dropoff")]
    return held_first(session, edit.van, visits[: max(session.begun[edit.van], edit.position or 0)])


def _errand(session: Session, edit: Edit) -> Session:
    """A reload or a beat pass by hand: all vans that it touches are timed once, when it is where it goes."""
    orders, tables, call = list(session.orders), list(session.tables), edit.call
    whose: set[int] = set()
    if edit.origin is not None:
        van, at = edit.origin
        call = orders[van][at]
        orders[van] = (*orders[van][:at], *orders[van][at + 1 :])
        whose.add(van)
    if edit.kind != "remove" and call is not None:
        van, at = min(_errand_places(session.problem, orders, call, edit))[-2:]
        orders[van] = (*orders[van][:at], call, *orders[van][at:])
        whose.add(van)
    for van in whose:
        orders[van], tables[van] = _kept(session.problem, van, orders[van], edit, call)
    return replace(session, orders=tuple(orders), tables=tuple(tables))


def _errand_places(
    problem: Problem, orders: Sequence[Sequence[Call]], call: Call, edit: Edit
) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """Where it may go, ranked: the place told, else all of the van told, else all of the vans whose it is."""
    own = problem.cells[call.index].vans if call.kind == "pass" else frozenset[int]()
    for van in (edit.van,) if edit.van >= 0 else own or range(len(orders)):
        calls = orders[van]
        first = locked(problem, van, calls)
        if edit.van >= 0 and edit.position is not None:
            yield (), van, max(first, min(edit.position, len(calls)))
            continue
        for at in range(first, len(calls) + 1):
            yield timetable(problem, van, (*calls[:at], call, *calls[at:])).rank, van, at


def _kept(
    problem: Problem, van: int, calls: Sequence[Call], edit: Edit, call: Call | None
) -> tuple[tuple[Call, ...], Timetable]:
    """Passes give way to a reload if that mends all; a pass put in by hand stays, whatever it breaks."""
    whole = best_naps(problem, van, calls)
    if not whole[1].breaches or edit.kind == "remove" or call is None or call.kind == "pass":
        return whole
    given = timed(problem, van, calls)
    return whole if given[1].breaches else given


_OF_ONE_VAN = frozenset({"shift", "span", "rest", "skill", "cups", "leave"})


def assumed(session: Session, changes: Sequence[Change]) -> Session:
    """The session on a day with these changes; who may gain from them is timed anew."""
    free = applied(session.free, changes)
    problem = pinned(free, session.pins)
    alone = all(each.kind in _OF_ONE_VAN and each.van >= 0 for each in changes)
    whose = {each.van for each in changes} if alone else set(range(len(session.tables)))
    orders, tables = list(session.orders), list(session.tables)
    for van in whose:
        orders[van], tables[van] = timed(problem, van, orders[van])
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
    "hold": _hold,
}
