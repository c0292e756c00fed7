"""A plan under a planner's hand: a problem, each van's calls and timetables, and what an edit says.

Whoever sets a van's calls has them timed here; beat passes give way to calls, as everywhere. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from routing.change import Change
from routing.place import Orders
from routing.problem import Problem
from routing.timetable import Call, Timetable, timetable

Kind: TypeAlias = Literal["move", "add", "remove", "lock", "unlock", "forbid", "allow", "change", "hold"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing that a planner does.

    Parameters
    ----------
    visit : which visit; -1 for a change or a hold
    van : onto which van, locked to which, forbidden on which; -1 is the van that suits best
    position : before which of the van's calls, the visit itself not counted; None is the best place; for
        `hold`, how many of the van's first visits are held in their order
    change : for `change`, what is assumed to be otherwise
    call, origin : of a reload or a beat pass instead of a visit: which one is put in, or the van and position
        where it stands now
    """

    kind: Kind
    visit: int = -1
    van: int = -1
    position: int | None = None
    change: Change | None = None
    call: Call | None = None
    origin: tuple[int, int] | None = None

    @property
    def by_hand(self) -> bool:
        """Whether it is about a reload or a beat pass."""
        return self.call is not None or self.origin is not None


@dataclass(frozen=True, slots=True)
class Pin:
    """What a planner decided about a visit: the one van it is locked to, the vans it is forbidden on."""

    locked: int | None = None
    banned: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """A plan under a planner's hand.

    `free` is the problem with the changes and without pins; `problem` has the pins in its visits' vans.
    `begun` is how many of each van's locked first visits it has begun: a planner holds only those after them.
    """

    free: Problem
    problem: Problem
    pins: Mapping[int, Pin]
    orders: Orders
    tables: tuple[Timetable, ...]
    begun: tuple[int, ...] = ()

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
    return Session(problem, bound, pins, orders, tables, tuple(len(van.prefix) for van in problem.vans))


def held_first(session: Session, van: int, visits: Sequence[int]) -> Session:
    """The session with these visits held as a van's first ones, in this order, behind what it has begun."""
    begun = session.begun[van]
    free = with_first(session.free, van, visits, begun=begun)
    return replace(session, free=free, problem=with_first(session.problem, van, visits, begun=begun))


def with_first(problem: Problem, van: int, visits: Sequence[int], *, begun: int) -> Problem:
    """The problem with these visits behind the `begun` first ones of a van's locked beginning."""
    done = problem.vans[van].prefix[:begun]
    first = (*done, *(n for n in visits if n not in done))
    vans = (replace(one, prefix=first) if n == van else one for n, one in enumerate(problem.vans))
    return replace(problem, vans=tuple(vans))


def pinned(problem: Problem, pins: Mapping[int, Pin]) -> Problem:
    """The problem with what a planner decided about its visits."""
    visits = list(problem.visits)
    every = frozenset(range(len(problem.vans)))
    for n, pin in pins.items():
        vans = visits[n].vans
        allowed = (every if vans is None else vans) - pin.banned
        visits[n] = replace(visits[n], vans=allowed if pin.locked is None else frozenset({pin.locked}))
    return replace(problem, visits=tuple(visits))


def with_calls(session: Session, van: int, calls: Sequence[Call]) -> Session:
    """The session with one van's calls set and timed; passes give way where they must."""
    orders, tables = list(session.orders), list(session.tables)
    orders[van], tables[van] = timed(session.problem, van, calls)
    return replace(session, orders=tuple(orders), tables=tuple(tables))


def timed(problem: Problem, van: int, calls: Sequence[Call]) -> tuple[tuple[Call, ...], Timetable]:
    """Calls with their times. Passes are left out where they break a limit, or make a broken one worse.

    What the calls break without any pass, no pass has a part in: the others stay.
    """
    whole = best_naps(problem, van, calls)
    if not whole[1].breaches or all(call.kind != "pass" for call in calls):
        return whole
    kept, table = best_naps(problem, van, [call for call in calls if call.kind != "pass"])
    return _with_passes(problem, van, kept, (calls, table))


def _with_passes(
    problem: Problem, van: int, kept: tuple[Call, ...], before: tuple[Sequence[Call], Timetable]
) -> tuple[tuple[Call, ...], Timetable]:
    """As many of the passes that were there as the calls have time for, each where it was."""
    calls, table = before
    bare = table
    done: list[Call] = []
    rest = list(kept)
    for call in calls:
        if call.kind != "pass":
            done.append(rest.pop(0))
            continue
        tried = timetable(problem, van, (*done, call, *rest))
        if no_worse(tried, bare):
            done.append(call)
            table = tried
    return tuple(done), table


def no_worse(table: Timetable, than: Timetable) -> bool:
    """Whether a timetable breaks nothing that another does not break as much."""
    allowed = {(b.code, b.visit, b.container): b.short for b in than.breaches}
    return all(b.short <= allowed.get((b.code, b.visit, b.container), 0) for b in table.breaches)


def best_naps(problem: Problem, van: int, calls: Sequence[Call]) -> tuple[tuple[Call, ...], Timetable]:
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
