"""What came of each planned stop, on hand-made days."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from replay.adherence import Adherence, adhere
from replay.facts import Day, Planned, Tap
from tests.replay.day import at, east, plan, stood, tap
from tracking.stays import Stay

A, B, C = (plan(n + 1, 30 * n, east(1000 * n)) for n in range(3))
IN_A, IN_B, IN_C = (stood(30 * n + 1, 30 * n + 14, east(1000 * n + 8)) for n in range(3))
EVENING = 600.0


def day(
    stays: list[Stay], *taps: Tap, now: float = EVENING, stops: tuple[Planned, ...] = (A, B, C)
) -> list[Adherence]:
    """What it came to."""
    return list(adhere(stops, stays, taps, Day(at(now), at(EVENING))))


def verdicts(found: list[Adherence]) -> list[str]:
    """In the plan's order."""
    return [each.verdict for each in found]


def test_a_day_that_went_as_planned() -> None:
    found = day([IN_A, IN_B, IN_C], *(tap(n, 30 * n - 17, n) for n in (1, 2, 3)))
    assert verdicts(found) == ["served", "served", "served"]
    assert [each.in_order for each in found] == [True, True, True]
    assert not any(each.is_late for each in found)
    first = found[0]
    assert first.stay == IN_A and first.dwell_s == 13 * 60 and first.late_s == 60
    assert first.distance_m is not None and round(first.distance_m) == 8


def test_skipped_late_and_out_of_order_are_three_things() -> None:
    swapped = day(
        [
            IN_A,
            replace(IN_C, starts_ms=at(31), ends_ms=at(44)),
            replace(IN_B, starts_ms=at(61), ends_ms=at(74)),
        ]
    )
    assert verdicts(swapped) == ["arrived"] * 3
    assert sorted(str(each.in_order) for each in swapped) == ["False", "True", "True"]
    late = day(
        [
            IN_A,
            replace(IN_B, starts_ms=at(75), ends_ms=at(88)),
            replace(IN_C, starts_ms=at(100), ends_ms=at(112)),
        ]
    )
    assert verdicts(late) == ["arrived"] * 3
    assert [each.is_late for each in late] == [False, True, True]
    assert [each.in_order for each in late] == [True] * 3
    left_out = day([IN_A, IN_C])
    assert verdicts(left_out) == ["arrived", "skipped", "arrived"]
    assert left_out[1].in_order is None and not left_out[1].is_late


def test_a_window_is_told_apart_from_the_plan() -> None:
    stop = replace(A, window_from_ms=at(0), window_to_ms=at(5))
    (found,) = day([stood(9, 20)], stops=(stop,))
    assert (found.late_s, found.window_late_s, found.is_late) == (540, 240, True)


def test_what_is_not_yet_due_is_pending_and_what_the_day_went_past_is_skipped() -> None:
    assert verdicts(day([], now=10)) == ["pending"] * 3
    # Behind its plan, and nothing later was reached: it is still on its way.
    assert verdicts(day([IN_A], now=80)) == ["arrived", "pending", "pending"]
    assert verdicts(day([IN_A, IN_C], now=80)) == ["arrived", "skipped", "arrived"]
    # A later stop was taken first, before this one was over.
    early = replace(IN_C, starts_ms=at(16), ends_ms=at(28))
    assert verdicts(day([IN_A, early], now=29)) == ["arrived", "pending", "arrived"]
    assert verdicts(day([])) == ["skipped"] * 3


def test_taps_without_a_stay() -> None:
    found = day([IN_A], tap(1, 40, 2), tap(2, 62, 3, "arrived"))
    assert verdicts(found) == ["arrived", "served", "arrived"]
    assert found[1].stay is None and found[1].dwell_s == 0
    assert verdicts(day([IN_A], tap(1, 10, 1, "no_answer"), tap(2, 40, 2, "declined"))) == [
        "no_answer", "declined", "skipped",
    ]  # fmt: skip


def test_a_stay_is_parted_among_those_who_share_it() -> None:
    stops = tuple(plan(n + 1, 20 * n, east(35 * n), takes=10 * (n + 1)) for n in range(3))
    found = day([stood(0, 60, east(35))], stops=stops)
    assert [each.sharers for each in found] == [3, 3, 3]
    assert [each.dwell_s for each in found] == [600, 1200, 1800]


def test_depot_reload_and_break_take_their_own_stays_and_a_pass_none() -> None:
    stops = (
        plan(0, 0, east(500), "start", takes=0), plan(1, 10), plan(2, 30, east(60), "break", takes=30),
        plan(3, 60, east(900), "pass", takes=0), plan(4, 90, east(500), "reload"),
        plan(5, 120, east(500), "end", takes=0),
    )  # fmt: skip
    stays = [
        stood(-20, 0, east(500)),
        stood(11, 24),
        stood(30, 60, east(60)),
        stood(90, 104, east(500)),
        stood(120, 150, east(500)),
    ]
    found = day(stays, tap(1, 100, 4, "reload"), stops=stops)
    assert [each.stop.kind for each in found] == ["start", "visit", "break", "reload", "end"]
    assert [each.stay for each in found] == stays
    assert found[3].verdict == "served"


def test_a_reading_during_the_stay_is_the_stops() -> None:
    reading = replace(tap(9, 5, None, "reading"), celsius=65.0)
    found = day([IN_A, IN_B], reading)
    assert [each.readings for each in found] == [1, 0, 0]


@given(
    st.permutations([A, B, C]),
    st.permutations([IN_A, IN_B, IN_C, stood(100, 105, east(40))]),
    st.permutations([tap(1, 12, 1), tap(2, 13, 1, terminal=2), tap(3, 44, 2, "no_answer"), tap(1, 12, 1)]),
)
def test_no_order_of_facts_makes_another_day(
    stops: list[Planned], stays: list[Stay], taps: list[Tap]
) -> None:
    told = (tap(1, 12, 1), tap(2, 13, 1, terminal=2), tap(3, 44, 2, "no_answer"))
    as_told = day([IN_A, IN_B, IN_C, stood(100, 105, east(40))], *told)
    assert day(stays, *taps, stops=tuple(stops)) == as_told
