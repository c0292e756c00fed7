"""A track for drawing."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.tracking.noise import TUNING_SEEDS, labelled
from tests.tracking.test_track import Row, fixes_of
from tracking.outliers import sound
from tracking.simplify import simplify
from tracking.speeds import plane
from tracking.track import Track, choose

_EDGE = 0.0005


def _farthest_m(track: Track, line: list[int]) -> float:
    """How far the left out lie from the piece of the line that is drawn past them, at most."""
    x, y = plane(track)
    farthest = 0.0
    for a, b in itertools.pairwise(line):
        along = np.array([x[b] - x[a], y[b] - y[a]])
        off = np.stack([x[a : b + 1] - x[a], y[a : b + 1] - y[a]])
        share = np.clip(along @ off / max(1e-9, float(along @ along)), 0, 1)
        farthest = max(farthest, float(np.max(np.hypot(*(off - np.outer(along, share))))))
    return farthest


_tracks = st.lists(
    st.builds(
        lambda second, east, north: Row(second, 116.05 + east * _EDGE, 36.05 + north * _EDGE),
        st.integers(0, 2_000),
        st.integers(0, 5),
        st.floats(0, 5),
    ),
    unique_by=lambda row: row.second,
    max_size=50,
)


@given(rows=_tracks, error_m=st.sampled_from((0.1, 5.0, 60.0)))
@example(rows=[Row(n, 116.05 + _EDGE * place) for n, place in enumerate((0, 1, 0, 1, 0))], error_m=5.0)
@example(rows=[Row(n) for n in range(4)], error_m=5.0)
def test_no_fix_is_farther_off_than_said_and_silences_stay(rows: list[Row], error_m: float) -> None:
    track = choose(fixes_of(rows))
    lines = [line.tolist() for line in simplify(track, error_m=error_m)]
    places = [place for line in lines for place in line]
    assert places == sorted(set(places))
    breaks = [n for n in range(1, len(track)) if track.t_ms[n] - track.t_ms[n - 1] > 300_000]
    unbroken = np.split(np.arange(len(track)), breaks) if rows else []
    assert [(line[0], line[-1]) for line in lines] == [(row[0], row[-1]) for row in unbroken]
    # The whole track's plane and a line's differ by less than a thousandth here.
    assert all(_farthest_m(track, line) <= error_m * 1.001 + 1e-6 for line in lines)


def test_a_day_is_drawn_with_a_small_part_of_its_fixes() -> None:
    track = sound(labelled(TUNING_SEEDS[0]).track)
    lines = simplify(track, error_m=10)
    assert sum(map(len, lines)) < len(track) / 5
    assert all(_farthest_m(track, line.tolist()) <= 10.01 for line in lines)


@pytest.mark.parametrize("error_m", [0.0, -1.0])
def test_an_error_that_makes_no_sense_is_refused(error_m: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        simplify(choose(fixes_of([])), error_m=error_m)
