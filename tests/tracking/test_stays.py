"""Stays and trips: small cases by hand."""

from __future__ import annotations

import pytest

from tests.tracking.test_track import T0_MS, Row, fixes_of
from tracking.stays import find_stays, find_trips
from tracking.track import choose

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
