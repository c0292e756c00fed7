"""Orders on paper: which van makes which calls, by the registry's own keys, so that they outlive a problem.

Indexes of a problem mean nothing once it is built anew: the ledger of visits may have grown, a van may be off
shift. So a call is written as whom it is for and read back by that; what is asked for no more is left out.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from routing.agenda import Agenda
from routing.place import Orders
from routing.problem import Problem
from routing.timetable import Call, site_of, timetable

Kept: TypeAlias = dict[str, list[list[Any]]]
"""By van id, each call as its kind, its key and whether it may begin in a nap."""


def as_json(agenda: Agenda, orders: Orders) -> Kept:
    """Orders by the registry's keys."""
    return {
        str(agenda.van_ids[van]): [[call.kind, list(_key(agenda, call)), call.in_nap] for call in calls]
        for van, calls in enumerate(orders)
    }


def orders_of(agenda: Agenda, kept: Mapping[str, Sequence[Sequence[Any]]]) -> Orders:
    """Read orders back for a problem of the same day, as far as they still hold.

    Calls that the problem does not know, or that break a limit now, are left out; each visit is made once. A
    wide day's limits are looked at part by part, later.
    """
    known: dict[Hashable, Call] = {(call.kind, *_key(agenda, call)): call for call in _all_calls(agenda)}
    met: set[Call] = set()
    orders = []
    for van_id in agenda.van_ids:
        calls = []
        for kind, key, in_nap in kept.get(str(van_id), ()):
            call = known.get((kind, *key))
            if call is None or call in met:
                continue
            if call.kind in ("visit", "dropoff"):
                met.add(call)
            calls.append(Call(call.kind, call.index, bool(in_nap)))
        orders.append(tuple(calls))
    return tuple(orders) if agenda.problem.legs is not None else mended(agenda.problem, tuple(orders))


def mended(problem: Problem, orders: Orders) -> Orders:
    """The same orders without calls that break a limit; no nap is waited out where that makes late."""
    return tuple(tuple(_mended(problem, van, list(calls))) for van, calls in enumerate(orders))


def _mended(problem: Problem, van: int, calls: list[Call]) -> list[Call]:
    if timetable(problem, van, calls).breaches:
        calls = [Call(c.kind, c.index, c.kind in ("visit", "dropoff")) for c in calls]
    while calls:
        breaches = timetable(problem, van, calls).breaches
        if not breaches:
            break
        late = [n for n, call in enumerate(calls) if _names(call, breaches[0].visit)]
        del calls[late[0] if late else -1]
    return calls


def _names(call: Call, visit: int) -> bool:
    return call.kind in ("visit", "dropoff") and call.index == visit


def _all_calls(agenda: Agenda) -> Iterator[Call]:
    problem = agenda.problem
    for n, visit in enumerate(problem.visits):
        yield Call(visit.kind, n)
    for n in range(len(problem.cells)):
        yield Call("pass", n)
    for n in range(len(problem.kitchens)):
        yield Call("reload", n)
    for site in problem.centres:
        yield Call("handover", site)


def _key(agenda: Agenda, call: Call) -> tuple[int, ...]:
    """What a call is known by in the registry; a cell by its place, in millionths of a degree."""
    if call.kind in ("visit", "dropoff"):
        caller = agenda.callers[call.index]
        return caller.site_id, caller.recipient_id or 0, caller.cadence_id or 0
    site = site_of(agenda.problem, call)
    if call.kind == "pass":
        place = agenda.problem.sites[site]
        return round(place.lon * 1e6), round(place.lat * 1e6)
    ready_s = agenda.problem.kitchens[call.index].ready_s if call.kind == "reload" else 0
    return agenda.site_ids[site] or 0, ready_s
