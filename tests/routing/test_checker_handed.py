from __future__ import annotations

from dataclasses import replace

from routing.checker import violations
from routing.levels import plan_of
from routing.problem import Equipment, Van
from routing.timetable import Call, route_of, timetable
from tests.routing.instances import day_visit, in_a_row


def test_a_dozen_things_change_vans_at_noon() -> None:
    """All pairings of twelve givers and twelve takers are more than anybody could try."""

    def van(n: int, starts_s: int, ends_s: int) -> Van:
        return Van(f"V{n}", 0, starts_s, ends_s)

    half = 12
    vans = tuple(van(n, 0, 5_000) if n < half else van(n, 50_000, 60_000) for n in range(2 * half))
    visits = tuple(
        day_visit(f"A{n}", 1, equipment=frozenset({"climber"}), vans=frozenset({n})) for n in range(2 * half)
    )
    problem = in_a_row(vans, visits, equipment=(Equipment("climber", half),), centres=frozenset({0}))
    plan = plan_of(
        problem,
        [route_of(problem, n, timetable(problem, n, [Call("visit", n)]).stops) for n in range(2 * half)],
    )
    assert violations(problem, plan) == ()
    fewer = replace(problem, equipment=(Equipment("climber", half - 1),))
    assert {each.rule for each in violations(fewer, plan)} == {"equipment"}
    apart = replace(problem, centres=frozenset({5}))
    assert [each.detail for each in violations(apart, plan)] == [
        "climber would have to change vans 12 times, 0 times it can"
    ]
