from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from routing.checker import violations
from routing.levels import plan_of
from routing.plan import Plan, Route, Stop
from routing.problem import (
    Break,
    Cell,
    Equipment,
    Item,
    Kitchen,
    Portion,
    Problem,
    Promise,
    Relation,
    TimeWindow,
    Van,
    Visit,
    frozen_matrix,
)
from routing.timetable import Call, route_of, timetable
from routing.violation import RULES, Rule
from tests.routing.instances import day_visit, in_a_row

ALL_DAY = TimeWindow(0, 20_000)
VAN = Van(
    "V1",
    0,
    100,
    8000,
    cold_cups=5,
    cold_aboard=4,
    skills=frozenset({"care"}),
    rest=Break(1000, 4000, 600),
    inside=np.ones(6, dtype=bool),
    in_beat_s=np.full((6, 6), 40, dtype=np.int32),
    leaves_by_s=400,
    overtime_s=2000,
    span_s=8500,
    patrolled_s=600,
    worked_s=9000,
    prefix=(0, 1),
)
OTHER = Van("V2", 5, 100, 8000, home=2, worked_s=1000)
VISITS = (
    day_visit(
        "A",
        1,
        windows=(TimeWindow(450, 3000),),
        skills=frozenset({"care"}),
        nap=TimeWindow(0, 600),
        promise=Promise(1, 450),
    ),
    day_visit("S1", 2, kind="dropoff", portions=(Portion(0, 4),), familiar=frozenset({1})),
    day_visit("S2", 3, kind="dropoff", windows=(TimeWindow(7000, 12_000),), portions=(Portion(0, 5),)),
    day_visit("B", 4, prize=7),
    day_visit("C", 4, equipment=frozenset({"climber"}), vans=frozenset({1}), service_by_van=(900, 400)),
    day_visit("D", 4, equipment=frozenset({"climber"}), vans=frozenset({0})),
    day_visit("E", 1, mandatory=True, promise=Promise(0, 10)),
)
PROBLEM = replace(
    in_a_row((VAN, OTHER), VISITS, (Item("soup", "cold", 0),)),
    cells=(Cell(2, frozenset({0, 1}), tour_s=200),),
    kitchens=(Kitchen(5, ALL_DAY, 300, 0), Kitchen(0, TimeWindow(0, 9000), 300, 5000)),
    equipment=(Equipment("climber"), Equipment("chair", 2)),
    centres=frozenset({3}),
    relations=(Relation("same_van", (0, 1, 6)), Relation("not_same_day", (2, 3))),
    pace=(100, 100, 150) * 8,
    noon_s=6000,
)
ORDERS = (
    (
        *(Call("visit", 0, in_nap=True), Call("dropoff", 1), Call("reload", 1), Call("pass", 0)),
        *(Call("handover", 3), Call("dropoff", 2), Call("visit", 5)),
    ),
    (Call("visit", 4), Call("handover", 3)),
)


def planned(problem: Problem, orders: tuple[tuple[Call, ...], ...]) -> Plan:
    """What the timetable makes of these calls, sound or not."""
    tables = [timetable(problem, van, calls).stops for van, calls in enumerate(orders)]
    return plan_of(problem, [route_of(problem, van, stops) for van, stops in enumerate(tables)])


PLAN = planned(PROBLEM, ORDERS)
STOPS = PLAN.routes[0].stops


def at(kind: str, nth: int = 0) -> int:
    """Where on the first route the nth stop of a kind is."""
    return [n for n, stop in enumerate(STOPS) if stop.kind == kind][nth]


def with_stops(*stops: Stop) -> Plan:
    """The plan with other stops on its first route, and the figures that they come to."""
    return plan_of(PROBLEM, [route_of(PROBLEM, 0, stops), *PLAN.routes[1:]])


def with_stop(n: int, **change: Any) -> Plan:
    """The plan with one stop of its first route altered and its figures mended."""
    return with_stops(*STOPS[:n], replace(STOPS[n], **change), *STOPS[n + 1 :])


def with_van(**change: Any) -> Problem:
    return replace(PROBLEM, vans=(replace(VAN, **change), OTHER))


def with_visit(n: int, **change: Any) -> Problem:
    return replace(PROBLEM, visits=(*VISITS[:n], replace(VISITS[n], **change), *VISITS[n + 1 :]))


def with_kitchen(**change: Any) -> Problem:
    return replace(PROBLEM, kitchens=(PROBLEM.kitchens[0], replace(PROBLEM.kitchens[1], **change)))


def no_road(origin: int, to: int) -> Problem:
    seconds = PROBLEM.seconds.copy()
    seconds[origin, to] = -1
    return replace(PROBLEM, seconds=frozen_matrix(seconds))


class Fault(NamedTuple):
    """A sound plan made unsound in one way: the rule that it breaks then, and no other."""

    rule: Rule
    plan: Plan = PLAN
    problem: Problem = PROBLEM


RELOAD, START, END, REST = at("reload"), at("start"), at("end"), at("break")
TWO = replace(PROBLEM, equipment=(Equipment("climber", 2),))
HANDED = at("handover")
BEFORE, AFTER = STOPS[HANDED], STOPS[HANDED + 1]
SOONER = with_stops(  # begins 10 s before it arrives; the next stop waits for its window anyway
    *STOPS[:HANDED],
    replace(BEFORE, begins_s=BEFORE.begins_s - 10, leaves_s=BEFORE.leaves_s - 10),
    replace(AFTER, arrives_s=AFTER.arrives_s - 10),
    *STOPS[HANDED + 2 :],
)

FAULTS = (
    Fault("route", with_stop(START, site=1)),
    Fault("route", with_stop(END, site=1)),
    Fault("route", with_stop(at("visit"), site=3)),
    Fault("route", with_stop(at("pass"), site=4)),
    Fault("route", with_stop(RELOAD, site=1)),
    Fault("route", with_stop(at("visit"), kind="dropoff")),
    Fault("route", replace(PLAN, routes=(replace(PLAN.routes[0], stops=STOPS[1:]), PLAN.routes[1]))),
    Fault("route", replace(PLAN, routes=(PLAN.routes[0], replace(PLAN.routes[1], van=9)))),
    Fault("route", replace(PLAN, routes=(replace(PLAN.routes[0], van=-1), PLAN.routes[1]))),
    Fault("order", SOONER),
    Fault("unreachable", problem=no_road(0, 1)),
    Fault("unreachable", problem=no_road(4, 0)),
    Fault("travel", with_stop(RELOAD, arrives_s=STOPS[RELOAD].arrives_s - 10)),
    Fault("travel", with_stop(RELOAD, arrives_s=STOPS[RELOAD].arrives_s + 10)),
    Fault("service", problem=with_visit(0, service_by_van=(301, 300))),
    Fault("service", problem=with_visit(4, service_by_van=())),
    Fault("service", problem=with_kitchen(service_s=301)),
    Fault("service", problem=with_van(rest=Break(1000, 4000, 601))),
    Fault("service", problem=replace(PROBLEM, cells=(replace(PROBLEM.cells[0], tour_s=199),))),
    Fault("shift", problem=with_van(leaves_by_s=349)),
    Fault("shift", problem=with_van(leaves_by_s=None)),
    Fault("shift", problem=replace(PROBLEM, vans=(replace(VAN, starts_s=351), OTHER))),
    Fault("shift", problem=with_van(overtime_s=PLAN.levels.overtime_s - 1)),
    Fault("span", problem=with_van(span_s=STOPS[-1].leaves_s - STOPS[0].leaves_s - 600 - 300 - 1)),
    Fault("window", problem=with_visit(0, windows=(TimeWindow(0, 449), TimeWindow(451, 3000)))),
    Fault("window", problem=with_visit(2, windows=(TimeWindow(7101, 12_000),))),
    Fault("break", problem=with_van(rest=None)),
    Fault("break", problem=with_van(rest=Break(STOPS[REST].begins_s + 1, 4000, 600))),
    Fault("break", problem=with_van(rest=Break(1000, STOPS[REST].begins_s - 1, 600))),
    Fault("break", problem=replace(PROBLEM, vans=(VAN, replace(OTHER, rest=Break(0, 1, 60))))),
    Fault("capacity", problem=with_van(cold_aboard=3)),
    Fault("capacity", problem=with_van(cold_cups=4)),
    Fault("food_clock", problem=with_van(batch_s=STOPS[at("dropoff")].leaves_s - 7201)),
    Fault("kitchen", problem=with_kitchen(ready_s=5001)),
    Fault("kitchen", problem=with_kitchen(window=TimeWindow(5001, 9000))),
    Fault("kitchen", problem=with_kitchen(window=TimeWindow(0, 4999))),
    Fault("skills", problem=with_van(skills=frozenset())),
    Fault("vans", problem=with_visit(1, vans=frozenset({1}))),
    Fault("vans", problem=with_visit(1, vans=frozenset())),
    Fault("beat", problem=replace(PROBLEM, cells=(replace(PROBLEM.cells[0], vans=frozenset({1})),))),
    Fault("handover", problem=replace(TWO, centres=frozenset({0}))),
    Fault("equipment", problem=replace(PROBLEM, noon_s=10)),
    Fault("equipment", problem=replace(PROBLEM, noon_s=20_000)),
    Fault("equipment", planned(PROBLEM, (ORDERS[0], ORDERS[1][:1]))),
    Fault("equipment", planned(PROBLEM, (ORDERS[0], (ORDERS[1][1], ORDERS[1][0])))),
    Fault("relation", problem=replace(PROBLEM, relations=(Relation("same_van", (0, 4)),))),
    Fault("relation", problem=replace(PROBLEM, relations=(Relation("not_same_day", (0, 4)),))),
    Fault("prefix", problem=with_van(prefix=(1, 0))),
    Fault("prefix", problem=with_van(prefix=(0, 3))),
    Fault("prefix", problem=replace(PROBLEM, vans=(replace(VAN, prefix=()), replace(OTHER, prefix=(0,))))),
    Fault("duplicate", replace(PLAN, unserved=(3, 6, 6))),
    Fault("duplicate", replace(PLAN, unserved=(0, 3, 6))),
    Fault("unserved", replace(PLAN, unserved=(3,))),
    Fault("unserved", replace(PLAN, unserved=(3, 6, 42))),
    Fault("totals", replace(PLAN, routes=(replace(PLAN.routes[0], patrol_s=1), PLAN.routes[1]))),
    Fault("totals", replace(PLAN, routes=(replace(PLAN.routes[0], drive_s=1), PLAN.routes[1]))),
    Fault("totals", replace(PLAN, routes=(replace(PLAN.routes[0], drive_m=1), PLAN.routes[1]))),
    *(Fault("levels", replace(PLAN, levels=replace(PLAN.levels, **{k: 99}))) for k in PLAN.levels.figures()),
)


def broken(problem: Problem, plan: Plan) -> set[Rule]:
    return {each.rule for each in violations(problem, plan)}


def test_a_sound_plan_of_all_rules_has_no_violation() -> None:
    assert violations(PROBLEM, PLAN) == ()
    kinds = {stop.kind for route in PLAN.routes for stop in route.stops}
    assert kinds == {"start", "visit", "dropoff", "reload", "break", "pass", "handover", "end"}
    assert STOPS[0].leaves_s > VAN.starts_s
    assert {name for name, value in PLAN.levels.figures().items() if value == 0} == {
        "sos_missed",
        "portions_missed",
    }


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{n}-{fault.rule}" for n, fault in enumerate(FAULTS)])
def test_each_fault_breaks_its_rule_and_no_other(fault: Fault) -> None:
    assert broken(fault.problem, fault.plan) == {fault.rule}


def test_every_rule_has_its_fault() -> None:
    assert {fault.rule for fault in FAULTS} == set(RULES)


OUT_S, BACK_S = STOPS[0].leaves_s, STOPS[-1].leaves_s
ENOUGH = (
    with_van(leaves_by_s=OUT_S),
    with_van(starts_s=OUT_S, leaves_by_s=None),
    with_van(overtime_s=PLAN.levels.overtime_s),
    with_van(span_s=BACK_S - OUT_S - 600 - 300),
    with_van(rest=Break(STOPS[REST].begins_s, STOPS[REST].begins_s, 600)),
    with_van(batch_s=STOPS[at("dropoff")].leaves_s - 7200),
    with_visit(0, windows=(TimeWindow(450, 450),)),
    with_kitchen(window=TimeWindow(5000, 5000)),
    replace(PROBLEM, vans=(VAN, replace(OTHER, rest=Break(0, PLAN.routes[1].stops[-1].arrives_s, 60)))),
)


@pytest.mark.parametrize("problem", ENOUGH)
def test_what_is_just_enough_breaks_nothing(problem: Problem) -> None:
    assert not broken(problem, PLAN) - {"levels"}  # another start is another time unseen


MORNING, AFTERNOON = TimeWindow(0, 4000), TimeWindow(5000, 9000)
CLIMBS = tuple(
    day_visit(name, 2, windows=(window,), equipment=frozenset({"climber"}))
    for name, window in (("M1", MORNING), ("M2", MORNING), ("A1", AFTERNOON), ("A2", AFTERNOON))
)


def handed(units: int, centres: set[int], *days: tuple[Van, tuple[Call, ...]]) -> set[Rule]:
    """What is broken when these vans do their calls, and no visit but theirs asks for anything."""
    problem = replace(
        in_a_row(tuple(van for van, _ in days), CLIMBS),
        equipment=(Equipment("climber", units),),
        centres=frozenset(centres),
        noon_s=5000,
    )
    return broken(problem, planned(problem, tuple(calls for _, calls in days)))


ONE, TWO_VANS = Van("V1", 0, 0, 9000), Van("V2", 0, 0, 9000)
FIRST, HAND, LATER = Call("visit", 0), Call("handover", 3), Call("visit", 2)


def test_a_thing_changes_vans_at_a_centre_after_its_last_use_and_before_its_first() -> None:
    assert handed(1, {3}, (ONE, (FIRST, HAND)), (replace(TWO_VANS, starts_s=1000), (HAND, LATER))) == set()
    too_soon = replace(TWO_VANS, starts_s=200)  # there at 500, the other leaves at 900
    assert handed(1, {3}, (ONE, (FIRST, HAND)), (too_soon, (HAND, LATER))) == {"equipment"}
    assert handed(1, {3}, (ONE, (FIRST, HAND)), (TWO_VANS, (LATER, HAND))) == {"equipment"}
    assert handed(1, {3}, (ONE, (HAND, FIRST)), (TWO_VANS, (HAND, LATER))) == {"equipment"}
    assert handed(1, {3}, (ONE, (FIRST, HAND)), (TWO_VANS, (LATER,))) == {"equipment"}
    assert handed(2, {3}, (ONE, (FIRST,)), (TWO_VANS, (LATER,))) == set()


def test_it_changes_vans_where_one_ends_its_day_and_another_begins_it() -> None:
    late = replace(TWO_VANS, starts_s=3000)
    assert handed(1, {0}, (ONE, (FIRST,)), (late, (LATER,))) == set()
    assert handed(1, {3}, (ONE, (FIRST,)), (late, (LATER,))) == {"equipment"}
    assert handed(1, {0}, (ONE, (FIRST,)), (TWO_VANS, (LATER,))) == {"equipment"}
    assert handed(1, {0, 1}, (replace(ONE, home=1), (FIRST,)), (late, (LATER,))) == {"equipment"}


def test_each_unit_is_handed_over_once() -> None:
    givers = [(ONE, (FIRST, HAND)), (replace(ONE, name="V3", home=1), (Call("visit", 1),))]
    late = replace(TWO_VANS, starts_s=1000)
    takers = [(late, (HAND, LATER)), (replace(late, name="V4"), (HAND, Call("visit", 3)))]
    assert handed(2, {3}, *givers, *takers) == {"equipment"}
    assert handed(3, {3}, *givers, *takers) == set()
    assert handed(2, {3}, (ONE, (FIRST, HAND)), (givers[1][0], (Call("visit", 1), HAND)), *takers) == set()


def test_two_breaks_are_too_many() -> None:
    rest = STOPS[REST]
    again = replace(rest, arrives_s=rest.leaves_s, begins_s=rest.leaves_s, leaves_s=rest.leaves_s + 600)
    plan = with_stops(*STOPS[: REST + 1], again, *STOPS[REST + 1 :])
    assert "2 breaks" in str([str(each) for each in violations(PROBLEM, plan)])


def test_a_van_has_one_route() -> None:
    assert "duplicate" in broken(PROBLEM, replace(PLAN, routes=(PLAN.routes[0], PLAN.routes[0])))


CORES = ("checker", "checker_levels", "checker_routes", "violation")


@pytest.mark.parametrize("name", CORES)
def test_the_checker_shares_nothing_with_what_makes_plans(name: str) -> None:
    """It takes rows from the problem and the plan, and works out everything itself."""
    nodes = list(ast.walk(ast.parse(Path(f"routing/{name}.py").read_text())))
    called = {n.func.attr for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}
    read = {n.attr for n in nodes if isinstance(n, ast.Attribute)}
    parts = [part for kind in (Problem, Van, Visit, Kitchen, Route) for part in vars(kind).items()]
    methods = {key for key, value in parts if callable(value)}
    properties = {key for key, value in parts if isinstance(value, property)} - {
        "cups"
    }  # a portion's row too
    assert methods >= {"drive_s", "service_on", "aboard"}
    assert properties >= {"ends_at", "from_s", "work_s"}
    assert not called & methods
    assert not read & properties
    modules = [n.module for n in nodes if isinstance(n, ast.ImportFrom) and n.module]
    ours = {module for module in modules if module.startswith(("fleet", "routing"))}
    assert ours <= {"routing.problem", "routing.plan", *(f"routing.{core}" for core in CORES)}
