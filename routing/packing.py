"""The best plan that can be put together from routes already met: a set packing, solved by OR-Tools' CP-SAT.

Source: route pools with set packing, Rochat and Taillard 1995.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ortools.linear_solver import pywraplp
from ortools.sat.python import cp_model

from routing.hunt import Column
from routing.problem import Problem

_COLUMNS = 6_000
_LEAST, _EACH = 600, 40
"""Columns that stay after the filter: so many at least, so many for each van."""
_DETERMINISTIC_S = 10.0


@dataclass(frozen=True, slots=True)
class Pack:
    """How long to pack: by the clock, or by the solver's own count of work where a run must be repeatable."""

    seconds: float
    repeatable: bool = False


def pack(
    problem: Problem, columns: Iterable[Column], start: Sequence[Sequence[int]], how: Pack
) -> list[tuple[int, ...]]:
    """Nodes for each van: at most one route each, each visit once at most, most penalties saved.

    Parameters
    ----------
    start : the incumbent's nodes for each van; what comes back is no worse by the columns' own measure
    """
    kept = _distinct(columns)
    if not kept:
        return [tuple(nodes) for nodes in start]
    rows = _rows(problem, kept)
    began = {(van, tuple(nodes)) for van, nodes in enumerate(start) if nodes}
    chosen = _filtered(kept, rows, began, max(_LEAST, _EACH * len(problem.vans)))
    return _packed(
        len(problem.vans), [kept[n] for n in chosen], _rows(problem, [kept[n] for n in chosen]), began, how
    )


def _distinct(columns: Iterable[Column]) -> list[Column]:
    """For each van the cheapest order of each set of visits, the newest sets only."""
    best: dict[tuple[int, frozenset[int]], Column] = {}
    for column in columns:
        key = column.van, column.visits
        if key in best:
            if column.saves > best[key].saves:
                best[key] = column
        elif len(best) < _COLUMNS:
            best[key] = column
    return list(best.values())


def _rows(problem: Problem, columns: Sequence[Column]) -> list[tuple[list[int], int]]:
    """Which columns exclude each other and how many may be taken: by van, visit, relation, equipment."""
    members: dict[tuple[str, int], list[int]] = {}
    bonds = [(n, frozenset(relation.visits)) for n, relation in enumerate(problem.relations)]
    kits = [
        (n, frozenset(m for m, visit in enumerate(problem.visits) if kit.code in visit.equipment))
        for n, kit in enumerate(problem.equipment)
    ]
    for at, column in enumerate(columns):
        members.setdefault(("van", column.van), []).append(at)
        for visit in column.visits:
            members.setdefault(("visit", visit), []).append(at)
        for n, visits in bonds:
            if visits & column.visits:
                members.setdefault(("relation", n), []).append(at)
        for n, visits in kits:
            if visits & column.visits:
                members.setdefault(("kit", n), []).append(at)
    most: Mapping[int, int] = {n: kit.units for n, kit in enumerate(problem.equipment)}
    return [
        (which, most[n] if kind == "kit" else 1) for (kind, n), which in members.items() if len(which) > 1
    ]


def _filtered(
    columns: Sequence[Column],
    rows: Sequence[tuple[list[int], int]],
    began: set[tuple[int, tuple[int, ...]]],
    target: int,
) -> list[int]:
    """The columns that the linear relaxation likes best, and the incumbent's."""
    if len(columns) <= target:
        return list(range(len(columns)))
    solver = pywraplp.Solver.CreateSolver("GLOP")
    solver.SetTimeLimit(3000)
    goal = solver.Objective()
    goal.SetMaximization()
    shares = [solver.NumVar(0, solver.infinity(), "") for _ in columns]
    for share, column in zip(shares, columns, strict=True):
        goal.SetCoefficient(share, column.saves / 1000)
    for which, most in rows:
        row = solver.Constraint(-solver.infinity(), most)
        for at in which:
            row.SetCoefficient(shares[at], 1)
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        order = sorted(range(len(columns)), key=lambda at: -columns[at].saves)
    else:
        order = sorted(range(len(columns)), key=lambda at: -shares[at].reduced_cost())
    mine = [at for at, column in enumerate(columns) if (column.van, column.nodes) in began]
    return sorted({*order[:target], *mine})


def _packed(
    vans: int,
    columns: Sequence[Column],
    rows: Sequence[tuple[list[int], int]],
    began: set[tuple[int, tuple[int, ...]]],
    how: Pack,
) -> list[tuple[int, ...]]:
    model, taken = _model(columns, rows, began)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    if how.repeatable:
        solver.parameters.max_deterministic_time = _DETERMINISTIC_S
    else:
        solver.parameters.max_time_in_seconds = how.seconds
    found: list[tuple[int, ...]] = [() for _ in range(vans)]
    if solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        for column, each in zip(columns, taken, strict=True):
            if solver.boolean_value(each):
                found[column.van] = column.nodes
        return found
    for van, nodes in began:
        found[van] = nodes
    return found


def _model(
    columns: Sequence[Column], rows: Sequence[tuple[list[int], int]], began: set[tuple[int, tuple[int, ...]]]
) -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in columns]
    for which, most in rows:
        if most == 1:
            model.add_at_most_one(taken[at] for at in which)
        else:
            model.add(sum(taken[at] for at in which) <= most)
    model.maximize(sum(column.saves * each for column, each in zip(columns, taken, strict=True)))
    for column, each in zip(columns, taken, strict=True):
        model.add_hint(each, (column.van, column.nodes) in began)
    return model, taken
