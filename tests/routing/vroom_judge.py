"""Judges a VROOM solution by its problem, both as JSON: plain and slow, sharing no code with the planner."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
Tasks = dict[tuple[str, int], Json]
_TASKS = ("job", "pickup", "delivery")


def faults(problem: Json, solution: Json) -> list[str]:
    """What is wrong with it; empty when it keeps every limit and adds up."""
    found: list[str] = []
    tasks = _by_key(problem)
    met = [key for route in solution["routes"] for key in _keys(route["steps"])]
    met += [(each["type"], each["id"]) for each in solution["unassigned"]]
    if sorted(met) != sorted(tasks):
        found.append(f"tasks {met} for {list(tasks)}")
    vehicles = {each["id"]: each for each in problem["vehicles"]}
    for route in solution["routes"]:
        vehicle, steps = vehicles[route["vehicle"]], route["steps"]
        told = [
            *_shift(vehicle, steps),
            *_limits(vehicle, route),
            *_who(vehicle, steps, tasks),
            *_drives(problem, vehicle, steps),
            *_services(steps, tasks),
            *_windows(vehicle, steps, tasks),
            *_loads(vehicle, steps, tasks),
            *_cost(vehicle, route),
        ]
        found += [f"vehicle {vehicle['id']}: {each}" for each in told]
    if solution["summary"]["cost"] != sum(route["cost"] for route in solution["routes"]):
        found.append("the costs do not add up")
    return found


def _by_key(problem: Json) -> Tasks:
    tasks: Tasks = {("job", job["id"]): job for job in problem.get("jobs", [])}
    for each in problem.get("shipments", []):
        shared = {"skills": each.get("skills", []), "amount": each.get("amount")}
        for half, other in (("pickup", "delivery"), ("delivery", "pickup")):
            tasks[half, each[half]["id"]] = {**each[half], **shared, "mate": (other, each[other]["id"])}
    return tasks


def _keys(steps: list[Json]) -> list[tuple[str, int]]:
    return [(step["type"], step["id"]) for step in steps if step["type"] in _TASKS]


def _leaves(step: Json) -> int:
    return int(step["arrival"] + step["waiting_time"] + step["setup"] + step["service"])


def _shift(vehicle: Json, steps: list[Json]) -> Iterator[str]:
    opens, closes = vehicle.get("time_window", (-(10**15), 10**15))
    if steps[0]["arrival"] < opens or _leaves(steps[-1]) > closes:
        yield "works outside its shift"
    for a, b in itertools.pairwise(steps):
        if b["arrival"] - _leaves(a) < b["duration"] - a["duration"]:
            yield f"reaches {b['type']} too soon"


def _limits(vehicle: Json, route: Json) -> Iterator[str]:
    if len(_keys(route["steps"])) > vehicle.get("max_tasks", 10**9):
        yield "has too many tasks"
    if route["duration"] > vehicle.get("max_travel_time", 10**9):
        yield "drives too long"
    taken = sorted(step["id"] for step in route["steps"] if step["type"] == "break")
    if taken != [rest["id"] for rest in vehicle.get("breaks", [])]:
        yield f"takes the breaks {taken}"


def _who(vehicle: Json, steps: list[Json], tasks: Tasks) -> Iterator[str]:
    keys = _keys(steps)
    for n, key in enumerate(keys):
        task = tasks[key]
        if not set(task.get("skills", [])) <= set(vehicle.get("skills", [])):
            yield f"lacks skills for {key}"
        near = keys[:n] if key[0] == "delivery" else keys[n:]
        if key[0] != "job" and task["mate"] not in near:
            yield f"does {key} without {task['mate']} on the right side of it"


def _drives(problem: Json, vehicle: Json, steps: list[Json]) -> Iterator[str]:
    durations = problem["matrices"][vehicle.get("profile", "car")]["durations"]
    driven = 0
    placed = [step for step in steps if step["type"] != "break"]
    for a, b in itertools.pairwise(placed):
        seconds = durations[a["location_index"]][b["location_index"]]
        driven += round(seconds / vehicle.get("speed_factor", 1.0))
        if b["duration"] != driven:
            yield f"reaches {b['type']} after {b['duration']} s of driving instead of {driven}"


def _services(steps: list[Json], tasks: Tasks) -> Iterator[str]:
    placed = [step for step in steps if step["type"] != "break"]
    for before, step in itertools.pairwise([{"location_index": None}, *placed]):
        if step["type"] not in _TASKS:
            continue
        task = tasks[step["type"], step["id"]]
        same = before["location_index"] == step["location_index"]
        setup = 0 if same else task.get("setup", 0)
        if (step["setup"], step["service"]) != (setup, task.get("service", 0)):
            yield f"spends {step['setup']} + {step['service']} s on {step['type']} {step['id']}"


def _windows(vehicle: Json, steps: list[Json], tasks: Tasks) -> Iterator[str]:
    rests = {("break", rest["id"]): rest for rest in vehicle.get("breaks", [])}
    for step in steps:
        row = {**tasks, **rests}.get((step["type"], step.get("id")))
        windows = row.get("time_windows") if row else None
        begins = step["arrival"] + step["waiting_time"]
        if windows and not any(opens <= begins <= closes for opens, closes in windows):
            yield f"begins {step['type']} {step['id']} at {begins}, outside {windows}"


def _cost(vehicle: Json, route: Json) -> Iterator[str]:
    costs = vehicle.get("costs", {})
    work = sum(s["setup"] + s["service"] for s in route["steps"] if s["type"] in _TASKS)
    driving = route["duration"] * costs.get("per_hour", 3600) / 3600
    total = costs.get("fixed", 0) + driving + costs.get("per_task_hour", 0) * work / 3600
    if abs(route["cost"] - total) > 0.5:
        yield f"costs {route['cost']} instead of {total}"


def _loads(vehicle: Json, steps: list[Json], tasks: Tasks) -> Iterator[str]:
    room = vehicle.get("capacity", [])
    none = [0] * len(room)
    aboard = list(none)
    for key in _keys(steps):
        if key[0] == "job":
            aboard = [a + d for a, d in zip(aboard, tasks[key].get("delivery") or none, strict=True)]
    for step in steps:
        if step["type"] in _TASKS:
            change = _change(step["type"], tasks[step["type"], step["id"]], none)
            aboard = [a + c for a, c in zip(aboard, change, strict=True)]
        if step.get("load", aboard) != aboard:
            yield f"says {step['load']} are aboard, not {aboard}"
        if any(not 0 <= a <= r for a, r in zip(aboard, room, strict=True)):
            yield f"has {aboard} aboard with room for {room}"


def _change(kind: str, task: Json, none: list[int]) -> list[int]:
    if kind == "job":
        given, taken = task.get("delivery") or none, task.get("pickup") or none
        return [t - g for t, g in zip(taken, given, strict=True)]
    return [amount if kind == "pickup" else -amount for amount in task["amount"] or none]
