import pytest

from fleet import sos_store
from fleet.errors import Conflict, NotFound
from fleet.main import dispatch
from fleet.sos import Case
from fleet.sos_webhook import Call
from tests.fleet.main.conftest import Desk
from tests.world import HOME, OPENS, seen


def called(desk: Desk) -> Case:
    with desk.context.engine.begin() as conn:
        return sos_store.create(
            conn, desk.world.district_id, "webhook:1", Call("k", "r1", "", None, None), OPENS
        )[0]


def test_the_receipt_says_why_each_other_van_was_not_sent(desk: Desk) -> None:
    near, far = desk.world.vans
    with desk.context.engine.begin() as conn:
        seen(conn, desk.world, far, (HOME[0] + 0.02, HOME[1]), desk.context.clock.now())
    case = called(desk)
    with desk.context.engine.begin() as conn:
        offered = dispatch.offer(conn, desk.context, case, by="account:1")
    (decision,) = offered.receipt.decisions
    assert decision.van_id == far
    assert {each.van_id: each.why for each in decision.candidates} == {far: "", near: "stale"}
    assert {each.basis for each in decision.candidates} == {"great-circle"}


def test_when_nobody_can_go_the_dispatcher_is_told_what_to_do(desk: Desk) -> None:
    case = called(desk)
    with pytest.raises(Conflict, match="120"), desk.context.engine.begin() as conn:
        dispatch.offer(conn, desk.context, case, by="account:1")
    with pytest.raises(NotFound), desk.context.engine.begin() as conn:
        dispatch.offer(conn, desk.context, case, by="account:1", van_id=999)
