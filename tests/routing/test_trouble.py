from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.change import Change
from routing.desk import Edit, edited, opened
from routing.place import squeeze
from routing.trouble import mends, troubles
from tests.routing.instances import district, tiny


@given(st.integers(0, 10_000), st.integers(0, 5), st.integers(0, 5))
@settings(max_examples=60)
def test_the_mends_of_a_broken_plan_leave_no_trouble(seed: int, visit: int, position: int) -> None:
    problem = tiny(seed)
    session = opened(problem, squeeze(problem, ((),) * len(problem.vans)))
    assert troubles(session) == ()
    n = visit % len(problem.visits)
    moved = edited(session, [Edit("add", n, visit % len(problem.vans), position)])
    found = troubles(moved)
    changes = mends(moved, found)
    if changes:
        mended = edited(moved, [Edit("change", change=change) for change in changes])
        assert troubles(mended) == ()
    codes = {each.code for each in found}
    assert bool(changes) == bool(found) or "unreachable" in codes


def test_a_visit_on_a_van_that_it_is_kept_off_is_told_once() -> None:
    problem = district(vans=2, visits=6, dropoffs=0, cells=0)
    problem = replace(problem, visits=tuple(replace(v, skills=frozenset()) for v in problem.visits))
    session = opened(problem, squeeze(problem, ((), ())))
    visit = session.orders[0][0].index
    put = edited(session, [Edit("forbid", visit, 0), Edit("move", visit, 0, 0)])
    told = [each for each in troubles(put) if each.code == "vans"]
    assert [(each.van, each.visit) for each in told] == [(0, visit)]
    assert mends(put, troubles(put)) == ()


def test_of_two_misses_of_one_limit_the_larger_is_mended() -> None:
    problem = district(vans=1, visits=6, dropoffs=0, cells=0)
    problem = replace(problem, visits=tuple(replace(v, skills=frozenset()) for v in problem.visits))
    session = opened(problem, squeeze(problem, ((),)))
    short = edited(session, [Edit("change", change=Change("shift", 0, minutes=-470))])
    changes = mends(short, troubles(short))
    assert [each.kind for each in changes].count("shift") <= 2
    assert changes
