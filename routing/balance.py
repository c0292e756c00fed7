"""Moves calls off the routes of vans that owe patrol, to vans that can take them and still meet theirs.

What a van could patrol is guessed from its slack here; the finished plan shows whether a move was worth it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from routing.place import Orders, bound, locked, places, suits
from routing.problem import Problem
from routing.timetable import Call, patrol_s, timetable

_MOVES = 16
_USABLE = 0.85
"""Of a van's slack this much can be turned into patrol; the rest is lost on the way."""
_WORTH_S = 60
_CALLS = 12
"""Calls of a van that are looked at, those first that it would be relieved most by giving away."""
_TRIED = 4
"""Places on a taker's route that are looked at, the shortest detours."""


def balance(problem: Problem, orders: Orders) -> Orders:
    """Relieve the van that would owe most, one call at a time, while that lessens what is owed together."""
    lists = [tuple(calls) for calls in orders]
    stuck: set[int] = set()
    for _ in range(_MOVES):
        owed = [_owed_s(problem, van, calls) for van, calls in enumerate(lists)]
        donors = [van for van in range(len(lists)) if owed[van] > 0 and van not in stuck]
        if not donors:
            break
        donor = max(donors, key=lambda van: owed[van])
        move = _best_move(problem, lists, owed, donor)
        if move is None:
            stuck.add(donor)
        else:
            taker, lists[donor], lists[taker] = move
    return tuple(lists)


def _best_move(
    problem: Problem, lists: Sequence[tuple[Call, ...]], owed: Sequence[int], donor: int
) -> tuple[int, tuple[Call, ...], tuple[Call, ...]] | None:
    """The taker and both new orders of the move that gains most; None when none is worth it."""
    best: tuple[int, int, tuple[Call, ...], tuple[Call, ...]] | None = None
    for relief_s, n in _reliefs(problem, lists[donor], owed[donor], donor)[:_CALLS]:
        call, kept = lists[donor][n], (*lists[donor][:n], *lists[donor][n + 1 :])
        for taker in range(len(lists)):
            if (
                taker == donor
                or not suits(problem, taker, call.index)
                or bound(problem, lists, taker, call.index)
            ):
                continue
            taken = _with(problem, taker, lists[taker], call)
            if taken is None:
                continue
            gain_s = relief_s - (_owed_s(problem, taker, taken) - owed[taker])
            if gain_s >= _WORTH_S and (best is None or gain_s > best[0]):
                best = gain_s, taker, kept, taken
    return None if best is None else best[1:]


def _reliefs(problem: Problem, calls: tuple[Call, ...], owed_s: int, van: int) -> list[tuple[int, int]]:
    """Positions of the calls that a van could do without, and what each would save it, the most first."""
    found = []
    for n in range(locked(problem, van, calls), len(calls)):
        if _is_off_beat(problem, van, calls[n]):
            found.append((owed_s - _owed_s(problem, van, (*calls[:n], *calls[n + 1 :])), n))
    return sorted(found, key=lambda each: (-each[0], each[1]))


def _is_off_beat(problem: Problem, van: int, call: Call) -> bool:
    inside = problem.vans[van].inside
    if inside is None or call.kind not in ("visit", "dropoff"):
        return False
    return not inside[problem.visits[call.index].site]


def _with(problem: Problem, van: int, calls: tuple[Call, ...], call: Call) -> tuple[Call, ...] | None:
    """The calls with one more where the day ends earliest; None where it fits in no near place."""
    tried = islice(places(problem, van, calls, call, within_s=0), _TRIED)
    fitting = [place for place in tried if not place.timetable.breaches]
    if not fitting:
        return None
    position = min(fitting, key=lambda place: place.timetable.rank).position
    return (*calls[:position], call, *calls[position:])


def _owed_s(problem: Problem, van: int, calls: Sequence[Call]) -> int:
    """Patrol that would be missing once the slack is patrolled too."""
    one = problem.vans[van]
    if one.inside is None:
        return 0
    stops = timetable(problem, van, calls).stops
    waits_s = sum(stop.begins_s - stop.arrives_s for stop in stops)
    slack_s = one.ends_s - stops[-1].leaves_s + waits_s
    return max(
        0, problem.patrol_target_s - one.patrolled_s - patrol_s(problem, van, stops) - int(_USABLE * slack_s)
    )
