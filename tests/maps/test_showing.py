"""The message to the guests of a share."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fleet.clock import Clock, wall_now
from fleet.context import Context
from fleet.units import ms_of
from maps import share_store, sightings
from maps.scope import Scope
from maps.share_store import NewShare, Share
from maps.showing import telling
from tests.replay.seeding import DAY, LAT, LON, MORNING, Seeded, add_fixes, seed
from tests.replay.serving import context_on

HALF_PAST = MORNING + timedelta(minutes=30)


def share(conn: sa.Connection, here: Seeded, scope: Scope) -> Share:
    ends = wall_now() + timedelta(hours=1)
    share_store.create(conn, NewShare(here.district_id, "x", scope, here.account_id, ends), wall_now())
    return share_store.list_of(conn, here.district_id)[0]


def told(context: Context, share: Share) -> Any:
    (message,) = telling(context, share).messages
    return json.loads(message)


def test_what_is_told_follows_the_days_course(database: str, tmp_path: Path) -> None:
    with context_on(database, Clock.opening(HALF_PAST), tmp_path) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
            track = [(MORNING + timedelta(seconds=n), LON - 0.02 - n * 1e-5, LAT) for n in range(0, 1800, 60)]
            add_fixes(conn, here.vans[0], here.terminals[0], track)
            made = share(conn, here, Scope(60))
        live = told(context, made)
        assert (live["standing"], [row[0] for row in live["vans"]]) == ("live", [here.vans[0]])
        assert abs(live["as_of"] - ms_of(HALF_PAST) + 60_000) < 60_000
        for scope, standing in (
            (Scope(60, hour_from=12), "rests"),
            (Scope(60, day=DAY, hour_from=12), "waits"),
            (Scope(60, day=DAY + timedelta(days=3)), "waits"),
            (Scope(60, day=DAY, hour_to=24), "live"),
        ):
            now = told(context, replace(made, scope=scope))
            assert now["standing"] == standing
            assert bool(now["vans"]) is (standing == "live")


def test_a_day_that_is_over_is_told_by_its_changes_and_held(database: str, tmp_path: Path) -> None:
    with context_on(database, Clock.opening(MORNING + timedelta(days=1)), tmp_path) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
            stands = [(MORNING + timedelta(seconds=n), LON - 0.02, LAT) for n in range(0, 1800, 30)]
            add_fixes(conn, here.vans[0], here.terminals[0], stands)
            made = share(conn, here, Scope(60, day=DAY, hour_from=8, hour_to=10))
        telling_it = telling(context, made)
        assert telling_it.holds_s > 1
        day, part, whole = (json.loads(each) for each in telling_it.messages)
        day = day["day"]
        assert (day["ends"] - day["begins"], day["step_ms"]) == (7_200_000, 60_000)
        ((van, rows),) = part["part"]
        assert whole == {"whole": True}
        place = [round(1e5 * (LON - 0.02)), round(1e5 * LAT)]
        # Seen at 08:30, silent since 08:59:30, not heard for half an hour at 09:29:30.
        assert van == here.vans[0]
        assert rows == [[30, *place, 0], [61, *place, 1], [90]]
        empty = telling(context, replace(made, scope=Scope(60, day=date(2026, 7, 21)))).messages
        assert len(empty) == 2


def test_a_fleets_day_comes_in_parts_that_no_slow_line_is_cut_off_for(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sightings, "AT_ONCE", 1)
    with context_on(database, Clock.opening(MORNING + timedelta(days=1)), tmp_path) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
            for van, terminal in zip(here.vans, here.terminals, strict=True):
                add_fixes(conn, van, terminal, [(MORNING, LON - 0.02, LAT)])
            made = share(conn, here, Scope(60, day=DAY))
        grown: list[tuple[bytes, ...]] = []
        messages = telling(context, made, grown.append).messages
        # Each part can be sent as soon as it is made.
        assert grown == [messages[:2], messages[:3]] and len(messages) == 4
        parts = [json.loads(each) for each in messages[1:3]]
        assert [van for part in parts for van, _ in part["part"]] == list(here.vans)
        only = telling(context, replace(made, scope=Scope(60, here.vans[1:], day=DAY)))
        assert only.messages[1:] == telling(context, made).messages[2:]
