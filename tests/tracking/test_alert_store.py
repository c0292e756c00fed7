from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from fleet.errors import Conflict, InvalidInput, NotFound
from tests.world import OPENS, World, people
from tracking import alert_books, alert_store
from tracking.alarm_rules import DEFAULTS, changed
from tracking.alarms import Condition

MINUTE = timedelta(minutes=1)


def raised(conn: sa.Connection, world: World, code: str = "gps_lost") -> int:
    rule = DEFAULTS[code]
    found = Condition(code, f"van:{world.vans[0]}", rule.severity, OPENS - 10 * MINUTE, world.vans[0])
    (told,) = alert_books.reconcile_moment(conn, world.district_id, [found], DEFAULTS, OPENS)
    return told.alert_id


def steps(conn: sa.Connection, alert_id: int) -> list[tuple[int, str, str]]:
    return [(each.n, each.step, each.actor) for each in alert_store.steps(conn, alert_id)]


def test_the_first_name_stays(conn: sa.Connection) -> None:
    world = people(conn)
    alert_id = raised(conn, world)
    kept = alert_store.acknowledge(conn, world.district_id, alert_id, by="李建国", at=OPENS)
    assert (kept.acked_by, kept.acked_at) == ("李建国", OPENS)
    with pytest.raises(Conflict, match="李建国 has already acknowledged"):
        alert_store.acknowledge(conn, world.district_id, alert_id, by="王芳", at=OPENS)
    assert steps(conn, alert_id) == [(1, "raised", "watch"), (2, "acknowledged", "李建国")]


def test_a_shelf_ends_by_itself_or_by_hand(conn: sa.Connection) -> None:
    world = people(conn)
    alert_id = raised(conn, world)
    until = OPENS + 15 * MINUTE
    kept = alert_store.shelve(conn, world.district_id, alert_id, until=until, by="李建国", at=OPENS)
    assert kept.is_shelved(until - MINUTE) and not kept.is_shelved(until)
    assert alert_books.return_expired(conn, world.district_id, until - MINUTE) == []
    (back,) = alert_books.return_expired(conn, world.district_id, until)
    assert (back.alert_id, back.change) == (alert_id, "unshelved")
    assert alert_books.return_expired(conn, world.district_id, until) == []
    alert_store.shelve(conn, world.district_id, alert_id, until=until + MINUTE, by="李建国", at=until)
    kept = alert_store.unshelve(conn, world.district_id, alert_id, by="王芳", at=until)
    assert kept.shelved_until is None
    assert [step for _, step, _ in steps(conn, alert_id)] == [
        "raised", "shelved", "unshelved", "shelved", "unshelved",
    ]  # fmt: skip


def test_what_cannot_be_shelved_says_why(conn: sa.Connection) -> None:
    world = people(conn)
    alert_id, until = raised(conn, world), OPENS + 15 * MINUTE
    for wrong in (OPENS, OPENS + timedelta(hours=13)):
        with pytest.raises(InvalidInput, match="up to 12 hours"):
            alert_store.shelve(conn, world.district_id, alert_id, until=wrong, by="x", at=OPENS)
    alert_books.reconcile_moment(conn, world.district_id, [], DEFAULTS, OPENS)
    with pytest.raises(Conflict, match="has ended"):
        alert_store.shelve(conn, world.district_id, alert_id, until=until, by="x", at=OPENS)
    call = raised(conn, world, "sos_unseen")
    with pytest.raises(InvalidInput, match="call for help"):
        alert_store.shelve(conn, world.district_id, call, until=until, by="x", at=OPENS)


def test_another_district_s_alert_is_not_there(conn: sa.Connection) -> None:
    world = people(conn)
    alert_id = raised(conn, world)
    with pytest.raises(NotFound):
        alert_store.acknowledge(conn, world.district_id + 1, alert_id, by="x", at=OPENS)


def test_a_district_s_limits_lie_over_the_defaults(conn: sa.Connection) -> None:
    world = people(conn)
    assert alert_store.rules_of(conn, world.district_id) == DEFAULTS
    own = changed(DEFAULTS["offline"], enabled=False, severity="info", threshold=900, on_delay_s=30)
    for _ in range(2):
        alert_store.set_rule(conn, world.district_id, own, by="王芳", at=OPENS)
    assert alert_store.rules_of(conn, world.district_id) == {**DEFAULTS, "offline": own}


def test_history_is_filtered_by_van_and_rule(conn: sa.Connection) -> None:
    world = people(conn)
    alert_id = raised(conn, world)
    day = (OPENS - timedelta(hours=12), OPENS + timedelta(hours=12))

    def listed(**which: object) -> list[int]:
        van_id, code = which.get("van_id"), which.get("code")
        found = alert_store.between(
            conn, world.district_id, day, van_id=van_id if isinstance(van_id, int) else None,
            code=code if isinstance(code, str) else None,
        )  # fmt: skip
        return [each.id for each in found]

    assert listed() == listed(van_id=world.vans[0]) == listed(code="gps_lost") == [alert_id]
    assert listed(van_id=world.vans[1]) == listed(code="late") == []
    assert [each.id for each in alert_store.lately(conn, world.district_id, day[0])] == [alert_id]
