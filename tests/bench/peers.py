"""PyVRP and VROOM on our instances: orders of visits for each van, one thread, a given time."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any, TypeAlias

from fleet.errors import Unavailable
from routing.problem import Problem

Visits: TypeAlias = tuple[tuple[int, ...], ...]
"""For each van the visits it calls on, in order."""
_MANDATORY_PRIORITY = 100
"""VROOM's highest priority; prizes stay under it."""
POINTS_S = (500, 2000)
"""Seconds of driving that PyVRP may spend on a point of prize: what one instance likes another does not."""


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise Unavailable(
            "The library {name} is not installed. Install requirements-bench.txt, then run it again.",
            name=name,
        ) from None


def pyvrp(problem: Problem, seconds: float, seed: int, *, point_s: int) -> Visits:
    """A point of prize is worth `point_s` of driving, a mandatory visit more than any prize.

    Scaled too high, a prize pays for PyVRP's penalties and it returns plans that break windows; too low, a
    detour is dearer than a point.
    """
    pyvrp = _library("pyvrp")
    stop = _library("pyvrp.stop")
    model = pyvrp.Model()
    spots = [model.add_location(site.lon, site.lat) for site in problem.sites]
    depots = {van.depot: model.add_depot(spots[van.depot]) for van in problem.vans}
    for van in problem.vans:
        depot = depots[van.depot]
        model.add_vehicle_type(1, [van.cold_cups], depot, depot, tw_early=van.starts_s, tw_late=van.ends_s)
    for n, visit in enumerate(problem.visits):
        model.add_client(
            spots[visit.site],
            delivery=[visit.cups],
            service_duration=visit.service_s,
            tw_early=visit.windows[0].opens_s,
            tw_late=visit.windows[0].closes_s,
            prize=point_s * (_MANDATORY_PRIORITY if visit.mandatory else visit.prize),
            required=False,
            name=str(n),
        )
    # Edge by edge, two thousand sites would take it more time and memory than the search does.
    away = problem.seconds.astype("int64")
    data = model.data().replace(distance_matrices=[away], duration_matrices=[away])
    ends = stop.MaxRuntime(seconds)
    best = pyvrp.solve(data, ends, seed=seed, collect_stats=False, display=False).best
    clients = data.clients()
    found: list[tuple[int, ...]] = [() for _ in problem.vans]
    for route in best.routes():
        visits = (activity for activity in route if activity.is_client())
        found[route.vehicle_type()] = tuple(int(clients[each.idx].name) for each in visits)
    return tuple(found)


def vroom(problem: Problem, seconds: float, seed: int) -> Visits:
    """Prizes as priorities. It takes no seed and ends by itself when its search has converged."""
    vroom = _library("vroom")
    asked = vroom.Input()
    asked.set_durations_matrix("car", problem.seconds.astype("uint32"))
    for n, van in enumerate(problem.vans):
        asked.add_vehicle(
            vroom.Vehicle(
                n,
                start=van.depot,
                end=van.depot,
                capacity=[van.cold_cups],
                time_window=vroom.TimeWindow(van.starts_s, van.ends_s),
            )
        )
    for n, visit in enumerate(problem.visits):
        window = visit.windows[0]
        asked.add_job(
            vroom.Job(
                n,
                location=visit.site,
                default_service=visit.service_s,
                delivery=vroom.Amount([visit.cups]),
                priority=_MANDATORY_PRIORITY if visit.mandatory else visit.prize,
                time_windows=[vroom.TimeWindow(window.opens_s, window.closes_s)],
            )
        )
    solution = asked.solve(exploration_level=5, nb_threads=1, timeout=timedelta(seconds=seconds))
    found: list[list[int]] = [[] for _ in problem.vans]
    for step in solution.routes.itertuples():
        if step.type == "job":
            found[int(step.vehicle_id)].append(int(step.id))
    return tuple(tuple(visits) for visits in found)
