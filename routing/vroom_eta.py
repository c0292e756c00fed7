"""When a vehicle is where along tasks in a given order: as early as can be, and then as late as it may leave.

A break is taken between two tasks; while it waits to begin the vehicle drives on towards the next. Pure.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from routing.vroom_problem import EVER, NO_ROAD, Place, Rest, Span, StepKind, Task, Vehicle, VroomProblem


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a route. `index` is a task's or one of the vehicle's breaks'.

    It is reached at `arrival` after `drive_s` and `drive_m` from the start, and begins `waiting_s` later.
    """

    kind: StepKind
    index: int | None
    arrival: int
    waiting_s: int = 0
    setup_s: int = 0
    service_s: int = 0
    drive_s: int = 0
    drive_m: int = 0
    place: Place | None = None

    @property
    def begins(self) -> int:
        """When setting up, or the break, begins."""
        return self.arrival + self.waiting_s


@dataclass(frozen=True, slots=True)
class _Label:
    """The earliest way to be done with some tasks and breaks: when, and the drive left to the next place."""

    t: int
    left_s: int
    steps: tuple[Step, ...] = field(default=(), repr=False)

    @property
    def reaches(self) -> int:
        return self.t + self.left_s


def rides(problem: VroomProblem, vehicle: Vehicle, order: Sequence[int]) -> list[tuple[int, int]] | None:
    """Seconds and metres of each leg, from the start over the tasks to the end; None where no road leads."""
    stops = [vehicle.start, *(problem.tasks[n].place for n in order), vehicle.end]
    legs = []
    for a, b in itertools.pairwise(stops):
        seconds = metres = 0
        if a is not None and b is not None:
            seconds, metres = (
                problem.drive_s(vehicle, a.index, b.index),
                problem.drive_m(vehicle, a.index, b.index),
            )
        if seconds == NO_ROAD:
            return None
        legs.append((seconds, metres))
    return legs


def timed(problem: VroomProblem, vehicle: Vehicle, order: Sequence[int]) -> tuple[Step, ...] | None:
    """The route's steps with the least waiting that an end as early as possible allows; None if it has none.

    Capacity, skills and greatest lengths are not looked at here.
    """
    legs = rides(problem, vehicle, order)
    if legs is None:
        return None
    walk = _Walk(problem, vehicle, tuple(order), legs)
    first = walk.earliest_start()
    steps = walk.steps(first)
    if steps is None:
        return None
    end = steps[-1].arrival
    low, high = first, end
    while low < high:  # the end never gets earlier when the start gets later
        middle = (low + high + 1) // 2
        later = walk.steps(middle)
        if later is not None and later[-1].arrival == end:
            low = middle
        else:
            high = middle - 1
    return walk.steps(low)


@dataclass(frozen=True, slots=True)
class _Walk:
    problem: VroomProblem
    vehicle: Vehicle
    order: tuple[int, ...]
    legs: list[tuple[int, int]]

    def earliest_start(self) -> int:
        """The shift's begin; without one, so early that it cannot matter, and no earlier."""
        if self.vehicle.window[0] > EVER[0]:
            return self.vehicle.window[0]
        windows = [each.windows[0] for each in self.tasks()]
        windows += [each.windows[0] for each in self.vehicle.rests]
        opens = [window[0] for window in windows if window[0] > EVER[0]]
        spent = sum(seconds for seconds, _ in self.legs) + sum(
            task.setup_on(self.vehicle) + task.service_on(self.vehicle) for task in self.tasks()
        )
        spent += sum(rest.service_s for rest in self.vehicle.rests)
        return min(opens) - spent if opens else 0

    def tasks(self) -> list[Task]:
        return [self.problem.tasks[n] for n in self.order]

    def steps(self, starts: int) -> tuple[Step, ...] | None:
        """Earliest steps when the route starts then."""
        rests = sorted(range(len(self.vehicle.rests)), key=lambda n: self.vehicle.rests[n].windows[0])
        start = Step("start", None, starts, place=self.vehicle.start)
        row: list[_Label | None] = [_Label(starts, self.legs[0][0], (start,)), *[None] * len(rests)]
        for n in range(len(self.order) + 1):
            for taken, rest in enumerate(rests):
                row[taken + 1] = _better(row[taken + 1], self.rest(row[taken], rest, n))
            if n < len(self.order):
                row = [self.serve(label, n) for label in row]
        last = row[-1]
        if last is None or not self.vehicle.window[0] <= last.reaches <= self.vehicle.window[1]:
            return None
        drive_s, drive_m = self.driven(len(self.legs))
        end = Step("end", None, last.reaches, 0, 0, 0, drive_s, drive_m, self.vehicle.end)
        return (*last.steps, end)

    def driven(self, legs: int, less_s: int = 0) -> tuple[int, int]:
        """Seconds and metres driven once so many legs are behind it, but for some seconds of the last."""
        seconds = sum(leg[0] for leg in self.legs[:legs]) - less_s
        return seconds, sum(leg[1] for leg in self.legs[: legs - bool(less_s)])

    def rest(self, label: _Label | None, which: int, n: int) -> _Label | None:
        if label is None:
            return None
        rest = self.vehicle.rests[which]
        begins = _begin(rest.windows, label.t)
        if begins is None:
            return None
        left_s = max(0, label.left_s - (begins - label.t))
        arrival = label.t + label.left_s - left_s
        done = self.driven(n + 1, left_s)
        step = Step("break", which, arrival, begins - arrival, 0, rest.service_s, *done)
        return _Label(begins + rest.service_s, left_s, (*label.steps, step))

    def serve(self, label: _Label | None, n: int) -> _Label | None:
        if label is None:
            return None
        task = self.problem.tasks[self.order[n]]
        begins = _begin(task.windows, label.reaches)
        if begins is None:
            return None
        setup_s = setup_of(self.problem, self.vehicle, self.order, n)
        step = Step(
            task.kind,
            self.order[n],
            label.reaches,
            begins - label.reaches,
            setup_s,
            task.service_on(self.vehicle),
            *self.driven(n + 1),
            task.place,
        )
        done = begins + setup_s + step.service_s
        return _Label(done, self.legs[n + 1][0], (*label.steps, step))


def setup_of(problem: VroomProblem, vehicle: Vehicle, order: Sequence[int], n: int) -> int:
    """Seconds of setting up for the n-th task: none where the vehicle is at its place already."""
    task = problem.tasks[order[n]]
    before = problem.tasks[order[n - 1]].place if n else vehicle.start
    same = before is not None and before.index == task.place.index
    return 0 if same else task.setup_on(vehicle)


def _better(one: _Label | None, other: _Label | None) -> _Label | None:
    if one is None or other is None:
        return one or other
    return min(one, other, key=lambda label: label.reaches)


def _begin(windows: Sequence[Span], t: int) -> int | None:
    """The earliest begin in one of the windows, not before `t`."""
    return next((max(t, opens) for opens, closes in windows if t <= closes), None)


def rest_of(vehicle: Vehicle, step: Step) -> Rest:
    """The break that a step is."""
    assert step.index is not None
    return vehicle.rests[step.index]
