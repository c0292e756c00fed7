"""Stays and trips: small cases by hand, and doors on labelled tracks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking import scoring
from tests.tracking.noise import FINAL_SEEDS, TUNING_SEEDS, labelled
from tests.tracking.test_track import T0_MS, Row, fixes_of
from tracking.outliers import sound
from tracking.speeds import gone_m
from tracking.stays import find_stays, find_trips
from tracking.track import Track, choose

_DOOR, _NEXT = 116.0500, 116.0700


def test_two_doors_and_the_way_between() -> None:
    rows = [Row(10.0 * n, _DOOR) for n in range(10)]
    rows += [Row(100.0 + 10 * n, _DOOR + 0.002 * (n + 1)) for n in range(9)]
    rows += [Row(190.0 + 10 * n, _NEXT) for n in range(10)]
    track = choose(fixes_of(rows))
    stays = find_stays(track)
    assert [(stay.starts_ms - T0_MS, stay.ends_ms - T0_MS) for stay in stays] == [
        (0, 90_000),
        (190_000, 280_000),
    ]
    assert [stay.lon for stay in stays] == pytest.approx([_DOOR, _NEXT])
    (trip,) = find_trips(track, stays)
    assert (trip.starts_ms - T0_MS, trip.ends_ms - T0_MS) == (90_000, 190_000)
    assert trip.distance_m == pytest.approx(1798, abs=3)


def test_a_silence_ends_a_stay() -> None:
    track = choose(fixes_of([Row(0), Row(70), Row(400), Row(470)]))
    assert len(find_stays(track, gap_s=300)) == 2
    assert len(find_stays(track, gap_s=400)) == 1


def test_nothing_stays_in_an_empty_or_single_track() -> None:
    for rows in ([], [Row(0)]):
        track = choose(fixes_of(rows))
        assert find_stays(track) == () == find_trips(track, ())


@pytest.mark.parametrize(("radius_m", "min_dwell_s"), [(0.0, 60.0), (-1.0, 60.0), (30.0, -1.0)])
def test_sizes_that_make_no_sense_are_refused(radius_m: float, min_dwell_s: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        find_stays(choose(fixes_of([])), radius_m=radius_m, min_dwell_s=min_dwell_s)


_STEP = 0.00001115
"""Degrees of longitude to a metre at the tests' latitude."""


def _at(*pieces: tuple[int, float, float]) -> Track:
    """Seconds, and metres east at their beginning and end, piece after piece."""
    rows: list[Row] = []
    for seconds, from_m, to_m in pieces:
        began = len(rows)
        rows += [
            Row(began + n, _DOOR + _STEP * (from_m + (to_m - from_m) * n / seconds)) for n in range(seconds)
        ]
    return choose(fixes_of(rows))


def _times(track: Track) -> list[tuple[int, int]]:
    return [((stay.starts_ms - T0_MS) // 1000, (stay.ends_ms - T0_MS) // 1000) for stay in find_stays(track)]


def test_neighbouring_doors_are_two_stays() -> None:
    (first, second) = _times(_at((90, 0, 0), (10, 0, 35), (90, 35, 35)))
    assert first[0] == 0 and 89 <= first[1] <= 94
    assert 95 <= second[0] <= 100 and second[1] == 189


def test_multipath_in_a_stay_breaks_it_not() -> None:
    assert _times(_at((120, 0, 0), (25, 50, 50), (120, 0, 0))) == [(0, 264)]


def test_a_visit_to_the_neighbour_and_back_is_three_stays() -> None:
    assert len(_times(_at((90, 0, 0), (8, 0, 40), (90, 40, 40), (8, 40, 0), (90, 0, 0)))) == 3


def test_a_traffic_light_is_no_stay_and_a_jam_neither() -> None:
    assert _times(_at((60, -600, 0), (50, 0, 0), (60, 0, 600))) == []
    assert _times(_at((60, -600, 0), (300, 0, 300), (60, 300, 900))) == [], "a metre a second, but it goes on"


def test_sparse_fixes_have_stays_too() -> None:
    rows = [Row(30.0 * n, _DOOR) for n in range(10)]
    rows += [Row(300.0 + 30 * n, _DOOR + 0.003 * (n + 1)) for n in range(5)]
    (stay,) = find_stays(choose(fixes_of(rows)))
    assert stay.dwell_s == 270


_tracks = st.lists(
    st.builds(
        lambda second, lon, digest: Row(second, lon, digest=digest),
        st.integers(0, 900),
        st.sampled_from((_DOOR, _DOOR + 0.0002, _DOOR + 0.0004, _NEXT)),
        st.integers(0, 1),
    ),
    unique_by=lambda row: (row.second, row.digest),
    max_size=60,
)


@given(rows=_tracks, data=st.data())
def test_stays_and_trips_share_the_track_out_whatever_the_order_of_arrival(
    rows: list[Row], data: st.DataObject
) -> None:
    track = choose(fixes_of(rows))
    stays = find_stays(track, min_dwell_s=30)
    trips = find_trips(track, stays)
    again = choose(fixes_of(data.draw(st.permutations(rows + rows[:3]))))
    assert find_stays(again, min_dwell_s=30) == stays
    for stay in stays:
        assert stay.dwell_s >= 30
        assert (stay.starts_ms, stay.ends_ms) == (track.t_ms[stay.first], track.t_ms[stay.last])
        assert np.diff(track.t_ms[stay.first : stay.last + 1]).max(initial=0) <= 300_000
    assert all(a.last < b.first for a, b in itertools.pairwise(stays))
    borders = [place for trip in trips for place in (trip.first, trip.last)]
    pieces = [(each.first, each.last) for each in stays] + [(each.first, each.last) for each in trips]
    if len(track) > 1:
        assert {place for a, b in pieces for place in range(a, b + 1)} == set(range(len(track)))
    assert borders == sorted(borders)
    gone = gone_m(track)
    assert [trip.distance_m for trip in trips] == [gone[trip.last] - gone[trip.first] for trip in trips]


@pytest.mark.parametrize("every_s", [1, 2, 5])
@pytest.mark.parametrize("tells_speed", [True, False])
def test_labelled_doors_are_found(every_s: int, tells_speed: bool) -> None:
    doors = scoring.Score()
    for seed in FINAL_SEEDS:
        day = labelled(seed, every_s=every_s, tells_speed=tells_speed)
        doors += scoring.of_doors(find_stays(sound(day.track)), day.doors)
    assert doors.precision >= 0.95 and doors.recall >= 0.90, doors


@pytest.mark.parametrize("every_s", [1, 2, 5])
def test_trips_are_as_long_as_what_was_driven(every_s: int) -> None:
    driven_m = true_m = 0.0
    for seed in FINAL_SEEDS:
        day = labelled(seed, every_s=every_s)
        track = sound(day.track)
        driven_m += sum(trip.distance_m for trip in find_trips(track, find_stays(track)))
        true_m += day.driven_m
    assert driven_m == pytest.approx(true_m, rel=0.05)


def test_a_whole_day_in_any_order_with_repeats_has_the_same_stays_and_trips() -> None:
    stored = labelled(TUNING_SEEDS[0], every_s=5).fixes
    draw = np.random.default_rng(8)
    again = stored.take(
        draw.permutation(np.concatenate([np.arange(len(stored)), draw.integers(0, len(stored), 500)]))
    )
    track, other = sound(choose(stored)), sound(choose(again))
    assert other.t_ms.tolist() == track.t_ms.tolist()
    assert find_stays(other) == find_stays(track)
    assert find_trips(other, find_stays(other)) == find_trips(track, find_stays(track))
