"""The 15-minute circle."""

from __future__ import annotations

import pytest

from fleet.roads import Roads
from maps.circle import sample
from tests.maps.days import HERE, NOW

NEAR = (HERE[0] + 0.01, HERE[1])
FAR = (HERE[0] + 0.2, HERE[1])


def test_share_is_of_elders_and_the_basis_is_said() -> None:
    found = sample(Roads(""), [HERE], [(NEAR, 3), (FAR, 1)], NOW)
    assert found is not None
    assert (found.share, found.gaps, found.basis) == (0.75, 1, "great-circle")


@pytest.mark.parametrize(("homes", "share"), [([(NEAR, 2)], 0.0), ([], None)])
def test_without_vans_nobody_is_reached_and_without_homes_there_is_no_figure(
    homes: list[tuple[tuple[float, float], int]], share: float | None
) -> None:
    found = sample(Roads(""), [], homes, NOW)
    assert (found.share if found else None) == share
