"""How many units of a portable thing a day's routes use, handovers counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from routing.plan import Stop
from routing.problem import Problem

Stops: TypeAlias = Mapping[int, Sequence[Stop]]
"""Each van's stops."""


def units_of(problem: Problem, code: str) -> int:
    """Units that the fleet has."""
    return sum(thing.units for thing in problem.equipment if thing.code == code)


def units_used(problem: Problem, code: str, stops: Stops) -> int:
    """The fewest units with which every use of a thing on these routes can be had; see `Equipment`."""
    uses = {van: [s for s in own if _uses(problem, s, code)] for van, own in stops.items()}
    before = {van for van, own in uses.items() if any(s.begins_s < problem.noon_s for s in own)}
    after = {van for van, own in uses.items() if any(s.begins_s >= problem.noon_s for s in own)}
    takers = {
        taker: [giver for giver in sorted(before - after) if _hands(problem, (giver, taker), stops, uses)]
        for taker in sorted(after - before)
    }
    return max(len(before), len(after), len(before | after) - _most_pairs(takers))


def over_units(problem: Problem, stops: Stops) -> bool:
    """Whether these routes use some thing on more vans than its units can be on, handovers counted."""
    return any(
        units_used(problem, kit.code, stops) > units_of(problem, kit.code) for kit in problem.equipment
    )


def holders(problem: Problem, code: str, stops: Stops) -> tuple[int, ...]:
    """The vans that use a thing."""
    return tuple(van for van, own in stops.items() if any(_uses(problem, s, code) for s in own))


def _uses(problem: Problem, stop: Stop, code: str) -> bool:
    return stop.visit is not None and code in problem.visits[stop.visit].equipment


def _hands(problem: Problem, pair: tuple[int, int], stops: Stops, uses: Stops) -> bool:
    """Whether one van can give its unit to the other: at a centre, and in time."""
    giver, taker = pair
    last_s = max(stop.leaves_s for stop in uses[giver])
    first_s = min(stop.begins_s for stop in uses[taker])
    given = [s for s in stops[giver] if s.kind in ("handover", "end") and s.begins_s >= last_s]
    taken = [s for s in stops[taker] if s.kind in ("handover", "start") and s.leaves_s <= first_s]
    return any(
        a.site in problem.centres and a.site == b.site and a.leaves_s <= b.leaves_s
        for a in given
        for b in taken
    )


def _most_pairs(takers: Mapping[int, Sequence[int]]) -> int:
    """The size of the largest matching, by augmenting paths."""
    taken: dict[int, int] = {}

    def finds(taker: int, seen: set[int]) -> bool:
        for giver in takers[taker]:
            if giver not in seen:
                seen.add(giver)
                if giver not in taken or finds(taken[giver], seen):
                    taken[giver] = taker
                    return True
        return False

    return sum(finds(taker, set()) for taker in takers)
