"""VROOM's JSON in, VROOM's JSON out: for those who have its clients and want our planner behind them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from fleet.roads import Roads
from routing.vroom_eta import timed
from routing.vroom_given import times_for_given
from routing.vroom_json import decode
from routing.vroom_model import orders_for
from routing.vroom_problem import Vehicle, VroomProblem
from routing.vroom_read import problem_of
from routing.vroom_write import Driven, Spent, solution_json


def solve_json(text: bytes, roads: Roads, *, seconds: float = 5.0, given: bool = False) -> dict[str, Any]:
    """Solve a problem, or time its given routes, and return the solution as VROOM writes it.

    Parameters
    ----------
    seconds : how long to search
    given : make times for the routes that the vehicles' `steps` give, every limit being soft; VROOM's `-c`.
        The problem may ask for it itself: ``"options": {"c": true}``

    Raises
    ------
    InvalidInput : something in it cannot be right, or cannot be planned with; the sentence names the row.
    Unavailable : it has no matrices, and no road server answers.
    """
    began = time.monotonic()
    raw = decode(text)
    problem = problem_of(raw, roads)
    read = time.monotonic()
    if given or raw.options.get("c") is True:
        routes = [times_for_given(problem, each) for each in problem.vehicles if each.given is not None]
    else:
        routes = list(_searched(problem, seconds))
    spent = Spent(round(1000 * (read - began)), round(1000 * (time.monotonic() - read)))
    return solution_json(problem, routes, spent)


def _searched(problem: VroomProblem, seconds: float) -> Iterator[Driven]:
    for vehicle, order in zip(problem.vehicles, orders_for(problem, seconds), strict=True):
        driven = _kept(problem, vehicle, list(order))
        if driven is not None:
            yield driven


def _kept(problem: VroomProblem, vehicle: Vehicle, order: list[int]) -> Driven | None:
    """The route with its exact times; tasks that these leave no time for, the last first, are unassigned."""
    while order:
        steps = timed(problem, vehicle, order)
        if steps is not None:
            return Driven(vehicle, steps)
        last = order.pop()
        partner = problem.tasks[last].partner
        if partner in order:
            order.remove(partner)
    return None
