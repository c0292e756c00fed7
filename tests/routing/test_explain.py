from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

import numpy as np
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from fleet.words import catalogue
from routing.checker import violations
from routing.explain import CODES, Need, Reason, as_json, explain, orders_of, relaxed, say, with_visit
from routing.levels import plan_of
from routing.place import call_of, squeeze
from routing.plan import Plan
from routing.problem import (
    Cell,
    Container,
    Equipment,
    Item,
    Kitchen,
    Portion,
    Problem,
    Relation,
    TimeWindow,
    Van,
    frozen_matrix,
)
from routing.reason import size_of
from routing.search import plan_along
from routing.timetable import Call, route_of, timetable
from tests.routing.instances import day_visit, in_a_row, tiny
from tests.routing.problems import random_sample
from tests.routing.proofs import faults, single_changes, thinned, tried

FIXED = frozenset({"skills", "vans", "same_van", "not_same_day"})
"""Needed wherever on the route the visit would be."""
DECIDED = frozenset({"equipment", "prefix", "reload", "fits", "patrol", "unseen", "start"})


def squeezed(problem: Problem) -> Plan:
    orders = squeeze(problem, ((),) * len(problem.vans))
    return plan_of(
        problem,
        [route_of(problem, v, timetable(problem, v, calls).stops) for v, calls in enumerate(orders)],
    )


@given(st.integers(0, 100_000), st.booleans())
@settings(max_examples=30)
def test_a_reason_is_proved(seed: int, thorough: bool) -> None:
    """Its changes let the visit in where it says, by timetable and checker; anything less does not."""
    problem, plan = thinned(seed, thorough=thorough)
    assume(not violations(problem, plan))
    orders = orders_of(problem, plan)
    for visit, reasons in explain(problem, plan).items():
        assert {reason.van for reason in reasons} == set(range(len(problem.vans)))
        assert list(reasons) == sorted(reasons, key=lambda each: each.nearness)
        for reason in reasons:
            if reason.position is None:
                assert {need.code for need in reason.needs} & {"road", "unreachable"}
                continue
            order = with_visit(problem, orders[reason.van], visit, reason)
            assert not timetable(relaxed(problem, visit, reason), reason.van, order).breaches
            assert not faults(problem, plan, orders[reason.van], (visit, reason))
            for less in lessened(reason):
                assert faults(problem, plan, orders[reason.van], (visit, less))


def handed(problem: Problem, calls: tuple[Call, ...], visit: int) -> bool:
    """Whether equipment, of which brute force knows nothing, hangs on a van's times."""
    on = {call.index for call in calls if call.kind in ("visit", "dropoff")} | {visit}
    return any(problem.visits[n].equipment for n in on) or any(call.kind == "handover" for call in calls)


def lessened(reason: Reason) -> Iterator[Reason]:
    """The reason with one of its needs left out, or a second, a cup, a unit smaller."""
    for n, need in enumerate(reason.needs):
        if need.code in ("fits", "patrol", "unseen"):
            continue
        kept = (*reason.needs[:n], *reason.needs[n + 1 :])
        yield replace(reason, needs=kept)
        if need.short > 1:
            yield replace(reason, needs=(*kept, replace(need, short=need.short - 1)))


@given(st.integers(0, 100_000))
@settings(max_examples=20)
@example(65442)  # the nearest way leaves later; the timetable, whose break comes first, does not look at it
def test_nothing_smaller_would_do(seed: int) -> None:
    """Brute force over all positions and all there can be more of, the other calls keeping their order."""
    problem, plan = thinned(seed)
    assume(not violations(problem, plan))
    orders = orders_of(problem, plan)
    for visit, reasons in explain(problem, plan).items():
        for reason in reasons:
            fixed = tuple(need for need in reason.needs if need.code in FIXED)
            amounts = [need for need in reason.needs if need.code not in FIXED]
            if problem.vans[reason.van].prefix or any(need.code in DECIDED for need in amounts):
                continue
            if handed(problem, orders[reason.van], visit):
                continue
            free = relaxed(problem, visit, replace(reason, needs=fixed))
            least = min(single_changes(free, reason.van, orders[reason.van], visit), default=None)
            if least is not None:
                assert len(amounts) <= 1
                assert sum(size_of(need) for need in amounts) <= least


@given(st.integers(0, 100_000))
@settings(max_examples=20)
def test_where_never_is_said_no_order_serves_it(seed: int) -> None:
    """Brute force over all orders of all that a van could call on, reloads too, judged by the checker."""
    problem, _ = random_sample(seed)
    problem = replace(
        problem, visits=problem.visits[:3], cells=(), relations=(), kitchens=problem.kitchens[:1]
    )
    problem = replace(problem, vans=tuple(replace(van, prefix=()) for van in problem.vans))
    rng = np.random.default_rng(seed)
    cut = problem.seconds.copy()
    cut[rng.random(cut.shape) < 0.5] = -1
    np.fill_diagonal(cut, 0)
    problem = replace(problem, seconds=frozen_matrix(cut))
    empty = plan_of(problem, [])
    for visit, reasons in explain(problem, empty).items():
        for reason in reasons:
            if any(never(problem, visit, reason.van, need) for need in reason.needs):
                assert not any(serves(problem, reason.van, order) for order in orders_with(problem, visit))


def never(problem: Problem, visit: int, van: int, need: Need) -> bool:
    """Whether no order of any calls would do without this need."""
    if need.code == "capacity":
        container: Container = "hot" if need.what == ("hot",) else "cold"
        return problem.cups_of(problem.visits[visit], container) > problem.vans[van].cups(container)
    return need.code in ("skills", "vans", "unreachable")


def orders_with(problem: Problem, visit: int) -> Iterator[tuple[Call, ...]]:
    """All orders of some of the calls, a visit among them."""
    every = [call_of(problem, n) for n in range(len(problem.visits))]
    every += [Call("reload", n) for n in range(len(problem.kitchens))]
    for length in range(1, len(every) + 1):
        for order in permutations(every, length):
            if every[visit] in order:
                yield order


def serves(problem: Problem, van: int, order: tuple[Call, ...]) -> bool:
    """Whether the checker has nothing against a van's calls in an order."""
    return not violations(
        problem, plan_of(problem, [route_of(problem, van, timetable(problem, van, order).stops)])
    )


@given(st.integers(0, 100_000))
@settings(max_examples=30)
def test_more_shift_is_never_asked_where_some_order_needs_none(seed: int) -> None:
    """A lone visit on an empty van needs something only where the van cannot serve it as it is."""
    problem = replace(tiny(seed), visits=tiny(seed).visits[:1])
    plan = squeezed(problem)
    for visit, reasons in explain(problem, plan).items():
        for reason in reasons:
            assert not serves(problem, reason.van, (call_of(problem, visit),))
            assert reason.code != "fits"


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


def test_where_a_reload_would_do_it_is_named_with_its_place_and_hour() -> None:
    van = Van("V1", 0, 0, 90_000, cold_cups=5, cold_aboard=2)
    drop = day_visit("S", 1, kind="dropoff", portions=(Portion(0, 5),))
    problem = in_a_row((van,), (drop,), (Item("soup", "cold", 90_000),))
    problem = replace(problem, kitchens=(Kitchen(0, TimeWindow(600, 9000), 300, 0),))
    (reason,) = explain(problem, plan_of(problem, []))[0]
    (need,) = reason.needs
    assert (need.code, need.what, need.at_s) == ("reload", (problem.sites[0].name,), 600)
    assert [call.kind for call in with_visit(problem, (), 0, reason)] == ["reload", "dropoff"]
    assert as_json(reason, 7)["needs"][0]["at"] == "00:10"


def test_decisions_that_stand_in_the_way_are_named() -> None:
    vans = (Van("V1", 0, 0, 90_000), Van("V2", 0, 0, 90_000, prefix=()))
    first = day_visit("A", 1, equipment=frozenset({"climber"}))
    second = day_visit("B", 1, equipment=frozenset({"climber"}), vans=frozenset({0}))
    problem = replace(
        in_a_row(vans, (first, second)),
        equipment=(Equipment("climber"),),
        relations=(Relation("same_van", (0, 1)), Relation("not_same_day", (0, 1))),
    )
    plan = plan_of(problem, [route_of(problem, 0, timetable(problem, 0, (call_of(problem, 0),)).stops)])
    near, far = explain(problem, plan)[1]
    assert [need.code for need in near.needs] == ["not_same_day"]
    assert [need.code for need in far.needs] == ["vans", "same_van", "not_same_day", "equipment"]
    assert [need.van for need in far.needs] == [None, 0, None, 0]
    assert as_json(far, 8, (7, 8))["needs"][3]["other"] == 7


def test_a_locked_beginning_gives_way_where_nothing_else_would_do_alone() -> None:
    van = Van("V1", 0, 0, 1300, prefix=(0,))
    early = day_visit("B", 1, windows=(TimeWindow(0, 100),))
    late = day_visit("A", 2, windows=(TimeWindow(0, 900),))
    problem = in_a_row((replace(van, prefix=(0,)),), (late, early))
    plan = plan_of(problem, [route_of(problem, 0, timetable(problem, 0, (call_of(problem, 0),)).stops)])
    (reason,) = explain(problem, plan)[1]
    assert (reason.needs, reason.position) == ((Need("prefix", 1),), 0) or reason.needs[0].code == "window"


def test_a_van_that_may_leave_later_need_not_work_longer() -> None:
    van = Van("V1", 0, 0, 90_000, span_s=1000)
    problem = in_a_row((van,), (day_visit("A", 1, windows=(TimeWindow(5000, 6000),)),))
    (reason,) = explain(problem, plan_of(problem, []))[0]
    assert [need.code for need in reason.needs] == ["start"]


def test_a_shift_that_is_over_and_one_with_overtime_are_told_apart() -> None:
    vans = (Van("V1", 0, 5000, 5000), Van("V2", 0, 0, 100, overtime_s=60))
    problem = in_a_row(vans, (day_visit("A", 1),))
    reasons = {reason.van: reason for reason in explain(problem, plan_of(problem, []))[0]}
    assert reasons[0].code == "ended"
    assert reasons[1].needs[0].what == ("overtime",)
    assert "beyond its overtime" in say("en", as_json(reasons[1], 2), "Van 2")


def test_a_dropoff_that_would_cost_patrol_says_how_much() -> None:
    """Patrol stands above portions, so the passes stay and the cups wait."""
    seconds = in_a_row((Van("V1", 0, 0, 4000),), (day_visit("A", 1),)).seconds
    inside = np.zeros(len(seconds), np.bool_)
    inside[2] = True
    van = Van("V1", 0, 0, 4000, cold_cups=9, inside=inside, in_beat_s=frozen_matrix(np.zeros(seconds.shape)))
    drop = day_visit("S", 1, 900, kind="dropoff", portions=(Portion(0, 5),))
    problem = in_a_row((van,), (drop,), (Item("soup", "cold", 90_000),))
    problem = replace(problem, cells=(Cell(2, frozenset({0}), tour_s=600),), patrol_target_s=90_000)
    plan = plan_along(problem, ((),), thorough=False)
    (reason,) = explain(problem, plan)[0]
    assert [need.code for need in reason.needs] == ["patrol"]
    lost_min = reason.needs[0].short // 60
    assert lost_min > 0
    after = tried(problem, plan, (), (0, replace(reason, needs=()))).levels
    assert after.patrol_short_min >= plan.levels.patrol_short_min + lost_min


def test_where_no_road_leads_no_change_helps() -> None:
    problem = in_a_row((Van("V1", 0, 0, 9000),), (day_visit("A", 1),))
    cut = problem.seconds.copy()
    cut[0, 1] = cut[1, 0] = -1
    # Frozen as all tables are: for others the compiled parts would be compiled once more.
    reason = explain(replace(problem, seconds=frozen_matrix(cut)), plan_of(problem, []))[0][0]
    assert (reason.code, reason.position) == ("road", None)
    cut[:, 1] = -1
    reason = explain(replace(problem, seconds=frozen_matrix(cut)), plan_of(problem, []))[0][0]
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
