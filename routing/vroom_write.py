"""A VROOM solution as its clients read it: summary, routes of steps, what is unassigned. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from routing.vroom_eta import Step, rest_of
from routing.vroom_problem import Amount, Place, Task, Vehicle, VroomProblem

Violation = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Driven:
    """One vehicle's route. `violations` holds those of each step, and those of the route that no step has."""

    vehicle: Vehicle
    steps: tuple[Step, ...]
    violations: Mapping[int, Sequence[Violation]] = field(default_factory=dict)
    whole: Sequence[Violation] = ()


@dataclass(frozen=True, slots=True)
class Spent:
    """Milliseconds of reading and of solving."""

    loading: int
    solving: int


def solution_json(problem: VroomProblem, routes: Sequence[Driven], spent: Spent) -> dict[str, Any]:
    """The whole answer; empty routes are left out, as VROOM does."""
    written = [_route(problem, each) for each in routes if _tasks(problem, each)]
    done = {step.index for each in routes for step in each.steps if _is_task(step)}
    left = [task for n, task in enumerate(problem.tasks) if n not in done]
    summed = ("cost", "setup", "service", "duration", "waiting_time", "priority")
    summary: dict[str, Any] = {"cost": 0, "routes": len(written), "unassigned": len(left)}
    summary |= {name: sum(route[name] for route in written) for name in summed}
    if problem.dimensions:
        for name in ("delivery", "pickup"):
            summary[name] = _total(problem, (route[name] for route in written))
    if problem.has_distances():
        summary["distance"] = sum(route["distance"] for route in written)
    summary["violations"] = _merged(v for route in written for v in route["violations"])
    summary["computing_times"] = {"loading": spent.loading, "solving": spent.solving, "routing": 0}
    return {
        "code": 0,
        "summary": summary,
        "unassigned": [
            {"id": task.id, "type": task.kind, **_said(task.description, task.place)} for task in left
        ],
        "routes": written,
    }


def _is_task(step: Step) -> bool:
    return step.kind in ("job", "pickup", "delivery")


def _tasks(problem: VroomProblem, driven: Driven) -> list[Task]:
    return [problem.tasks[step.index] for step in driven.steps if _is_task(step) and step.index is not None]


def _total(problem: VroomProblem, amounts: Iterable[Sequence[int]]) -> list[int]:
    total = [0] * problem.dimensions
    for each in amounts:
        total = [a + b for a, b in zip(total, each, strict=True)]
    return total


def cost_of(problem: VroomProblem, driven: Driven) -> int:
    """What a route costs, rounded once as a whole."""
    stops = [step for step in driven.steps if step.place is not None]
    legs = [(a.place.index, b.place.index) for a, b in itertools.pairwise(stops) if a.place and b.place]
    work = sum(step.setup_s + step.service_s for step in driven.steps if _is_task(step))
    costs = driven.vehicle.costs
    driving = sum(problem.drive_cost(driven.vehicle, *leg) for leg in legs)
    return round(costs.fixed + driving + costs.per_task_hour * work / 3600)


def _route(problem: VroomProblem, driven: Driven) -> dict[str, Any]:
    tasks, steps = _tasks(problem, driven), driven.steps
    steps_said = list(_steps(problem, driven))
    route: dict[str, Any] = {
        "vehicle": driven.vehicle.id,
        "cost": cost_of(problem, driven),
        "setup": sum(step.setup_s for step in steps),
        "service": sum(step.service_s for step in steps),
        "duration": steps[-1].drive_s,
        "waiting_time": sum(step.waiting_s for step in steps),
        "priority": sum(task.priority for task in tasks),
        "steps": steps_said,
        "violations": [*_merged(v for step in steps_said for v in step["violations"]), *driven.whole],
    }
    if problem.dimensions:
        route["delivery"] = _total(problem, (task.delivery for task in tasks))
        route["pickup"] = _total(problem, (task.pickup for task in tasks))
    if problem.has_distances():
        route["distance"] = steps[-1].drive_m
    if driven.vehicle.description is not None:
        route["description"] = driven.vehicle.description
    return route


def loads_of(problem: VroomProblem, steps: Sequence[Step]) -> list[Amount]:
    """What is aboard after each step."""
    jobs = [problem.tasks[s.index] for s in steps if s.kind == "job" and s.index is not None]
    aboard = _total(problem, (task.delivery for task in jobs))
    loads = []
    for step in steps:
        if _is_task(step) and step.index is not None:
            task = problem.tasks[step.index]
            aboard = [a - d + p for a, d, p in zip(aboard, task.delivery, task.pickup, strict=True)]
        loads.append(tuple(aboard))
    return loads


def _steps(problem: VroomProblem, driven: Driven) -> Iterable[dict[str, Any]]:
    loads = loads_of(problem, driven.steps)
    for n, step in enumerate(driven.steps):
        if step.kind in ("start", "end") and step.place is None:
            continue
        said: dict[str, Any] = {
            "type": step.kind,
            "arrival": step.arrival,
            "duration": step.drive_s,
            "setup": step.setup_s,
            "service": step.service_s,
            "waiting_time": step.waiting_s,
            "violations": list(driven.violations.get(n, ())),
        }
        if step.index is not None:
            what = rest_of(driven.vehicle, step) if step.kind == "break" else problem.tasks[step.index]
            said["id"] = what.id
            said |= _said(what.description, None)
        said |= _said(None, step.place)
        if problem.dimensions:
            said["load"] = list(loads[n])
        if problem.has_distances():
            said["distance"] = step.drive_m
        yield said


def _said(description: str | None, place: Place | None) -> dict[str, Any]:
    """What the problem said of a thing, said back."""
    said: dict[str, Any] = {}
    if description is not None:
        said["description"] = description
    if place is not None and place.location is not None:
        said["location"] = list(place.location)
    if place is not None and place.location_index is not None:
        said["location_index"] = place.location_index
    return said


def _merged(violations: Iterable[Violation]) -> list[Violation]:
    """One of each cause, durations added up."""
    made: dict[str, dict[str, Any]] = {}
    for each in violations:
        known = made.setdefault(each["cause"], {"cause": each["cause"]})
        if "duration" in each:
            known["duration"] = known.get("duration", 0) + each["duration"]
    return list(made.values())
