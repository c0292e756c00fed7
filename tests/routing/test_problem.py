from __future__ import annotations

import pytest

from routing.problem import DANGER_S, Item, Portion, Van, frozen_matrix
from tests.routing.instances import day_visit, in_a_row

VAN = Van("V1", 0, 0, 10_000, hot_cups=5, cold_cups=7)
ITEMS = (Item("soup", "cold", 3600), Item("tea", "hot", 1800))


def test_food_is_served_by_its_soonest_clock() -> None:
    visit = day_visit("S", 1, kind="dropoff", portions=(Portion(0, 3), Portion(1, 2)))
    problem = in_a_row((VAN,), (visit,), ITEMS)
    assert problem.serve_by_s(visit, 1000) == 1000 + 1800 + DANGER_S
    assert problem.serve_by_s(day_visit("A", 1), 1000) is None


def test_cups_are_counted_by_container() -> None:
    visit = day_visit("S", 1, kind="dropoff", portions=(Portion(0, 3), Portion(1, 2)))
    problem = in_a_row((VAN,), (visit,), ITEMS)
    assert (problem.cups_of(visit, "hot"), problem.cups_of(visit, "cold"), visit.cups) == (2, 3, 5)
    assert (VAN.cups("hot"), VAN.cups("cold")) == (5, 7)


def test_matrices_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        frozen_matrix([[0, 1], [1, 0]])[0, 1] = 5
