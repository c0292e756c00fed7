"""The terminals' page: who was heard when, how late, how wrong, and what an administrator does about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from fleet import audit, registry, terminals
from fleet.clock import wall_now
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.errors import InvalidInput, NotFound
from fleet.registry import Terminal
from fleet.session import Principal, require
from fleet.units import ms_of
from fleet.words import Locale
from maps import roster
from maps.board import Json
from maps.naming import named
from maps.pages import Page, locale_of, respond

router = APIRouter()
InContext = Annotated[Context, Depends(get_context)]
Dispatcher = Annotated[Principal, Depends(require("dispatcher"))]
Administrator = Annotated[Principal, Depends(require("administrator"))]
STALE_AFTER: Final = timedelta(seconds=60)
SILENT_AFTER: Final = timedelta(minutes=15)
OFFSET_WARNS: Final = timedelta(seconds=10)


@router.get("/terminals")
def terminals_page(request: Request, context: InContext, who: Dispatcher) -> Response:
    """The page; what it shows it then asks for again each few seconds."""
    locale = locale_of(request)
    with context.engine.connect() as conn:
        district = registry.district(conn, who.district_id)
        found = _roster(conn, context, who, locale)
    values = {
        "district": named(district.name, district.name_en, locale),
        "start": {
            "roster": found,
            "rate": context.clock.rate,
            "timezone": district.timezone,
            "may_act": who.may("administrator"),
            "stale_s": STALE_AFTER.total_seconds(),
            "silent_s": SILENT_AFTER.total_seconds(),
            "offset_warns_s": OFFSET_WARNS.total_seconds(),
            "most_refusals": roster.MOST_REFUSALS,
        },
    }
    return respond(request, Page("terminals.html", values, principal=who))


@router.get("/api/terminals")
def list_terminals(request: Request, context: InContext, who: Dispatcher) -> Json:
    """The terminals of the asker's district."""
    with translate_errors(), context.engine.connect() as conn:
        return _roster(conn, context, who, locale_of(request))


def _roster(conn: sa.Connection, context: Context, who: Principal, locale: Locale) -> Json:
    now = context.clock.now()
    zone = registry.district(conn, who.district_id).timezone
    goal = roster.goal(conn, who.district_id, now.astimezone(ZoneInfo(zone)).date())
    return {
        "as_of": ms_of(now),
        "wall": ms_of(wall_now()),
        "state": goal.state,
        "plan": goal.plan,
        "terminals": roster.rows(conn, who.district_id, now, locale),
    }


@router.get("/api/terminals/{terminal_id}/refusals")
def list_refusals(terminal_id: int, request: Request, context: InContext, who: Dispatcher) -> Json:
    """What was refused of one terminal in the last 24 hours, the newest first."""
    with translate_errors(), context.engine.connect() as conn:
        _find(conn, who, terminal_id)
        found = roster.refusals(conn, who.district_id, terminal_id, context.clock.now())
    return {"refusals": [roster.refusal_json(each, locale_of(request)) for each in found]}


@router.post("/api/terminals/{terminal_id}/token")
def new_token(terminal_id: int, context: InContext, who: Administrator) -> Json:
    """Give a terminal a new secret, shown this once; the old one ends. A revoked terminal is let in again."""
    with translate_errors(), context.engine.begin() as conn:
        kind = _find(conn, who, terminal_id).kind
        if kind == "jt808":
            raise InvalidInput("A JT/T 808 device gets its code when it registers. Let it register instead.")
        issue = terminals.issue_secret if kind == "phone" else terminals.issue_token
        token = issue(conn, terminal_id)
        audit.record(conn, who.actor, "terminal.token", f"terminal:{terminal_id}", who.district_id)
    return {"token": token}


@router.post("/api/terminals/{terminal_id}/revoke", status_code=204)
def revoke(terminal_id: int, context: InContext, who: Administrator) -> Response:
    """Refuse a terminal from now on; its open sockets end within seconds."""
    now: datetime = wall_now()
    with translate_errors(), context.engine.begin() as conn:
        _find(conn, who, terminal_id)
        terminals.revoke(conn, terminal_id, now)
        audit.record(conn, who.actor, "terminal.revoke", f"terminal:{terminal_id}", who.district_id)
    return Response(status_code=204)


def _find(conn: sa.Connection, who: Principal, terminal_id: int) -> Terminal:
    for each in registry.terminals(conn, who.district_id):
        if each.id == terminal_id:
            return each
    raise NotFound("There is no terminal {id} in this district. Load the page again.", id=terminal_id)
