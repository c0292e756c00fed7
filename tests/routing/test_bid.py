from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.bid import bids
from routing.desk import Edit, edited, plan
from routing.trouble import troubles
from tests.routing.test_desk import session_of
from tests.routing.test_desk_relax import DAYS


@given(st.integers(0, 10_000), st.integers(0, 5), st.booleans())
@settings(max_examples=40, deadline=None)
def test_every_van_bids_what_its_edits_come_to_and_none_breaks_a_rule(
    seed: int, which: int, proved: bool
) -> None:
    session = session_of(seed)
    visit = which % len(session.problem.visits)
    where, known = session.where(visit), set(troubles(session))
    found = bids(session, visit, proved=proved)
    assert sorted(bid.van for bid in found) == list(range(len(session.problem.vans)))
    assert [bid.van for bid in found if bid.here] == ([] if where is None else [where[0]])
    free = [bid.levels for bid in found if bid.free and not bid.here]
    assert free == sorted(free, key=lambda each: tuple(each.figures().values()) if each else ())
    for bid in found:
        if bid.levels is None:
            assert not bid.edits
            assert bid.reason or bid.broken, "who cannot have it says why"
            continue
        after = edited(session, bid.edits)
        assert plan(after).levels == bid.levels
        at = after.where(visit)
        assert at is not None
        assert at[0] == bid.van
        assert set(troubles(after)) <= known


def test_a_van_without_room_names_the_smallest_change_and_has_its_edits() -> None:
    for code, staged in DAYS.items():
        session = staged.session()
        (bid,) = (each for each in bids(session, 0, proved=True) if each.van == staged.van)
        assert bid.edits, code
        if bid.reason is None:
            assert code in ("fits", "patrol", "unseen")
            continue
        assert code in {need.code for need in bid.reason.needs}
        assert not bid.free
    # Without proofs what the move would break is said instead.
    (bid,) = bids(DAYS["shift_end"].session(), 0, proved=False)
    assert (bid.edits, [each.code for each in bid.broken]) == ((), ["shift_end"])


def test_a_served_visit_is_asked_about_as_if_it_were_out() -> None:
    session = edited(DAYS["fits"].session(), [Edit("add", 0)])
    (bid,) = bids(session, 0, proved=True)
    assert (bid.here, bid.levels, bid.edits) == (True, plan(session).levels, ())
