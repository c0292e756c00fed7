from __future__ import annotations

import numpy as np

from tracking.alarm_driving import MOVES_MPS, REST_S, moving, spells
from tracking.track import Track


def track(t_s: list[int], speed: list[float], lon: list[float] | None = None) -> Track:
    n = len(t_s)
    east = np.zeros(n) if lon is None else np.array(lon)
    return Track(
        np.array(t_s, np.int64) * 1000, east, np.zeros(n), np.array(speed), np.zeros(n), np.full(n, np.nan)
    )


def test_a_track_without_movement_has_no_spell() -> None:
    assert spells(track([], [])) == ()
    assert spells(track([0, 60], [0.0, 0.0])) == ()


def test_a_rest_of_twenty_minutes_ends_a_spell_and_nineteen_do_not() -> None:
    times = [0, 60, 120, 120 + REST_S, 180 + REST_S]
    assert [each.driven_s for each in spells(track(times, [9.0] * 5))] == [120, 60]
    times[3:] = [119 + REST_S, 179 + REST_S]
    assert [each.driven_s for each in spells(track(times, [9.0] * 5))] == [180]


def test_a_light_is_driving_and_a_call_is_not() -> None:
    assert spells(track([0, 170], [9.0, 9.0]))[0].driven_s == 170
    assert spells(track([0, 600], [9.0, 9.0]))[0].driven_s == 0


def test_when_the_limit_was_passed() -> None:
    (spell,) = spells(track(list(range(0, 1000, 10)), [9.0] * 100))
    assert spell.over_at(500) == 500_000
    assert spell.over_at(5000) is None


def test_an_unknown_speed_is_read_from_the_way() -> None:
    nan = float("nan")
    drive = track([0, 10, 20, 30, 40], [nan] * 5, [0.0, 0.0, 0.001, 0.001, 0.001])
    assert moving(drive).tolist() == [False, True, True, False, False]


def test_noise_is_no_driving_and_no_sign_of_a_start() -> None:
    chance = np.random.default_rng(7)
    standing = track(list(range(600)), [float("nan")] * 600, list(chance.normal(0, 4 / 111_195, 600)))
    step_mps = np.abs(np.diff(standing.lon)) * 111_195
    assert np.mean(step_mps > MOVES_MPS) > 0.5, "a step alone would tell of driving"
    assert np.mean(moving(standing)) < 0.02


def test_a_way_over_a_silence_is_driven_and_none_of_its_seconds_counts() -> None:
    nan = float("nan")
    silent = track([0, 240, 480], [nan] * 3, [0.0, 0.02, 0.04])
    assert moving(silent).tolist() == [True] * 3
    assert [each.driven_s for each in spells(silent)] == [0]


def test_a_track_without_a_fix_moves_nowhere() -> None:
    assert moving(track([], [])).tolist() == []
