"""Calls in the database: taken in once, stepped under a lock, told to screens and vans."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from fleet import journal, outbox, sos_store, tables
from fleet.errors import Conflict, NotFound
from fleet.sos import Accept, Arrive, Candidate, Close, Decision, Decline, Offer, See
from fleet.sos_webhook import Call, sign, verify
from tests.replay.seeding import LAT, LON, MORNING, Seeded, add, seed

CALL = Call("k1", "E0", "", None, None)


@pytest.fixture
def here(conn: sa.Connection) -> Seeded:
    """A small district."""
    return seed(conn)


def test_a_repeated_call_is_the_same_call(conn: sa.Connection, here: Seeded) -> None:
    first, new = sos_store.create(conn, here.district_id, "webhook:1", CALL, MORNING)
    again, anew = sos_store.create(conn, here.district_id, "webhook:1", CALL, MORNING + timedelta(1))
    assert (new, anew) == (True, False)
    assert first == again
    assert (first.who, first.place, first.lon) == ("刘*珍", "地点H1", 116.0)
    other, new = sos_store.create(conn, here.district_id, "webhook:2", CALL, MORNING)
    assert new
    assert [each.id for each in sos_store.list_open(conn, here.district_id)] == [first.id, other.id]
    assert journal.current(conn, here.district_id) == 2


def test_a_bare_point_is_named_by_what_is_near(conn: sa.Connection, here: Seeded) -> None:
    def place_of(key: str, lon: float) -> str:
        call = Call(key, None, "", lon, LAT)
        return sos_store.create(conn, here.district_id, "terminal:1", call, MORNING)[0].place

    assert place_of("a", LON + 0.009) == "≈ 地点S1"
    assert place_of("b", LON + 1) == ""


def test_a_call_whose_elder_is_unknown_is_refused(conn: sa.Connection, here: Seeded) -> None:
    with pytest.raises(NotFound, match="E9"):
        sos_store.create(conn, here.district_id, "webhook:1", Call("k", "E9", "", None, None), MORNING)


def test_every_step_is_told_to_those_concerned(conn: sa.Connection, here: Seeded) -> None:
    near, far = here.vans
    case, _ = sos_store.create(
        conn, here.district_id, "account:1", Call("k", None, "公园", 116.0, 36.4), MORNING
    )

    def take(change: See | Offer | Accept | Decline | Arrive | Close) -> None:
        sos_store.transition(conn, here.district_id, case.id, change, MORNING)

    take(See(MORNING, here.account_id))
    take(Offer(Decision(MORNING, near, (Candidate(near, 240), Candidate(far, 900)))))
    take(Accept(MORNING, near))
    take(Decline(MORNING, near, "flat tyre"))
    take(Offer(Decision(MORNING, far, (Candidate(far, 880),))))
    take(Accept(MORNING, far))
    take(Arrive(MORNING, far))
    take(Close(MORNING, "helped"))
    told = [
        [(each.kind, each.body.get("eta_s")) for each in outbox.after(conn, van, 0)] for van in (near, far)
    ]
    assert told == [[("task", 240), ("withdraw", None)], [("task", 880), ("withdraw", None)]]
    states = [entry.body["state"] for entry in journal.since(conn, here.district_id, 0)]
    assert states == [
        "called",
        "seen",
        "offered",
        "accepted",
        "seen",
        "offered",
        "accepted",
        "arrived",
        "closed",
    ]
    kept = sos_store.get(conn, here.district_id, case.id)
    assert [each.van_id for each in kept.receipt.decisions] == [near, far]
    assert kept.receipt.refused_vans == {near}
    assert sos_store.list_open(conn, here.district_id) == []
    assert sos_store.list_between(conn, here.district_id, MORNING, MORNING + timedelta(1)) == [kept]


def test_an_illegal_step_changes_nothing(conn: sa.Connection, here: Seeded) -> None:
    case, _ = sos_store.create(conn, here.district_id, "webhook:1", CALL, MORNING)
    with pytest.raises(Conflict, match="state is called"):
        sos_store.transition(conn, here.district_id, case.id, Arrive(MORNING, here.vans[0]), MORNING)
    assert sos_store.get(conn, here.district_id, case.id) == case
    assert journal.current(conn, here.district_id) == 1


def test_a_district_sees_its_own_only(conn: sa.Connection, here: Seeded) -> None:
    other = seed(conn, "另一区")
    case, _ = sos_store.create(conn, here.district_id, "webhook:1", CALL, MORNING)
    with pytest.raises(NotFound):
        sos_store.get(conn, other.district_id, case.id)
    offer = Offer(Decision(MORNING, other.vans[0]))
    with pytest.raises(NotFound, match="van"):
        sos_store.transition(conn, here.district_id, case.id, offer, MORNING)


def test_a_revoked_webhook_is_not_found(conn: sa.Connection, here: Seeded) -> None:
    hook_id = add(conn, tables.webhook, district_id=here.district_id, name="手环", created_at=MORNING)
    hook = sos_store.find_webhook(conn, hook_id)
    assert (hook.district_id, hook.source) == (here.district_id, f"webhook:{hook_id}")
    secret = hook.secret(b"k" * 32)
    verify(secret, sign(secret, b"{}", MORNING), b"{}", MORNING)
    conn.execute(tables.webhook.update().values(revoked_at=MORNING))
    with pytest.raises(NotFound, match="revoked"):
        sos_store.find_webhook(conn, hook_id)
