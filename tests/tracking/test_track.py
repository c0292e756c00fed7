"""The algebra of tracks: small cases by hand, and its blindness to order."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.geo import haversine_m
from tracking.store import StoredFix
from tracking.track import Circle, Ground, Point, choose, distance_m, find_stays, patrol_s

T0 = datetime(2026, 7, 22, 1, 0, tzinfo=UTC)
_SQUARE = ((116.0, 36.0), (116.1, 36.0), (116.1, 36.1), (116.0, 36.1))


def _fix(second: int, lon: float = 116.05, **more: Any) -> StoredFix:
    plain = StoredFix(
        t=T0 + timedelta(seconds=second), terminal_id=1, digest=0, lon=lon, lat=36.05,
        speed_mps=None, heading_deg=None, accuracy_m=None, flags=0, received_at=T0,
    )  # fmt: skip
    return plain._replace(**more)


def _track(*seconds_and_lons: tuple[float, float]) -> tuple[Point, ...]:
    return tuple(Point(T0 + timedelta(seconds=s), lon, 36.05) for s, lon in seconds_and_lons)


_fixes = st.lists(
    st.builds(
        _fix,
        st.integers(0, 5),
        lon=st.sampled_from((116.01, 116.05, 116.2)),
        terminal_id=st.integers(1, 3),
        digest=st.integers(-2, 2),
        accuracy_m=st.sampled_from((None, 3.0, 30.0)),
        flags=st.sampled_from((0, 0, 2)),
    ),
    # One identity is one fix: nothing else of it may differ.
    unique_by=lambda fix: (fix.t, fix.terminal_id, fix.digest),
)


@given(fixes=_fixes, data=st.data())
def test_the_order_of_arrival_and_repeats_change_nothing(fixes: list[StoredFix], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(fixes + fixes[:2]))
    track = choose(fixes, primary_terminal=2)
    assert choose(shuffled, primary_terminal=2) == track
    assert [point.t for point in track] == sorted({fix.t for fix in fixes if fix.flags == 0})


def test_of_one_instant_the_primary_terminal_wins_then_accuracy_then_the_digest() -> None:
    by_digest = [_fix(0, 116.01, digest=5), _fix(0, 116.02, digest=4)]
    by_accuracy = [*by_digest, _fix(0, 116.03, digest=9, accuracy_m=8.0)]
    by_terminal = [*by_accuracy, _fix(0, 116.04, digest=7, terminal_id=2)]
    assert choose(by_digest, 2)[0].lon == 116.02
    assert choose(by_accuracy, 2)[0].lon == 116.03
    assert choose(by_terminal, 2)[0].lon == 116.04


def test_distance_is_that_of_the_legs() -> None:
    track = _track((0, 116.0), (10, 116.1), (20, 116.05))
    assert distance_m(track) == pytest.approx(1.5 * haversine_m((116.0, 36.05), (116.1, 36.05)))
    assert distance_m(track[:1]) == distance_m(()) == 0


def test_patrol_counts_inside_the_beat_without_gaps_and_without_the_depot() -> None:
    ground = Ground((_SQUARE,), (Circle((116.09, 36.05), 150),))
    track = _track(
        (0, 116.05), (60, 116.06),  # 60 s inside
        (120, 116.2), (180, 116.2),  # outside, and the steps out and in
        (240, 116.05), (541, 116.05),  # a gap one second too long
        (841, 116.05),  # 300 s just short enough
        (900, 116.09), (960, 116.09),  # at the depot
    )  # fmt: skip
    assert patrol_s(track, ground) == 60 + 300
    assert patrol_s(track, Ground(())) == 0


def test_stays_are_found_where_the_van_stood() -> None:
    track = _track((0, 116.0), (60, 116.01), (120, 116.0101), (300, 116.0099), (360, 116.02), (400, 116.03))
    stays = find_stays(track, radius_m=50, min_dwell_s=180)
    assert [(s.starts - T0, s.ends - T0, s.points) for s in stays] == [
        (timedelta(seconds=60), timedelta(seconds=300), 3)
    ]
    assert stays[0].lon == pytest.approx(116.01)
    assert find_stays(track[:1], radius_m=50, min_dwell_s=0) == ()
    with pytest.raises(ValueError, match="radius"):
        find_stays(track, radius_m=0, min_dwell_s=1)


@given(st.lists(st.tuples(st.integers(1, 400), st.sampled_from((116.0, 116.0001, 116.01))), max_size=12))
def test_stays_are_disjoint_and_long_enough(steps: list[tuple[int, float]]) -> None:
    second, track = 0, []
    for gap, lon in steps:
        second += gap
        track.append((float(second), lon))
    stays = find_stays(_track(*track), radius_m=40, min_dwell_s=120)
    for stay in stays:
        assert (stay.ends - stay.starts).total_seconds() >= 120
    for before, after in itertools.pairwise(stays):
        assert before.ends < after.starts
