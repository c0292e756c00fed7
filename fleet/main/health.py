"""Whether the process lives, whether it can serve, and what the screens should tell people about it.

`/healthz` asks nothing of anybody: a process that answers it lives. `/readyz` asks the database, at most once
a second, however many ask. `/api/trouble` tells the screens in a sentence what the process knows by itself,
so that it answers also while the database, and with it every session, is away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse, Response

from fleet import migrate
from fleet.context import context_of
from fleet.db import conninfo
from fleet.words import Locale, translate
from maps.pages import locale_of
from tracking.api import Tracking, tracking_of
from tracking.statements import SQL

router = APIRouter()
WITHIN_S: Final = 1.0
"""How long the database may take to answer."""
STALLED_S: Final = 5.0
"""A commit that takes longer waits for something: a lock, a disk, a database that is gone."""
_AGAIN_S = 1.0
_FULL: Final = "disk is full"
TROUBLE: Final = (
    "Positions cannot be written to the database now. They wait in memory and are stored by themselves later."
)
FULL: Final = (
    "The database's disk is full; positions wait in memory. Once there is room they are stored by themselves."
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold before the process can serve; `said` is a sentence, English."""

    ok: bool
    said: str


def ingest_check(tracking: Tracking) -> Check:
    """Whether what terminals send is stored."""
    flusher = tracking.flusher
    if _FULL in flusher.trouble:
        return Check(False, FULL)
    if flusher.trouble or flusher.pulse.storing_s > STALLED_S:
        return Check(False, TROUBLE)
    return Check(True, "What terminals send is stored.")


def listener_check(tracking: Tracking) -> Check:
    """Whether news of the database reach the screens."""
    if tracking.listener.connected:
        return Check(True, "The database's notifications are heard.")
    return Check(False, "The database's notifications are not heard; screens are a few seconds late.")


def promise_check(tracking: Tracking) -> Check:
    """Whether a power cut could lose what is committed: told, but no reason to take no traffic."""
    return Check(True, tracking.promise.doubt or "What the database commits outlives a power cut.")


class Health:
    """What `/readyz` says; asks the database at most once a second.

    Parameters
    ----------
    address : the database's
    """

    def __init__(self, address: str) -> None:
        self._conninfo = conninfo(address)
        self._turn = asyncio.Lock()
        self._asked_at = float("-inf")
        self._found: Mapping[str, Check] = {}

    async def checks(self, tracking: Tracking, partition: str) -> Mapping[str, Check]:
        """Everything that must hold, by name.

        Parameters
        ----------
        partition : name of today's partition of the fix table
        """
        async with self._turn:
            now = asyncio.get_running_loop().time()
            if now - self._asked_at >= _AGAIN_S:
                self._found = await self._of_database(partition)
                self._asked_at = asyncio.get_running_loop().time()
        return {
            **self._found,
            "ingest": ingest_check(tracking),
            "notifications": listener_check(tracking),
            "promise": promise_check(tracking),
        }

    async def _of_database(self, partition: str) -> Mapping[str, Check]:
        unknown = Check(False, "Unknown while the database does not answer.")
        try:
            async with asyncio.timeout(WITHIN_S):
                row = await self._ask(partition)
        except psycopg.errors.UndefinedTable:
            row = None
        except (psycopg.Error, OSError, TimeoutError):
            away = Check(False, "The database does not answer within a second.")
            return {"database": away, "schema": unknown, "partitions": unknown}
        version, today = row if row is not None else ("", False)
        head = await run_in_threadpool(migrate.head)
        return {
            "database": Check(True, "The database answers."),
            "schema": Check(True, "The schema is today's.")
            if version == head
            else Check(False, "The database's schema is not today's. Run: ./carevan migrate"),
            "partitions": Check(True, "Today's fixes have their partition.")
            if today
            else Check(False, "Today's fixes have no partition yet; it is made by itself in a moment."),
        }

    async def _ask(self, partition: str) -> tuple[Any, ...] | None:
        async with await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, application_name="carevan health"
        ) as conn:
            return await (await conn.execute(SQL["ready"], {"partition": partition})).fetchone()


def _told(checks: Mapping[str, Check], locale: Locale) -> dict[str, Any]:
    told = {
        name: {"ok": each.ok, "said": translate(locale, each.said)} for name, each in sorted(checks.items())
    }
    return {"ready": all(each.ok for each in checks.values()), "checks": told}


@router.get("/healthz")
async def alive() -> Response:
    """The process lives."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
async def ready(request: Request) -> Response:
    """Whether this process can serve now, each check with its sentence."""
    state, context = request.app.state, context_of(request)
    if not hasattr(state, "health"):
        state.health = Health(context.database_url)
    partition = f"fix_{context.clock.now():%Y%m%d}"
    told = _told(await state.health.checks(tracking_of(request), partition), locale_of(request))
    headers = {"Cache-Control": "no-store"}
    return JSONResponse(told, status_code=200 if told["ready"] else 503, headers=headers)


@router.get("/api/trouble")
async def trouble(request: Request) -> Response:
    """What the people before the screens should know, as one sentence; empty when all is well.

    Asks for no session: whose session it is only the database could say, which may be what is away.
    """
    check = ingest_check(tracking_of(request))
    said = "" if check.ok else translate(locale_of(request), check.said)
    return JSONResponse({"trouble": said}, headers={"Cache-Control": "no-store"})
