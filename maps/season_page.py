"""The season's page: what the next days are and why, the rules, temperatures, the planner's word."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from fastapi import APIRouter, Depends, File, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from fleet import audit, registry, seasons
from fleet.context import Context, get_context
from fleet.csv_layouts import TEMPERATURES
from fleet.csv_rows import parse
from fleet.db import translate_errors
from fleet.errors import InvalidInput
from fleet.season import (
    RULE_KINDS,
    SEASONS,
    TERMS_EN,
    Rule,
    RuleKind,
    Season,
    Temperature,
)
from fleet.session import Principal, require
from fleet.units import ms_of
from fleet.words import Locale, translate
from maps.board import Json
from maps.naming import SEASONS as SEASON_WORDS
from maps.naming import named, season_words
from maps.pages import Page, locale_of, respond
from maps.visits_page import report_json

router = APIRouter()
InContext = Annotated[Context, Depends(get_context)]
Dispatcher = Annotated[Principal, Depends(require("dispatcher"))]
Planner = Annotated[Principal, Depends(require("planner"))]
DAYS: Final = 14
_KIND_WORDS: Final[dict[RuleKind, str]] = {
    "dates": "from one day of the year to another",
    "terms": "from one solar term to the eve of another",
    "dog_days": "in the dog days",
    "nines": "in the nine nines",
    "max_over": "highest temperature at or above",
    "max_under": "highest temperature at or below",
    "min_over": "lowest temperature at or above",
    "min_under": "lowest temperature at or below",
}
_TERM_OF: Final = {english.casefold(): term for term, english in TERMS_EN.items()}
_LIMITS: Final = {"free": "", "shorten": "shorten outdoor work", "stop": "no outdoor work"}


class RuleForm(BaseModel):
    """One rule, as `fleet.season.Rule` has it."""

    model_config = ConfigDict(extra="forbid")
    season: Season
    kind: RuleKind
    begins: str = Field(default="", max_length=24)
    ends: str = Field(default="", max_length=24)
    limit_c: float | None = None

    def rule(self) -> Rule:
        """The rule; a solar term may be named in either language."""
        begins, ends = (_TERM_OF.get(each.casefold(), each) for each in (self.begins, self.ends))
        return Rule(self.season, self.kind, begins, ends, self.limit_c)


class RulesForm(BaseModel):
    """All of a district's rules in their order; none brings the default ones back."""

    model_config = ConfigDict(extra="forbid")
    rules: list[RuleForm] = Field(max_length=seasons.MOST_RULES)


class OverrideForm(BaseModel):
    """The planner's word for some days; no season takes it back."""

    model_config = ConfigDict(extra="forbid")
    first: date
    last: date
    season: Season | None


class TemperatureForm(BaseModel):
    """A day's temperatures."""

    model_config = ConfigDict(extra="forbid")
    day: date
    kind: Literal["forecast", "measured"]
    max_c: float | None = Field(default=None, ge=-60, le=60)
    min_c: float | None = Field(default=None, ge=-60, le=60)


@router.get("/season")
def season_page(request: Request, context: InContext, who: Dispatcher) -> Response:
    """The page."""
    locale = locale_of(request)
    now = context.clock.now()
    with translate_errors(), context.engine.connect() as conn:
        district = registry.district(conn, who.district_id)
        listed = _listed(conn, district, now, locale)
    values = {
        "district": named(district.name, district.name_en, locale),
        "may_plan": who.may("planner"),
        "seasons": [(each, translate(locale, SEASON_WORDS[each])) for each in SEASONS],
        "start": {
            "listed": listed,
            "may_plan": who.may("planner"),
            "seasons": [[each, translate(locale, SEASON_WORDS[each])] for each in SEASONS],
            "kinds": [[each, translate(locale, _KIND_WORDS[each])] for each in RULE_KINDS],
            "terms": [TERMS_EN[each] if locale == "en" else each for each in TERMS_EN],
            "rate": context.clock.rate,
            "timezone": district.timezone,
        },
    }
    return respond(request, Page("season.html", values, principal=who))


@router.get("/api/season")
def show_season(request: Request, context: InContext, who: Dispatcher) -> Json:
    """The next days' seasons with their reasons, and the rules."""
    with translate_errors(), context.engine.connect() as conn:
        district = registry.district(conn, who.district_id)
        return _listed(conn, district, context.clock.now(), locale_of(request))


@router.post("/api/season/rules", status_code=204)
def set_rules(form: RulesForm, context: InContext, who: Planner) -> Response:
    """Replace the district's rules."""
    with translate_errors(), context.engine.begin() as conn:
        wanted = [each.rule() for each in form.rules]
        seasons.set_rules(conn, who.district_id, wanted)
        audit.record(
            conn, who.actor, "season.rules", f"district:{who.district_id}", who.district_id, n=len(wanted)
        )
    return Response(status_code=204)


@router.post("/api/season/override", status_code=204)
def set_override(form: OverrideForm, context: InContext, who: Planner) -> Response:
    """Let the planner's word stand for some days, or take it back."""
    with translate_errors(), context.engine.begin() as conn:
        seasons.set_override(conn, who.district_id, form.first, form.last, form.season)
        audit.record(
            conn, who.actor, "season.override", f"days:{form.first}/{form.last}", who.district_id,
            season=form.season,
        )  # fmt: skip
    return Response(status_code=204)


@router.post("/api/season/temperatures", status_code=204)
def set_temperature(form: TemperatureForm, context: InContext, who: Planner) -> Response:
    """Keep a day's temperatures, foretold or measured."""
    if form.max_c is None and form.min_c is None:
        raise InvalidInput("The row tells no temperature. Fill in max_c or min_c.")
    if form.max_c is not None and form.min_c is not None and form.max_c < form.min_c:
        raise InvalidInput(
            "The highest temperature {high:g} is below the lowest {low:g}. Exchange or correct them.",
            high=form.max_c, low=form.min_c,
        )  # fmt: skip
    told = seasons.Noted(form.day, Temperature(form.kind, form.max_c, form.min_c))
    with translate_errors(), context.engine.begin() as conn:
        seasons.note(conn, who.district_id, [told], by=who.actor, at=context.clock.now())
        audit.record(conn, who.actor, "temperature.set", f"day:{form.day}", who.district_id, kind=form.kind)
    return Response(status_code=204)


@router.post("/api/season/temperatures/import")
def import_temperatures(
    request: Request, file: Annotated[UploadFile, File()], context: InContext, who: Planner
) -> Json:
    """Take a CSV file of temperatures in: all of it, or nothing and why."""
    parsed = parse(file.file.read(), TEMPERATURES)
    name = (file.filename or "CSV")[:100]
    with translate_errors(), context.engine.begin() as conn:
        now = context.clock.now()
        report = seasons.take_temperatures(conn, who.district_id, parsed, name, by=who.actor, at=now)
        audit.record(conn, who.actor, "temperatures.import", name, who.district_id, taken=report.taken)
    return report_json(report, locale_of(request))


def _listed(conn: sa.Connection, district: registry.District, now: datetime, locale: Locale) -> Json:
    today = now.astimezone(ZoneInfo(district.timezone)).date()
    return {
        "as_of": ms_of(now),
        "day": today.isoformat(),
        "days": [_day(conn, district.id, today + timedelta(days=n), locale) for n in range(DAYS)],
        "rules": [_rule(each, locale) for each in seasons.rules(conn, district.id)],
    }


def _rule(rule: Rule, locale: Locale) -> Json:
    """A rule as a form gives it back, and `span` for its reader."""
    ends = [TERMS_EN.get(each, each) if locale == "en" else each for each in (rule.begins, rule.ends)]
    span = f"{ends[0]} – {ends[1]}" if rule.begins else ""
    return {"rule": asdict(rule), "span": span}


def _day(conn: sa.Connection, district_id: int, day: date, locale: Locale) -> Json:
    found = seasons.season_of(conn, district_id, day)
    told = found.temperature
    limit = _LIMITS[found.outdoor.said]
    return {
        "day": day.isoformat(),
        "season": found.season,
        "words": season_words(found, locale),
        "override": found.by_override,
        "max_c": told.max_c if told else None,
        "min_c": told.min_c if told else None,
        "kind": told.kind if told else None,
        "limit": translate(locale, limit) if limit else "",
    }
