"""What taps say, in whatever order they are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.facts import Tap, at_stop, closing_of, in_time_order, outcome_of
from tests.replay.day import plan, tap

TOLD = [tap(1, 30, 1), tap(2, 31, 1, "no_answer"), tap(3, 40, 1, terminal=2), tap(4, 41, 1, "arrived")]


@given(st.permutations([*TOLD, TOLD[0]]))
def test_the_last_closing_tap_decides_and_those_that_say_the_same_stand_with_it(taps: list[Tap]) -> None:
    assert in_time_order(taps) == TOLD
    assert closing_of("visit", taps) == (TOLD[0], TOLD[2])
    assert outcome_of("visit", TOLD[2]) == "served"


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    assert closing_of("dropoff", TOLD[:2]) == (TOLD[1],)


@pytest.mark.parametrize(
    ("kind", "closes"), [("reload", True), ("break", False), ("visit", False), ("pass", False)]
)
def test_which_tap_closes_what(kind: str, closes: bool) -> None:
    assert bool(closing_of(kind, [tap(1, 5, 1, "reload")])) is closes


def test_who_departs_for_a_stop_is_not_there() -> None:
    taps = [tap(2, 30, 1), tap(1, 5, 1, "departed"), tap(3, 6, 2)]
    assert at_stop(plan(1, 10), taps) == [taps[0]]
    assert at_stop(plan(1, 10, kind="start"), taps) == [taps[1], taps[0]]


def test_what_was_planned() -> None:
    stop = plan(1, 10, takes=15)
    assert stop.planned_s == 900
