"""What crews tapped, as the rules read it; the rest of the reading is tested with the watch."""

from __future__ import annotations

from datetime import timedelta

from fleet.main.alarm_reading import _readings, calls, pauses
from fleet.units import ms_of
from maps.day import Tap
from tests.world import OPENS


def tap(kind: str, minute: int, **body: object) -> Tap:
    return Tap(1, kind, OPENS + timedelta(minutes=minute), None, body)


def at(minute: int) -> int:
    return ms_of(OPENS + timedelta(minutes=minute))


NOW = OPENS + timedelta(minutes=90)


def test_a_pause_lasts_until_the_next_tap_but_for_readings() -> None:
    taps = [tap("break", 0), tap("reading", 5, celsius=4.0), tap("departed", 20), tap("reload", 60)]
    assert pauses(taps, NOW) == ((at(0), at(20)), (at(60), at(90)))


def test_a_call_lasts_from_acceptance_until_it_is_done_or_handed_back() -> None:
    taps = [
        tap("accepted", 0, task="sos:1"), tap("arrived", 5, task="sos:1"), tap("done", 10, task="sos:1"),
        tap("accepted", 20, task="sos:2"), tap("unable", 21, task="sos:2"), tap("accepted", 80, task="sos:3"),
    ]  # fmt: skip
    assert calls(taps, NOW) == ((at(0), at(10)), (at(20), at(21)), (at(80), at(90) + 1))
    assert calls([tap("done", 10, task="sos:9")], NOW) == ()


def test_a_reload_fills_the_container_it_names_or_all() -> None:
    warm = tap("reading", 0, container="cold", celsius=9.0)
    assert [(each.container, each.celsius) for each in _readings([warm, tap("reload", 9)])] == [
        ("cold", 9.0), ("cold", None), ("", None),
    ]  # fmt: skip
    named = _readings([warm, tap("reload", 9, container="hot", celsius=70.0), tap("reading", 10)])
    assert [(each.container, each.celsius) for each in named] == [("cold", 9.0), ("hot", 70.0)]
