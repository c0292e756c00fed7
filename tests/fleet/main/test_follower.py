import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa

from fleet import journal, sos, sos_store, tables
from fleet.main.follower import follow_next
from fleet.sos_webhook import Call
from tests.fleet.main.conftest import Desk
from tests.world import HOME, OPENS, seen


def store(
    desk: Desk, kind: str, t: datetime, body: dict[str, object] | None = None, van: int = 0
) -> uuid.UUID:
    identity = uuid.uuid4()
    with desk.context.engine.begin() as conn:
        conn.execute(
            tables.event.insert().values(
                terminal_id=desk.world.terminals[van], id=identity, district_id=desk.world.district_id,
                van_id=desk.world.vans[van], t=t, kind=kind, body=body or {}, received_at=t,
            )
        )  # fmt: skip
    return identity


def follow_all(desk: Desk) -> int:
    followed = 0
    while follow_next(desk.context):
        followed += 1
    return followed


def offered(desk: Desk) -> sos.Case:
    world, context = desk.world, desk.context
    with context.engine.begin() as conn:
        for van, east in zip(world.vans, (0.002, 0.03), strict=True):
            seen(conn, world, van, (HOME[0] + east, HOME[1]), context.clock.now())
        call = Call("k1", "r1", "", None, None)
        case, _ = sos_store.create(conn, world.district_id, "webhook:1", call, OPENS)
        decision = sos.Decision(OPENS, world.vans[0])
        return sos_store.transition(conn, world.district_id, case.id, sos.Offer(decision), OPENS)


def state_of(desk: Desk, case: sos.Case) -> sos.Case:
    with desk.context.engine.connect() as conn:
        return sos_store.get(conn, desk.world.district_id, case.id)


def test_a_tap_raises_the_state_once(desk: Desk) -> None:
    store(desk, "arrived", OPENS)
    store(desk, "reading", OPENS + timedelta(seconds=1), {"celsius": 64.0})
    assert follow_all(desk) == 2
    assert follow_all(desk) == 0
    with desk.context.engine.connect() as conn:
        entries = journal.since(conn, desk.world.district_id, 0)
    assert [(e.kind, e.body["tap"]) for e in entries] == [("tap", "arrived")]


def test_an_sos_is_driven_to_its_end_by_taps(desk: Desk) -> None:
    case = offered(desk)
    for minute, kind in enumerate(("accepted", "arrived", "done")):
        store(desk, kind, OPENS + timedelta(minutes=minute), {"task": f"sos:{case.id}"})
    assert follow_all(desk) == 3
    closed = state_of(desk, case)
    assert closed.state == "closed"
    assert closed.arrived_at == OPENS + timedelta(minutes=1)


def test_a_van_that_cannot_go_hands_the_call_to_the_next(desk: Desk) -> None:
    case = offered(desk)
    store(desk, "unable", OPENS, {"task": f"sos:{case.id}", "note": "轮胎"})
    follow_all(desk)
    now = state_of(desk, case)
    assert (now.state, now.van_id) == ("offered", desk.world.vans[1])
    assert [each.why for each in now.receipt.refusals] == ["轮胎"]


def test_a_step_that_is_not_possible_is_audited_and_holds_nobody_up(desk: Desk) -> None:
    case = offered(desk)
    store(desk, "accepted", OPENS, {"task": f"sos:{case.id}"}, van=1)
    store(desk, "arrived", OPENS, {"task": "sos:999999"})
    store(desk, "arrived", OPENS + timedelta(seconds=1))
    assert follow_all(desk) == 3
    assert state_of(desk, case).state == "offered"
    with desk.context.engine.connect() as conn:
        refused = conn.scalars(
            sa.select(tables.audit.c.action).where(tables.audit.c.result == "refused")
        ).all()
    assert sorted(refused) == ["event.accepted", "event.arrived"]


def test_a_crews_own_call_becomes_an_sos(desk: Desk) -> None:
    store(desk, "sos", OPENS, {"lon": HOME[0], "lat": HOME[1]})
    follow_all(desk)
    with desk.context.engine.connect() as conn:
        (case,) = sos_store.list_open(conn, desk.world.district_id)
    assert (case.state, case.source) == ("called", f"terminal:{desk.world.terminals[0]}")


def test_a_call_without_a_place_is_where_the_van_was_last(desk: Desk) -> None:
    with desk.context.engine.begin() as conn:
        conn.exec_driver_sql(
            "INSERT INTO van_state (van_id, district_id, t, terminal_id, digest, lon, lat, received_at) "
            "VALUES (%s, %s, %s, 1, 1, %s, %s, %s)",
            (desk.world.vans[0], desk.world.district_id, OPENS, *HOME, OPENS),
        )
    store(desk, "sos", OPENS, {})
    follow_all(desk)
    with desk.context.engine.connect() as conn:
        (case,) = sos_store.list_open(conn, desk.world.district_id)
    assert (case.lon, case.lat) == HOME
