from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.change import Change
from routing.checker import violations
from routing.desk import Edit, Pin, Session, best_place, edited, opened, plan, room, touched
from routing.patrol import fill
from routing.place import squeeze
from routing.timetable import timetable
from tests.routing.instances import district, tiny


def session_of(seed: int) -> Session:
    problem = tiny(seed)
    return opened(problem, squeeze(problem, ((),) * len(problem.vans)))


def served(session: Session) -> list[int]:
    return sorted(c.index for calls in session.orders for c in calls if c.kind in ("visit", "dropoff"))


edits = st.lists(
    st.tuples(
        st.sampled_from(["move", "add", "remove", "lock", "unlock", "forbid", "allow"]),
        st.integers(0, 5),
        st.integers(0, 1),
        st.one_of(st.none(), st.integers(0, 6)),
    ),
    max_size=8,
)


@given(st.integers(0, 10_000), edits)
@settings(max_examples=60)
def test_whatever_is_done_each_visit_stands_once_at_most_and_times_are_those_of_its_calls(
    seed: int, done: list[tuple[str, int, int, int | None]]
) -> None:
    session = session_of(seed)
    for kind, visit, van, position in done:
        edit = Edit(kind, visit % len(session.problem.visits), van % len(session.tables), position)  # type: ignore[arg-type]
        session = edited(session, [edit])
        if kind in ("move", "add"):
            found = session.where(edit.visit)
            assert found is not None and found[0] == edit.van
        if kind == "remove":
            assert session.where(edit.visit) is None
    once = served(session)
    assert len(once) == len(set(once))
    for van, calls in enumerate(session.orders):
        assert session.tables[van] == timetable(session.problem, van, calls)
    made = plan(session)
    assert sorted([*once, *made.unserved]) == list(range(len(session.problem.visits)))
    feasible = not any(table.breaches for table in session.tables)
    rules = {each.rule for each in violations(session.problem, made)}
    assert not feasible or rules <= {"skills", "vans"}


@given(st.integers(0, 10_000))
@settings(max_examples=40)
def test_an_edit_leaves_the_other_vans_and_the_earlier_session_alone(seed: int) -> None:
    before = session_of(seed)
    visits = served(before)
    if not visits:
        return
    after = edited(before, [Edit("remove", visits[0])])
    (van,) = touched(before, after)
    where = before.where(visits[0])
    assert where is not None and where[0] == van
    assert touched(before, before) == ()


@given(st.integers(0, 10_000))
@settings(max_examples=40)
def test_the_best_place_breaks_nothing_where_some_place_does_not(seed: int) -> None:
    session = session_of(seed)
    for visit in served(session)[:2]:
        without = edited(session, [Edit("remove", visit)])
        assert room(without, visit)
        found = best_place(without, visit)
        assert found is not None
        again = edited(without, [Edit("add", visit)])
        assert not any(table.breaches for table in again.tables)


def test_passes_give_way_to_a_call_and_as_many_stay_as_have_time() -> None:
    problem = district(vans=1, visits=10, dropoffs=0, cells=12, side_m=2500)
    visits = tuple(replace(v, skills=frozenset()) for v in problem.visits)
    problem = replace(problem, visits=visits)
    session = opened(problem, fill(problem, squeeze(problem, ((),))))
    passes = sum(call.kind == "pass" for call in session.orders[0])
    long = replace(visits[0], service_s=3 * 3600)
    tight = replace(problem, visits=(long, *visits[1:]))
    after = edited(opened(tight, session.orders), [Edit("move", 0, 0, None)])
    left = sum(call.kind == "pass" for call in after.orders[0])
    assert not after.tables[0].breaches
    assert left < passes


def test_a_lock_moves_a_visit_and_holds_it_and_a_ban_sends_it_away() -> None:
    problem = district(vans=2, visits=8, dropoffs=0, cells=0)
    problem = replace(problem, visits=tuple(replace(v, skills=frozenset()) for v in problem.visits))
    session = opened(problem, squeeze(problem, ((), ())))
    visit = session.orders[0][0].index
    locked = edited(session, [Edit("lock", visit, 1)])
    where = locked.where(visit)
    assert where is not None and where[0] == 1
    assert locked.problem.visits[visit].vans == frozenset({1})
    assert locked.free.visits[visit].vans is None
    free = edited(locked, [Edit("unlock", visit)])
    assert free.pins == {} and free.problem.visits[visit].vans is None
    banned = edited(free, [Edit("forbid", visit, 1)])
    found = banned.where(visit)
    assert found is None or found[0] == 0
    assert banned.pins[visit] == Pin(None, frozenset({1}))
    assert room(edited(banned, [Edit("remove", visit)]), visit) in ((), (0,))
    assert edited(banned, [Edit("allow", visit, 1)]).pins == {}


def test_a_change_times_everybody_anew() -> None:
    problem = district(vans=2, visits=8, dropoffs=0, cells=0)
    session = opened(problem, squeeze(problem, ((), ())))
    assert not any(table.breaches for table in session.tables)
    short = edited(session, [Edit("change", change=Change("shift", -1, minutes=-465))])
    assert any(table.breaches for table in short.tables)
    back = edited(short, [Edit("change", change=Change("shift", -1, minutes=465))])
    assert not any(table.breaches for table in back.tables)
    assert all(a.begins_s <= b.begins_s for table in back.tables for a, b in pairwise(table.stops))
