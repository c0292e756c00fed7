"""What a van is doing, told from taps, plan and last fix."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from maps.crew import doings, heading_for
from maps.day import Day, Tap
from tests.maps.days import NOW, call, day, stop, tap


@pytest.mark.parametrize(
    ("taps", "state", "heads_for"),
    [
        ((), "waiting", 1),
        ((tap("departed", 1),), "driving", 1),
        ((tap("departed", 1, 2),), "driving", 2),
        ((tap("departed", 1, 1), tap("arrived", 30, 1)), "serving", 1),
        ((tap("arrived", 30, 1),), "serving", 1),
        ((tap("arrived", 30, 1), tap("started", 31, 1), tap("reading", 32, celsius=4)), "serving", 1),
        ((tap("done", 50, 1),), "driving", 2),
        ((tap("no_answer", 50, 1),), "driving", 2),
        ((tap("done", 50, 1), tap("break", 55)), "break", 2),
        ((tap("done", 50, 1), tap("reload", 55)), "reloading", 2),
        ((tap("done", 50, 1), tap("done", 80, 2), tap("done", 100, 3)), "ended", None),
    ],
)
def test_state_follows_the_taps(taps: tuple[Tap, ...], state: str, heads_for: int | None) -> None:
    (found,) = doings(day(taps=taps))
    assert found.state == state
    assert (found.stop.id if found.stop else None) == heads_for


def test_a_van_that_took_an_sos_is_on_it_whatever_it_tapped_before() -> None:
    (found,) = doings(day(taps=(tap("arrived", 30, 1),), calls=(call(state="accepted", van_id=1),)))
    assert found.state == "sos"
    (offered,) = doings(day(taps=(tap("arrived", 30, 1),), calls=(call(state="offered", van_id=1),)))
    assert offered.state == "serving"


def aged(seconds: float) -> Day:
    today = day()
    return replace(today, positions={1: replace(today.positions[1], t=NOW - timedelta(seconds=seconds))})


@pytest.mark.parametrize(
    ("age_s", "stale", "offline"), [(60, False, False), (61, True, False), (601, True, True)]
)
def test_a_van_is_stale_after_a_minute_and_offline_after_ten(
    age_s: float, stale: bool, offline: bool
) -> None:
    (found,) = doings(aged(age_s))
    assert (found.stale, found.state == "offline") == (stale, offline)


def test_a_van_never_seen_is_offline() -> None:
    (found,) = doings(day(positions={}))
    assert found.state == "offline"
    assert found.seen_at is None


def test_beat_passes_are_over_with_their_time_and_make_a_patrol_before_it() -> None:
    passing = stop(4, "pass", recipient=None, leaves=NOW + timedelta(minutes=5))
    assert heading_for((stop(1, "pass"), passing), (), NOW) == passing
    for taps in ((tap("departed", 1),), (tap("departed", 1, 4), tap("arrived", 5, 4))):
        (found,) = doings(day(stops=(passing,), taps=taps))
        assert found.state == "patrolling"


def test_containers_count_what_is_still_to_be_handed_out_with_the_last_degrees() -> None:
    taps = (
        tap("done", 50, 1),
        tap("reading", 60, container="cold", celsius=9.0),
        tap("reading", 61, container="cold", celsius=4.4),
    )
    (found,) = doings(day(taps=taps))
    assert [(one.item, one.cups, one.celsius) for one in found.containers] == [("mung", 8, 4.4)]
