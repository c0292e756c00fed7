"""A VROOM problem as a model of OR-Tools' routing library: which vehicle does what, in which order.

Besides `solver` the only importer of OR-Tools. Times are made anew from the orders by `vroom_eta`, which is
exact where the model errs on the safe side: of a task at a place shared with others the
last begins count as too late by its setting up.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from ortools.util.optional_boolean_pb2 import BOOL_TRUE

from fleet.errors import InvalidInput
from routing.vroom_problem import EVER, Ints, Rest, Span, Task, Vehicle, VroomProblem

Orders: TypeAlias = tuple[tuple[int, ...], ...]
"""For each vehicle the indexes of its tasks, in order."""
_FIRST = routing_enums_pb2.FirstSolutionStrategy
_META = routing_enums_pb2.LocalSearchMetaheuristic
_NO_WAY = 10**9
_OPERATORS = (
    "use_path_lns",
    "use_inactive_lns",
    "use_global_cheapest_insertion_path_lns",
    "use_local_cheapest_insertion_path_lns",
    "use_global_cheapest_insertion_close_nodes_lns",
    "use_relocate_path_global_cheapest_insertion_insert_unperformed",
)
_SCALE = 3600
"""Costs are an hour's: in the model they are whole numbers of this part."""


def orders_for(problem: VroomProblem, seconds: float) -> Orders:
    """Search for so long and return the best orders: most priority first, then most tasks, then least cost.

    Raises
    ------
    InvalidInput : the routes that were given to begin with break a limit.
    """
    model = _Model(problem)
    if not model.nodes:
        return ((),) * len(problem.vehicles)
    return model.search(seconds)


@dataclass(frozen=True, slots=True)
class _Class:
    """What makes two vehicles the same for a matrix."""

    profile: str
    speed: float
    type: str | None
    costs: tuple[int, int, int]


class _Model:
    """Nodes are the tasks that some vehicle may do, then each vehicle's start and end."""

    def __init__(self, problem: VroomProblem) -> None:
        self.problem = problem
        self.vehicles = problem.vehicles
        able = [any(v.may(task) for v in self.vehicles) for task in problem.tasks]
        self.nodes = [
            n
            for n, task in enumerate(problem.tasks)
            if able[n] and (task.partner is None or able[task.partner])
        ]
        self.at = {task: node for node, task in enumerate(self.nodes)}
        size, many = len(self.nodes), len(self.vehicles)
        starts = [size + 2 * v for v in range(many)]
        ends = [size + 2 * v + 1 for v in range(many)]
        self.manager = pywrapcp.RoutingIndexManager(size + 2 * many, many, starts, ends)
        self.routing = pywrapcp.RoutingModel(self.manager)
        self.origin, self.horizon = problem.span()
        self.rows = self.places()
        self.met = Counter(self.rows.tolist())
        if not self.nodes:
            return
        self.costs()
        self.clock()
        self.amounts()
        self.limits()
        self.pairs()
        self.who()
        self.rests()

    def places(self) -> Ints:
        """For each node its row in the matrices; -1 where a vehicle has no start or end of its own."""
        rows = [self.problem.tasks[n].place.index for n in self.nodes]
        for each in self.vehicles:
            rows += [each.start.index if each.start else -1, each.end.index if each.end else -1]
        return np.array(rows, np.int64)

    def task(self, node: int) -> Task:
        return self.problem.tasks[self.nodes[node]]

    def index(self, node: int) -> int:
        return int(self.manager.NodeToIndex(node))

    def legs(self, vehicle: Vehicle, what: str) -> Ints:
        """Seconds, metres or costs between all nodes; nothing where a start or end is free."""
        rows = self.rows
        matrices = self.problem.matrices[vehicle.profile]
        durations = matrices.durations[np.ix_(rows, rows)].copy()
        closed = durations < 0
        if what == "costs":
            made = self.leg_costs(vehicle, durations)
        elif what == "distances" and matrices.distances is not None:
            made = matrices.distances[np.ix_(rows, rows)].copy()
        else:
            made = np.where(durations > 0, np.rint(durations / vehicle.speed_factor), durations).astype(
                np.int64
            )
        made[closed] = _NO_WAY * (_SCALE if what == "costs" else 1)
        free = rows < 0
        made[free, :] = 0
        made[:, free] = 0
        return np.asarray(made, np.int64)

    def leg_costs(self, vehicle: Vehicle, durations: Ints) -> Ints:
        rows = self.rows
        matrices = self.problem.matrices[vehicle.profile]
        if matrices.costs is not None:
            return np.asarray(matrices.costs[np.ix_(rows, rows)] * _SCALE, np.int64)
        seconds = np.rint(durations / vehicle.speed_factor)
        made = seconds * vehicle.costs.per_hour * _SCALE / 3600
        if vehicle.costs.per_km and matrices.distances is not None:
            made = made + matrices.distances[np.ix_(rows, rows)] * (vehicle.costs.per_km * _SCALE / 1000)
        return np.rint(made).astype(np.int64)

    def work(self, vehicle: Vehicle) -> tuple[Ints, Ints]:
        """Seconds spent at each node whatever came before, and those of setting up on each leg."""
        size = len(self.rows)
        service, setup = np.zeros(size, np.int64), np.zeros(size, np.int64)
        for node in range(len(self.nodes)):
            task = self.task(node)
            folded = self.folds(task, vehicle)
            service[node] = task.service_on(vehicle) + (task.setup_on(vehicle) if folded else 0)
            setup[node] = 0 if folded else task.setup_on(vehicle)
        other = self.rows[:, None] != self.rows[None, :]
        return service, np.where(other, setup[None, :], 0)

    def folds(self, task: Task, vehicle: Vehicle) -> bool:
        """Whether a task is set up always: it is alone at its place, or its window is too short to tell."""
        alone = self.met[task.place.index] == 1
        return alone or any(closes - opens < task.setup_on(vehicle) for opens, closes in task.windows)

    def transits(self, make: Any) -> list[int]:
        """One registered matrix for each class of vehicles; its number for each vehicle."""
        known: dict[_Class, int] = {}
        numbers = []
        for v in self.vehicles:
            key = _Class(
                v.profile, v.speed_factor, v.type, (v.costs.per_hour, v.costs.per_task_hour, v.costs.per_km)
            )
            if key not in known:
                known[key] = self.routing.RegisterTransitMatrix(make(v).tolist())
            numbers.append(known[key])
        return numbers

    def costs(self) -> None:
        def make(vehicle: Vehicle) -> Ints:
            service, setup = self.work(vehicle)
            spent = (service[:, None] + setup) * vehicle.costs.per_task_hour
            return np.asarray(self.legs(vehicle, "costs") + spent, np.int64)

        for v, number in enumerate(self.transits(make)):
            self.routing.SetArcCostEvaluatorOfVehicle(number, v)
            self.routing.SetFixedCostOfVehicle(self.vehicles[v].costs.fixed * _SCALE, v)
        dearest = max(int(self.legs(v, "costs")[self.reachable(v)].max(initial=0)) for v in self.vehicles)
        fixed = sum(v.costs.fixed for v in self.vehicles) * _SCALE
        hours = sum(self.problem.tasks[n].service_s + self.problem.tasks[n].setup_s for n in self.nodes)
        work = hours * max(v.costs.per_task_hour for v in self.vehicles)
        all_cost = dearest * (len(self.nodes) + len(self.vehicles)) + fixed + work + 1
        for node in range(len(self.nodes)):
            task = self.task(node)
            halves = 1 if task.partner is None else 2
            lost = (task.priority * (len(self.nodes) + 1) + 1) * all_cost // halves + 1
            self.routing.AddDisjunction([self.index(node)], lost)

    def reachable(self, vehicle: Vehicle) -> Any:
        return self.legs(vehicle, "durations") < _NO_WAY

    def clock(self) -> None:
        def make(vehicle: Vehicle) -> Ints:
            service, setup = self.work(vehicle)
            return np.asarray(self.legs(vehicle, "durations") + setup + service[:, None], np.int64)

        most = self.horizon - self.origin
        self.routing.AddDimensionWithVehicleTransits(self.transits(make), most, most, False, "time")
        self.time = self.routing.GetDimensionOrDie("time")
        for node in range(len(self.nodes)):
            task = self.task(node)
            if task.windows != (EVER,):
                setup_s = max(0 if self.folds(task, v) else task.setup_on(v) for v in self.vehicles)
                # The clock of the model stands after setting up.
                spans = [(opens + setup_s, closes) for opens, closes in task.windows]
                self.hold(self.time.CumulVar(self.index(node)), [s for s in spans if s[0] <= s[1]])
        for v, vehicle in enumerate(self.vehicles):
            for index in (self.routing.Start(v), self.routing.End(v)):
                self.hold(self.time.CumulVar(index), [vehicle.window])

    def hold(self, variable: Any, spans: Sequence[Span]) -> None:
        """Keep a time inside one of some spans."""
        variable.SetRange(self.rel(spans[0][0]), self.rel(max(closes for _, closes in spans)))
        for before, after in itertools.pairwise(spans):
            if self.rel(before[1]) + 1 <= self.rel(after[0]) - 1:
                variable.RemoveInterval(self.rel(before[1]) + 1, self.rel(after[0]) - 1)

    def rel(self, t: int) -> int:
        return min(max(t - self.origin, 0), self.horizon - self.origin)

    def amounts(self) -> None:
        """What is aboard never exceeds the capacity: deliveries from the start, pickups to the end."""
        for d in range(self.problem.dimensions):
            handed = [self.task(node).delivery[d] for node in range(len(self.nodes))]
            taken = [self.task(node).pickup[d] for node in range(len(self.nodes))]
            jobs = [self.task(node).kind == "job" for node in range(len(self.nodes))]
            room = [vehicle.capacity[d] for vehicle in self.vehicles]
            loaded = [h if job else 0 for h, job in zip(handed, jobs, strict=True)]
            change = [t - h for t, h in zip(taken, handed, strict=True)]
            aboard = self.dimension(f"aboard{d}", change, room, from_zero=not any(loaded))
            if any(loaded):
                # Who starts with more than the route hands out could as well start with just that.
                given = self.dimension(f"given{d}", loaded, room, from_zero=True)
                for v in range(len(self.vehicles)):
                    start, end = self.routing.Start(v), self.routing.End(v)
                    self.routing.solver().Add(aboard.CumulVar(start) >= given.CumulVar(end))

    def dimension(self, name: str, by_node: Sequence[int], room: Sequence[int], *, from_zero: bool) -> Any:
        values = [*by_node, *[0] * (2 * len(self.vehicles))]
        number = self.routing.RegisterUnaryTransitVector(values)
        self.routing.AddDimensionWithVehicleCapacity(number, 0, list(room), from_zero, name)
        return self.routing.GetDimensionOrDie(name)

    def limits(self) -> None:
        """The most tasks, seconds of travel and metres of each vehicle, where it has such."""
        vehicles = self.vehicles
        if any(v.max_tasks is not None for v in vehicles):
            room = [len(self.nodes) if v.max_tasks is None else v.max_tasks for v in vehicles]
            self.dimension("tasks", [1] * len(self.nodes), room, from_zero=True)
        for what, most in (
            ("durations", [v.max_travel_s for v in vehicles]),
            ("distances", [v.max_distance_m for v in vehicles]),
        ):
            if any(each is not None for each in most):
                room = [10**12 if each is None else each for each in most]
                numbers = self.transits(lambda v, what=what: self.legs(v, what))
                self.routing.AddDimensionWithVehicleTransitAndCapacity(numbers, 0, room, True, f"most {what}")

    def pairs(self) -> None:
        solver = self.routing.solver()
        for node in range(len(self.nodes)):
            task = self.task(node)
            if task.kind == "pickup" and task.partner is not None:
                a, b = self.index(node), self.index(self.at[task.partner])
                self.routing.AddPickupAndDelivery(a, b)
                solver.Add(self.routing.VehicleVar(a) == self.routing.VehicleVar(b))
                # Times of what is left out are bound by their windows still: only what is served is ordered.
                out = (1 - self.routing.ActiveVar(a)) * (self.horizon - self.origin)
                solver.Add(self.time.CumulVar(a) <= self.time.CumulVar(b) + out)

    def who(self) -> None:
        for node in range(len(self.nodes)):
            able = [v for v, vehicle in enumerate(self.vehicles) if vehicle.may(self.task(node))]
            if len(able) < len(self.vehicles):
                # -1 is nobody.
                self.routing.VehicleVar(self.index(node)).SetValues([-1, *able])

    def rests(self) -> None:
        solver = self.routing.solver()
        for v, vehicle in enumerate(self.vehicles):
            if not vehicle.rests:
                continue
            service, _ = self.work(vehicle)
            visits = [0] * self.routing.Size()
            for node in range(len(self.nodes)):
                visits[self.index(node)] = int(service[node])
            intervals = [self.interval(solver, vehicle, rest) for rest in vehicle.rests]
            self.time.SetBreakIntervalsOfVehicle(intervals, v, visits)

    def interval(self, solver: Any, vehicle: Vehicle, rest: Rest) -> Any:
        """A break inside the shift, in one of its windows."""
        last = vehicle.window[1] - rest.service_s
        spans = [(max(opens, vehicle.window[0]), min(closes, last)) for opens, closes in rest.windows]
        spans = [span for span in spans if span[0] <= span[1]]
        if not spans:
            raise InvalidInput(
                "Break {break_} of vehicle {id} does not fit into its time window. Correct one of them.",
                break_=rest.id, id=vehicle.id,
            )  # fmt: skip
        low, high = self.rel(spans[0][0]), self.rel(spans[-1][1])
        made = solver.FixedDurationIntervalVar(low, high, rest.service_s, False, f"break {rest.id}")
        self.hold(made.StartExpr().Var(), spans)
        return made

    def search(self, seconds: float) -> Orders:
        found = pywrapcp.DefaultRoutingSearchParameters()
        found.first_solution_strategy = _FIRST.PARALLEL_CHEAPEST_INSERTION
        found.local_search_metaheuristic = _META.GUIDED_LOCAL_SEARCH
        found.time_limit.FromMilliseconds(max(100, math.ceil(seconds * 1000)))
        for name in _OPERATORS:
            setattr(found.local_search_operators, name, BOOL_TRUE)
        if any(vehicle.given is not None for vehicle in self.vehicles):
            self.routing.CloseModelWithParameters(found)
            start = self.routing.ReadAssignmentFromRoutes(self.given(), True)
            if start is None:
                raise InvalidInput(
                    "The steps given to the vehicles break a limit of theirs. "
                    "Correct them, or ask for the times of given routes (option c)."
                )
            solution = self.routing.SolveFromAssignmentWithParameters(start, found)
        else:
            solution = self.routing.SolveWithParameters(found)
        return tuple(self.order(solution, v) for v in range(len(self.vehicles)))

    def given(self) -> list[list[int]]:
        return [
            [
                self.index(self.at[step.index])
                for step in vehicle.given or ()
                if step.kind in ("job", "pickup", "delivery") and step.index in self.at
            ]
            for vehicle in self.vehicles
        ]

    def order(self, solution: Any, v: int) -> tuple[int, ...]:
        if solution is None:
            return ()
        order = []
        index = solution.Value(self.routing.NextVar(self.routing.Start(v)))
        while not self.routing.IsEnd(index):
            order.append(self.nodes[self.manager.IndexToNode(index)])
            index = solution.Value(self.routing.NextVar(index))
        return tuple(order)
