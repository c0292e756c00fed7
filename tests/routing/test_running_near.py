from __future__ import annotations

from routing.plan import Route, Stop
from routing.problem import Problem, Relation, frozen_matrix
from routing.running_near import Nearness, nearest
from routing.running_store import Found

HERE = (115.78, 36.62)
AHEAD = {van: [(HERE[0] + 0.01 * van, HERE[1])] for van in range(5)}


def found(relations: tuple[Relation, ...] = ()) -> tuple[Problem, Found]:
    """Five vans in a row, each with the visit of its number."""
    none = frozen_matrix([])
    routes = {van: Route(van, (Stop("visit", 0, 0, 0, 0, visit=van),), 0, 0, 0) for van in range(5)}
    return Problem((), none, none, (), (), relations=relations), Found(routes, {}, ())


def test_whoever_is_near_is_read() -> None:
    assert nearest(*found(), Nearness(HERE, (), (), AHEAD), 2) == (0, 1)


def test_who_will_be_near_counts_as_near() -> None:
    ahead = AHEAD | {4: [AHEAD[4][0], HERE]}
    assert nearest(*found(), Nearness(HERE, (), (), ahead), 2) == (0, 4)


def test_whom_it_happened_to_and_who_may_go_come_first() -> None:
    assert nearest(*found(), Nearness(HERE, (4,), (2, 3), AHEAD), 2) == (2, 4)


def test_vans_that_a_rule_ties_together_are_read_together() -> None:
    tied = (Relation("not_same_day", (0, 3)), Relation("same_van", (1, 2)))
    assert nearest(*found(tied), Nearness(HERE, (), (), AHEAD), 1) == (0, 3)
