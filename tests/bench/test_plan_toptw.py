import math

import pytest

from routing.checker import violations
from routing.levels import plan_of
from routing.timetable import Call, route_of, timetable
from routing.vetting import vet
from tests.bench import plan_toptw
from tests.bench.plan_toptw import Orienteering, problem_of, read, score

TEXT = """2 3 3 1
0 200
0 0.00 0.00 0.00 0.00 0 0 0 100
1 1.00 1.00 2.00 10.00 1 2 1 2 5 30
2 0.00 3.00 1.00 20.00 1 1 1 40 60
3 9.50 0.00 1.00 5.00 1 1 1 0 9

"""
needs_data = pytest.mark.skipif(not plan_toptw.DATA.exists(), reason="../shared/data/toptw is missing")


def small(scale: int = 10) -> Orienteering:
    return read(TEXT, "small", scale)


def test_a_file_is_read_by_its_ends_and_its_first_fields() -> None:
    first, one, two, _ = small().vertices
    assert (first.opens, first.closes, first.score) == (0, 1000, 0)
    assert (one.x, one.y, one.stay, one.score, one.opens, one.closes) == (1000, 1000, 20, 10, 50, 300)
    assert (two.opens, two.closes) == (400, 600)


def test_distances_are_rounded_down_to_the_scales_decimal() -> None:
    assert small(10).away[0][1] == 14 and small(100).away[0][1] == 141
    assert small(10).away[0][2] == 30 and small(10).away[1][0] == 14
    assert small(10).away[1][2] == math.floor(10 * math.sqrt(5))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [("2 3 3 1", "2 3 4 1", "has 3"), ("10.00 1", "10.50 1", "whole"), ("30\n", "30.001\n", "whole")],
)
def test_a_file_that_cannot_be_right_is_refused(old: str, new: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read(TEXT.replace(old, new, 1), "small", 10)


def test_the_score_is_that_of_the_paths_and_they_must_be_in_time() -> None:
    assert score(small(), [[1, 2], []]) == 30
    assert score(small(), [[2], [1]]) == 30
    with pytest.raises(ValueError, match="vertex 3 is reached at 95, after 90"):
        score(small(), [[3]])
    with pytest.raises(ValueError, match="vertex 1 is reached"):
        score(small(), [[2, 1]])
    with pytest.raises(ValueError, match="not again"):
        score(small(), [[1], [1]])
    with pytest.raises(ValueError, match="cannot be collected"):
        score(small(), [[0]])


def test_a_path_must_be_back_in_time() -> None:
    soon = read(TEXT.replace("0 0 0 100", "0 0 0 43"), "soon", 10)
    with pytest.raises(ValueError, match="vertex 0 is reached at 440, after 430"):
        score(soon, [[2]])


def test_the_problem_times_a_path_as_the_instance_does() -> None:
    instance = small()
    problem = problem_of(instance, 2)
    calls: list[list[Call]] = [[Call("visit", 0), Call("visit", 1)], []]
    tables = [timetable(problem, van, each) for van, each in enumerate(calls)]
    assert [table.breaches for table in tables] == [(), ()]
    plan = plan_of(problem, [route_of(problem, van, table.stops) for van, table in enumerate(tables)])
    assert violations(problem, plan) == ()
    assert plan.routes[0].stops[-1].arrives_s == 400 + 10 + 30
    assert plan.levels.prize_missed == 5 and plan.levels.patrol_short_min == 0
    assert plan.levels.cost == plan.levels.drive_s
    late = timetable(problem, 0, [Call("visit", 2)])
    assert [(breach.code, breach.short) for breach in late.breaches] == [("window", 5)]


@needs_data
def test_all_instances_make_problems_and_have_published_scores() -> None:
    found, told = plan_toptw.instances(), plan_toptw.published()
    assert len(found) == 39 and set(found) == set(told)
    assert {name: each.optimum for name, each in told.items()}["pr02"] == 404
    assert all(set(each.best) == {1, 2, 3, 4} for each in told.values())
    for instance in found.values():
        vet(problem_of(instance, 4))


@needs_data
def test_published_paths_score_what_is_published() -> None:
    """Paths that were published with the optima of one path: distances, windows and scores are theirs."""
    checked = 0
    for row in plan_toptw.reference_paths():
        instance = plan_toptw.instances()[row.instance]
        assert score(instance, [row.path]) == row.score
        checked += 1
    assert checked >= 25
