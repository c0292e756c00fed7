"""The charts' figures, from hand-made values."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from maps import charts
from maps.charts import DayCount
from tests.maps.days import NOW, VAN, call, stop, tap
from tracking.coverage import Coverage, Pass
from tracking.day_store import KeptDay
from tracking.ledger import Stretch

MINUTE = 60_000


def ledger(proved_s: int, claimed_s: int) -> KeptDay:
    return KeptDay(1, NOW.date(), 1, proved_s, claimed_s, 0, 0.0, 0, 0, (), 0, 0, 0, None, NOW)


def test_patrol_is_told_in_hours_and_a_van_without_a_ledger_has_none() -> None:
    found = charts.patrol([VAN, VAN], {VAN.id: ledger(19_800, 23_400)})
    assert found == {"proved_h": [5.5, 5.5], "claimed_h": [6.5, 6.5], "target_h": 6}
    assert charts.patrol([VAN], {})["proved_h"] == [0.0]


def test_overdue_calls_are_not_counted_twice() -> None:
    found = charts.visits([DayCount(NOW.date(), due=9, overdue=4, done=6)])
    assert found == {"days": ["2026-07-24"], "overdue": [4], "due": [5], "done": [6]}


def test_portions_are_the_crews_word_and_the_plan_where_they_gave_none() -> None:
    taps = [
        tap("done", 10, 1, cups=7),
        tap("done", 50, 2),
        tap("no_answer", 70, 3),
        tap("reload", 80, cups=5),
        tap("reload", 90),
    ]
    assert charts.portions([VAN], [stop(1), stop(2), stop(3)], taps) == {"served": [11], "discarded": [5]}


def test_of_two_taps_that_close_a_stop_the_last_counts() -> None:
    assert charts.portions([VAN], [stop(1)], [tap("done", 1, 1), tap("no_answer", 2, 1)])["served"] == [0]


def test_a_call_is_timed_from_when_it_came() -> None:
    case = call(seen_at=NOW - timedelta(seconds=40), accepted_at=NOW - timedelta(seconds=15))
    found = charts.answered(2, case)
    assert (found["n"], found["answered_s"], found["under_way_s"], found["arrived_s"]) == (2, 30, 55, None)


def seen(*firsts: int | None, ends: int = 100 * MINUTE) -> Coverage:
    passes = tuple(() if first is None else (Pass(first, first + 1, 1),) for first in firsts)
    return Coverage(Stretch(0, ends), passes, (0,) * len(firsts), (None,) * len(firsts))


def test_coverage_ends_where_the_day_has_come_to() -> None:
    found = charts.coverage([seen(5 * MINUTE, None), seen(12 * MINUTE, 50 * MINUTE)], 25 * MINUTE)
    assert found == {"at": [0, 10 * MINUTE, 20 * MINUTE, 25 * MINUTE], "share": [0.0, 0.25, 0.5, 0.5]}
    assert charts.coverage([], 5) == {"at": [], "share": []}


FIRSTS = st.lists(st.none() | st.integers(0, 100 * MINUTE), min_size=1, max_size=20)


@given(FIRSTS, st.integers(0, 150 * MINUTE))
def test_coverage_never_falls_and_ends_at_what_was_seen(firsts: list[int | None], now_ms: int) -> None:
    found: dict[str, Any] = charts.coverage([seen(*firsts)], now_ms)
    assert found["share"] == sorted(found["share"]) and found["at"] == sorted(set(found["at"]))
    until = found["at"][-1]
    assert found["share"][-1] == round(sum(f is not None and f <= until for f in firsts) / len(firsts), 4)


@given(FIRSTS, FIRSTS)
def test_beats_may_come_in_any_order(some: list[int | None], others: list[int | None]) -> None:
    a, b = seen(*some), seen(*others)
    assert charts.coverage([a, b], 60 * MINUTE) == charts.coverage([b, a], 60 * MINUTE)
