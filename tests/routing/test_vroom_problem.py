from __future__ import annotations

import numpy as np

from routing.vroom_problem import NO_ROAD, Costs, Matrices, Place, Task, Vehicle, VroomProblem

HERE = Place(0)


def problem(vehicle: Vehicle, matrices: Matrices) -> VroomProblem:
    tasks = (Task("job", 1, HERE, 10, 20, {"bus": 5}, {"bus": 50}, ((100, 200),)),)
    return VroomProblem(tasks, (vehicle,), {"car": matrices}, 0)


def test_times_ways_and_costs_of_a_drive() -> None:
    durations, distances = np.array([[0, 90], [NO_ROAD, 0]]), np.array([[0, 1500], [0, 0]])
    fast = Vehicle(1, start=HERE, speed_factor=1.5, costs=Costs(per_hour=7200, per_km=10))
    here = problem(fast, Matrices(durations, distances))
    assert (here.drive_s(fast, 0, 1), here.drive_s(fast, 1, 0), here.drive_m(fast, 0, 1)) == (
        60,
        NO_ROAD,
        1500,
    )
    assert here.drive_cost(fast, 0, 1) == 120 + 15
    own = problem(fast, Matrices(durations, None, np.array([[0, 7], [7, 0]])))
    assert (own.drive_cost(fast, 0, 1), own.drive_m(fast, 0, 1), own.has_distances()) == (7, 0, False)


def test_service_by_type_and_the_span_of_it_all() -> None:
    bus, car = Vehicle(1, start=HERE, type="bus"), Vehicle(2, start=HERE)
    here = problem(bus, Matrices(np.array([[0, 90], [90, 0]])))
    (task,) = here.tasks
    assert [(task.setup_on(v), task.service_on(v)) for v in (bus, car)] == [(5, 50), (10, 20)]
    low, high = here.span()
    assert low <= 100 - 60 - 90 and high >= 200 + 60 + 90
