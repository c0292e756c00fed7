"""How fast a van went."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.noise import TUNING_SEEDS, labelled
from tests.tracking.test_track import Row, fixes_of
from tracking.outliers import sound
from tracking.speeds import driven_mps, gone_m, net_mps, plane, steps_mps
from tracking.track import Track, apart_m, choose

_M = 0.00001115


def _steady(mps: float, every_s: float = 1, count: int = 40) -> Track:
    return choose(fixes_of([Row(n * every_s, 116.05 + _M * mps * every_s * n) for n in range(count)]))


@pytest.mark.parametrize("every_s", [0.5, 1, 5, 30])
def test_a_steady_drive_has_its_speed_everywhere(every_s: float) -> None:
    track = _steady(9.0, every_s)
    assert steps_mps(track).tolist() == pytest.approx([9.0] * 39, rel=0.01)
    assert net_mps(track).tolist() == pytest.approx([9.0] * 40, rel=0.01)


def test_nothing_is_told_of_none_and_of_one_alone() -> None:
    assert net_mps(_steady(1, count=0)).tolist() == []
    assert net_mps(_steady(1, count=1)).tolist() == [0.0]
    alone = choose(fixes_of([Row(0), Row(1000, 116.06), Row(1001, 116.06)]))
    assert net_mps(alone).tolist() == [0.0] * 3


def test_a_way_is_measured_through_noise_and_exactly_without() -> None:
    assert gone_m(_steady(9.0)).tolist()[-3] == pytest.approx(9 * 37, rel=0.01)
    assert gone_m(_steady(1, count=0)).tolist() == []
    there_and_back = choose(fixes_of([Row(10 * n, 116.05 + _M * abs(20 - n) * 50) for n in range(41)]))
    assert gone_m(there_and_back)[-1] == pytest.approx(40 * 50, rel=0.01)


def test_a_told_speed_is_believed() -> None:
    track = _steady(9.0)
    told = Track(
        track.t_ms, track.lon, track.lat,
        np.where(np.arange(40) == 7, 12.0, np.nan), track.heading_deg, track.battery,
    )  # fmt: skip
    mps = driven_mps(told)
    assert mps[7] == 12.0
    assert mps[8] == pytest.approx(9.0, rel=0.01)


def test_through_noise_it_is_the_true_speed_within_a_metre_a_second() -> None:
    """Beside the told speed, which has a noise of 0.4 m/s."""
    track = sound(labelled(TUNING_SEEDS[0]).track)
    off = net_mps(track) - track.speed_mps
    assert np.median(np.abs(off)) < 1.0


_places = st.tuples(st.floats(115.9, 116.2), st.floats(36.3, 36.6))


@given(st.lists(_places, min_size=2, max_size=8))
def test_on_the_plane_distances_are_true_to_a_hundredth(places: list[tuple[float, float]]) -> None:
    track = choose(fixes_of([Row(n, *place) for n, place in enumerate(places)]))
    x, y = plane(track)
    true_m = apart_m(track.lon, track.lat, float(track.lon[0]), float(track.lat[0]))
    assert np.hypot(x - x[0], y - y[0]).tolist() == pytest.approx(true_m.tolist(), rel=0.01, abs=1e-3)
