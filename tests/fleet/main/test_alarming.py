"""The watch, end to end on a small district: what it finds, whom it tells, and that it is told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from fleet import journal, registry, sos, sos_store, tables
from fleet.clock import Clock
from fleet.context import Context
from fleet.main import alarming
from fleet.main.alarming import Watch
from fleet.sos_webhook import Call
from tests.fleet.main.conftest import Desk
from tests.world import CENTRE, DAY, OPENS
from tracking import alert_store
from tracking.day_proof import proof_of_day


def put_fixes(
    desk: Desk, starts: datetime, seconds: int, *, van: int = 0, received: datetime | None = None,
    speed_mps: float = 8.0, every_s: int = 10,
) -> None:  # fmt: skip
    """Fixes of a van that goes to and fro by its depot."""
    world = desk.world
    rows = [
        {
            "van_id": world.vans[van], "t": starts + timedelta(seconds=s),
            "terminal_id": world.terminals[van],
            "digest": s, "geom": f"SRID=4326;POINT({CENTRE[0] + 0.0005 * (s // every_s % 2)} {CENTRE[1]})",
            "speed_mps": speed_mps, "received_at": received or starts + timedelta(seconds=s),
        }
        for s in range(0, seconds, every_s)
    ]  # fmt: skip
    with desk.context.engine.begin() as conn:
        conn.exec_driver_sql(
            "CREATE TABLE IF NOT EXISTS fix_day PARTITION OF fix"
            " FOR VALUES FROM ('2026-07-19 16:00+00') TO ('2026-07-21 16:00+00')"
        )
        conn.execute(tables.fix.insert(), rows)


def look(desk: Desk, watch: Watch, behind_s: float = 0.0) -> list[tuple[str, str]]:
    with desk.context.engine.connect() as conn:
        district = registry.district(conn, desk.world.district_id)
    return [(each.code, each.change) for each in watch.look_at(district, behind_s)]


def told_by_journal(desk: Desk) -> list[tuple[str, str]]:
    with desk.context.engine.connect() as conn:
        entries = journal.since(conn, desk.world.district_id, 0)
    return [(each.body["code"], each.body["change"]) for each in entries if each.kind == "alert"]


def only(desk: Desk, *codes: str) -> None:
    """Switch every other rule off: the small district has vans that never left."""
    with desk.context.engine.begin() as conn:
        for code, rule in alert_store.rules_of(conn, desk.world.district_id).items():
            own = {"enabled": code in codes, "severity": rule.severity, "threshold": rule.threshold}
            values = {"district_id": desk.world.district_id, "code": code, "on_delay_s": rule.on_delay_s}
            conn.execute(
                tables.alert_rule.insert().values(**own, **values, updated_at=OPENS, updated_by="test")
            )


def test_a_silence_is_told_once_then_taken_back_by_its_backlog(desk: Desk) -> None:
    only(desk, "offline")
    put_fixes(desk, OPENS - timedelta(minutes=60), 3000)
    watch = Watch(desk.context)
    assert look(desk, watch) == [("offline", "raised")]
    assert look(desk, watch) == []
    put_fixes(desk, OPENS - timedelta(minutes=10), 590, received=OPENS + timedelta(seconds=1))
    assert look(desk, watch) == [("offline", "withdrawn")]
    assert told_by_journal(desk) == [("offline", "raised"), ("offline", "withdrawn")]


def test_a_server_that_starts_later_finds_the_same(desk: Desk) -> None:
    only(desk, "offline")
    put_fixes(desk, OPENS - timedelta(minutes=60), 3000)
    assert look(desk, Watch(desk.context)) == [("offline", "raised")]
    assert look(desk, Watch(desk.context)) == []


def test_speed_found_afterwards_is_history(desk: Desk) -> None:
    only(desk, "overspeed")
    put_fixes(desk, OPENS - timedelta(minutes=20), 60, speed_mps=30.0)
    assert look(desk, Watch(desk.context)) == []
    assert told_by_journal(desk) == []
    with desk.context.engine.connect() as conn:
        day = (OPENS - timedelta(days=1), OPENS + timedelta(days=1))
        (one,) = alert_store.between(conn, desk.world.district_id, day)
    assert (one.historical, one.body) == (True, {"top_kmh": 108})


def test_speed_now_is_told_now(desk: Desk) -> None:
    only(desk, "overspeed")
    put_fixes(desk, desk.context.clock.now() - timedelta(seconds=58), 60, speed_mps=30.0)
    assert look(desk, Watch(desk.context)) == [("overspeed", "raised")]


def test_a_call_that_nobody_sees_for_a_minute_is_told_until_it_is_seen(desk: Desk) -> None:
    only(desk, "sos_unseen")
    watch, district_id = Watch(desk.context), desk.world.district_id
    with desk.context.engine.begin() as conn:
        call = Call("k1", "r1", "", None, None)
        case, _ = sos_store.create(conn, district_id, "webhook:1", call, OPENS - timedelta(seconds=61))
    assert look(desk, watch) == [("sos_unseen", "raised")]
    account = desk.as_("dispatcher")
    assert account is not None
    with desk.context.engine.begin() as conn:
        by = conn.scalar(sa.select(tables.account.c.id))
        sos_store.transition(conn, district_id, case.id, sos.See(OPENS, int(by or 0)), OPENS)
    assert look(desk, watch) == [("sos_unseen", "ended")]


def test_vans_that_never_left_are_told_after_a_quarter_of_an_hour(desk: Desk) -> None:
    watch = Watch(desk.context)
    assert look(desk, watch) == [("shift_not_started", "raised")] * 2


def test_a_server_that_cannot_store_is_told_while_it_lasts(desk: Desk) -> None:
    only(desk, "server_behind")
    watch = Watch(desk.context)
    assert look(desk, watch, 15.0) == []
    assert look(desk, watch, 31.0) == [("server_behind", "raised")]
    assert look(desk, watch) == [("server_behind", "ended")]


def test_two_sockets_are_one_alert(desk: Desk) -> None:
    only(desk, "two_sockets")
    watch = Watch(desk.context)
    body = {"code": "two_sockets", "terminal": 1, "van": desk.world.vans[0]}
    for _ in range(2):
        with desk.context.engine.begin() as conn:
            journal.raise_state(conn, desk.world.district_id, desk.context.clock.now(), "alert", body)
    assert look(desk, watch) == [("two_sockets", "raised")]
    assert look(desk, watch) == []


def test_a_past_day_is_counted_again(desk: Desk) -> None:
    only(desk, "overspeed")
    put_fixes(desk, OPENS - timedelta(minutes=20), 60, speed_mps=30.0)
    district_id, now = desk.world.district_id, desk.context.clock.now()
    with desk.context.engine.begin() as conn:
        for van_id in (desk.world.vans[0], desk.world.vans[0], 9999):
            assert alarming.recount(conn, district_id, van_id, DAY, now) == []
        day = (OPENS - timedelta(days=1), OPENS + timedelta(days=1))
        assert len(alert_store.between(conn, district_id, day)) == 1


def test_the_books_of_a_past_day_keep_its_alerts_and_leave_today_to_the_watch(desk: Desk) -> None:
    only(desk, "overspeed")
    put_fixes(desk, OPENS - timedelta(minutes=20), 60, speed_mps=30.0)
    world = desk.world

    def kept_after(context: Context) -> int:
        with context.engine.begin() as conn:
            proof = proof_of_day(conn, world.district_id, world.vans[0], DAY, context.clock.now())
            alarming.keep_alerts(conn, context, proof)
            day = (OPENS - timedelta(days=1), OPENS + timedelta(days=1))
            return len(alert_store.between(conn, world.district_id, day))

    assert kept_after(desk.context) == 0
    tomorrow = replace(desk.context, clock=Clock.opening(OPENS + timedelta(days=1)))
    assert kept_after(tomorrow) == 1
    assert told_by_journal(desk) == []
