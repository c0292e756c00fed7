from __future__ import annotations

from routing.problem import Van
from routing.vetting_rows import are_vans, are_visits, is_site, van_rules, visit_rules
from tests.routing.instances import day_visit, in_a_row

PROBLEM = in_a_row((Van("V1", 0, 0, 9000),), (day_visit("A", 1),))


def test_a_sound_row_keeps_all_its_rules() -> None:
    assert all(holds() for holds, _ in van_rules(PROBLEM, PROBLEM.vans[0]))
    assert all(holds() for holds, _ in visit_rules(PROBLEM, PROBLEM.visits[0]))


def test_indexes_are_those_of_the_problem() -> None:
    assert [is_site(PROBLEM, n) for n in (-1, 0, 5, 6)] == [False, True, True, False]
    assert [are_vans(PROBLEM, frozenset({n})) for n in (-1, 0, 1)] == [False, True, False]
    assert [are_visits(PROBLEM, (0, n)) for n in (-1, 0, 1)] == [False, True, False]
