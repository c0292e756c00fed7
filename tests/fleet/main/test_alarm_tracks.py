"""Tracks for the rules, fed bit by bit: the same as from all at once, whatever came first."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.geo import destination
from fleet.main.alarm_tracks import Cells, Ground, _Van, follow
from fleet.registry import Beat, Cell
from tracking.track import Fixes

MIDDLE = (116.0, 36.45)
EAST = destination(MIDDLE, 90, 1000)
NORTH = destination(MIDDLE, 0, 1000)
RING = (MIDDLE, EAST, (EAST[0], NORTH[1]), NORTH, MIDDLE)
BEAT = Beat(1, "B", "网格", "Beat", False, ((RING,),), ())
GROUND = Ground.of(MIDDLE, [BEAT], [MIDDLE, EAST])


_Row: TypeAlias = tuple[int, float, float, int]


def row(n: int, east_m: float = 0.0, flags: int = 0) -> _Row:
    """The fix of a second, and where it lies."""
    return n, *destination(destination(MIDDLE, 90, east_m), 0, 10.0), flags


def columns(rows: Sequence[_Row]) -> Fixes:
    """Rows as they come from the database."""
    second, flags = (np.array([each[n] for each in rows], np.int64) for n in (0, 3))
    lon, lat = (np.array([each[n] for each in rows], np.float64) for n in (1, 2))
    unknown = np.full(len(rows), np.nan)
    speed = np.full(len(rows), 5.0)
    at = (second * 1000, np.ones(len(rows), np.int64), second, lon, lat)
    return Fixes(*at, speed, unknown, unknown, unknown, flags, second * 1000 + 500)


def test_metres_outside_a_beat_and_off_a_route() -> None:
    lon, lat = np.array([MIDDLE[0], destination(EAST, 90, 500)[0]]), np.array([MIDDLE[1] + 0.001, MIDDLE[1]])
    beat_m, route_m = GROUND.beat_m(lon, lat), GROUND.route_m(lon, lat)
    assert beat_m is not None and route_m is not None
    assert beat_m == pytest.approx([0, 500], abs=2)
    assert route_m == pytest.approx([111, 500], abs=2)


def test_beats_count_together() -> None:
    beside = Beat(
        2,
        "C",
        "网格",
        "Beat",
        False,
        (((EAST, *[(p[0] + EAST[0] - MIDDLE[0], p[1]) for p in RING[1:]]),),),
        (),
    )
    both = Ground.of(MIDDLE, [BEAT, beside], [])
    lon = np.array([destination(MIDDLE, 90, metres)[0] for metres in (500.0, 1000.0, 1500.0, 2100.0)])
    found = both.beat_m(lon, np.full(4, MIDDLE[1] + 0.001))
    assert found is not None and found == pytest.approx([0, 0, 0, 100], abs=1)


def test_a_van_without_beat_or_plan_has_no_metres() -> None:
    bare = Ground.of(MIDDLE, [], [])
    assert bare.beat_m(np.zeros(1), np.zeros(1)) is None and bare.route_m(np.zeros(1), np.zeros(1)) is None


def test_a_flagged_fix_is_a_sign_and_no_place() -> None:
    found = follow(columns([row(1), row(2, flags=8), row(3)]), GROUND, None)
    assert found.track.t_ms.tolist() == [1000, 3000]
    assert found.sign_ms.tolist() == [1000, 2000, 3000]


@given(st.lists(st.integers(0, 40), unique=True), st.integers(1, 5), st.randoms(use_true_random=False))
def test_parts_in_any_order_and_repeated_come_to_the_whole(
    numbers: list[int], parts: int, chance: random.Random
) -> None:
    rows = [row(n, east_m=n * 40.0) for n in numbers]
    whole = follow(columns(rows), GROUND, None)
    van = _Van(GROUND, None)
    told = [*rows, *chance.sample(rows, len(rows) // 2)]
    chance.shuffle(told)
    for n in range(parts):
        van.take(columns(told[n::parts]))
        van.followed()
    found = van.followed()
    assert found.track.t_ms.tolist() == whole.track.t_ms.tolist()
    assert found.sign_ms.tolist() == whole.sign_ms.tolist()
    for some, others in ((found.beat_m, whole.beat_m), (found.route_m, whole.route_m)):
        assert some is not None and others is not None
        assert some.tolist() == others.tolist()


def test_when_a_beat_was_last_passed_is_found_however_long_ago() -> None:
    cells = Cells(MIDDLE, replace(BEAT, cells=(Cell(1, *MIDDLE, 1),)))
    near, far = [row(n) for n in range(3)], [row(n, east_m=900.0) for n in range(3, 1300)]
    assert cells.last_passed_ms(follow(columns([*near, *far]), GROUND, None).track) == 2000
    assert cells.last_passed_ms(follow(columns(far), GROUND, None).track) is None
    assert cells.last_passed_ms(follow(columns([]), GROUND, None).track) is None
