from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.desk import edited, plan, touched
from routing.desk_session import Edit, Session, best_naps, held_first, no_worse, opened, timed, with_calls
from routing.levels import plan_of
from routing.patrol import fill
from routing.place import squeeze
from routing.problem import Cell, Item, Portion, TimeWindow, Van
from routing.timetable import Call, route_of, timetable
from tests.routing.instances import day_visit, district, in_a_row, tiny


def filled(seed: int) -> Session:
    problem = tiny(seed)
    return opened(problem, fill(problem, squeeze(problem, ((),) * len(problem.vans))))


def test_calls_that_are_set_are_timed_and_the_other_vans_stay() -> None:
    problem = district(vans=2, visits=6, dropoffs=0, cells=0)
    session = opened(problem, squeeze(problem, ((), ())))
    after = with_calls(session, 0, session.orders[0][1:])
    assert after.tables[0] == timetable(problem, 0, after.orders[0])
    assert after.tables[1] is session.tables[1]
    assert timed(problem, 1, session.orders[1]) == (session.orders[1], session.tables[1])


by_hand = st.lists(
    st.tuples(
        st.sampled_from(["move", "add", "remove"]),
        st.booleans(),
        st.integers(0, 20),
        st.integers(-1, 1),
        st.one_of(st.none(), st.integers(0, 8)),
    ),
    max_size=6,
)


@given(st.integers(0, 10_000), by_hand)
@settings(max_examples=60)
def test_reloads_and_passes_go_where_a_hand_puts_them_and_visits_stay(
    seed: int, done: list[tuple[str, bool, int, int, int | None]]
) -> None:
    session = filled(seed)
    visits = sorted(plan(session).unserved)
    for kind, reload, which, van, position in done:
        stands = [
            (v, n) for v, calls in enumerate(session.orders) for n, c in enumerate(calls)
            if c.kind in ("reload", "pass")
        ]  # fmt: skip
        if kind == "add":
            many = len(session.problem.kitchens if reload else session.problem.cells)
            if not many:
                continue
            call = Call("reload", which % many) if reload else Call("pass", which % many)
            edit = Edit("add", -1, van, position, call=call)
        elif stands:
            origin = stands[which % len(stands)]
            call = session.orders[origin[0]][origin[1]]
            edit = Edit(kind, -1, van, position, origin=origin)  # type: ignore[arg-type]
        else:
            continue
        before, session = session, edited(session, [edit])
        counts = [sum(calls.count(call) for calls in each.orders) for each in (before, session)]
        change = {"move": 0, "add": 1, "remove": -1}[kind]
        assert counts[1] == counts[0] + change or call.kind == "pass" or before.tables != session.tables
        if call.kind == "reload":
            assert counts[1] == counts[0] + change
        if kind != "remove" and van >= 0 and position is not None and call.kind == "pass":
            assert session.orders[van][min(position, len(session.orders[van]) - 1)] == call
        assert sorted(plan(session).unserved) == visits
        for n in range(len(session.tables)):
            assert session.tables[n] == timetable(session.problem, n, session.orders[n])
        assert set(touched(before, session)) <= {0, 1}


def test_a_pass_that_is_put_in_by_hand_costs_and_gains_at_once() -> None:
    problem = district(vans=1, visits=4, dropoffs=0, cells=6)
    session = opened(problem, squeeze(problem, ((),)))
    after = edited(session, [Edit("add", call=Call("pass", 2))])
    assert [call.kind for call in after.orders[0]].count("pass") == 1
    assert plan(after).levels.patrol_short_min < plan(session).levels.patrol_short_min
    routes = [route_of(problem, 0, after.tables[0].stops)]
    assert plan(after).levels == plan_of(problem, routes).levels


def test_passes_stay_where_an_edit_breaks_what_they_have_no_part_in() -> None:
    cells = (Cell(1, frozenset({0}), tour_s=100), Cell(3, frozenset({0}), tour_s=100))
    van = Van("V1", 0, 0, 2000, cold_cups=2)
    early = day_visit("E", 2, windows=(TimeWindow(0, 350),))
    drop = day_visit("S", 4, 100, kind="dropoff", portions=(Portion(0, 5),))
    problem = in_a_row((van,), (early, drop), (Item("soup", "cold", 90_000),), cells=cells)
    first, last = Call("pass", 0), Call("pass", 1)
    session = opened(problem, ((first, Call("visit", 0), last),))
    assert not session.tables[0].breaches
    # Too many cups: that is no matter of passes.
    after = edited(session, [Edit("add", 1, 0, 3)])
    assert [breach.code for breach in after.tables[0].breaches] == ["capacity"]
    assert after.orders[0][:3] == session.orders[0]
    # A visit that is too late because of one pass: that one alone goes.
    narrow = replace(problem, visits=(replace(early, windows=(TimeWindow(0, 250),)), drop))
    calls, table = timed(narrow, 0, after.orders[0])
    assert [call.kind for call in calls] == ["visit", "pass", "dropoff"]
    assert [breach.code for breach in table.breaches] == ["capacity"]


@given(st.integers(0, 10_000), st.integers(0, 9), st.integers(-1, 1), st.integers(0, 9))
@settings(max_examples=60)
def test_an_edit_leaves_passes_that_worsen_nothing_and_no_others(
    seed: int, which: int, van: int, position: int
) -> None:
    session = filled(seed)
    visit = which % len(session.problem.visits)
    after = edited(session, [Edit("move", visit, van, position if van >= 0 else None)])
    for n, calls in enumerate(after.orders):
        if calls == session.orders[n]:
            continue
        bare = best_naps(after.problem, n, [call for call in calls if call.kind != "pass"])[1]
        assert not bare.breaches or no_worse(after.tables[n], bare)


def test_the_first_stops_are_held_in_their_order_and_let_go() -> None:
    problem = district(vans=2, visits=8, dropoffs=0, cells=4)
    session = opened(problem, squeeze(problem, ((), ())))
    first = [call.index for call in session.orders[0]][:2]
    held = edited(session, [Edit("hold", van=0, position=2)])
    assert held.problem.vans[0].prefix == held.free.vans[0].prefix == tuple(first)
    assert touched(session, held) == (0,)
    put = edited(held, [Edit("move", session.orders[1][0].index, 0, 0)])
    assert [call.index for call in put.orders[0] if call.kind == "visit"][:2] == first
    assert edited(held, [Edit("hold", van=0, position=0)]).problem.vans[0].prefix == ()
    begun = held_first(replace(session, begun=(1, 0)), 0, first)
    assert begun.problem.vans[0].prefix == tuple(first)
