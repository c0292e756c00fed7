"""A day's evidence as a table that a clerk opens in a spreadsheet, for settlement by what was really done."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from fleet.registry import Van, mask_name
from fleet.units import moment_of
from fleet.words import Locale, translate

WORDS: Final = MappingProxyType(
    {
        "visit": "Home visit",
        "dropoff": "Drop-off",
        "reload": "Reload",
        "served": "Served",
        "arrived": "Came, nothing tapped",
        "no_answer": "Nobody answered",
        "declined": "Service declined",
        "skipped": "Skipped",
        "pending": "Not yet due",
        "dwell": "dwell",
        "distance": "distance",
        "order": "order",
        "tap": "place of the tap",
        "picture": "photo or signature",
        "position": "terminal's position",
        "reading": "temperature reading",
        "cap": "tapped elsewhere",
        "yes": "Yes",
        "no": "No",
    }
)
"""How codes are said to a person, in English."""
PARTS: Final = ("dwell", "distance", "order", "tap", "picture", "position", "reading", "cap")
_MARK: Final = "\ufeff"
"""Without this mark spreadsheets take Chinese for another coding."""
_ACTING: Final = ("=", "+", "-", "@", "\t", "\r")


def table(rows: Sequence[Mapping[str, Any]], vans: Mapping[int, Van], timezone: str, locale: Locale) -> str:
    """One line a stop; times by the district's clock, durations in minutes, elders masked."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_header(locale))
    zone = ZoneInfo(timezone)
    for row in rows:
        writer.writerow([_safe(cell) for cell in _line(row, vans[row["van_id"]], zone, locale)])
    return _MARK + out.getvalue()


def _header(locale: Locale) -> list[str]:
    return [
        translate(locale, "Van"),
        translate(locale, "No."),
        translate(locale, "Kind of stop"),
        translate(locale, "Elder or place"),
        translate(locale, "Elder's code"),
        translate(locale, "Planned from"),
        translate(locale, "Planned to"),
        translate(locale, "Verdict"),
        translate(locale, "Came at"),
        translate(locale, "Left at"),
        translate(locale, "Tapped at"),
        translate(locale, "Dwell (min)"),
        translate(locale, "Distance (m)"),
        translate(locale, "Late by (min)"),
        translate(locale, "In order"),
        translate(locale, "Grade"),
        translate(locale, "Points"),
        *(translate(locale, "Points: {part}", part=_said(locale, part)) for part in PARTS),
        translate(locale, "Visits"),
        translate(locale, "Verified visits"),
    ]


def _line(row: Mapping[str, Any], van: Van, zone: ZoneInfo, locale: Locale) -> list[object]:
    points = {part["part"]: part["points"] for part in row["parts"]}
    place = row["place"] if locale == "zh" else row["place_en"] or row["place"]
    return [
        van.name if locale == "zh" else van.name_en or van.name,
        row["seq"],
        _said(locale, row["kind"]),
        mask_name(row["who"]) if row["who"] else place or "",
        row["who_code"] or "",
        *(_clock(row[name], zone) for name in ("begins", "leaves")),
        _said(locale, row["verdict"]),
        *(_clock(row[name], zone) for name in ("arrived", "departed", "tapped")),
        round(row["dwell_s"] / 60, 1),
        "" if row["distance_m"] is None else round(row["distance_m"]),
        round(row["late_s"] / 60, 1),
        "" if row["in_order"] is None else _said(locale, "yes" if row["in_order"] else "no"),
        row["grade"] or "",
        "" if row["score"] is None else row["score"],
        *(points.get(part, "") for part in PARTS),
        row["visits"],
        row["verified"],
    ]


def _said(locale: Locale, word: str) -> str:
    return translate(locale, WORDS.get(word, word))


def _clock(t_ms: int | None, zone: ZoneInfo) -> str:
    return "" if t_ms is None else datetime.strftime(moment_of(t_ms).astimezone(zone), "%Y-%m-%d %H:%M:%S")


def _safe(cell: object) -> object:
    """A cell whose text no spreadsheet takes for a formula."""
    return "'" + cell if isinstance(cell, str) and cell.startswith(_ACTING) else cell
