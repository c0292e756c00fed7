from __future__ import annotations

from routing.grid import grid_of
from routing.problem import Equipment, Van
from routing.tours import COUNT, KIT, empty_walks
from tests.routing.instances import day_visit, in_a_row


def test_empty_routes_call_on_nobody() -> None:
    problem = in_a_row(
        (Van("V1", 0, 0, 100), Van("V2", 1, 0, 100)), (day_visit("A", 1),), equipment=(Equipment("climber"),)
    )
    walks = empty_walks(grid_of(problem), 9)
    assert walks.tour[:, COUNT].tolist() == [0, 0]
    assert walks.at.tolist() == [[-1, -1]]
    assert walks.stop.shape == (2, 10, 6)
    assert len(walks.bond) == KIT + 1
