import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.checker import violations
from routing.levels import plan_of
from routing.timetable import Call, route_of, timetable
from routing.vetting import vet
from tests.bench import plan_solomon
from tests.bench.plan_solomon import Customer, Fleet, distance, hundredths_up, problem_of, read, thousandths

TEXT = """T001

VEHICLE
NUMBER     CAPACITY
   2         25

CUSTOMER
CUST NO.   XCOORD.    YCOORD.    DEMAND  READY TIME   DUE DATE   SERVICE TIME

    0       0          0          0          0       100          0
    1       1          1         10          5        30          2
    2       0          3         15         40        60          1
    3       3          4         11          0         5          1
"""
PLACES = st.builds(Customer, *[st.integers(0, 100)] * 2, *[st.just(0)] * 4)
needs_data = pytest.mark.skipif(
    not plan_solomon.DATA.exists(), reason="../shared/data/vrp/solomon is missing"
)


def small() -> Fleet:
    return read(TEXT)


def test_a_file_is_read() -> None:
    fleet = small()
    assert (fleet.name, fleet.vans, fleet.capacity, len(fleet.customers)) == ("T001", 2, 25, 4)
    assert fleet.customers[1] == Customer(1, 1, 10, 5, 30, 2)


@pytest.mark.parametrize("gone", ["   2         25\n", "    1       1          1"])
def test_a_file_without_its_rows_is_refused(gone: str) -> None:
    with pytest.raises(ValueError, match="no vans or no customers"):
        read(TEXT.replace(gone, ""))


@given(PLACES, PLACES)
def test_distances_are_vrooms_and_the_problems_are_no_shorter(a: Customer, b: Customer) -> None:
    exact = math.hypot(a.x - b.x, a.y - b.y)
    assert abs(thousandths(a, b) - 1000 * exact) <= 0.5 + 1e-6
    assert thousandths(a, b) == thousandths(b, a)
    assert 0 <= hundredths_up(a, b) - 100 * exact + 1e-9 < 1 + 1e-6
    assert 10 * hundredths_up(a, b) >= thousandths(a, b)


def test_routes_are_measured_and_must_be_in_time_and_hold_their_load() -> None:
    assert distance(small(), [[1, 2], [3]]) == (1414 + 2236 + 3000) + 10_000
    with pytest.raises(ValueError, match="customer 1 is reached"):
        distance(small(), [[2, 1]])
    with pytest.raises(ValueError, match="overloaded"):
        distance(small(), [[3, 2]])
    with pytest.raises(ValueError, match="twice"):
        distance(small(), [[1], [1]])


def test_the_problem_times_a_route_as_the_instance_does() -> None:
    problem = problem_of(small())
    assert len(problem.vans) == 2 and len(problem_of(small(), 7).vans) == 7
    calls = ([Call("visit", 0), Call("visit", 1)], [Call("visit", 2)])
    tables = [timetable(problem, van, each) for van, each in enumerate(calls)]
    plan = plan_of(problem, [route_of(problem, van, table.stops) for van, table in enumerate(tables)])
    assert violations(problem, plan) == ()
    assert plan.levels.cost == plan.levels.drive_s == (142 + 224 + 300) + 1000
    over = timetable(problem, 0, [Call("visit", 2), Call("visit", 1)])
    assert [(breach.code, breach.short) for breach in over.breaches] == [("capacity", 1)]


@needs_data
def test_all_instances_make_problems_and_have_a_best_known_value() -> None:
    found, told = plan_solomon.instances(), plan_solomon.best_known()
    assert len(found) == 55 and set(found) == set(told) - plan_solomon.DOUBTFUL
    assert told["C101"].distance == 828_940 and told["C101"].vans == 10
    for instance in found.values():
        assert instance.vans == 25 and len(instance.customers) == 101
        vet(problem_of(instance))
