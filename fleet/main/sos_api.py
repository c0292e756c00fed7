"""SOS over HTTP: the signed webhook, the dispatcher's form, and the steps a dispatcher takes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from fleet import audit, sos, sos_store
from fleet.clock import wall_now
from fleet.context import Context, context_of, get_context
from fleet.db import translate_errors
from fleet.main import adopting, dispatch, promises
from fleet.session import Principal, require
from fleet.sos import Case
from fleet.sos_messages import journal_body
from fleet.sos_webhook import SIGNATURE_HEADER, Call, decode_call, verify
from maps.pages import locale_of
from routing.agenda import Caller

router = APIRouter()
Dispatcher = Annotated[Principal, Depends(require("dispatcher"))]
Viewer = Annotated[Principal, Depends(require("viewer"))]
InContext = Annotated[Context, Depends(get_context)]


class CallForm(BaseModel):
    """A dispatcher's call: an elder by code, or a point on the map."""

    model_config = ConfigDict(extra="forbid")
    key: str = Field(default_factory=lambda: str(uuid.uuid4()), max_length=200)
    recipient: str | None = Field(default=None, max_length=100)
    place: str = Field(default="", max_length=200)
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)


class OfferForm(BaseModel):
    """Which van; none: the best."""

    model_config = ConfigDict(extra="forbid")
    van: int | None = None


class CloseForm(BaseModel):
    """How it ended."""

    model_config = ConfigDict(extra="forbid")
    outcome: str = Field(default="", max_length=200)


@router.post("/hooks/sos/{webhook_id}")
async def hook(webhook_id: int, request: Request, response: Response) -> dict[str, Any]:
    """Take a device's call in; the same key twice is one call. 201 when new, 200 when known."""
    body = await request.body()
    header = request.headers.get(SIGNATURE_HEADER, "")
    told, new = await run_in_threadpool(_hooked, context_of(request), webhook_id, header, body)
    response.status_code = 201 if new else 200
    return told


def _hooked(context: Context, webhook_id: int, header: str, body: bytes) -> tuple[dict[str, Any], bool]:
    with translate_errors(), context.engine.begin() as conn:
        webhook = sos_store.find_webhook(conn, webhook_id)
        verify(webhook.secret(context.key), header, body, wall_now())
        case, new = sos_store.create(
            conn, webhook.district_id, webhook.source, decode_call(body), context.clock.now()
        )
        if new:
            audit.record(conn, webhook.source, "sos.call", f"sos:{case.id}", case.district_id)
    return {"sos": case.id, "state": case.state}, new


@router.get("/api/sos")
def list_open(request: Request, context: InContext, who: Viewer) -> list[dict[str, Any]]:
    """The open calls of the district, the oldest first, each with its receipt.

    A dispatcher, who rings them, is told whom the moved promises were made to, names masked.
    """
    with context.engine.connect() as conn:
        cases = sos_store.list_open(conn, who.district_id)
        said = None
        if who.may("dispatcher"):
            said = promises.names(conn, who.district_id, promises.callers(cases), locale_of(request))
    return [_told(case, said) for case in cases]


@router.post("/api/sos", status_code=201)
def call(form: CallForm, context: InContext, who: Dispatcher) -> dict[str, Any]:
    """A dispatcher's own call, seen by them as it is made."""
    taken = Call(form.key, form.recipient, form.place, form.lon, form.lat)
    with translate_errors(), context.engine.begin() as conn:
        now = context.clock.now()
        case, new = sos_store.create(conn, who.district_id, who.actor, taken, now)
        if new:
            case = sos_store.transition(conn, who.district_id, case.id, sos.See(now, who.account_id), now)
            audit.record(conn, who.actor, "sos.call", f"sos:{case.id}", who.district_id)
    return _told(case)


@router.post("/api/sos/{case_id}/see")
def see(case_id: int, context: InContext, who: Dispatcher) -> dict[str, Any]:
    """A person has looked at the call."""
    return _told(_transition(context, who, case_id, sos.See(context.clock.now(), who.account_id)))


@router.post("/api/sos/{case_id}/offer")
def offer(
    case_id: int,
    context: InContext,
    who: Dispatcher,
    later: BackgroundTasks,
    form: OfferForm | None = None,
) -> dict[str, Any]:
    """Offer the call to the van that is there first, or to the one named; what moves is in the receipt.

    A better way for the day to go on is looked for behind the answer and added to the receipt.
    """
    with translate_errors(), context.engine.begin() as conn:
        case = sos_store.get(conn, who.district_id, case_id, lock=True)
        case = dispatch.offer(conn, context, case, by=who.actor, van_id=form.van if form else None)
        audit.record(conn, who.actor, "sos.offer", f"sos:{case_id}", who.district_id, van=case.van_id)
    if case.receipt.proposals:
        later.add_task(dispatch.improve, context, case.district_id, case.id)
    return _told(case)


@router.post("/api/sos/{case_id}/rearrange")
def rearrange(case_id: int, context: InContext, who: Dispatcher) -> dict[str, Any]:
    """Let the day go on as it is best now, with the call: the vans get their new routes at once."""
    with translate_errors(), context.engine.begin() as conn:
        case = sos_store.get(conn, who.district_id, case_id, lock=True)
        case = adopting.adopt(conn, context, case, by=who.actor)
        audit.record(conn, who.actor, "sos.rearrange", f"sos:{case_id}", who.district_id)
    return _told(case)


@router.post("/api/sos/{case_id}/close")
def close(case_id: int, context: InContext, who: Dispatcher, form: CloseForm | None = None) -> dict[str, Any]:
    """End the call."""
    outcome = form.outcome if form else ""
    return _told(_transition(context, who, case_id, sos.Close(context.clock.now(), outcome)))


def _transition(context: Context, who: Principal, case_id: int, change: sos.Transition) -> Case:
    with translate_errors(), context.engine.begin() as conn:
        case = sos_store.transition(conn, who.district_id, case_id, change, context.clock.now())
        action = f"sos.{type(change).__name__.lower()}"
        audit.record(conn, who.actor, action, f"sos:{case_id}", who.district_id)
    return case


def _told(case: Case, said: Mapping[Caller, str] | None = None) -> dict[str, Any]:
    return {**journal_body(case), "receipt": promises.told(case.receipt, said)}
