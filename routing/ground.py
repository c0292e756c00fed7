"""A van's route as arrays, with room for one more call and for its reloads: what `routing.trial` walks on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from routing import trial
from routing.problem import HANDOVER_S, Problem
from routing.timetable import Call
from routing.trial import Ground


def ground_of(problem: Problem, van: int, calls: Sequence[Call]) -> Ground:
    """A van's calls, an empty row behind them, and each kitchen's batch behind that."""
    most = max((len(visit.windows) for visit in problem.visits), default=1)
    rows = len(calls) + 1 + len(problem.kitchens)
    ground = Ground(
        np.zeros((rows, trial.NODE_COLUMNS), np.int64),
        np.zeros((rows, most, 2), np.int64),
        problem.seconds,
        np.array(problem.pace, np.int64),
        _van(problem, van),
    )
    for row, call in enumerate(calls):
        _lay(problem, van, ground, (row, call))
    for n in range(len(problem.kitchens)):
        _lay(problem, van, ground, (len(calls) + 1 + n, Call("reload", n)))
    return ground


def lay(problem: Problem, van: int, ground: Ground, visit: int) -> int:
    """Put a visit into the empty row, and return that row."""
    row = len(ground.nodes) - 1 - len(problem.kitchens)
    _lay(problem, van, ground, (row, Call(problem.visits[visit].kind, visit)))
    return row


def _lay(problem: Problem, van: int, ground: Ground, which: tuple[int, Call]) -> None:
    row, call = which
    if call.kind == "reload":
        kitchen = problem.kitchens[call.index]
        ground.nodes[row] = (
            trial.RELOAD, kitchen.site, kitchen.service_s, 0, 0, 0, -1,
            kitchen.from_s, kitchen.window.closes_s, kitchen.ready_s,
        )  # fmt: skip
    elif call.kind == "handover":
        ground.nodes[row] = (trial.OTHER, call.index, HANDOVER_S, 0, 0, 0, -1, 0, 0, 0)
    elif call.kind == "pass":
        cell = problem.cells[call.index]
        ground.nodes[row] = (trial.OTHER, cell.site, cell.tour_s, 0, 0, 0, -1, 0, 0, 0)
    else:
        _lay_visit(problem, van, ground, (row, call.index))


def _lay_visit(problem: Problem, van: int, ground: Ground, which: tuple[int, int]) -> None:
    row, n = which
    visit = problem.visits[n]
    hold_s = problem.serve_by_s(visit, 0)
    ground.nodes[row] = (
        trial.VISIT, visit.site, visit.service_on(van), len(visit.windows), problem.cups_of(visit, "hot"),
        problem.cups_of(visit, "cold"), -1 if hold_s is None else hold_s, 0, 0, 0,
    )  # fmt: skip
    for at, window in enumerate(visit.windows):
        ground.windows[row, at] = window.opens_s, window.closes_s


def _van(problem: Problem, n: int) -> trial.Ints:
    van = problem.vans[n]
    latest_s = van.starts_s if van.leaves_by_s is None else van.leaves_by_s
    rest = (1, van.rest.earliest_s, van.rest.latest_s, van.rest.duration_s) if van.rest else (0, 0, 0, 0)
    return np.array(
        (
            van.depot, van.ends_at, van.starts_s, van.ends_s + van.overtime_s,
            -1 if van.span_s is None else van.span_s, latest_s, van.batch_s, van.hot_cups, van.cold_cups,
            van.aboard("hot"), van.aboard("cold"), *rest,
        ),
        np.int64,
    )  # fmt: skip
