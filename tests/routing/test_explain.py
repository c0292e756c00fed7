from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.words import catalogue
from routing.explain import CODES, Need, Reason, as_json, explain, orders_of, relaxed, say
from routing.levels import plan_of
from routing.place import call_of, places, squeeze, suits
from routing.plan import Plan
from routing.problem import Item, Portion, Problem, TimeWindow, Van
from routing.timetable import route_of, timetable
from tests.routing.instances import day_visit, in_a_row, tiny


def squeezed(problem: Problem) -> Plan:
    orders = squeeze(problem, ((),) * len(problem.vans))
    return plan_of(
        problem,
        [route_of(problem, v, timetable(problem, v, calls).stops) for v, calls in enumerate(orders)],
    )


@given(st.integers(0, 100_000))
@settings(max_examples=60)
def test_a_reason_is_proved(seed: int) -> None:
    """Its change lets the visit in, and where it is one change, a second or a cup less does not."""
    problem = tiny(seed)
    plan = squeezed(problem)
    orders = orders_of(problem, plan)
    for visit, reasons in explain(problem, plan).items():
        assert {reason.van for reason in reasons} == set(range(len(problem.vans)))
        for reason in reasons:
            assert reason.position is not None
            calls, call = orders[reason.van], call_of(problem, visit)
            mended = relaxed(problem, visit, reason)
            order = (*calls[: reason.position], call, *calls[reason.position :])
            assert timetable(mended, reason.van, order).breaches == ()
            assert suits(mended, reason.van, visit)
            if len(reason.needs) == 1 and reason.needs[0].short:
                less = replace(reason, needs=(replace(reason.needs[0], short=reason.needs[0].short - 1),))
                still = relaxed(problem, visit, less)
                assert all(p.timetable.breaches for p in places(still, reason.van, calls, call))


@given(st.integers(0, 100_000))
@settings(max_examples=30)
def test_more_shift_is_never_asked_where_some_order_needs_none(seed: int) -> None:
    """Brute force over all orders: a lone visit on an empty van is refused only where no order serves it."""
    problem = replace(tiny(seed), visits=tiny(seed).visits[:1])
    plan = squeezed(problem)
    for visit, reasons in explain(problem, plan).items():
        for reason in reasons:
            for order in permutations((call_of(problem, visit),)):
                fits = not timetable(problem, reason.van, order).breaches and suits(
                    problem, reason.van, visit
                )
                assert not fits


def test_the_nearest_van_comes_first_with_its_shortfall() -> None:
    vans = (Van("V1", 0, 0, 450), Van("V2", 5, 0, 900))
    problem = in_a_row(vans, (day_visit("A", 1, 500, skills=frozenset({"care"})), day_visit("B", 1, 300)))
    able = replace(problem, visits=(replace(problem.visits[0], skills=frozenset()), problem.visits[1]))
    reasons = explain(able, plan_of(able, []))[0]
    assert [(r.van, r.code, r.needs[0].short) for r in reasons] == [
        (0, "shift_end", 250),
        (1, "shift_end", 400),
    ]
    lacking = explain(problem, plan_of(problem, []))[0]
    assert all(reason.code == "skills" and reason.needs[0].what == ("care",) for reason in lacking)


def test_cups_and_windows_are_named() -> None:
    van = Van("V1", 0, 0, 9000, cold_cups=2)
    drop = day_visit("S", 1, kind="dropoff", portions=(Portion(0, 5),))
    early = day_visit("A", 3, windows=(TimeWindow(0, 200),))
    problem = in_a_row((van,), (drop, early), (Item("soup", "cold", 600),))
    reasons = explain(problem, plan_of(problem, []))
    assert reasons[0][0].needs == (Need("capacity", 3, ("cold",)),)
    assert reasons[1][0].needs == (Need("window", 100),)


def test_where_no_road_leads_no_change_helps() -> None:
    problem = in_a_row((Van("V1", 0, 0, 9000),), (day_visit("A", 1),))
    cut = problem.seconds.copy()
    cut[0, 1] = cut[1, 0] = -1
    reason = explain(replace(problem, seconds=cut), plan_of(problem, []))[0][0]
    assert (reason.code, reason.position) == ("unreachable", None)


def test_minutes_of_shift_stand_at_the_top_only_where_they_are_enough() -> None:
    alone = as_json(Reason(0, (Need("shift_end", 840),), 1), van_id=3)
    assert (alone["van"], alone["code"], alone["short_s"]) == (3, "shift_end", 840)
    both = as_json(Reason(0, (Need("capacity", 2, ("hot",)), Need("shift_end", 840)), 1), van_id=3)
    assert "short_s" not in both
    assert say("en", both, "Van 3") == "Van 3 would need 2 more hot cups; +14 min of shift on Van 3 would do"


def test_every_reason_can_be_said_in_both_languages() -> None:
    for code in CODES:
        told = as_json(Reason(0, (Need(code, 60, ("hot",)),), 0), van_id=1)
        assert "3号车" in say("zh", told, "3号车")
        assert say("zh", told, "3号车") != say("en", told, "3号车")
    assert catalogue()["hot"] == "热饮"
