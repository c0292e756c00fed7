"""Draws the consequences of stored events: the journal, the ledger of visits, the steps of an SOS.

An event is followed in a transaction of its own that also marks it, so that its consequences are drawn once
however often the follower is killed, and by whichever of several followers gets to it first.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog

from fleet import audit, journal, sos, sos_store, tables
from fleet.background import Background, in_thread
from fleet.context import Context
from fleet.errors import FleetError
from fleet.main import dispatch
from fleet.main.bookkeeping import mark_event
from fleet.main.evidence_book import mark_calls
from fleet.sos_messages import case_of_task
from fleet.sos_webhook import Call
from replay import evidence
from tracking import store
from tracking.touched import Van

_TAPS = frozenset({"departed", "arrived", "started", "done", "no_answer", "declined", "reload", "break"})
_EVERY_S = 0.2
_AFTER_TROUBLE_S = 2.0
log = structlog.get_logger(__name__)


class Follower:
    """A task that follows events as they are stored."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._task = Background("follower", self._run)

    async def start(self) -> None:
        """Begin to follow."""
        self._task.start()

    async def stop(self) -> None:
        """Finish the event in hand and end."""
        await self._task.stop()

    async def _run(self) -> None:
        while True:
            try:
                followed = await in_thread(follow_next, self._context)
            except sa.exc.SQLAlchemyError as error:
                log.warning("events wait for the database", error=type(error).__name__)
                await asyncio.sleep(_AFTER_TROUBLE_S)
                continue
            if not followed:
                await asyncio.sleep(_EVERY_S)


@dataclass(frozen=True, slots=True)
class _Event:
    terminal_id: int
    id: UUID
    district_id: int
    van_id: int
    t: datetime
    kind: str
    stop_id: int | None
    body: Mapping[str, Any]


def follow_next(context: Context) -> bool:
    """Follow the oldest event that nobody has followed; False when there is none."""
    event = tables.event
    columns = [event.c[each.name] for each in fields(_Event)]
    with context.engine.begin() as conn:
        found = conn.execute(
            sa.select(*columns)
            .where(event.c.followed_at.is_(None))
            .order_by(event.c.received_at, event.c.t)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if found is None:
            return False
        row = _Event(*found)
        try:
            with conn.begin_nested():
                _follow(conn, context, row)
        except FleetError as error:
            # What the event asks for is not possible (any more); it stays stored, and the audit says why not.
            actor, subject = f"terminal:{row.terminal_id}", f"event:{row.id}"
            audit.record(
                conn, actor, f"event.{row.kind}", subject, row.district_id, result="refused", why=str(error)
            )
        mark_event(conn, Van(row.van_id, row.district_id), row.t, row.kind, context.clock.now())
        conn.execute(
            event.update()
            .where(event.c.terminal_id == row.terminal_id, event.c.id == row.id)
            .values(followed_at=context.clock.now())
        )
    return True


def _follow(conn: sa.Connection, context: Context, event: _Event) -> None:
    task = event.body.get("task")
    case_id = case_of_task(task) if isinstance(task, str) else None
    if event.kind == "sos":
        _call(conn, context, event)
    elif case_id is not None:
        _step(conn, context, event, case_id)
    elif event.kind in _TAPS:
        tapped = evidence.Tap(
            event.terminal_id, event.id, event.district_id, event.van_id, event.t, event.kind, event.stop_id
        )
        evidence.draw(conn, tapped)
        mark_calls(conn, context, tapped)
        body = {"van": event.van_id, "stop": event.stop_id, "tap": event.kind, "t": _ms(event)}
        journal.raise_state(conn, event.district_id, context.clock.now(), "tap", body)


def _call(conn: sa.Connection, context: Context, event: _Event) -> None:
    lon, lat = event.body.get("lon"), event.body.get("lat")
    if lon is None or lat is None:
        # A button without a receiver of its own: help goes to where its van was last.
        last = next(
            (each for each in store.latest(conn, event.district_id) if each.van_id == event.van_id), None
        )
        lon, lat = (last.lon, last.lat) if last else (None, None)
    call = Call(str(event.id), None, "", lon, lat)
    sos_store.create(conn, event.district_id, f"terminal:{event.terminal_id}", call, context.clock.now())


def _step(conn: sa.Connection, context: Context, event: _Event, case_id: int) -> None:
    steps: dict[str, sos.Transition] = {
        "accepted": sos.Accept(event.t, event.van_id),
        "arrived": sos.Arrive(event.t, event.van_id),
        "done": sos.Close(event.t, "served"),
        "unable": sos.Decline(event.t, event.van_id, str(event.body.get("note", ""))),
    }
    if event.kind not in steps:
        return
    now = context.clock.now()
    case = sos_store.transition(conn, event.district_id, case_id, steps[event.kind], now)
    if event.kind == "unable":
        # The elder still waits: the next best van is asked at once, nobody has to notice first.
        with contextlib.suppress(FleetError), conn.begin_nested():
            dispatch.offer(conn, context, case, by=f"terminal:{event.terminal_id}")


def _ms(event: _Event) -> int:
    return round(event.t.timestamp() * 1000)
