"""Names as a wall may show them, in either language."""

from __future__ import annotations

from fleet.registry import mask_name
from fleet.words import Locale, translate
from maps.day import Stop

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
    return f"{name} {mask_name(stop.recipient)}" if stop.recipient else name
