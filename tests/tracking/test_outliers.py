"""What is odd about a fix beside its neighbours: by hand, on labelled tracks, and on real taxis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking import scoring, taxis
from tests.tracking.noise import FINAL_SEEDS, Labelled, labelled
from tests.tracking.test_track import T0_MS, Row, fixes_of
from tracking.outliers import FLAG_FROZEN, FLAG_JUMP, flags_of, sound
from tracking.track import Track, choose, steps_m, steps_s

_KM = 0.0111
"""Degrees of longitude to about a kilometre at the tests' latitude."""
_DRIVE = 0.0003
"""The same for a second at 27 m/s, about 97 km/h: fast, and no jump."""
_PLACES = (116.05, 116.0501, 116.05 + 2 * _KM)


def _driven(
    count: int, jumps: dict[int, float] | None = None, every_s: int = 1, silent: range = range(0)
) -> Track:
    jumps = jumps or {}
    rows = [
        Row(second * every_s, 116.0 + _DRIVE * second * every_s + jumps.get(second, 0.0))
        for second in range(count)
        if second not in silent
    ]
    return choose(fixes_of(rows))


def _jumps(track: Track) -> list[int]:
    """Seconds of the fixes flagged as jumps."""
    return [(t_ms - T0_MS) // 1000 for t_ms in track.t_ms[flags_of(track) == FLAG_JUMP].tolist()]


def test_a_calm_track_has_nothing_odd() -> None:
    track = choose(fixes_of([Row(second) for second in range(5)]))
    assert flags_of(track).tolist() == [0] * 5
    assert sound(track).t_ms.tolist() == track.t_ms.tolist()


def test_a_fast_drive_is_no_jump() -> None:
    assert _jumps(_driven(60)) == []


@pytest.mark.parametrize("at", [0, 1, 30, 58, 59])
def test_one_fix_far_off_is_a_jump_wherever_it_comes(at: int) -> None:
    assert _jumps(_driven(60, {at: 2 * _KM})) == [at]


@pytest.mark.parametrize(("first", "many"), [(0, 3), (20, 2), (20, 8), (57, 3)])
def test_some_in_a_row_at_one_false_place_are_jumps(first: int, many: int) -> None:
    away = range(first, first + many)
    assert _jumps(_driven(60, dict.fromkeys(away, 2 * _KM))) == list(away)


def test_after_a_silence_a_jump_is_told_by_what_follows() -> None:
    away = range(30, 33)
    assert _jumps(_driven(120, dict.fromkeys(away, 2 * _KM), silent=range(5, 30))) == [*away]


def test_a_long_row_elsewhere_is_believed() -> None:
    assert _jumps(_driven(120, dict.fromkeys(range(60, 120), 2 * _KM))) == []


def test_two_that_exclude_each_other_are_both_kept_but_one() -> None:
    assert _jumps(_driven(2, {1: 2 * _KM})) == [1], "the earlier is believed"


def test_two_terminals_a_moment_apart_are_no_jump() -> None:
    rows = [
        Row(second + part, 116.05 + shift) for second in range(9) for part, shift in ((0, 0), (0.1, 2e-4))
    ]
    assert _jumps(choose(fixes_of(rows))) == []


def test_where_nearly_every_step_is_too_fast_nobody_can_tell_and_none_is_flagged() -> None:
    assert _jumps(_driven(200, {second: 2 * _KM for second in range(0, 200, 2)})) == []
    draw = np.random.default_rng(3)
    assert _jumps(_driven(200, {second: draw.normal(0, 0.2 * _KM) for second in range(200)})) == []


def _told(track: Track, speed_mps: float) -> Track:
    count = len(track)
    return Track(
        track.t_ms, track.lon, track.lat, np.full(count, speed_mps), track.heading_deg, track.battery
    )


def test_a_place_repeated_under_a_told_speed_is_frozen_but_for_its_first() -> None:
    still = choose(fixes_of([Row(second) for second in range(20)]))
    assert flags_of(_told(still, 9.0)).tolist() == [0] + [FLAG_FROZEN] * 19
    assert flags_of(_told(still, 0.3)).tolist() == [0] * 20, "a parked van stands"
    assert flags_of(_told(still.take(slice(0, 4)), 9.0)).tolist() == [0] * 4, "too few to tell"
    assert flags_of(_told(still, 2.1)).tolist() == [0] * 20, "too short a way to tell"


_rows = st.lists(
    st.builds(
        lambda second, lon, digest: Row(second, lon, digest=digest),
        st.integers(0, 60),
        st.sampled_from(_PLACES),
        st.integers(0, 1),
    ),
    unique_by=lambda row: (row.second, row.digest),
    max_size=40,
)


@given(rows=_rows, data=st.data())
def test_flags_do_not_depend_on_the_order_of_arrival_nor_on_repeats(
    rows: list[Row], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows + rows[:3]))
    flags = flags_of(choose(fixes_of(rows)))
    assert flags_of(choose(fixes_of(shuffled))).tolist() == flags.tolist()
    assert len(flags) == 0 or (flags == 0).any(), "something is always left"


@pytest.mark.parametrize("every_s", [1, 2, 5])
def test_labelled_jumps_and_frozen_receivers_are_found(every_s: int) -> None:
    jumps, frozen = scoring.Score(), scoring.Score()
    for seed in FINAL_SEEDS:
        day: Labelled = labelled(seed, every_s=every_s)
        flags = flags_of(day.track)
        jumps += scoring.of_fixes(flags == FLAG_JUMP, day.is_jump)
        frozen += scoring.of_fixes(flags == FLAG_FROZEN, day.is_frozen)
    assert jumps.precision >= 0.95 and jumps.recall >= 0.95, jumps
    assert frozen.precision >= 0.95 and frozen.recall >= 0.9, frozen


@pytest.mark.skipif(not taxis.FILE.exists(), reason=f"no {Path(taxis.FILE).name} beside the project")
def test_of_real_taxis_few_steps_stay_too_fast_and_few_fixes_are_flagged() -> None:
    too_fast = flagged = total = 0
    for track in taxis.tracks():
        flags = flags_of(track)
        left = track.take(flags == 0)
        too_fast += int(np.sum(steps_m(left) / steps_s(left) > 150 / 3.6))
        flagged += int(np.sum(flags != 0))
        total += len(track)
    assert too_fast <= 0.05 * taxis.STEPS_OVER_150_KMH
    assert flagged <= 0.006 * total
