"""A problem as a model of OR-Tools' routing library, which polishes orders by guided local search.

The rules here are the checker's rules. A break may cut a drive in two for OR-Tools; our timetable takes it
before or after the drive, which comes to the same hour.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from types import TracebackType

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from routing.place import Orders, suits
from routing.problem import CONTAINERS, Container, Problem, TimeWindow, Visit
from routing.stage import Stage
from routing.timetable import Call
from routing.weights import leg_costs, weights_of

_NO_ROAD_S = 10**8
_TICKS = 512
"""The search asks this often, in its own steps, before we look at the clock and the cancel flag."""
_POLISH = (
    "use_global_cheapest_insertion_expensive_chain_lns",
    "use_local_cheapest_insertion_expensive_chain_lns",
    "use_global_cheapest_insertion_close_nodes_lns",
    "use_local_cheapest_insertion_close_nodes_lns",
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the library: how long, from where, whom to hand solutions to, when to break off.

    With `ticks` it ends after so many of the search's own steps, by no clock.
    """

    seconds: float
    start: Orders
    found: Callable[[Orders], object]
    halted: Callable[[], bool]
    ticks: int | None = None


def improve(problem: Problem, stage: Stage, run: Run, seed: int) -> None:
    """Search, and hand over each solution that is cheaper than all before it in this run.

    The library runs in a thread of its own: an exception, Ctrl-C above all, that came up inside one of its
    callbacks would not come out again. The callbacks' own errors end the search and are raised here.
    """
    model = _Model(problem, stage, seed)
    if not model.nodes:
        return
    follower = _Follower(model, run)
    with ThreadPoolExecutor(1, "or-tools") as pool:
        done = pool.submit(model.search, run, follower)
        try:
            done.result()
        finally:
            follower.stopped = True
    if follower.error is not None:
        raise follower.error


class _Model:
    """Nodes are the depots, then one for each visit that some van could serve, then one for each reload."""

    def __init__(self, problem: Problem, stage: Stage, seed: int) -> None:
        self.problem, self.stage = problem, stage
        vans = range(len(problem.vans))
        self.horizon_s = max((van.ends_s + van.overtime_s for van in problem.vans), default=0)
        nodes = [n for n in range(len(problem.visits)) if any(suits(problem, van, n) for van in vans)]
        nodes = [n for n in nodes if self.hours_of(n)]  # an empty range would break the library
        random.Random(seed).shuffle(nodes)
        self.nodes = nodes
        self.reloads = [each for each in sorted(stage.reloads) if self.opens_in_time(each[1])]
        self.depots = sorted({van.depot for van in problem.vans} | {van.ends_at for van in problem.vans})
        self.sites = self._sites()
        starts = [self.depots.index(van.depot) for van in problem.vans]
        ends = [self.depots.index(van.ends_at) for van in problem.vans]
        self.manager = pywrapcp.RoutingIndexManager(len(self.sites), len(problem.vans), starts, ends)
        self.routing = pywrapcp.RoutingModel(self.manager)
        self.weights = weights_of(problem)
        self.costs()
        self.times()
        self.who()
        self.cups()
        self.rests()
        self.locks()

    def _sites(self) -> list[int]:
        problem = self.problem
        return [
            *self.depots,
            *(problem.visits[n].site for n in self.nodes),
            *(problem.kitchens[kitchen].site for _, kitchen in self.reloads),
        ]

    def index(self, visit_at: int) -> int:
        return int(self.manager.NodeToIndex(len(self.depots) + visit_at))

    def reload_index(self, reload_at: int) -> int:
        return self.index(len(self.nodes) + reload_at)

    def services(self) -> list[int]:
        problem = self.problem
        return [
            *(0 for _ in self.depots),
            *(problem.visits[n].service_s for n in self.nodes),
            *(problem.kitchens[kitchen].service_s for _, kitchen in self.reloads),
        ]

    def costs(self) -> None:
        grid = np.ix_(self.sites, self.sites)
        known: dict[bytes, int] = {}
        for van in range(len(self.problem.vans)):
            legs = leg_costs(self.problem, van)[grid]
            key = legs.tobytes()
            if key not in known:
                known[key] = self.routing.RegisterTransitMatrix(legs.tolist())
            self.routing.SetArcCostEvaluatorOfVehicle(known[key], van)
        for at, n in enumerate(self.nodes):
            self.routing.AddDisjunction([self.index(at)], self.weights.penalty(self.problem.visits[n]))
        for at in range(len(self.reloads)):
            # Worth a little less than a cup: built in early, so that the cups that need it find it there.
            self.routing.AddDisjunction([self.reload_index(at)], self.weights.cup - 1)

    def times(self) -> None:
        problem = self.problem
        drive = problem.seconds[np.ix_(self.sites, self.sites)].astype(np.int64)
        drive[drive < 0] = _NO_ROAD_S
        services = np.array(self.services(), dtype=np.int64)
        transit = self.routing.RegisterTransitMatrix((drive + services[:, np.newaxis]).tolist())
        self.routing.AddDimension(transit, self.horizon_s, self.horizon_s, False, "time")
        self.time = self.routing.GetDimensionOrDie("time")
        for n, van in enumerate(problem.vans):
            self.time.CumulVar(self.routing.Start(n)).SetRange(van.starts_s, van.starts_s)
            self.time.CumulVar(self.routing.End(n)).SetRange(van.starts_s, van.ends_s + van.overtime_s)
            if van.overtime_s:
                self.time.SetCumulVarSoftUpperBound(self.routing.End(n), van.ends_s, problem.rates.overtime)
        for at, n in enumerate(self.nodes):
            begin, hours = self.time.CumulVar(self.index(at)), self.hours_of(n)
            begin.SetRange(hours[0].opens_s, hours[-1].closes_s)
            for before, after in pairwise(hours):
                begin.RemoveInterval(before.closes_s + 1, after.opens_s - 1)

    def hours_of(self, n: int) -> list[TimeWindow]:
        """When a visit may begin in this stage: its windows without its nap, before the last shift ends."""
        visit = self.problem.visits[n]
        nap = None if n in self.stage.in_nap else visit.nap
        parts: list[tuple[int, int]] = []
        for window in visit.windows:
            if nap is None or nap.opens_s >= nap.closes_s:
                parts.append((window.opens_s, window.closes_s))
            else:
                parts.append((window.opens_s, min(window.closes_s, nap.opens_s - 1)))
                parts.append((max(window.opens_s, nap.closes_s), window.closes_s))
        held = ((max(0, opens_s), min(closes_s, self.horizon_s)) for opens_s, closes_s in parts)
        return [TimeWindow(opens_s, closes_s) for opens_s, closes_s in held if opens_s <= closes_s]

    def opens_in_time(self, kitchen: int) -> bool:
        return self.problem.kitchens[kitchen].from_s <= self.horizon_s

    def who(self) -> None:
        vans = range(len(self.problem.vans))
        for at, n in enumerate(self.nodes):
            able = [van for van in vans if suits(self.problem, van, n)]
            if len(able) < len(vans):
                self.only(able, self.index(at))
        for at, (van, n) in enumerate(self.reloads):
            index, kitchen = self.reload_index(at), self.problem.kitchens[n]
            self.only([van], index)
            self.time.CumulVar(index).SetRange(kitchen.from_s, min(kitchen.window.closes_s, self.horizon_s))

    def only(self, vans: list[int], index: int) -> None:
        self.routing.VehicleVar(index).SetValues([-1, *vans])

    def cups(self) -> None:
        for container in CONTAINERS:
            if any(self.problem.cups_of(self.problem.visits[n], container) for n in self.nodes):
                self.container(container)
        if any(self.problem.visits[n].portions for n in self.nodes):
            self.food_clock()

    def container(self, container: Container) -> None:
        """Cups given since the last load; a reload may let the count fall to nothing."""
        holds = [van.cups(container) for van in self.problem.vans]
        most = max(holds)
        taken = [self.problem.cups_of(self.problem.visits[n], container) for n in self.nodes]
        change = [0] * len(self.depots) + taken + [-most] * len(self.reloads)
        evaluator = self.routing.RegisterUnaryTransitVector(change)
        slack = most if self.reloads else 0
        aboard = [van.aboard(container) for van in self.problem.vans]
        full = aboard == holds
        self.routing.AddDimensionWithVehicleCapacity(evaluator, slack, holds, full, container)
        if not full:
            # What is missing from the start counts as given: a reload brings it back.
            start = self.routing.GetDimensionOrDie(container)
            for n, (held, cups) in enumerate(zip(holds, aboard, strict=True)):
                start.CumulVar(self.routing.Start(n)).SetValue(max(0, held - cups))
        if self.reloads:
            dimension = self.routing.GetDimensionOrDie(container)
            for at in range(len(self.nodes)):
                dimension.SlackVar(self.index(at)).SetValue(0)
            for van in range(len(holds)):
                dimension.SlackVar(self.routing.Start(van)).SetValue(0)

    def food_clock(self) -> None:
        """Service ends by the hour of the batch aboard: the morning's, or the kitchen's after a reload."""
        solver = self.routing.solver()
        batch = None
        if self.reloads:
            ones = [0] * (len(self.depots) + len(self.nodes)) + [1] * len(self.reloads)
            evaluator = self.routing.RegisterUnaryTransitVector(ones)
            self.routing.AddDimension(evaluator, 0, 1, True, "batch")
            batch = self.routing.GetDimensionOrDie("batch")
        for at, n in enumerate(self.nodes):
            visit, index = self.problem.visits[n], self.index(at)
            if not visit.portions:
                continue
            first, gain = self.hours(visit)
            begin, van = self.time.CumulVar(index), self.routing.VehicleVar(index) + 1
            if batch is None and len(set(first[1:])) == 1 and begin.Min() <= first[1]:
                begin.SetMax(first[1])
                continue
            latest = solver.Element(first, van)
            if batch is not None:
                latest = latest + batch.CumulVar(index) * solver.Element(gain, van)
            solver.Add(begin <= latest)

    def hours(self, visit: Visit) -> tuple[list[int], list[int]]:
        """For no van, then each van: the latest begin with the morning's food, and what a reload adds."""
        loose = _NO_ROAD_S
        first, gain = [loose], [0]
        for van in self.problem.vans:
            serve_by_s = self.problem.serve_by_s(visit, van.batch_s)
            first.append(loose if serve_by_s is None else serve_by_s - visit.service_s)
            gain.append(0)
        for n, kitchen in self.reloads:
            gain[n + 1] = self.problem.kitchens[kitchen].ready_s - self.problem.vans[n].batch_s
        return first, gain

    def rests(self) -> None:
        services = self.services()
        at_node = [services[self.manager.IndexToNode(index)] for index in range(self.routing.Size())]
        for n, van in enumerate(self.problem.vans):
            if van.rest is not None:
                interval = self.routing.solver().FixedDurationIntervalVar(
                    van.rest.earliest_s, van.rest.latest_s, van.rest.duration_s, False, f"break {n}"
                )
                self.time.SetBreakIntervalsOfVehicle([interval], n, at_node)

    def locks(self) -> None:
        """Locked visits are a van's first, one directly behind the other."""
        place = {n: self.index(at) for at, n in enumerate(self.nodes)}
        for n, van in enumerate(self.problem.vans):
            first = [self.routing.Start(n), *(place[visit] for visit in van.prefix if visit in place)]
            for before, after in pairwise(first):
                self.routing.NextVar(before).SetValue(after)

    def search(self, run: Run, follower: _Follower) -> None:
        self.routing.AddAtSolutionCallback(follower.solution)
        self.routing.AddSearchMonitor(self.routing.solver().CustomLimit(follower.tick))
        parameters = self.parameters(run)
        self.routing.CloseModelWithParameters(parameters)
        start = self.routing.ReadAssignmentFromRoutes(self.indexes(run.start), True)
        if start is not None:
            self.routing.SolveFromAssignmentWithParameters(start, parameters)

    def parameters(self, run: Run) -> pywrapcp.RoutingModel:
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        if run.ticks is None:
            parameters.time_limit.FromMilliseconds(max(1, int(run.seconds * 1000)))
        parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        for operator in _POLISH:
            setattr(parameters.local_search_operators, operator, 3)  # OptionalBoolean: 2 false, 3 true
        return parameters

    def indexes(self, orders: Orders) -> list[list[int]]:
        place = {n: self.index(at) for at, n in enumerate(self.nodes)}
        reload_place = {van: self.reload_index(at) for at, (van, _) in enumerate(self.reloads)}
        return [
            [
                reload_place[van] if call.kind == "reload" else place[call.index]
                for call in calls
                if (van in reload_place if call.kind == "reload" else call.index in place)
            ]
            for van, calls in enumerate(orders)
        ]

    def call(self, index: int) -> Call:
        at = self.manager.IndexToNode(index) - len(self.depots)
        if at >= len(self.nodes):
            return Call("reload", self.reloads[at - len(self.nodes)][1])
        n = self.nodes[at]
        return Call(self.problem.visits[n].kind, n, n in self.stage.in_nap)


class _Follower:
    """Stands beside a running search: reads its solutions, breaks it off."""

    def __init__(self, model: _Model, run: Run) -> None:
        self.model, self.run = model, run
        self.cheapest: int | None = None
        self.ticks = 0
        self.stopped = False
        self.error: Exception | None = None

    def solution(self) -> None:
        routing = self.model.routing
        cost = routing.CostVar().Min()
        if not self.stopped and (self.cheapest is None or cost < self.cheapest):
            self.cheapest = cost
            orders = tuple(self.calls(van) for van in range(len(self.model.problem.vans)))
            with self:
                self.run.found(orders)

    def calls(self, van: int) -> tuple[Call, ...]:
        routing = self.model.routing
        calls: list[Call] = []
        index = routing.NextVar(routing.Start(van)).Value()
        while not routing.IsEnd(index):
            calls.append(self.model.call(index))
            index = routing.NextVar(index).Value()
        return tuple(calls)

    def tick(self) -> bool:
        self.ticks += 1
        if self.run.ticks is not None and self.ticks >= self.run.ticks:
            self.stopped = True
        if not self.stopped and self.ticks % _TICKS == 0:
            with self:
                self.stopped = self.run.halted() or self.stopped
        return self.stopped

    def __enter__(self) -> None:
        """Guard a callback: the edge towards the library, which no error may cross."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, Exception):
            self.error, self.stopped = error, True
        return isinstance(error, Exception)
