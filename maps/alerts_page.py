"""The alerts' page: what stands, what is shelved, what was, and the rules with their limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from fleet import audit, journal, registry
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.errors import InvalidInput
from fleet.session import Principal, require
from fleet.units import ms_of
from fleet.words import Locale, translate
from maps.alert_words import RULES, SEVERITY_WORDS, TONES, Naming, advice_of, title_of
from maps.board import Json
from maps.day import day_start, read_published, read_stops
from maps.naming import named, place_name, staff_name
from maps.pages import Page, locale_of, respond
from tracking import alarm_rules, alert_store, fence_store
from tracking.alarm_rules import Rule
from tracking.alert_store import Stored

router = APIRouter()
InContext = Annotated[Context, Depends(get_context)]
Viewer = Annotated[Principal, Depends(require("viewer"))]
Dispatcher = Annotated[Principal, Depends(require("dispatcher"))]
Planner = Annotated[Principal, Depends(require("planner"))]


class ShelveForm(BaseModel):
    """For how long an alert goes out of sight: minutes, or until the van's shift ends."""

    model_config = ConfigDict(extra="forbid")
    minutes: int | None = None
    until: Literal["shift"] | None = None


class RuleForm(BaseModel):
    """A district's own limits of a rule; the threshold as it is shown: km/h, %, metres, seconds."""

    model_config = ConfigDict(extra="forbid")
    enabled: bool
    severity: str
    threshold: float
    on_delay_s: int


@router.get("/alerts")
def alerts_page(request: Request, context: InContext, who: Dispatcher, day: str = "") -> Response:
    """The page; what it shows it then asks for again each few seconds."""
    locale = locale_of(request)
    with translate_errors(), context.engine.connect() as conn:
        district = registry.district(conn, who.district_id)
        vans = registry.vans(conn, who.district_id)
        listed = _listed(conn, context, who, locale, _day_of(day))
        rules = _rules(conn, who.district_id, locale)
    values = {
        "district": named(district.name, district.name_en, locale),
        "vans": [(van.id, named(van.name, van.name_en, locale)) for van in vans],
        "rule_names": [(code, translate(locale, words.name)) for code, words in RULES.items()],
        "start": {
            "alerts": listed,
            "rules": rules,
            "severities": [[code, translate(locale, word)] for code, word in SEVERITY_WORDS.items()],
            "rate": context.clock.rate,
            "timezone": district.timezone,
            "may_set": who.may("planner"),
        },
    }
    return respond(request, Page("alerts.html", values, principal=who))


@router.get("/api/alerts")
def list_alerts(
    request: Request,
    context: InContext,
    who: Dispatcher,
    day: str = "",
    van: int | None = None,
    rule: str = "",
) -> Json:
    """What stands, shelved ones too, and what a day brought: of one van or rule if asked for.

    Raises
    ------
    InvalidInput : the day is none.
    NotFound : there is no such rule.
    """
    code = alarm_rules.find(rule).code if rule else None
    with translate_errors(), context.engine.connect() as conn:
        return _listed(conn, context, who, locale_of(request), _day_of(day), van, code)


@router.get("/api/alerts/{alert_id}")
def one_alert(request: Request, alert_id: int, context: InContext, who: Dispatcher) -> Json:
    """The steps of one alert, in order.

    Raises
    ------
    NotFound : the district has no such alert.
    """
    locale = locale_of(request)
    with translate_errors(), context.engine.begin() as conn:
        alert_store.find(conn, who.district_id, alert_id)
        done = alert_store.steps(conn, alert_id)
    return {
        "steps": [
            {
                "at": ms_of(each.at),
                "said": translate(locale, _STEPS[each.step]),
                "by": "" if each.actor == alert_store.WATCH else staff_name(each.actor),
            }
            for each in done
        ]
    }


@router.post("/api/alerts/{alert_id}/ack", status_code=204)
def acknowledge(alert_id: int, context: InContext, who: Dispatcher) -> Response:
    """Say by name that one has seen it and sees to it."""
    with translate_errors(), context.engine.begin() as conn:
        now = context.clock.now()
        kept = alert_store.acknowledge(conn, who.district_id, alert_id, by=_name(who), at=now)
        _tell(conn, who, kept, "acknowledged", now)
    return Response(status_code=204)


@router.post("/api/alerts/{alert_id}/shelve", status_code=204)
def shelve(alert_id: int, form: ShelveForm, context: InContext, who: Dispatcher) -> Response:
    """Put it out of sight for some minutes, or until its van's shift ends."""
    with translate_errors(), context.engine.begin() as conn:
        now = context.clock.now()
        held = alert_store.find(conn, who.district_id, alert_id)
        until = _shelf_end(conn, held, form, now)
        kept = alert_store.shelve(conn, who.district_id, alert_id, until=until, by=_name(who), at=now)
        _tell(conn, who, kept, "shelved", now, until)
    return Response(status_code=204)


@router.post("/api/alerts/{alert_id}/unshelve", status_code=204)
def unshelve(alert_id: int, context: InContext, who: Dispatcher) -> Response:
    """Bring it back into sight."""
    with translate_errors(), context.engine.begin() as conn:
        now = context.clock.now()
        kept = alert_store.unshelve(conn, who.district_id, alert_id, by=_name(who), at=now)
        _tell(conn, who, kept, "unshelved", now)
    return Response(status_code=204)


@router.post("/api/alert-rules/{code}", status_code=204)
def set_rule(code: str, form: RuleForm, context: InContext, who: Planner) -> Response:
    """Give a district its own limits of a rule.

    Raises
    ------
    NotFound : there is no such rule.
    InvalidInput : a limit lies outside its range.
    """
    rule = alarm_rules.find(code)
    threshold = alarm_rules.meant(form.threshold, rule.unit)
    own = alarm_rules.changed(
        rule, enabled=form.enabled, severity=form.severity, threshold=threshold, on_delay_s=form.on_delay_s
    )
    with translate_errors(), context.engine.begin() as conn:
        alert_store.set_rule(conn, who.district_id, own, by=_name(who), at=context.clock.now())
        subject = f"alert_rule:{code}"
        audit.record(
            conn, who.actor, "alert_rule.set", subject, who.district_id, enabled=own.enabled,
            severity=own.severity, threshold=own.threshold, on_delay_s=own.on_delay_s,
        )  # fmt: skip
    return Response(status_code=204)


def _name(who: Principal) -> str:
    return who.display or who.login


def _tell(
    conn: sa.Connection,
    who: Principal,
    kept: Stored,
    change: str,
    now: datetime,
    until: datetime | None = None,
) -> None:
    body = {"alert": kept.id, "change": change, "code": kept.code, "van": kept.van_id}
    audit.record(
        conn,
        who.actor,
        f"alert.{change}",
        f"alert:{kept.id}",
        who.district_id,
        until=None if until is None else until.isoformat(),
    )
    journal.raise_state(conn, who.district_id, now, "alert", body)


def _shelf_end(conn: sa.Connection, held: Stored, form: ShelveForm, now: datetime) -> datetime:
    if (form.minutes is None) == (form.until is None):
        raise InvalidInput('Give either "minutes" or "until": "shift".')
    if form.minutes is not None:
        # Nobody shelves for longer than the store allows; its sentence says how long that is.
        return now + timedelta(minutes=max(0, min(form.minutes, 100_000)))
    zone = ZoneInfo(registry.district(conn, held.district_id).timezone)
    shifts = registry.shifts(conn, held.district_id, now.astimezone(zone).date())
    ends = [each.ends for each in shifts if held.van_id in (None, each.van_id) and each.ends > now]
    if not ends:
        raise InvalidInput("No shift is running now. Choose a number of minutes.")
    return max(ends)


def _day_of(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput("The day {day} is none. Write it as 2026-07-24.", day=text) from None


def _listed(
    conn: sa.Connection,
    context: Context,
    who: Principal,
    locale: Locale,
    day: date | None,
    van_id: int | None = None,
    code: str | None = None,
) -> Json:
    now = context.clock.now()
    district = registry.district(conn, who.district_id)
    day = day or now.astimezone(ZoneInfo(district.timezone)).date()
    span = day_start(district, day), day_start(district, day + timedelta(days=1))
    naming = _naming(conn, who.district_id, day, locale, district.timezone)
    standing = alert_store.standing(conn, who.district_id)
    history = alert_store.between(conn, who.district_id, span, van_id=van_id, code=code)
    return {
        "as_of": ms_of(now),
        "day": day.isoformat(),
        "open": _rows([each for each in standing if not each.is_shelved(now)], naming),
        "shelved": _rows([each for each in standing if each.is_shelved(now)], naming),
        "history": _rows(history, naming),
        "is_cut": len(history) == alert_store.MOST,
    }


def _naming(conn: sa.Connection, district_id: int, day: date, locale: Locale, timezone: str) -> Naming:
    plan = read_published(conn, district_id, day)
    stops = read_stops(conn, plan.id) if plan is not None else ()
    return Naming(
        {van.id: named(van.name, van.name_en, locale) for van in registry.vans(conn, district_id)},
        {stop.id: place_name(stop, locale) for stop in stops},
        locale,
        {beat.id: named(beat.name, beat.name_en, locale) for beat in registry.beats(conn, district_id)},
        {each.id: named(each.name, each.name_en, locale) for each in fence_store.entries(conn, district_id)},
        timezone,
    )


def _rows(found: Sequence[Stored], naming: Naming) -> list[Json]:
    return [
        {
            "id": each.id,
            "code": each.code,
            "van": each.van_id,
            "tone": TONES.get(each.severity, "warn"),
            "severity": naming.say(SEVERITY_WORDS.get(each.severity, "Warning")),
            "title": title_of(each, naming),
            "advice": advice_of(each, naming),
            "began": ms_of(each.began),
            "ended": None if each.ended is None else ms_of(each.ended),
            "historical": each.historical,
            "acked_by": None if each.acked_by is None else staff_name(each.acked_by),
            "shelved_until": None if each.shelved_until is None else ms_of(each.shelved_until),
            "may_shelve": each.severity != "sos",
        }
        for each in found
    ]


def _rules(conn: sa.Connection, district_id: int, locale: Locale) -> list[Json]:
    own = alert_store.rules_of(conn, district_id)
    return [_rule(own[code], rule, locale) for code, rule in alarm_rules.DEFAULTS.items()]


def _rule(own: Rule, default: Rule, locale: Locale) -> Json:
    def shown(value: float) -> float:
        return alarm_rules.shown(value, own.unit)

    words = RULES[own.code]
    return {
        "code": own.code,
        "name": translate(locale, words.name),
        "meaning": translate(locale, words.limit),
        "enabled": own.enabled,
        "severity": own.severity,
        "threshold": shown(own.threshold),
        "unit": translate(locale, alarm_rules.UNIT_WORDS[own.unit]),
        "least": shown(own.least),
        "most": shown(own.most),
        "on_delay_s": own.on_delay_s,
        "most_delay_s": alarm_rules.LONGEST_DELAY_S,
        "is_own": own != default,
        "default": shown(default.threshold),
    }


_STEPS: dict[str, Any] = {
    "raised": "Raised",
    "ended": "Ended",
    "acknowledged": "Acknowledged",
    "shelved": "Shelved",
    "unshelved": "Back from the shelf",
    "corrected": "Corrected by late facts",
    "withdrawn": "Withdrawn by late facts",
}
