"""Names as a wall may show them, in either language."""

from __future__ import annotations

import re

from fleet.registry import mask_name
from fleet.season import BY_TEMPERATURE, DaySeason, Temperature
from fleet.words import Locale, translate
from maps.day import Stop

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DOOR = re.compile(r"\s*\d+\s*(?:号楼|号院|号|幢|栋|单元|室).*$")
_FIXED = {"start": "Depot", "end": "Depot", "reload": "Reload", "break": "Break", "pass": "Beat pass"}


def named(name: str, name_en: str, locale: Locale) -> str:
    """The name in the asker's language; the Chinese one where there is no other."""
    return (name_en or name) if locale == "en" else name


def place_name(stop: Stop, locale: Locale) -> str:
    """A stop's name: what it is for when nobody is visited, the place, the elder's masked name."""
    name = named(stop.name, stop.name_en, locale)
    if stop.kind in ("reload", "break", "pass"):
        name = " ".join(part for part in (translate(locale, _FIXED[stop.kind]), name) if part)
    name = name or translate(locale, _FIXED.get(stop.kind, "Stop"))
    return _with(name, stop.recipient)


def whose_name(name: str, name_en: str, recipient: str | None, locale: Locale) -> str:
    """Whom a call is for: the place, and where somebody is visited the elder's masked name."""
    return _with(named(name, name_en, locale), recipient)


def _with(place: str, recipient: str | None) -> str:
    return f"{place} {mask_name(recipient)}" if recipient else place


def goal_name(stop: Stop, locale: Locale) -> str:
    """Where a van heads for, as the map may say it: the place, of a doorstep the estate alone."""
    name = named(stop.name, stop.name_en, locale)
    return _DOOR.sub("", name) if stop.doorstep else name


def staff_name(display: str) -> str:
    """Who is on duty, as a wall shows it: a Chinese name masked, a plain login as it is."""
    return mask_name(display) if any("\u4e00" <= sign <= "\u9fff" for sign in display) else display


SEASONS = {"summer": "Summer service", "winter": "Winter service", "none": "Between the seasons"}


def season_words(day: DaySeason, locale: Locale) -> str:
    """The season, the solar term, the day of the dog days or nine nines, and what else decided it."""
    parts = [translate(locale, SEASONS[day.season]), day.term_en if locale == "en" else day.term]
    if day.spell:
        spell = day.spell_en if locale == "en" else day.spell
        parts.append(translate(locale, "{spell}, day {n}", spell=spell, n=day.spell_day))
    return " · ".join([*parts, *_why(day, locale)])


def _why(day: DaySeason, locale: Locale) -> list[str]:
    """What decided, where term and spell do not say it: the planner, the temperature, the calendar."""
    if day.by_override:
        return [translate(locale, "set by the planner")]
    if day.rule is None:
        return []
    if day.rule.kind == "dates":
        return [translate(locale, "{begins} to {ends}", begins=day.rule.begins, ends=day.rule.ends)]
    if day.rule.kind in BY_TEMPERATURE and day.temperature is not None:
        return [temperature_words(day.temperature, day.rule.kind.startswith("max"), locale)]
    return []


def temperature_words(told: Temperature, highest: bool, locale: Locale) -> str:
    """A day's highest or lowest temperature, and whether it was measured or foretold."""
    value = told.max_c if highest else told.min_c
    words = {
        (True, "measured"): "highest temperature {c} ℃",
        (False, "measured"): "lowest temperature {c} ℃",
        (True, "forecast"): "forecast high {c} ℃",
        (False, "forecast"): "forecast low {c} ℃",
    }
    return translate(locale, words[highest, told.kind], c=f"{value:g}")
