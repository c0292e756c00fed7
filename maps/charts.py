"""The figures of the charts' page as plain values. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from fleet.registry import Van
from fleet.sos import Case
from fleet.units import ms_of
from fleet.words import Locale
from maps.board import PATROL_TARGET_H, Json
from maps.day import CLOSING, Stop, Tap
from maps.naming import named
from tracking.coverage import Coverage
from tracking.day_store import KeptDay

DAYS: Final = 14
"""Of so many days, the chosen one last, visits are counted."""
STEP_MS: Final = 10 * 60_000
ANSWER_S, UNDER_WAY_S, ARRIVE_S = 60, 90, 15 * 60
"""What is promised of a call for help, seconds after it: seen by a person, taken by a van, a van there."""


@dataclass(frozen=True, slots=True)
class DayCount:
    """Calls in person of a day: due that morning, overdue among them, and made by its end."""

    day: date
    due: int
    overdue: int
    done: int


@dataclass(frozen=True, slots=True)
class Known:
    """What the charts of a day are made of; taps and calls for help are those of the day, until `now`."""

    now: datetime
    day: date
    vans: tuple[Van, ...]
    ledgers: Mapping[int, KeptDay]
    stops: tuple[Stop, ...]
    taps: tuple[Tap, ...]
    calls: tuple[Case, ...]
    coverage: tuple[Coverage, ...]
    visits: tuple[DayCount, ...]


def figures(known: Known, locale: Locale) -> Json:
    """All charts' values.

    Returns
    -------
    Plain JSON values; times in epoch milliseconds, hours and seconds as told by their names, shares 0..1.
    """
    names = [named(van.name, van.name_en, locale) for van in known.vans]
    return {
        "as_of": ms_of(known.now),
        "day": str(known.day),
        "vans": [{"name": name, "colour": van.colour} for name, van in zip(names, known.vans, strict=True)],
        "patrol": patrol(known.vans, known.ledgers),
        "visits": visits(known.visits),
        "portions": portions(known.vans, known.stops, known.taps),
        "sos": [answered(n, call) for n, call in enumerate(known.calls, start=1)],
        "targets": {"answered_s": ANSWER_S, "under_way_s": UNDER_WAY_S, "arrived_s": ARRIVE_S},
        "coverage": coverage(known.coverage, ms_of(known.now)),
    }


def patrol(vans: Sequence[Van], ledgers: Mapping[int, KeptDay]) -> Json:
    """Hours of patrol by van: proved by its track, claimed by its crew."""
    kept = [ledgers.get(van.id) for van in vans]
    return {
        "proved_h": [0.0 if each is None else round(each.proved_s / 3600, 2) for each in kept],
        "claimed_h": [0.0 if each is None else round(each.claimed_s / 3600, 2) for each in kept],
        "target_h": PATROL_TARGET_H,
    }


def visits(days: Iterable[DayCount]) -> Json:
    """Calls in person by day: overdue ones, others due, and made."""
    counted = list(days)
    return {
        "days": [str(each.day) for each in counted],
        "overdue": [each.overdue for each in counted],
        "due": [each.due - each.overdue for each in counted],
        "done": [each.done for each in counted],
    }


def portions(vans: Sequence[Van], stops: Iterable[Stop], taps: Sequence[Tap]) -> Json:
    """Cups by van, as its crew tapped: handed out, and thrown away at reloads.

    A tap without a number counts as planned; of several taps that close a stop the last one counts.
    """
    planned = {stop.id: sum(int(cups) for cups in stop.items.values()) for stop in stops}
    closed = {tap.stop_id: tap for tap in taps if tap.stop_id is not None and tap.kind in CLOSING}
    served = dict.fromkeys((van.id for van in vans), 0)
    discarded = dict(served)
    for stop_id, tap in closed.items():
        if tap.kind == "done" and tap.van_id in served:
            cups = tap.body.get("cups")
            served[tap.van_id] += int(cups) if isinstance(cups, int | float) else planned.get(stop_id or 0, 0)
    for tap in taps:
        if tap.kind == "reload" and tap.van_id in discarded:
            discarded[tap.van_id] += int(tap.body.get("cups") or 0)
    return {"served": list(served.values()), "discarded": list(discarded.values())}


def answered(n: int, call: Case) -> Json:
    """How long a call for help waited, seconds since it came; None for what has not been."""

    def since(at: datetime | None) -> int | None:
        return None if at is None else max(0, round((at - call.called_at).total_seconds()))

    return {
        "n": n,
        "called_at": ms_of(call.called_at),
        "answered_s": since(call.seen_at),
        "under_way_s": since(call.accepted_at),
        "arrived_s": since(call.arrived_at),
    }


def coverage(beats: Sequence[Coverage], now_ms: int) -> Json:
    """The share of all beats' cells that was passed at least once, each ten minutes of the shifts."""
    cells = sum(len(each.passes) for each in beats)
    if not cells:
        return {"at": [], "share": []}
    starts = min(each.within.starts_ms for each in beats)
    ends = max(starts, min(now_ms, max(each.within.ends_ms for each in beats)))
    first = sorted(cell[0].starts_ms for each in beats for cell in each.passes if cell)
    at = [*range(starts, ends, STEP_MS), ends]
    share, n = [], 0
    for moment in at:
        while n < len(first) and first[n] <= moment:
            n += 1
        share.append(round(n / cells, 4))
    return {"at": at, "share": share}
