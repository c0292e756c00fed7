from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.driving import Matrix
from fleet.geo import LonLat
from routing.insert import Position, choose, zone_of

NOW = datetime(2026, 7, 22, 2, 0, tzinfo=UTC)
HOME = (116.0, 36.5)


def roads(points: Sequence[LonLat]) -> Matrix:
    """Time is the difference of longitude; who is at longitude 0 cannot be reached from."""
    lon = np.array([point[0] for point in points])
    seconds = np.abs(lon[:, np.newaxis] - lon[np.newaxis, :]).round().astype(np.int32)
    seconds[lon == 0, :] = -1
    return Matrix(seconds, seconds, "road")


def at(van_id: int, lon: float) -> Position:
    return Position(van_id, (lon, 36.5), NOW - timedelta(seconds=5))


def test_the_free_van_that_is_there_first_goes() -> None:
    receipt = choose(HOME, [at(1, 516.0), at(2, 216.0), at(3, 916.0)], NOW, roads)
    assert (receipt.chosen, receipt.basis) == (2, "road")
    assert [(each.van_id, each.eta_s, each.why) for each in receipt.candidates] == [
        (2, 100, ""),
        (1, 400, ""),
        (3, 800, ""),
    ]


NEAR = at(1, 126.0)


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (replace(NEAR, on_shift=False), "off_shift"),
        (replace(NEAR, busy=True), "busy"),
        (replace(NEAR, refused=True), "handed_back"),
        (replace(NEAR, seen_at=NOW - timedelta(seconds=61)), "stale"),
        (replace(NEAR, at=None), "stale"),
        (at(1, 0.0), "unreachable"),
    ],
)
def test_each_refusal_says_why(refused: Position, why: str) -> None:
    receipt = choose(HOME, [refused, at(2, 916.0)], NOW, roads)
    assert receipt.chosen == 2
    assert [(each.van_id, each.why) for each in receipt.candidates] == [(2, ""), (1, why)]


def test_nobody_can_go() -> None:
    receipt = choose(HOME, [Position(1, None, None)], NOW, roads)
    assert (receipt.chosen, receipt.basis, receipt.candidates[0].why) == (None, "great-circle", "stale")


@given(st.permutations([at(n, 100.0 * n + 116) for n in range(1, 5)]))
def test_the_choice_does_not_depend_on_the_order_of_vans(vans: Sequence[Position]) -> None:
    assert choose(HOME, vans, NOW, roads) == choose(HOME, sorted(vans, key=lambda v: v.van_id), NOW, roads)


def test_a_zone_is_found_by_name() -> None:
    assert NOW.astimezone(zone_of("Asia/Shanghai")).hour == 10
