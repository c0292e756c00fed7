"""A visit put into a running day at once: any van, any place, with a string of calls given up for it.

String ejection: at most six calls in a row leave the route so that the new one fits, and are put back where
they fit. Strings are found by a rough walk (`running_scan`); the timetable has the last word on each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from routing.housing import delays_help, house
from routing.place import Orders, bound, call_of, locked, suits
from routing.problem import Problem
from routing.running_changes import moved_on
from routing.running_scan import Lost, Scan
from routing.timetable import Call, Timetable, timed, timetable

BUDGET = 6
"""Published visits that one event of the day may move or drop."""
_TRIED = 12
"""Strings that are timed exactly at one place of one van, the least lost first."""

Refused: TypeAlias = Literal[
    "", "later", "costlier", "over_budget", "skills", "not_for_it", "unreachable", "too_late", "full"
]


@dataclass(frozen=True, slots=True)
class Within:
    """How many promises may be broken for one visit.

    For a call for help `budget` is a bound among answers that are there by `in_time_s` (None: whenever they
    are); where none of them keeps it, help goes first. For anything else it is a bound without exception,
    but where `insists`: then it is passed by as few as possible, if the visit can be served in no other way.
    """

    budget: int = BUDGET
    in_time_s: int | None = None
    insists: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """A van's calls with the new one among them, and what is given up for it.

    `begins_s` is when the new visit's service begins; -1 where only room was to be made.
    """

    van: int
    begins_s: int
    calls: tuple[Call, ...]
    ejected: tuple[Call, ...]
    lost: Lost

    def rank(self, within: Within, *, sos: bool) -> tuple[bool, bool, int, Lost, int]:
        """No mandatory visit for it, then the budget as far as it holds, the minute of help, what is lost."""
        kept = not self.lost.over and (within.in_time_s is None or self.begins_s <= within.in_time_s)
        return self.lost.mandatory > 0, not kept, self.begins_s // 60 if sos else 0, self.lost, self.van


@dataclass(frozen=True, slots=True)
class Weighed:
    """A van that was weighed: when service could begin, None where never; `why` it does not go."""

    van: int
    begins_s: int | None
    why: Refused


@dataclass(frozen=True, slots=True)
class Answer:
    """Where the visit goes. `orders` are unchanged and `van` is None where nobody can take it.

    `homeless` are visits that were given up for it and found no other place, `over` is how many promises
    are broken above the budget.
    """

    orders: Orders
    van: int | None
    begins_s: int | None
    weighed: tuple[Weighed, ...]
    homeless: tuple[int, ...] = ()
    over: int = 0


def answer(
    problem: Problem, orders: Orders, visit: int, within: Within | None = None, *, weigh: bool = True
) -> Answer:
    """Put one visit in, giving up a string of at most six calls for it.

    First counts that no mandatory visit is given up, then that no more promises are broken than `within`
    allows, then, for a call for help, the minute in which service begins, then what is lost.

    Parameters
    ----------
    orders : the vans' calls, each van's in keeping with its limits
    weigh : tell of every van how it does; else nothing is told, and but for a call for help one that cannot
        lose less than another is not looked at further
    """
    within = within or Within()
    sos = problem.visits[visit].sos
    best: Room | None = None
    rooms: dict[int, Room] = {}
    reasons: dict[int, tuple[int | None, Refused]] = {}
    for van in range(len(problem.vans)):
        known = None if weigh or sos or best is None else best.lost
        found = _room(problem, orders, (van, visit), within, known)
        if not isinstance(found, Room):
            reasons[van] = found
            continue
        rooms[van] = found
        if best is None or found.rank(within, sos=sos) < best.rank(within, sos=sos):
            best = found
    weighed = tuple(_weighed(rooms, reasons, best)) if weigh else ()
    if best is None:
        return Answer(orders, None, None, weighed)
    best = with_passes(problem, orders[best.van], best)
    changed = tuple(best.calls if van == best.van else calls for van, calls in enumerate(orders))
    changed, homeless = house(problem, changed, [call.index for call in best.ejected])
    return Answer(changed, best.van, best.begins_s, weighed, homeless, best.lost.over)


def _weighed(
    rooms: dict[int, Room], reasons: dict[int, tuple[int | None, Refused]], best: Room | None
) -> Iterator[Weighed]:
    """The one that goes, then the others that could, then those that cannot; each group the soonest first."""
    for room in sorted(rooms.values(), key=lambda room: (room is not best, room.begins_s, room.van)):
        why: Refused = ""
        if best is not None and room is not best:
            later = room.begins_s // 60 > best.begins_s // 60
            why = "over_budget" if room.lost.over > best.lost.over else "later" if later else "costlier"
        yield Weighed(room.van, room.begins_s, why)
    for van, (begins_s, no) in sorted(
        reasons.items(), key=lambda each: (each[1][0] is None, each[1][0] or 0)
    ):
        yield Weighed(van, begins_s, no)


def _room(
    problem: Problem, orders: Orders, who: tuple[int, int], within: Within, known: Lost | None
) -> Room | tuple[int | None, Refused]:
    """The best place for a visit on one van; or when it could be there, and why it does not go.

    `known` is what another van loses, where only a lesser loss is looked for; None for a call for help.
    """
    van, visit = who
    asked = problem.visits[visit]
    if not suits(problem, van, visit):
        return None, "skills" if not asked.skills <= problem.vans[van].skills else "not_for_it"
    if bound(problem, orders, van, visit):
        return None, "not_for_it"
    scan = Scan(problem, van, without_passes(orders[van]))
    begins = sorted(scan.begins(asked))
    if not begins:
        return None, "unreachable"
    in_time = [(begins_s, at) for begins_s, at in begins if begins_s <= asked.windows[-1].closes_s]
    if not in_time:
        return begins[0][0], "too_late"
    for grave in (False, True) if asked.sos else (False,):
        room = _best(scan, in_time, visit, (within, grave, known))
        if room is not None and (asked.sos or within.insists or not room.lost.over):
            return room
    return in_time[0][0], "full"


def _best(
    scan: Scan, begins: Sequence[tuple[int, int]], visit: int, wish: tuple[Within, bool, Lost | None]
) -> Room | None:
    """The best place on one van: for a call for help from the soonest until no later one could be better.

    For anything else the shortest way round is looked at first: the better what is known, the less is to be
    walked.
    """
    within, grave, known = wish
    asked = scan.problem.visits[visit]
    sos = asked.sos
    best: Room | None = None
    for begins_s, position in (
        begins if sos else sorted(begins, key=lambda each: scan.detour_s(asked, each[1]))
    ):
        late = within.in_time_s is not None and begins_s > within.in_time_s
        if sos and best is not None and (late or not best.lost.over):
            break
        room = _fit(scan, position, visit, (within.budget, grave), known)
        if room is not None and (best is None or room.rank(within, sos=sos) < best.rank(within, sos=sos)):
            best, known = room, None if sos else room.lost
    return best


def relieve(problem: Problem, van: int, calls: Sequence[Call], *, budget: int = BUDGET) -> Room:
    """A van's calls without what makes them miss a limit: one string, or call by call where that is too few.

    Where cups are short, or no longer safe, a reload is tried before a drop-off is given up.
    """
    table = timed(problem, van, tuple(calls))
    if not table.breaches:
        return Room(van, -1, tuple(calls), (), Lost(0, 0, 0, 0, 0, table.stops[-1].leaves_s))
    bare = without_passes(calls)
    scan = Scan(problem, van, bare)
    room = None
    if not any(breach.code in ("capacity", "food_clock") for breach in table.breaches):
        room = _fit(scan, scan.first, None, (budget, False)) or _fit(scan, scan.first, None, (budget, True))
    return with_passes(problem, calls, room or _one_by_one(problem, van, bare))


def _one_by_one(problem: Problem, van: int, calls: Sequence[Call]) -> Room:
    """The calls that still keep every limit, in their order, the mandatory ones chosen first."""
    first = locked(problem, van, calls)
    kept = list(range(first))
    for grave in (True, False):
        for n in range(first, len(calls)):
            if _is_grave(problem, calls[n]) == grave:
                tried = sorted([*kept, n])
                if not timetable(problem, van, [calls[k] for k in tried]).breaches:
                    kept = tried
    order = [calls[k] for k in kept]
    for n in range(first, len(calls)):
        if n not in kept and calls[n].kind == "dropoff":
            order = _reloaded(problem, van, order, calls[n]) or order
    left = tuple(call for call in calls if call not in order and call.kind in ("visit", "dropoff"))
    table = timetable(problem, van, order)
    return Room(van, -1, tuple(order), left, Lost(0, 0, 0, 0, 0, table.stops[-1].leaves_s))


def _is_grave(problem: Problem, call: Call) -> bool:
    return call.kind in ("visit", "dropoff") and (
        problem.visits[call.index].mandatory or problem.visits[call.index].sos
    )


def _reloaded(problem: Problem, van: int, calls: list[Call], call: Call) -> list[Call] | None:
    """A drop-off put in somewhere with a reload before it; None where no place keeps every limit."""
    for kitchen in range(len(problem.kitchens)):
        for at in range(locked(problem, van, calls), len(calls) + 1):
            tried = [*calls[:at], Call("reload", kitchen), call, *calls[at:]]
            moved = moved_on(problem, van, timetable(problem, van, calls).stops)
            table = timetable(problem, van, tried)
            if not table.breaches and moved_on(problem, van, table.stops) <= moved + 1:
                return tried
    return None


def _fit(
    scan: Scan, position: int, visit: int | None, wish: tuple[int, bool], known: Lost | None = None
) -> Room | None:
    """The least loss at one position that the timetable agrees with, within the budget where it can be.

    What is roughly no less than what is `known` from another position is not timed.
    """
    problem, van, calls = scan.problem, scan.van, scan.calls
    budget, grave = wish
    new = () if visit is None else (call_of(problem, visit),)
    asked = None if visit is None else problem.visits[visit]
    best: Room | None = None
    for string in scan.strings(position, asked, (budget, grave), known)[:_TRIED]:
        if known is not None and string.lost > known:
            continue
        behind = (call for k, call in enumerate(calls) if k >= position and k not in string.given)
        order = (*calls[:position], *new, *behind)
        table = timed(problem, van, order)
        if table.breaches:
            continue
        given = tuple(calls[k] for k in string.given)
        moved = moved_on(problem, van, table.stops)
        moved += sum(problem.visits[call.index].promise is not None for call in given)
        lost = string.lost._replace(moved=moved, over=max(0, moved - budget))
        if best is None or lost < best.lost:
            best = Room(van, begin_of(table, visit), order, given, lost)
        if not lost.over:
            break
    return best


def begin_of(table: Timetable, visit: int | None) -> int:
    """When service of a visit begins in a timetable; -1 where it is not in it."""
    return next((s.begins_s for s in table.stops if visit is not None and s.visit == visit), -1)


def without_passes(calls: Sequence[Call]) -> tuple[Call, ...]:
    """The calls without beat passes, the first thing to give way."""
    return tuple(call for call in calls if call.kind != "pass")


def with_passes(problem: Problem, before: Sequence[Call], room: Room) -> Room:
    """The passes that were there before, each behind the call it followed, where nothing suffers from it."""
    order = list(room.calls)
    plain = timed(problem, room.van, room.calls)
    moved = moved_on(problem, room.van, plain.stops)
    at = locked(problem, room.van, order)
    for call in before:
        if call.kind != "pass":
            at = max(at, order.index(call) + 1) if call in order else at
            continue
        table = timed(problem, room.van, (*order[:at], call, *order[at:]))
        kept = not table.breaches and moved_on(problem, room.van, table.stops) <= moved
        if kept and not delays_help(problem, plain, table):
            order.insert(at, call)
            at += 1
    return Room(room.van, room.begins_s, tuple(order), room.ejected, room.lost)
