"""Proved patrol and coverage: the same whatever the order of arrival, and the same as the tracks' algebra."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.units import ms_of
from maps.patrol import DayTracks, claimed_s, idle_spans, shift_start
from tests.maps.days import BEAT, HERE, NOW, START, day, tap

FIXES = st.lists(
    st.tuples(
        st.integers(0, 4000),
        st.floats(115.965, 115.995, allow_nan=False),
        st.floats(36.425, 36.455, allow_nan=False),
    ),
    max_size=30,
    unique_by=lambda fix: fix[0],
)


def fed(fixes: list[tuple[int, float, float]], parts: int = 1) -> DayTracks:
    tracks = DayTracks((BEAT,), {1: [7]})
    for part in range(parts):
        some = fixes[part::parts]
        if some:
            t = np.array([ms_of(START) + 1000 * fix[0] for fix in some], np.int64)
            tracks.add(1, t, np.array([fix[1:] for fix in some], np.float64))
    return tracks


@settings(max_examples=60, deadline=None)
@given(FIXES, st.integers(1, 3))
def test_order_and_repetition_do_not_matter(fixes: list[tuple[int, float, float]], parts: int) -> None:
    once, again = fed(sorted(fixes)), fed([*fixes[::-1], *fixes], parts)
    assert once.proved_s(1) == again.proved_s(1)
    assert once.seen(7, START, NOW) == again.seen(7, START, NOW)


def test_breaks_do_not_count() -> None:
    fixes = [(second, *HERE) for second in range(0, 1201, 60)]
    spans = idle_spans((tap("break", 5), tap("departed", 10)), NOW)
    assert fed(fixes).proved_s(1) == 1200
    assert fed(fixes).proved_s(1, spans) == 900


def test_a_silence_of_more_than_five_minutes_proves_nothing() -> None:
    assert fed([(0, *HERE), (300, *HERE), (700, *HERE)]).proved_s(1) == 300


def test_standing_at_the_depot_is_no_patrol() -> None:
    tracks = DayTracks((BEAT,), {1: [7]}, [HERE])
    tracks.add(1, np.array([0, 60_000], np.int64), np.array([HERE, HERE]))
    assert tracks.proved_s(1) == 0


def test_a_cell_is_seen_within_150_m() -> None:
    seen = fed([(60, HERE[0] + 0.0016, HERE[1])]).seen(7, START, START + timedelta(seconds=3660))
    assert (seen.share, seen.longest_s, seen.away_s) == (0.5, 3660, 3600)
    assert fed([(60, HERE[0] + 0.0018, HERE[1])]).seen(7, START, NOW).share == 0.0


def test_claims_run_from_the_first_tap_without_breaks() -> None:
    taps = (tap("departed", 0), tap("break", 60), tap("departed", 90))
    assert claimed_s(taps, START + timedelta(minutes=120)) == 90 * 60
    assert claimed_s((), NOW) == 0


def test_unknown_vans_prove_nothing_and_shifts_begin_coverage() -> None:
    assert fed([]).proved_s(99) == 0
    assert shift_start(day(), [1]) == START
    assert shift_start(day(shifts=()), [1]) == day().start
