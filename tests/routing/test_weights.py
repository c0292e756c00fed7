from __future__ import annotations

from dataclasses import replace

from routing.weights import leg_costs, weights_of
from tests.routing.instances import district


def test_each_level_outweighs_all_below_it() -> None:
    problem = district()
    weights = weights_of(problem)
    span_s = sum(van.ends_s - van.starts_s for van in problem.vans)
    cups = sum(visit.cups for visit in problem.visits)
    prizes = sum(v.prize for v in problem.visits if v.kind == "visit" and not v.mandatory)
    assert weights.cup > span_s
    assert weights.prize > weights.cup * cups
    assert weights.mandatory > weights.prize * prizes
    assert weights.mandatory * len(problem.visits) < 2**62


def test_a_leg_costs_more_off_the_beat_and_only_driving_without_beats() -> None:
    problem = district()
    assert (leg_costs(problem, 0) >= problem.seconds).all()
    plain = replace(problem, vans=tuple(replace(v, inside=None, in_beat_s=None) for v in problem.vans))
    assert (leg_costs(plain, 0) == problem.seconds).all()
