"""Whatever happens on a running day, its plan is mended, soundly, and what changed is told."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pytest

from routing.checker import violations
from routing.place import Orders
from routing.problem import Item, Kitchen, Portion, Problem, Promise, TimeWindow, Van, frozen_matrix
from routing.running import Running, running
from routing.running_changes import stands
from routing.running_improve import Wish, plan_with
from routing.running_repair import (
    Event,
    NewVisit,
    NoShow,
    Repair,
    RoadClosed,
    ThermosCold,
    VanDown,
    repair,
)
from routing.search import Effort, solve
from routing.timetable import Call, timetable
from tests.routing.instances import day_visit, district, in_a_row
from tests.routing.problems import random_sample
from tests.routing.running_days import call_for_help, road, state_at

AT_ONCE = Wish(seconds=0)
NOON = 12 * 3600


@lru_cache(maxsize=1)
def day() -> Running:
    """A district's day at noon, three vans on the road."""
    problem = district(vans=3, visits=60, dropoffs=8, cells=12)
    plan = solve(problem, Effort(steps=600))
    return running(problem, plan, state_at(problem, plan, NOON))


def sound(found: Repair) -> Repair:
    """A repair whose both plans the checker accepts."""
    assert violations(found.problem, found.answered) == ()
    assert violations(found.problem, found.plan) == ()
    assert found.plan.levels <= found.answered.levels
    assert len(found.changes) == found.plan.levels.moved
    return found


def slower(problem: Problem, legs: set[tuple[int, int]], seconds: int) -> Problem:
    """The problem with other driving times on some legs; -1 where no road leads any more."""
    times, metres = problem.seconds.copy(), problem.metres.copy()
    for leg in legs:
        times[leg] = seconds
        metres[leg] = -1 if seconds < 0 else metres[leg]
    return replace(problem, seconds=frozen_matrix(times), metres=frozen_matrix(metres))


def served(found: Repair) -> set[int]:
    return {stop.visit for route in found.plan.routes for stop in route.stops if stop.visit is not None}


@pytest.mark.parametrize("site", [5, 20, 40])
@pytest.mark.parametrize("wish", [AT_ONCE, Wish(steps=300)])
def test_a_call_for_help_is_answered_soundly(site: int, wish: Wish) -> None:
    rest = day()
    found = sound(
        repair(rest.problem, rest.orders, NewVisit(call_for_help(rest.problem, site, NOON, 3600)), wish)
    )
    new = len(rest.problem.visits)
    assert new in served(found)
    assert [each.van for each in found.weighed if not each.why] == [
        route.van for route in found.answered.routes if any(stop.visit == new for stop in route.stops)
    ]
    assert {each.van for each in found.weighed} == {0, 1, 2}
    begins = {s.visit: s.begins_s for route in found.plan.routes for s in route.stops}
    assert begins[new] <= (found.weighed[0].begins_s or 0)


@pytest.mark.parametrize(
    "event", [NoShow(3), VanDown(1), ThermosCold(0, "cold"), ThermosCold(2, "hot"), None]
)
@pytest.mark.parametrize("wish", [AT_ONCE, Wish(steps=200)])
def test_every_other_event_leaves_a_sound_plan(event: Event | None, wish: Wish) -> None:
    rest = day()
    found = sound(repair(rest.problem, rest.orders, event, wish))
    if not isinstance(event, VanDown):
        assert found.over == 0


@pytest.mark.parametrize("seed", range(40))
def test_random_days_of_all_rules_are_mended_soundly(seed: int) -> None:
    sample = random_sample(seed)
    plan = plan_with(sample.problem, sample.orders)
    now_s = 11 * 3600
    rest = running(sample.problem, plan, state_at(sample.problem, plan, now_s))
    events: list[Event | None] = [
        None,
        NewVisit(call_for_help(rest.problem, len(sample.problem.sites) - 1, now_s)),
        VanDown(seed % len(rest.problem.vans)),
        ThermosCold(0, "hot"),
        RoadClosed(0),
    ]
    if rest.problem.visits:
        events.append(NoShow(0))
    for event in events:
        problem = rest.problem
        if isinstance(event, RoadClosed):
            problem = slower(problem, {(0, len(problem.sites) - 1)}, -1)
        sound(repair(problem, rest.orders, event, AT_ONCE))


def test_nobody_is_given_up_where_another_van_is_there_as_soon() -> None:
    problem, orders = road(1, 2)
    found = sound(repair(problem, orders, NewVisit(call_for_help(problem, 4, 0)), AT_ONCE))
    assert [(each.van, each.why) for each in found.weighed] == [(1, ""), (0, "later")]
    assert found.changes == ()


def test_an_optional_string_gives_way_and_finds_a_place_with_another_van() -> None:
    problem, orders = road(1, 2, 3)
    shut = tuple(replace(v, windows=(TimeWindow(0, 1500),)) for v in problem.visits)
    problem = replace(problem, visits=shut)
    found = sound(repair(problem, orders, NewVisit(call_for_help(problem, 0, 0, 60)), AT_ONCE))
    assert 3 in served(found) and found.answered.unserved == ()
    assert {each.what for each in found.changes} <= {"van", "time"}


def test_who_does_not_come_to_the_door_leaves_the_others_their_times() -> None:
    problem, orders = road(1, 2, 3)
    found = sound(repair(problem, orders, NoShow(0), AT_ONCE))
    assert served(found) == {1, 2}
    assert found.plan.levels.prize_missed == 0 and found.changes == ()


def test_a_van_that_is_down_hands_its_visits_over() -> None:
    problem, orders = road(1, 2, 3)
    locked = replace(problem, vans=(replace(problem.vans[0], prefix=(0,)), problem.vans[1]))
    found = sound(repair(locked, orders, VanDown(0), AT_ONCE))
    assert served(found) == {0, 1, 2}
    assert [(each.visit, each.what, each.van) for each in found.changes] == [
        (0, "van", 1),
        (1, "van", 1),
        (2, "van", 1),
    ]
    assert len(found.plan.routes[0].stops) == 2


def test_cold_food_waits_for_a_reload() -> None:
    drops = tuple(day_visit(f"S{n}", n, kind="dropoff", portions=(Portion(0, 4),)) for n in (1, 2))
    van = Van("V1", 0, 0, 20_000, hot_cups=9)
    kitchen = Kitchen(0, TimeWindow(0, 9000), 60, 0)
    problem = in_a_row((van,), drops, (Item("tea", "hot", 7200),), kitchens=(kitchen,))
    orders = ((Call("dropoff", 0), Call("dropoff", 1)),)
    found = sound(repair(problem, orders, ThermosCold(0, "hot"), AT_ONCE))
    assert served(found) == {0, 1}
    kinds = [stop.kind for stop in found.plan.routes[0].stops]
    assert kinds.index("reload") < kinds.index("dropoff")
    without = replace(problem, kitchens=())
    assert sound(repair(without, orders, ThermosCold(0, "hot"), AT_ONCE)).plan.unserved == (0, 1)


def test_a_closed_road_is_driven_round_or_waited_for() -> None:
    problem, orders = road(1, 2, 3)
    shut = slower(problem, {(1, 2), (2, 1)}, -1)
    assert served(sound(repair(shut, orders, RoadClosed(1), AT_ONCE))) == {0, 1, 2}
    slow = slower(problem, {(1, 2)}, 400)
    assert served(sound(repair(slow, orders, RoadClosed(1), AT_ONCE))) == {0, 1, 2}


def test_a_booking_breaks_no_promise() -> None:
    problem, orders = road(1, 2, 3)
    found = sound(repair(problem, orders, NewVisit(day_visit("new", 4)), AT_ONCE))
    assert 3 in served(found)
    assert found.changes == ()


@pytest.mark.parametrize("seed", range(40))
def test_what_is_moved_for_an_event_stays_within_the_budget(seed: int) -> None:
    """Only a call for help, or a mandatory visit that lost its place, may pass it."""
    sample = random_sample(seed)
    plan = plan_with(sample.problem, sample.orders)
    rest = running(sample.problem, plan, state_at(sample.problem, plan, 11 * 3600))
    optional = replace(rest.problem, visits=tuple(replace(v, mandatory=False) for v in rest.problem.visits))
    wish = Wish(budget=1, seconds=0)
    for van in range(len(optional.vans)):
        found = sound(repair(optional, rest.orders, VanDown(van), wish))
        # Without a mandatory visit nobody else's promise is moved: what is not kept is what the van had.
        late = _relieved(optional, rest.orders)
        assert late or all(each.forced for each in found.changes)
        assert late or found.over == 0
    for event in (VanDown(0), NoShow(0) if rest.problem.visits else None, ThermosCold(0, "hot")):
        found = sound(repair(rest.problem, rest.orders, event, wish))
        moved = sum(not each.forced for each in found.changes)
        assert found.over == max(0, moved - 1)
        if found.over and not _relieved(rest.problem, rest.orders):
            assert any(rest.problem.visits[n].mandatory for n in served(found))


def _relieved(problem: Problem, orders: Orders) -> bool:
    """Whether some van misses a limit before anything happens, so that calls must be given up anyway."""
    return any(timetable(problem, van, calls).breaches for van, calls in enumerate(orders))


def test_a_call_that_is_late_by_itself_may_not_be_moved_about_for_free() -> None:
    problem, orders = road(1, 2, 3, 4)
    early = replace(problem.visits[3], promise=Promise(0, 10))
    late = replace(problem, visits=(*problem.visits[:3], early))
    found = sound(repair(late, orders, None, AT_ONCE))
    assert [(each.visit, each.forced) for each in found.changes] == [(3, True)]
    standing = stands(late, orders)
    assert standing.visits[3].promise == Promise(0, 1300)


def test_a_mandatory_visit_that_lost_its_place_passes_the_budget_and_says_so() -> None:
    problem, orders = road(1, 2)
    tight = tuple(replace(v, windows=(TimeWindow(0, 1400),)) for v in problem.visits)
    grave = replace(tight[0], mandatory=True)
    other = day_visit("B", 4, 700, windows=(TimeWindow(0, 200),), promise=Promise(1, 100), mandatory=False)
    vans = (problem.vans[0], replace(problem.vans[1], ends_s=1600))
    problem = replace(problem, visits=(grave, tight[1], other), vans=vans)
    found = sound(repair(problem, (orders[0], (Call("visit", 2),)), VanDown(0), Wish(budget=0, seconds=0)))
    assert 0 in served(found)
    assert [each.visit for each in found.changes if not each.forced] == [2]
    assert found.over == 1
