from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.parts import Group, Most, parted
from routing.parts_asked import asked_together
from tests.routing.instances import district
from tests.routing.problems import Sample, samples
from tests.routing.wide_days import on_earth


@given(samples(), st.integers(1, 3), st.integers(2, 12))
@settings(max_examples=60, deadline=None)
def test_each_unserved_visit_is_asked_about_once(sample: Sample, vans: int, places: int) -> None:
    problem, most = on_earth(sample.problem), Most(vans, places)
    served = {c.index for calls in sample.orders for c in calls if c.kind in ("visit", "dropoff")}
    unserved = set(range(len(problem.visits))) - served
    tied = {n for relation in problem.relations for n in relation.visits}
    asked = list(asked_together(problem, parted(problem, sample.orders, most), unserved, most))
    assert all(group.vans for group in asked)
    for n in unserved:
        times = sum(n in group.visits for group in asked)
        assert times == 1 or (n in tied and times >= 1)


def test_tables_are_no_larger_than_a_part() -> None:
    problem, most = on_earth(district(vans=1, visits=60, dropoffs=0, cells=4)), Most(4, 20)
    groups = parted(problem, ((),), most)
    asked = list(asked_together(problem, groups, set(range(60)), most))
    assert len(asked) > 2
    assert all(len(group.visits) + 4 <= most.places for group in asked)


def test_without_vans_nobody_is_asked() -> None:
    problem = district(vans=1, visits=3, dropoffs=0, cells=0)
    assert list(asked_together(problem, [Group((), (0,), ())], {0}, Most())) == []
