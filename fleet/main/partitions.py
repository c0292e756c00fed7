"""`./carevan partitions`: the days of the fix table as a table, or as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from unicodedata import east_asian_width

from fleet.clock import wall_now
from fleet.context import Context
from fleet.db import translate_errors
from fleet.main.looking_back import ZONE
from fleet.words import Locale, locale_of_environment, translate
from tracking.days import CLOCKS_AGREE_WITHIN
from tracking.inventory import Holding, inventory

_HEADS = ("Day (UTC)", "Phase", "Rows, about", "Table", "Indexes", "Newest receipt", "Drops on")
_STEPS = ("B", "kB", "MB", "GB", "TB")
_GAP = "  "


def show(context: Context, *, as_json: bool) -> None:
    """Print what there is, the oldest day first.

    Parameters
    ----------
    as_json : one object for all, sizes in bytes, instead of a table
    """
    now = context.clock.now()
    with translate_errors(), context.engine.connect() as conn:
        holdings = inventory(conn, now, context.settings.retention_days)
    if as_json:
        print(json.dumps(_told(holdings, context.settings.retention_days), indent=1))
        return
    locale = locale_of_environment(os.environ)
    print("\n".join(_table(holdings, locale)))
    print(
        translate(
            locale,
            "Raw tracks are kept {days} days from their receipt (CAREVAN_RETENTION_DAYS).",
            days=context.settings.retention_days,
        )
    )
    if abs(now - wall_now()) > CLOCKS_AGREE_WITHIN:
        print(translate(locale, "The clock is set to {now}: nothing is deleted under it.", now=_minute(now)))


def _told(holdings: Sequence[Holding], retention_days: int) -> dict[str, Any]:
    days = [
        {
            "name": each.part.name,
            "day": None if each.part.first is None else each.part.starts.date().isoformat(),
            "state": each.state.value,
            "rows_about": each.rows_about,
            "table_bytes": each.table_bytes,
            "index_bytes": each.index_bytes,
            "newest_receipt": each.newest_receipt.isoformat() if each.newest_receipt else None,
            "drops_on": each.drops_on.isoformat() if each.drops_on else None,
        }
        for each in holdings
    ]
    return {"retention_days": retention_days, "days": days}


def _table(holdings: Sequence[Holding], locale: Locale) -> list[str]:
    rows = [tuple(translate(locale, head) for head in _HEADS)]
    rows += [_row(each, locale) for each in holdings]
    rows.append(
        (
            translate(locale, "All"),
            "",
            f"{sum(each.rows_about for each in holdings):,}",
            size(sum(each.table_bytes for each in holdings)),
            size(sum(each.index_bytes for each in holdings)),
            "",
            "",
        )
    )
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            _pad(cell, width, left=n in {0, 1})
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(_GAP.join(cells).rstrip())
    rule = "-" * (sum(widths) + len(_GAP) * (len(widths) - 1))
    return [lines[0], rule, *lines[1:-1], rule, lines[-1]]


def _row(each: Holding, locale: Locale) -> tuple[str, ...]:
    if each.part.first is None:
        day = translate(locale, "before {day}", day=each.part.ends.date())
        drops = translate(locale, "row by row")
    else:
        day = str(each.part.starts.date())
        drops = str(each.drops_on)
    return (
        day,
        translate(locale, each.state.value),
        f"{each.rows_about:,}",
        size(each.table_bytes),
        size(each.index_bytes),
        _minute(each.newest_receipt) if each.newest_receipt else "-",
        drops,
    )


def size(count: int) -> str:
    """Bytes as people read them."""
    value, step = float(count), 0
    while value >= 1000 and step < len(_STEPS) - 1:
        value, step = value / 1000, step + 1
    return f"{value:.0f} {_STEPS[step]}" if step == 0 or value >= 100 else f"{value:.1f} {_STEPS[step]}"


def _minute(instant: datetime) -> str:
    return f"{instant.astimezone(ZONE):%Y-%m-%d %H:%M}"


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _pad(text: str, width: int, *, left: bool) -> str:
    space = " " * (width - _width(text))
    return text + space if left else space + text
