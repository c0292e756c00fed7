from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.checker import violations
from routing.explain import explain
from routing.levels import plan_of, seen_from
from routing.parts import Most, parted
from routing.parts_cut import Cutter
from routing.problem import Legs
from routing.vetting import vet
from tests.routing.problems import Sample, planned, random_sample, samples
from tests.routing.wide_days import laid_from, on_earth, wide


@given(samples(), st.integers(1, 3), st.integers(0, 1))
@settings(max_examples=60, deadline=None)
def test_a_part_is_the_whole_seen_from_its_vans(sample: Sample, vans: int, turn: int) -> None:
    """What routes come to in a part they come to in the whole day; the judge agrees by the parts' legs."""
    whole = on_earth(sample.problem)
    plan, lay, cutter = planned(whole, sample.orders), laid_from(whole), Cutter(wide(whole))
    routes = {route.van: route for route in plan.routes}
    drives: dict[tuple[int, int], tuple[int, int]] = {}
    in_beat_s: dict[tuple[int, int, int], int] = {}
    near: dict[int, Mapping[int, int]] = {}
    for group in parted(whole, sample.orders, Most(vans, 1000), turn):
        part = cutter.cut(group, sample.orders)
        laid = lay(part)
        orders = part.orders(sample.orders)
        there = planned(laid, orders)
        assert part.whole_orders(orders) == {van: sample.orders[van] for van in group.vans}
        assert part.whole_routes(there) == {van: routes[van] for van in group.vans}
        assert part.routes(routes) == list(there.routes)
        assert [v for v in violations(laid, there) if v.rule != "equipment"] == []
        legs = part.legs(laid, there)
        drives.update(legs.drives)
        in_beat_s.update(legs.in_beat_s)
        near.update(legs.near)
    judged = replace(wide(whole), legs=Legs(drives, in_beat_s, near))
    vet(judged)
    joined = plan_of(judged, plan.routes)
    assert joined == plan
    assert violations(judged, joined) == ()


@given(samples())
@settings(max_examples=40, deadline=None)
def test_cells_are_seen_from_the_same_sites(sample: Sample) -> None:
    whole = on_earth(sample.problem)
    cutter, lay = Cutter(wide(whole)), laid_from(whole)
    for group in parted(whole, sample.orders, Most(1, 1000)):
        part = cutter.cut(group, sample.orders)
        near = part.legs(lay(part), planned(lay(part), part.orders(sample.orders))).near
        for cell in part.cells:
            assert sorted(near[cell]) == seen_from(whole, cell)


def test_the_judge_finds_a_leg_that_the_tables_do_not_have() -> None:
    whole = on_earth(random_sample(11).problem)
    plan = planned(whole, random_sample(11).orders)
    assert any(len(route.stops) > 3 for route in plan.routes)
    found = violations(replace(wide(whole), legs=Legs()), plan)
    assert {each.rule for each in found} == {"unreachable"}


def test_reasons_name_the_rows_of_the_whole_day() -> None:
    """Two groups' reasons, in the whole day's numbers, are among those of the whole day."""
    whole = on_earth(random_sample(5).problem)
    orders = tuple(() for _ in whole.vans)
    plan = plan_of(whole, planned(whole, orders).routes)
    every, lay, told = explain(whole, plan), laid_from(whole), 0
    for group in parted(whole, orders, Most(1, 1000)):
        part = Cutter(wide(whole)).cut(group, orders)
        laid = lay(part)
        routes = {route.van: route for route in plan.routes}
        for visit, reasons in explain(laid, plan_of(laid, part.routes(routes))).items():
            for reason in map(part.whole_reason, reasons):
                asked = whole.visits[part.visits[visit]]
                if not asked.equipment and not asked.portions:
                    assert reason in every[part.visits[visit]]
                    told += 1
    assert told
