"""A routing problem as VROOM's users state it, checked and laid out: tasks, vehicles, matrices by profile.

Our own domain knows no shipments, no free end of a route, no amounts of any number. So VROOM's problems are
not squeezed into it: they have these values, a model and a timetable of their own. Pure.

Source: VROOM's API documentation, version 1.14.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
TaskKind: TypeAlias = Literal["job", "pickup", "delivery"]
StepKind: TypeAlias = Literal["start", "job", "pickup", "delivery", "break", "end"]
Amount: TypeAlias = tuple[int, ...]
Span: TypeAlias = tuple[int, int]
"""From and to, both included, in the problem's own seconds."""
NO_ROAD = -1
EVER: Span = (-(10**12), 10**12)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: a row of the matrices, and what the problem said of it, which is said back."""

    index: int
    location: tuple[float, float] | None = None
    location_index: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to be done at a place.

    `partner` is the other half of a shipment, an index into the problem's tasks: a pickup's delivery, a
    delivery's pickup. A job's `delivery` is aboard from the start, its `pickup` stays aboard to the end; of a
    shipment's halves the pickup has a `pickup` and the delivery a `delivery`.
    """

    kind: TaskKind
    id: int
    place: Place
    setup_s: int = 0
    service_s: int = 0
    setup_by_type: Mapping[str, int] | None = None
    service_by_type: Mapping[str, int] | None = None
    windows: tuple[Span, ...] = (EVER,)
    delivery: Amount = ()
    pickup: Amount = ()
    skills: frozenset[int] = frozenset()
    priority: int = 0
    partner: int | None = None
    description: str | None = None

    def service_on(self, vehicle: Vehicle) -> int:
        """Seconds of service by this vehicle."""
        return (self.service_by_type or {}).get(vehicle.type or "", self.service_s)

    def setup_on(self, vehicle: Vehicle) -> int:
        """Seconds of setting up by this vehicle, where it comes from another place."""
        return (self.setup_by_type or {}).get(vehicle.type or "", self.setup_s)


@dataclass(frozen=True, slots=True)
class Rest:
    """A break that has to begin in one of its windows."""

    id: int
    service_s: int
    windows: tuple[Span, ...] = (EVER,)
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Costs:
    """What using a vehicle costs: once, an hour of travel, an hour of tasks, a kilometre."""

    fixed: int = 0
    per_hour: int = 3600
    per_task_hour: int = 0
    per_km: int = 0


@dataclass(frozen=True, slots=True)
class Given:
    """A step of a route that was given: `index` into the tasks, or the vehicle's breaks. Times are hard."""

    kind: StepKind
    index: int | None = None
    at: int | None = None
    after: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle. A route without `start` begins, without `end` ends, at whatever task fits best."""

    id: int
    profile: str = "car"
    start: Place | None = None
    end: Place | None = None
    capacity: Amount = ()
    costs: Costs = Costs()
    skills: frozenset[int] = frozenset()
    type: str | None = None
    window: Span = EVER
    rests: tuple[Rest, ...] = ()
    speed_factor: float = 1.0
    max_tasks: int | None = None
    max_travel_s: int | None = None
    max_distance_m: int | None = None
    given: tuple[Given, ...] | None = None
    description: str | None = None

    def may(self, task: Task) -> bool:
        """Whether it has the skills."""
        return task.skills <= self.skills


@dataclass(frozen=True, slots=True, eq=False)
class Matrices:
    """Square, rows are origins; `NO_ROAD` where nothing leads. `costs` replaces what time and way cost."""

    durations: Ints
    distances: Ints | None = None
    costs: Ints | None = None


@dataclass(frozen=True, slots=True, eq=False)
class VroomProblem:
    """All of it. `dimensions` is how many numbers an amount has."""

    tasks: tuple[Task, ...]
    vehicles: tuple[Vehicle, ...]
    matrices: Mapping[str, Matrices]
    dimensions: int

    def drive_s(self, vehicle: Vehicle, origin: int, to: int) -> int:
        """Seconds of a drive at the vehicle's speed; `NO_ROAD` where no road leads."""
        seconds = int(self.matrices[vehicle.profile].durations[origin, to])
        return seconds if seconds <= 0 else round(seconds / vehicle.speed_factor)

    def drive_m(self, vehicle: Vehicle, origin: int, to: int) -> int:
        """Metres of a drive; 0 where nobody gave distances."""
        distances = self.matrices[vehicle.profile].distances
        return 0 if distances is None else int(distances[origin, to])

    def drive_cost(self, vehicle: Vehicle, origin: int, to: int) -> float:
        """What a drive costs."""
        costs = self.matrices[vehicle.profile].costs
        if costs is not None:
            return float(costs[origin, to])
        by_time = vehicle.costs.per_hour * self.drive_s(vehicle, origin, to) / 3600
        return by_time + vehicle.costs.per_km * self.drive_m(vehicle, origin, to) / 1000

    def has_distances(self) -> bool:
        """Whether a route's metres are known."""
        return all(self.matrices[each.profile].distances is not None for each in self.vehicles)

    def span(self) -> Span:
        """From the first instant that may matter to the last, however little was said of windows."""
        ends = [t for window in self._windows() for t in window if EVER[0] < t < EVER[1]]
        slowest = min((vehicle.speed_factor for vehicle in self.vehicles), default=1.0)
        longest = max(int(each.durations.max(initial=0)) for each in self.matrices.values())
        work = sum(
            max([task.service_s, *(task.service_by_type or {}).values()])
            + max([task.setup_s, *(task.setup_by_type or {}).values()])
            for task in self.tasks
        )
        work += sum(rest.service_s for vehicle in self.vehicles for rest in vehicle.rests)
        spent = work + math.ceil(longest / slowest) * (len(self.tasks) + 1)
        return min(ends, default=0) - spent, max(ends, default=0) + spent

    def _windows(self) -> Iterator[Span]:
        for task in self.tasks:
            yield from task.windows
        for vehicle in self.vehicles:
            yield vehicle.window
            for rest in vehicle.rests:
                yield from rest.windows
