"""The watch, end to end on a small district: what it finds, whom it tells, and that it is told once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import shapely
import sqlalchemy as sa

from fleet import journal, sos, sos_store, tables
from fleet.clock import Clock, wall_now
from fleet.context import Context
from fleet.geo import LonLat, destination
from fleet.main import alarming
from fleet.main.alarming import Watch
from fleet.sos_webhook import Call
from fleet.units import ms_of
from maps import share_store, share_tries
from maps.scope import Scope
from maps.share_store import NewShare
from tests.fleet.main.alarms import look, only, put_fixes, told_by_journal
from tests.fleet.main.conftest import Desk
from tests.world import CENTRE, DAY, HOME, OPENS
from tracking import alert_store, fence_store
from tracking.day_proof import proof_of_day
from tracking.fence import Told
from tracking.fence_terms import Draft
from tracking.fences import Sighting
from tracking.passage import Passage


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


def test_a_link_that_wrong_passwords_lock_is_one_alert_until_it_is_taken_back(desk: Desk) -> None:
    only(desk, "share_locked")
    watch, district_id, wall = Watch(desk.context), desk.world.district_id, wall_now()
    desk.as_("dispatcher")
    with desk.context.engine.begin() as conn:
        by = conn.scalar(sa.select(tables.account.c.id)) or 0
        wanted = NewShare(district_id, "家属", Scope(60), by, wall + timedelta(hours=1), "stored")
        share_id, _ = share_store.create(conn, wanted, wall)
        for address in (b"here", b"there"):
            for _ in range(share_tries.MAX_OF_ADDRESS):
                share_tries.settle(conn, share_id, address, wall, right=False)
    assert look(desk, watch) == [("share_locked", "raised")]
    assert look(desk, watch) == []
    with desk.context.engine.begin() as conn:
        (one,) = alert_store.standing(conn, district_id)
        share_store.revoke(conn, district_id, share_id, wall_now())
    assert (one.subject, one.van_id, one.body) == (f"share:{share_id}", None, {}), "nothing of whom it is for"
    assert one.began == desk.context.clock.at(wall.timestamp())
    assert look(desk, watch) == [("share_locked", "ended")]


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


YARD = destination(CENTRE, 90, 3000)


def fenced(desk: Desk, *tells: Told, code: str = "yard") -> int:
    """A circle of 100 m about the yard, and no rule but those of fences; its number."""
    only(desk, "fence_enter", "fence_exit", "fence_dwell")
    draft = Draft(code, "料场", "circle", shapely.Point(YARD), 100.0, tells=tells, dwell_s=240)
    with desk.context.engine.begin() as conn:
        fence_store.put(conn, desk.world.district_id, [draft], OPENS - timedelta(hours=5))
        return fence_store.entries(conn, desk.world.district_id)[-1].id


def drive(desk: Desk, starts: datetime, ends: datetime, by: LonLat, received: datetime | None = None) -> None:
    put_fixes(desk, starts, round((ends - starts).total_seconds()), by=by, received=received)


def history(desk: Desk) -> list[tuple[str, bool, bool]]:
    """What is kept of the day: its rule, whether it was found afterwards, whether it is over."""
    with desk.context.engine.connect() as conn:
        day = (OPENS - timedelta(days=1), OPENS + timedelta(days=1))
        found = alert_store.between(conn, desk.world.district_id, day)
    return sorted((each.code, each.historical, each.ended is not None) for each in found)


def test_a_van_that_enters_and_dwells_is_told_once_of_each(desk: Desk) -> None:
    fence_id = fenced(desk, "enter", "dwell")
    now = desk.context.clock.now()
    drive(desk, now - timedelta(minutes=30), now - timedelta(minutes=7), CENTRE)
    drive(desk, now - timedelta(minutes=2), now, YARD)
    watch = Watch(desk.context)
    assert look(desk, watch) == [("fence_enter", "raised")]
    assert look(desk, watch) == []
    with desk.context.engine.connect() as conn:
        (one,) = alert_store.standing(conn, desk.world.district_id)
    assert (one.subject, one.body, one.severity) == (
        f"van:{desk.world.vans[0]}:fence:{fence_id}", {"fence": fence_id}, "info",
    )  # fmt: skip
    # The rest of the way comes late: it was there for longer, and has dwelt.
    drive(desk, now - timedelta(minutes=7) + timedelta(seconds=120), now - timedelta(minutes=2), YARD, now)
    assert sorted(look(desk, watch)) == [("fence_dwell", "raised"), ("fence_enter", "corrected")]
    assert look(desk, Watch(desk.context)) == [], "another server finds the same"


def test_an_entry_that_comes_late_is_history_and_what_a_silence_seemed_to_show_is_taken_back(
    desk: Desk,
) -> None:
    fenced(desk, "enter", "exit")
    now = desk.context.clock.now()
    drive(desk, now - timedelta(minutes=5), now, CENTRE)
    watch = Watch(desk.context)
    assert look(desk, watch) == []
    drive(desk, now - timedelta(minutes=90), now - timedelta(minutes=80), CENTRE, now)
    drive(desk, now - timedelta(minutes=72), now - timedelta(minutes=60), YARD, now)
    assert look(desk, watch) == [("fence_exit", "raised")], "out of it with the first fix after the silence"
    assert history(desk) == [("fence_enter", True, True), ("fence_exit", False, False)]
    # Its way from there shows that it left an hour ago.
    drive(desk, now - timedelta(minutes=52), now - timedelta(minutes=5), CENTRE, now)
    assert look(desk, watch) == [("fence_exit", "withdrawn")]
    assert look(desk, watch) == []
    assert history(desk) == [("fence_enter", True, True), ("fence_exit", True, True)]


def test_a_fence_that_is_changed_or_retired_counts_so_at_once(desk: Desk) -> None:
    fenced(desk, "enter")
    now = desk.context.clock.now()
    drive(desk, now - timedelta(minutes=30), now - timedelta(minutes=7), CENTRE)
    drive(desk, now - timedelta(minutes=2), now, YARD)
    watch = Watch(desk.context)
    assert look(desk, watch) == [("fence_enter", "raised")]
    with desk.context.engine.begin() as conn:
        fence_store.retire(conn, desk.world.district_id, "yard", desk.context.clock.now())
    assert look(desk, watch) == [], "it was in use when the van entered"
    fenced_elsewhere = Draft("yard", "料场", "circle", shapely.Point(HOME), 100.0, tells=("enter",))
    with desk.context.engine.begin() as conn:
        fence_store.put(conn, desk.world.district_id, [fenced_elsewhere], now)
    assert look(desk, watch) == [("fence_enter", "withdrawn")]


def test_a_demo_without_a_fence_is_told_of_none(desk: Desk) -> None:
    only(desk, "fence_enter", "fence_exit", "fence_dwell")
    put_fixes(desk, OPENS - timedelta(minutes=60), 3600)
    assert look(desk, Watch(desk.context)) == []


def test_a_bell_looks_at_the_vans_that_passed_and_at_no_other(desk: Desk) -> None:
    fenced(desk, "enter")
    now = desk.context.clock.now()
    for van in (0, 1):
        put_fixes(desk, now - timedelta(minutes=30), 1380, van=van, by=CENTRE)
        put_fixes(desk, now - timedelta(minutes=2), 120, van=van, by=YARD)
    watch = Watch(desk.context)
    watch.look(vans=frozenset((desk.world.vans[1], 999)))
    assert told_by_journal(desk) == [("fence_enter", "raised")]
    watch.look(vans=frozenset((999,)))
    assert len(told_by_journal(desk)) == 1
    watch.look()
    assert len(told_by_journal(desk)) == 2


def test_the_live_watch_rings_and_the_alerts_need_not_wait_for_their_turn(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next look at everything lies an hour ahead: what is found is found because a van was seen."""
    fence_id = fenced(desk, "enter")
    monkeypatch.setattr(alarming, "EVERY_S", 3600.0)
    now = desk.context.clock.now()
    put_fixes(desk, now - timedelta(minutes=30), 1380, by=CENTRE)

    async def scene() -> None:
        watch, looked = Watch(desk.context), asyncio.Event()
        loop, first = asyncio.get_running_loop(), watch.look

        def look_and_say(behind_s: float = 0.0, vans: frozenset[int] | None = None) -> None:
            first(behind_s, vans)
            loop.call_soon_threadsafe(looked.set)

        monkeypatch.setattr(watch, "look", look_and_say)
        await watch.start()
        async with asyncio.timeout(30):
            await looked.wait()
            assert told_by_journal(desk) == []
            put_fixes(desk, now - timedelta(minutes=2), 120, by=YARD)
            looked.clear()
            passage = Passage(ms_of(now) - 120_000, fence_id, "enter", "seen", *YARD)
            watch.passed([Sighting(desk.world.vans[0], passage)])
            await looked.wait()
        await watch.stop()
        assert told_by_journal(desk) == [("fence_enter", "raised")]

    asyncio.run(scene())
