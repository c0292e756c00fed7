from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from routing.checker import violations
from routing.problem import Equipment
from routing.units import holders, units_of, units_used
from tests.routing.problems import Sample, planned, samples


@given(samples())
@settings(max_examples=40)
def test_so_many_units_satisfy_the_checker_and_one_less_does_not(sample: Sample) -> None:
    problem, orders = sample
    plan = planned(problem, orders)
    stops = {route.van: route.stops for route in plan.routes}
    for thing in problem.equipment:
        used = units_used(problem, thing.code, stops)
        assert units_of(problem, thing.code) == thing.units
        assert (used > 0) == bool(holders(problem, thing.code, stops))
        for units in (used, max(0, used - 1)):
            others = [each for each in problem.equipment if each.code != thing.code]
            plenty = (*(replace(each, units=9) for each in others), Equipment(thing.code, units))
            found = violations(replace(problem, equipment=plenty), plan)
            assert any(each.rule == "equipment" for each in found) == (units < used)
