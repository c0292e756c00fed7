"""Stay points: as their definition says it, fix by fix."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.geo import haversine_m
from tests.tracking.noise import TUNING_SEEDS, labelled
from tests.tracking.test_track import Row, fixes_of
from tracking.stay_points import find_stay_points
from tracking.track import Track, choose


def _by_definition(track: Track, radius_m: float, min_dwell_s: float, gap_s: float) -> list[tuple[int, int]]:
    places = list(zip(track.lon.tolist(), track.lat.tolist(), strict=True))
    t_ms = track.t_ms.tolist()
    found, first = [], 0
    for at in range(1, len(places) + 1):
        if (
            at == len(places)
            or t_ms[at] - t_ms[at - 1] > gap_s * 1000
            or haversine_m(places[first], places[at]) > radius_m
        ):
            if at - 1 > first and t_ms[at - 1] - t_ms[first] >= min_dwell_s * 1000:
                found.append((first, at - 1))
            first = at
    return found


_rows = st.lists(
    st.builds(Row, st.integers(0, 400), lon=st.floats(116.05, 116.051), lat=st.just(36.05), flags=st.just(0),
              terminal_id=st.just(1), digest=st.just(0), accuracy_m=st.just(1.0)),
    unique_by=lambda row: row.second,
    max_size=60,
)  # fmt: skip


@given(rows=_rows, min_dwell_s=st.sampled_from((0, 10, 60)), gap_s=st.sampled_from((20, 300)))
def test_they_are_those_of_the_definition(rows: list[Row], min_dwell_s: float, gap_s: float) -> None:
    track = choose(fixes_of(rows))
    found = find_stay_points(track, radius_m=30, min_dwell_s=min_dwell_s, gap_s=gap_s)
    assert [(stay.first, stay.last) for stay in found] == _by_definition(track, 30, min_dwell_s, gap_s)


def test_of_a_day_they_are_those_of_the_definition_too() -> None:
    track = labelled(TUNING_SEEDS[0], every_s=2).track
    found = find_stay_points(track, radius_m=50, min_dwell_s=120)
    assert [(stay.first, stay.last) for stay in found] == _by_definition(track, 50, 120, 300)
    assert len(found) > 20


@pytest.mark.parametrize(("radius_m", "min_dwell_s"), [(0.0, 60.0), (-1.0, 60.0), (30.0, -1.0)])
def test_sizes_that_make_no_sense_are_refused(radius_m: float, min_dwell_s: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        find_stay_points(choose(fixes_of([])), radius_m=radius_m, min_dwell_s=min_dwell_s)
