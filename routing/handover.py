"""Gives portable equipment to another van at noon where that serves visits which are left out otherwise.

The search leaves a unit on one van all day. Here one van gives it away at a centre after its last use, and
another takes it there, waits for it if it must, and uses it in the second half of the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple, TypeAlias

from routing.levels import has_prize
from routing.place import Orders, call_of, locked, places, related, squeeze, suits
from routing.problem import HANDOVER_S, Problem
from routing.timetable import Call, Timetable, timetable
from routing.units import holders, over_units, units_of

Calls: TypeAlias = tuple[Call, ...]
_CENTRES = 3
"""Centres that are tried for two vans, the nearest to the giver's last use."""
_PLACES = 4
"""Places of a handover on a route that are tried, the earliest ends of the day."""
_TAKERS = 10


class _Pair(NamedTuple):
    """Who gives a thing to whom, and where."""

    code: str
    giver: int
    taker: int
    centre: int


def hand(problem: Problem, orders: Orders) -> Orders:
    """The orders with things handed over at noon where fewer visits are left out then; else as they are.

    The orders hold no passes: these come last.
    """
    for kit in problem.equipment:
        for _ in range(kit.units):
            better = _better(problem, orders, kit.code)
            if better is None:
                break
            orders = better
    return orders


def is_handed(orders: Orders) -> bool:
    """Whether anything is handed over on these routes."""
    return any(call.kind == "handover" for calls in orders for call in calls)


def unhanded(problem: Problem, orders: Orders) -> Orders:
    """The orders as a search takes them: no handovers, and each thing on as many vans as there are units."""
    lists = [tuple(call for call in calls if call.kind != "handover") for calls in orders]
    for kit in problem.equipment:
        using = sorted((-sum(_uses(problem, c, kit.code) for c in calls), n) for n, calls in enumerate(lists))
        users = [n for uses, n in using if uses]
        for n in users[units_of(problem, kit.code) :]:
            lists[n] = tuple(call for call in lists[n] if not _uses(problem, call, kit.code))
    return tuple(lists)


def is_sound(problem: Problem, orders: Orders) -> bool:
    """Whether all limits of the vans' times are kept, and no thing is on more vans than it can be."""
    tables = [timetable(problem, van, calls) for van, calls in enumerate(orders)]
    if any(table.breaches for table in tables):
        return False
    return not over_units(problem, {van: table.stops for van, table in enumerate(tables)})


def missed(problem: Problem, orders: Orders) -> tuple[int, int, int, int]:
    """What the orders leave out on the levels that visits make: SOS, mandatory, prize, cups."""
    served = _served(orders)
    left = [visit for n, visit in enumerate(problem.visits) if n not in served]
    return (
        sum(visit.sos for visit in left),
        sum(visit.mandatory and not visit.sos for visit in left),
        sum(visit.prize for visit in left if has_prize(visit)),
        sum(visit.cups for visit in left),
    )


def _better(problem: Problem, orders: Orders, code: str) -> Orders | None:
    """The handover of one unit that leaves out least; None when none leaves out less."""
    served = _served(orders)
    absent = [n for n, visit in enumerate(problem.visits) if code in visit.equipment and n not in served]
    if not absent:
        return None
    before = missed(problem, orders)
    best: tuple[tuple[int, ...], int, Orders] | None = None
    for pair in _pairs(problem, orders, code):
        for found in _handed(problem, orders, pair, absent):
            worth = missed(problem, found)
            if worth >= before or not is_sound(problem, found):
                continue
            ends_s = sum(
                timetable(problem, van, found[van]).stops[-1].leaves_s for van in (pair.giver, pair.taker)
            )
            if best is None or (worth, ends_s) < best[:2]:
                best = worth, ends_s, found
    if best is None:
        return None
    fuller = squeeze(problem, best[2])
    return fuller if is_sound(problem, fuller) else best[2]


def _pairs(problem: Problem, orders: Orders, code: str) -> Iterator[_Pair]:
    """Vans that have the thing, with vans that do not and the centres near to the givers."""
    stops = {van: timetable(problem, van, calls).stops for van, calls in enumerate(orders)}
    having = holders(problem, code, stops)
    needing = [visit for n, visit in enumerate(problem.visits) if code in visit.equipment]
    others = [
        van
        for van in range(len(orders))
        if van not in having and any(visit.vans is None or van in visit.vans for visit in needing)
    ]
    others.sort(key=lambda van: (stops[van][-1].leaves_s - problem.vans[van].ends_s, van))
    for giver in having:
        last = max(n for n, s in enumerate(stops[giver]) if _is_used(problem, s.visit, code))
        site = stops[giver][last].site
        reached = [c for c in problem.centres if problem.least_s(site, c) >= 0]
        near = sorted(reached, key=lambda c: (problem.least_s(site, c), c))
        for taker, centre in product(others[:_TAKERS], near[:_CENTRES]):
            yield _Pair(code, giver, taker, centre)


def _handed(problem: Problem, orders: Orders, pair: _Pair, absent: Sequence[int]) -> Iterator[Orders]:
    """Orders with the thing handed over: the taker does what it can, or the giver before noon first."""
    kept, late = _morning(problem, orders[pair.giver], pair)
    if kept is None:
        return
    order = sorted({*absent, *late}, key=lambda n: _rank(problem, n))
    for giving in _giving(problem, pair, kept):
        for giver_first in (False, True):
            lists = list(orders)
            lists[pair.giver] = giving
            if giver_first:
                _fill(problem, lists, order, (pair, pair.giver))
            for taking in _taking(problem, pair, lists):
                tried = list(lists)
                tried[pair.taker] = taking
                _fill(problem, tried, order, (pair, pair.taker))
                yield tuple(tried)


def _morning(problem: Problem, calls: Calls, pair: _Pair) -> tuple[Calls | None, list[int]]:
    """The giver's calls without what it uses the thing for after noon, and those visits.

    None where such a visit is locked.
    """
    stops = {s.visit: s for s in timetable(problem, pair.giver, calls).stops if s.visit is not None}
    late = [
        call
        for call in calls
        if _uses(problem, call, pair.code) and stops[call.index].begins_s >= problem.noon_s
    ]
    if any(call in calls[: locked(problem, pair.giver, calls)] for call in late):
        return None, []
    return tuple(call for call in calls if call not in late), [call.index for call in late]


def _giving(problem: Problem, pair: _Pair, calls: Calls) -> list[Calls]:
    """The giver's calls with its handover after its last use."""
    last = max((n for n, call in enumerate(calls) if _uses(problem, call, pair.code)), default=-1)
    first = max(last + 1, locked(problem, pair.giver, calls))
    return _with(
        problem, pair.giver, calls, [(n, Call("handover", pair.centre)) for n in range(first, len(calls) + 1)]
    )


def _taking(problem: Problem, pair: _Pair, lists: Sequence[Calls]) -> list[Calls]:
    """The taker's calls with its handover: it waits until the giver was there, or until noon too."""
    stops = timetable(problem, pair.giver, lists[pair.giver]).stops
    given_s = next(s.begins_s for s in stops if s.kind == "handover" and s.site == pair.centre)
    calls = lists[pair.taker]
    first = locked(problem, pair.taker, calls)
    from_s = sorted({given_s, max(given_s, problem.noon_s - HANDOVER_S)})
    tried = product(range(first, len(calls) + 1), from_s)
    return _with(
        problem, pair.taker, calls, [(n, Call("handover", pair.centre, from_s=at)) for n, at in tried]
    )


def _with(problem: Problem, van: int, calls: Calls, added: Sequence[tuple[int, Call]]) -> list[Calls]:
    """The few sound ways to add a call, the earliest end of the day first."""
    tried = [(*calls[:n], call, *calls[n:]) for n, call in added]
    tables = [(timetable(problem, van, each), n) for n, each in enumerate(tried)]
    sound = sorted((table.rank, n) for table, n in tables if not table.breaches)
    return [tried[n] for _, n in sound[:_PLACES]]


def _fill(problem: Problem, lists: list[Calls], visits: Sequence[int], whose: tuple[_Pair, int]) -> None:
    """Put what is not served yet on one of the two vans: before the giver's handover, after the taker's."""
    pair, van = whose
    for n in visits:
        if n in _served(lists) or not suits(problem, van, n) or related(problem, lists, van, n):
            continue
        calls = lists[van]
        at = next(k for k, c in enumerate(calls) if c.kind == "handover" and c.index == pair.centre)
        fitting = [
            place
            for place in places(problem, van, calls, call_of(problem, n), within_s=0)
            if (place.position <= at) == (van == pair.giver)
            and not place.timetable.breaches
            and _in_half(problem, place.timetable, pair, van)
        ]
        if fitting:
            best = min(fitting, key=lambda each: each.timetable.rank)
            lists[van] = (*calls[: best.position], call_of(problem, n), *calls[best.position :])


def _in_half(problem: Problem, table: Timetable, pair: _Pair, van: int) -> bool:
    """Whether the van uses the thing in its own half of the day only."""
    uses = [s for s in table.stops if _is_used(problem, s.visit, pair.code)]
    return all((s.begins_s < problem.noon_s) == (van == pair.giver) for s in uses)


def _rank(problem: Problem, n: int) -> tuple[bool, bool, int, int]:
    visit = problem.visits[n]
    return not visit.sos, not visit.mandatory, -visit.prize, n


def _served(orders: Sequence[Calls]) -> set[int]:
    return {call.index for calls in orders for call in calls if call.kind in ("visit", "dropoff")}


def _uses(problem: Problem, call: Call, code: str) -> bool:
    return call.kind in ("visit", "dropoff") and _is_used(problem, call.index, code)


def _is_used(problem: Problem, visit: int | None, code: str) -> bool:
    return visit is not None and code in problem.visits[visit].equipment
