"""The visits' page: who is due, and what others did: calls and grid workers' visits, written down."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from fastapi import APIRouter, Depends, File, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from fleet import cadences, recording, registry, tables
from fleet.context import Context, get_context
from fleet.csv_layouts import CADENCES, VISITS
from fleet.csv_rows import parse
from fleet.db import translate_errors
from fleet.errors import InvalidInput, NotFound
from fleet.importing import Report
from fleet.recording import Clerk, Entry
from fleet.session import Principal, require
from fleet.words import Locale
from maps import visit_rows
from maps.board import Json
from maps.naming import named
from maps.pages import Page, locale_of, respond

router = APIRouter()
InContext = Annotated[Context, Depends(get_context)]
Dispatcher = Annotated[Principal, Depends(require("dispatcher"))]
Planner = Annotated[Principal, Depends(require("planner"))]
CsvFile = Annotated[UploadFile, File()]


class VisitForm(BaseModel):
    """A call as it is written down; `began` is the time that the district's clocks showed."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(max_length=200)
    channel: Literal["call", "grid"]
    began: datetime
    outcome: Literal["served", "no_answer", "declined"]
    minutes: int | None = Field(default=None, ge=1, le=480)


@router.get("/visits")
def visits_page(request: Request, context: InContext, who: Dispatcher) -> Response:
    """The page; what it lists it then asks for again every half minute."""
    locale = locale_of(request)
    now = context.clock.now()
    with translate_errors(), context.engine.connect() as conn:
        district = registry.district(conn, who.district_id)
        listed = visit_rows.district_rows(conn, district, now, locale)
        people = visit_rows.people_rows(conn, who.district_id, locale)
    values = {
        "district": named(district.name, district.name_en, locale),
        "may_plan": who.may("planner"),
        "start": {
            "listed": listed,
            "people": people,
            "now": f"{now.astimezone(ZoneInfo(district.timezone)):%Y-%m-%dT%H:%M}",
            "rate": context.clock.rate,
            "timezone": district.timezone,
        },
    }
    return respond(request, Page("visits.html", values, principal=who))


@router.get("/api/visits")
def list_visits(request: Request, context: InContext, who: Dispatcher) -> Json:
    """Who is due, and what was written down last."""
    with translate_errors(), context.engine.connect() as conn:
        district = registry.district(conn, who.district_id)
        return visit_rows.district_rows(conn, district, context.clock.now(), locale_of(request))


@router.post("/api/visits")
def record_visit(form: VisitForm, context: InContext, who: Dispatcher) -> Json:
    """Write a phone call or a grid worker's visit down."""
    with translate_errors(), context.engine.begin() as conn:
        zone = ZoneInfo(registry.district(conn, who.district_id).timezone)
        if form.began.tzinfo is not None:
            raise InvalidInput("{value!r} is not a day and time. Write it as 2026-07-22 09:30.",
                               value=form.began.isoformat())  # fmt: skip
        entry = Entry(
            recipient_id=_person_id(conn, who.district_id, form.code),
            channel=form.channel,
            began=form.began.replace(second=0, microsecond=0, tzinfo=zone),
            outcome=form.outcome,
            service_s=form.minutes * 60 if form.minutes else recording.USUAL_S[form.channel],
        )
        return {"id": recording.record(conn, who.district_id, entry, _clerk(context, who))}


@router.post("/api/visits/{visit_id}/undo", status_code=204)
def undo_visit(visit_id: int, context: InContext, who: Dispatcher) -> Response:
    """Let a written entry count no more."""
    with translate_errors(), context.engine.begin() as conn:
        recording.undo(conn, who.district_id, visit_id, _clerk(context, who))
    return Response(status_code=204)


@router.post("/api/visits/import")
def import_visits(request: Request, file: CsvFile, context: InContext, who: Dispatcher) -> Json:
    """Take a CSV file of calls and grid workers' visits in: all of it, or nothing and why."""
    parsed = parse(file.file.read(), VISITS)
    with translate_errors(), context.engine.begin() as conn:
        report = recording.take_visits(conn, who.district_id, parsed, _name(file), _clerk(context, who))
    return report_json(report, locale_of(request))


@router.post("/api/cadences/import")
def import_cadences(request: Request, file: CsvFile, context: InContext, who: Planner) -> Json:
    """Take a CSV file of rules and exceptions in: all of it, or nothing and why."""
    parsed = parse(file.file.read(), CADENCES)
    with translate_errors(), context.engine.begin() as conn:
        report = cadences.take_cadences(conn, who.district_id, parsed, _name(file), by=who.actor)
    return report_json(report, locale_of(request))


def report_json(report: Report, locale: Locale) -> Json:
    """What came of a file, for its reader."""
    return {"accepted": report.accepted, "said": report.said(locale).split("\n")}


def _name(file: UploadFile) -> str:
    return (file.filename or "CSV")[:100]


def _clerk(context: Context, who: Principal) -> Clerk:
    return Clerk(who.login, who.actor, context.clock.now())


def _person_id(conn: sa.Connection, district_id: int, code: str) -> int:
    t = tables.recipient
    found = conn.scalar(sa.select(t.c.id).where(t.c.district_id == district_id, t.c.code == code.strip()))
    if found is None:
        raise NotFound("There is no elder with the code {code!r}. Choose one from the list.", code=code)
    return int(found)
