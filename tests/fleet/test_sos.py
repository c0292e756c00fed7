"""The life of a call: what is legal, what never runs backwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import Conflict
from fleet.sos import (
    STATES,
    Accept,
    Arrive,
    Candidate,
    Case,
    Close,
    Decision,
    Decline,
    Offer,
    See,
    Transition,
    step,
    waiting_on,
)

CALLED = datetime(2026, 7, 22, 2, 0, tzinfo=UTC)


def at(second: float) -> datetime:
    """A moment after the call."""
    return CALLED + timedelta(seconds=second)


def new_call() -> Case:
    """A call nobody has looked at."""
    return Case(12, 1, "webhook:1", "k", None, "刘*珍", "滨河社区", 115.98, 36.45, "called", None, CALLED)


def offer(van_id: int, second: float) -> Offer:
    """An offer with a receipt of one candidate."""
    return Offer(Decision(at(second), van_id, (Candidate(van_id, 240),), (71,)))


def test_a_call_runs_to_its_end() -> None:
    case = new_call()
    for change in (
        See(at(5), 3),
        offer(2, 6),
        Accept(at(20), 2),
        Arrive(at(300), 2),
        Close(at(900), "helped"),
    ):
        case = step(case, change)
    assert case.state == "closed"
    assert case.outcome == "helped"
    assert case.seen_by == 3
    assert case.arrived_at == at(300)
    assert case.receipt.decisions[0].eta_s == 240


def test_an_unable_van_hands_the_call_to_the_next() -> None:
    case = step(step(new_call(), See(at(5), 3)), offer(2, 6))
    case = step(step(case, Accept(at(9), 2)), Decline(at(60), 2, "flat tyre"))
    assert (case.state, case.van_id, case.accepted_at) == ("seen", None, None)
    assert case.receipt.refused_vans == {2}
    case = step(case, offer(4, 61))
    assert (case.state, case.van_id) == ("offered", 4)
    assert [each.van_id for each in case.receipt.decisions] == [2, 4]


def test_an_offer_may_run_ahead_of_the_person() -> None:
    case = step(step(new_call(), offer(2, 1)), See(at(30), 3))
    assert (case.state, case.seen_at) == ("offered", at(30))
    with pytest.raises(Conflict, match="already been acknowledged"):
        step(case, See(at(31), 4))


def test_only_the_van_that_was_asked_may_answer() -> None:
    case = step(new_call(), offer(2, 1))
    with pytest.raises(Conflict, match="with van 2, not with van 5"):
        step(case, Accept(at(2), 5))
    with pytest.raises(Conflict, match="already offered to van 2"):
        step(case, offer(2, 3))
    with pytest.raises(Conflict, match="state is offered"):
        step(case, Arrive(at(3), 2))


def test_a_lagging_terminal_does_not_turn_time_back() -> None:
    case = step(step(new_call(), offer(2, 10)), Accept(at(-500), 2))
    assert case.accepted_at == at(10)


def test_who_keeps_the_call_waiting() -> None:
    case = new_call()
    assert waiting_on(case, at(70)) == ("person", 10)
    case = step(case, See(at(70), 3))
    assert waiting_on(case, at(80)) == ("van", -20)
    case = step(step(case, offer(2, 81)), Accept(at(90), 2))
    assert waiting_on(case, at(90)) == ("road", -810)
    assert waiting_on(step(case, Arrive(at(91), 2)), at(99)) is None


_seconds = st.integers(-100, 2000).map(at)
_vans = st.integers(1, 3)
_changes: st.SearchStrategy[Transition] = st.one_of(
    st.builds(See, _seconds, st.integers(1, 2)),
    st.builds(Offer, st.builds(Decision, _seconds, _vans, st.just(()))),
    st.builds(Accept, _seconds, _vans),
    st.builds(Decline, _seconds, _vans),
    st.builds(Arrive, _seconds, _vans),
    st.builds(Close, _seconds),
)


@given(st.lists(_changes, max_size=20))
def test_any_sequence_keeps_the_rules(changes: list[Transition]) -> None:
    case = new_call()
    for change in changes:
        try:
            after = step(case, change)
        except Conflict:
            continue
        assert case.is_open
        # Steps go up one rung at a time, save for handing back and closing.
        if not isinstance(change, (Decline, Close, Offer)):
            assert STATES.index(after.state) - STATES.index(case.state) in (0, 1)
        assert (after.van_id is not None) >= (after.state in ("offered", "accepted", "arrived"))
        decisions = case.receipt.decisions
        assert after.receipt.decisions[: len(decisions)] == decisions
        stamps = [after.called_at, after.offered_at, after.accepted_at, after.arrived_at, after.closed_at]
        known = [stamp for stamp in stamps if stamp is not None]
        assert known == sorted(known)
        case = after
    if case.is_open:
        assert step(case, Close(at(3000))).state == "closed"
    else:
        with pytest.raises(Conflict, match="closed"):
            step(case, Close(at(3000)))
