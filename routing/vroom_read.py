"""VROOM's JSON to a problem: what cannot be right or planned with is one sentence naming the row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from fleet.errors import InvalidInput, Unavailable
from fleet.geo import LonLat
from fleet.roads import Roads
from routing.vroom_json import (
    Location,
    RawGiven,
    RawJob,
    RawMatrices,
    RawProblem,
    RawShipment,
    RawStep,
    RawVehicle,
)
from routing.vroom_problem import (
    EVER,
    Amount,
    Costs,
    Given,
    Ints,
    Matrices,
    Place,
    Rest,
    Span,
    Task,
    TaskKind,
    Vehicle,
    VroomProblem,
)

_At: TypeAlias = Callable[[str, Location | None, int | None], Place]
_GIVEN = ("start", "job", "pickup", "delivery", "break", "end")


def problem_of(raw: RawProblem, roads: Roads) -> VroomProblem:
    """Check a problem and lay it out. Without matrices the road server is asked for them.

    Raises
    ------
    InvalidInput : something cannot be right; the sentence names the row.
    Unavailable : it has no matrices, and no road server answers.
    """
    if not raw.vehicles:
        raise InvalidInput("The problem has no vehicle. Give one at least.")
    given = _given_matrices(raw)
    places = _Places(given)
    dimensions = _dimensions(raw)
    tasks = tuple(_tasks(raw, places.at, dimensions))
    _once("{kind} {id}", ((task.kind, task.id) for task in tasks))
    _once("vehicle {id}", (("vehicle", each.id) for each in raw.vehicles))
    known = {(task.kind, task.id): n for n, task in enumerate(tasks)}
    vehicles = tuple(_vehicle(each, places.at, dimensions, known) for each in raw.vehicles)
    _driven_once(vehicles, tasks)
    matrices = given or {"car": _asked(places.points, roads)}
    for vehicle in vehicles:
        _check_profile(vehicle, matrices)
    return VroomProblem(tasks, vehicles, matrices, dimensions)


class _Places:
    """Rows of the matrices: those that the problem names, or each location once where it has no matrices."""

    def __init__(self, matrices: dict[str, Matrices]) -> None:
        self.size = min((len(each.durations) for each in matrices.values()), default=None)
        self.points: list[LonLat] = []
        self._known: dict[LonLat, int] = {}

    def at(self, row: str, location: Location | None, index: int | None) -> Place:
        if self.size is not None:
            if index is None:
                raise InvalidInput(
                    "{row} has no index into the matrices. Give it one, or leave the matrices out.", row=row
                )
            if index >= self.size:
                raise InvalidInput(
                    "{row} has the index {index}, and the matrices have {size} rows. Correct it.",
                    row=row, index=index, size=self.size,
                )  # fmt: skip
            return Place(index, location, index)
        if location is None:
            raise InvalidInput("{row} has no location, and there are no matrices. Give it one.", row=row)
        if location not in self._known:
            self._known[location] = len(self.points)
            self.points.append(location)
        return Place(self._known[location], location, None)


def _given_matrices(raw: RawProblem) -> dict[str, Matrices]:
    listed = dict(raw.matrices or {})
    if raw.matrix is not None:
        listed.setdefault("car", RawMatrices(durations=raw.matrix))
    found = {}
    for profile, each in listed.items():
        if each.durations is None:
            raise InvalidInput("The profile {profile} has no durations. Give it a matrix.", profile=profile)
        size = len(each.durations)
        found[profile] = Matrices(
            _square(profile, "durations", each.durations, size),
            _square(profile, "distances", each.distances, size) if each.distances is not None else None,
            _square(profile, "costs", each.costs, size) if each.costs is not None else None,
        )
    return found


def _square(profile: str, name: str, rows: list[list[int]], size: int) -> Ints:
    if not rows or len(rows) != size or any(len(row) != size for row in rows):
        raise InvalidInput(
            "The {name} of the profile {profile} are not a square of {size} rows. Correct them.",
            name=name, profile=profile, size=size,
        )  # fmt: skip
    return np.array(rows, np.int64)


def _asked(points: Sequence[LonLat], roads: Roads) -> Matrices:
    table = roads.table(points) if points else None
    if table is None:
        empty = np.zeros((1, 1), np.int64)
        return Matrices(empty, empty)
    if table.basis != "road":
        raise Unavailable(
            "The problem has locations and no matrices, and no road server answers. "
            "Give it matrices, or bring a road extract with: ./carevan roads import"
        )
    return Matrices(np.array(table.seconds, np.int64), np.array(table.metres, np.int64))


def _check_profile(vehicle: Vehicle, matrices: dict[str, Matrices]) -> None:
    own = matrices.get(vehicle.profile)
    if own is None:
        raise InvalidInput(
            "Vehicle {id} has the profile {profile}, of which there is no matrix. Give it one.",
            id=vehicle.id, profile=vehicle.profile,
        )  # fmt: skip
    if own.costs is not None and (vehicle.costs.per_hour != Costs().per_hour or vehicle.costs.per_km):
        raise InvalidInput(
            "Vehicle {id} costs by hour or kilometre and has a matrix of costs too. Leave one of them out.",
            id=vehicle.id,
        )
    if own.distances is None and (vehicle.costs.per_km or vehicle.max_distance_m is not None):
        raise InvalidInput(
            "Vehicle {id} needs distances, and its profile has none. Give the matrix distances too.",
            id=vehicle.id,
        )


def _dimensions(raw: RawProblem) -> int:
    """How many numbers an amount has: as many as anybody names."""
    amounts = [each.capacity for each in raw.vehicles]
    for job in raw.jobs:
        amounts += [job.amount, job.delivery, job.pickup]
    amounts += [each.amount for each in raw.shipments]
    return max((len(each) for each in amounts if each is not None), default=0)


def _amount(row: str, name: str, given: list[int] | None, dimensions: int) -> Amount:
    if given is None:
        return (0,) * dimensions
    if len(given) != dimensions:
        raise InvalidInput(
            "{row} has a {name} of {n} numbers, and others have {dimensions}. Give each as many.",
            row=row, name=name, n=len(given), dimensions=dimensions,
        )  # fmt: skip
    return tuple(given)


def _tasks(raw: RawProblem, at: _At, dimensions: int) -> Iterable[Task]:
    for job in raw.jobs:
        yield _job(job, at, dimensions)
    for n, shipment in enumerate(raw.shipments):
        yield from _shipment(shipment, at, dimensions, len(raw.jobs) + 2 * n)


def _job(job: RawJob, at: _At, dimensions: int) -> Task:
    row = f"job {job.id}"
    delivery = job.delivery if job.delivery is not None else job.amount
    return replace(
        _task("job", job, at),
        delivery=_amount(row, "delivery", delivery, dimensions),
        pickup=_amount(row, "pickup", job.pickup, dimensions),
        skills=frozenset(job.skills),
        priority=job.priority,
    )


def _shipment(shipment: RawShipment, at: _At, dimensions: int, first: int) -> Iterable[Task]:
    amount = _amount(f"shipment {shipment.pickup.id}", "amount", shipment.amount, dimensions)
    none = (0,) * dimensions
    skills = frozenset(shipment.skills)
    pickup, delivery = _task("pickup", shipment.pickup, at), _task("delivery", shipment.delivery, at)
    shared = {"skills": skills, "priority": shipment.priority}
    yield replace(pickup, pickup=amount, delivery=none, partner=first + 1, **shared)  # type: ignore[arg-type]
    yield replace(delivery, pickup=none, delivery=amount, partner=first, **shared)  # type: ignore[arg-type]


def _task(kind: TaskKind, raw: RawStep, at: _At) -> Task:
    row = f"{kind} {raw.id}"
    return Task(
        kind,
        raw.id,
        at(row, raw.location, raw.location_index),
        raw.setup,
        raw.service,
        raw.setup_per_type,
        raw.service_per_type,
        _windows(row, raw.time_windows),
        description=raw.description,
    )


def _windows(row: str, given: Sequence[Span] | None) -> tuple[Span, ...]:
    if given is None:
        return (EVER,)
    if not given:
        raise InvalidInput("{row} has no time window in its list. Give one, or leave the list out.", row=row)
    for opens, closes in given:
        if closes < opens:
            raise InvalidInput(
                "{row} has a time window that ends before it begins: {from_} to {to}. Correct it.",
                row=row, from_=opens, to=closes,
            )  # fmt: skip
    return tuple(sorted((opens, closes) for opens, closes in given))


def _once(text: str, keys: Iterable[tuple[str, int]]) -> None:
    met: set[tuple[str, int]] = set()
    for kind, number in keys:
        if (kind, number) in met:
            row = text.format(kind=kind, id=number)
            raise InvalidInput("There are two of {row}. Give each its own id.", row=row)
        met.add((kind, number))


def _vehicle(raw: RawVehicle, at: _At, dimensions: int, known: dict[tuple[TaskKind, int], int]) -> Vehicle:
    row = f"vehicle {raw.id}"
    ends = [(raw.start, raw.start_index), (raw.end, raw.end_index)]
    start, end = (None if a is None and b is None else at(row, a, b) for a, b in ends)
    if start is None and end is None:
        raise InvalidInput("{row} has neither start nor end. Give it one of them.", row=row)
    rests = tuple(_rest(row, raw, n) for n in range(len(raw.breaks)))
    _once(f"break {{id}} of {row}", (("break", each.id) for each in rests))
    costs = Costs(raw.costs.fixed, raw.costs.per_hour, raw.costs.per_task_hour, raw.costs.per_km)
    return Vehicle(
        raw.id,
        raw.profile,
        start,
        end,
        _amount(row, "capacity", raw.capacity, dimensions),
        costs,
        frozenset(raw.skills),
        raw.type,
        _windows(row, [raw.time_window])[0] if raw.time_window else EVER,
        rests,
        raw.speed_factor,
        raw.max_tasks,
        raw.max_travel_time,
        raw.max_distance,
        None if raw.steps is None else tuple(_given(row, each, known, rests) for each in raw.steps),
        raw.description,
    )


def _rest(row: str, raw: RawVehicle, n: int) -> Rest:
    each = raw.breaks[n]
    name = f"break {each.id} of {row}"
    if each.max_load is not None:
        raise InvalidInput("{row} has a max_load, which is not planned with here. Leave it out.", row=name)
    return Rest(each.id, each.service, _windows(name, each.time_windows), each.description)


def _given(row: str, step: RawGiven, known: dict[tuple[TaskKind, int], int], rests: Sequence[Rest]) -> Given:
    index: int | None = None
    if step.type not in _GIVEN:
        raise InvalidInput("{row} has a step of the type {type}. Correct it.", row=row, type=step.type)
    if step.type == "break":
        index = next((n for n, rest in enumerate(rests) if rest.id == step.id), None)
    elif step.type not in ("start", "end"):
        index = known.get((step.type, step.id))  # type: ignore[arg-type]
    if index is None and step.type not in ("start", "end"):
        raise InvalidInput(
            "{row} has a step {type} {id}, and there is no such thing. Correct the step.",
            row=row, type=step.type, id=step.id,
        )  # fmt: skip
    return Given(step.type, index, step.service_at, step.service_after, step.service_before)  # type: ignore[arg-type]


def _driven_once(vehicles: Sequence[Vehicle], tasks: Sequence[Task]) -> None:
    steps = [s for each in vehicles for s in each.given or () if s.kind not in ("start", "end", "break")]
    _once("the step {kind} {id}", ((s.kind, tasks[s.index].id) for s in steps if s.index is not None))
