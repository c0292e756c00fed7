"""What a polish by the library's model may use, and whether that model holds a problem at all."""

from __future__ import annotations

from dataclasses import dataclass

from routing.place import Orders
from routing.problem import Problem


@dataclass(frozen=True, slots=True)
class Stage:
    """What a stage allows: who may reload once and from which kitchen, who may be called on in a nap."""

    name: str
    reloads: frozenset[tuple[int, int]] = frozenset()
    in_nap: frozenset[int] = frozenset()


def stage_of(orders: Orders) -> Stage:
    """What these orders use."""
    reloads = {
        (van, call.index) for van, calls in enumerate(orders) for call in calls if call.kind == "reload"
    }
    naps = {call.index for calls in orders for call in calls if call.in_nap}
    return Stage("polish", frozenset(reloads), frozenset(naps))


def takes(problem: Problem, orders: Orders) -> bool:
    """Whether the model holds all that the problem and these orders ask: a van reloads once at most there."""
    if any(sum(call.kind == "reload" for call in calls) > 1 for calls in orders):
        return False
    plain_vans = all(van.leaves_by_s is None and van.span_s is None for van in problem.vans)
    plain_visits = not any(visit.service_by_van or visit.equipment for visit in problem.visits)
    return plain_vans and plain_visits and not problem.relations and not problem.pace
