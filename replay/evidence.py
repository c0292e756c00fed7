"""What taps and tracks prove of visits: the only writer of crews' visits and of stops' evidence.

A tap is a *claim* and shows at once. When its van's day is computed, each stop is graded by track and taps
together: what is proved well enough becomes *verified* and closes its cadence, what is not stays claimed. All
of it is a function of the facts, never of their order: computed again it comes out the same, and later facts
correct it in both directions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from fleet import tables, visits
from fleet.units import moment_of, ms_of
from replay import calls, facts
from replay.facts import Call, Outcome, Told, closing_of, outcome_of
from replay.proving import Finding, Seen, decisive, prove
from tracking.stays import Stay
from tracking.track import Track

DROPOFF_CHANNEL: Final = "check"
"""Handing something over at a stop point is seeing the elder, briefly: the doorstep check."""
VERIFYING: Final = frozenset({"A", "B", "C"})
"""The grades that verify a visit. What is graded D stays a claim."""
AFTER_THE_LAST: Final = timedelta(hours=2)
"""So long after its last planned stop nothing more is expected of a van's day."""
_VISITED_KINDS: Final = frozenset({"visit", "dropoff"})


@dataclass(frozen=True, slots=True)
class Tap:
    """One stored event of a terminal, as far as visits care."""

    terminal_id: int
    id: UUID
    district_id: int
    van_id: int
    t: datetime
    kind: str
    stop_id: int | None


@dataclass(frozen=True, slots=True)
class VanDay:
    """Whose day, and which."""

    district_id: int
    van_id: int
    day: date


def draw(conn: sa.Connection, tap: Tap) -> int:
    """Write the visits that a tap claims, until its van's day is computed.

    A tap at a visit claims its elder's visit; a tap at a drop-off claims the doorstep check of every elder
    whom that stop point serves. Of several taps at one call, from whichever terminal, the last decides what
    came of it, and all together are one visit. Other taps, and taps at stops of another district, claim
    nothing.

    Returns
    -------
    How many visits were written: 0 when the tap told nothing new.
    """
    if tap.stop_id is None or tap.kind not in facts.OUTCOMES:
        return 0
    told = Told(tap.van_id, facts.Tap(ms_of(tap.t), tap.terminal_id, tap.id, tap.kind, tap.stop_id))
    claimed = [
        visit
        for call in calls.calls_of_stops(conn, tap.district_id, [tap.stop_id])
        if call.stop.kind in _VISITED_KINDS
        for visit in _visits(conn, tap.district_id, call, _claim(call, told))
    ]
    return visits.put(conn, tap.district_id, claimed)


def touched_by(conn: sa.Connection, tap: Tap) -> frozenset[tuple[int, date]]:
    """Which vans' days a stored tap makes due: that of its stop's plan, however late it comes.

    Returns
    -------
    Vans by id with the day: those that tapped at the stop, and the one that it is planned for.
    """
    if tap.stop_id is None:
        return frozenset()
    return frozenset(
        (van_id, call.day)
        for call in calls.calls_of_stops(conn, tap.district_id, [tap.stop_id])
        for van_id in (tap.van_id, call.van_id, *(told.van_id for told in call.taps))
    )


def write_day(
    conn: sa.Connection,
    district_id: int,
    van_id: int,
    day: date,
    track: Track,
    stays: Sequence[Stay],
    now: datetime,
) -> int:
    """Compute what the stops of a van's day came to; write that, and the visits that it proves or unproves.

    Parameters
    ----------
    track, stays : the van's whole day, as the district's midnights bound it
    now : domain time

    Returns
    -------
    How many stops and visits are not as they were: 0 when all was written before.
    """
    bounds = calls.bounds_of(conn, district_id, day)
    known = calls.calls_of_van(conn, district_id, van_id, day, bounds)
    seen = Seen(track, stays, calls.readings_of_van(conn, district_id, van_id, bounds))
    leaves = [moment_of(call.stop.leaves_ms) for call in known]
    closes = min([bounds.end, max(leaves, default=bounds.end) + AFTER_THE_LAST])
    found = prove(known, van_id, seen, facts.Day(ms_of(now), ms_of(closes)))
    changed = _keep(conn, VanDay(district_id, van_id, day), found, now)
    proved = [
        visit
        for each in found
        if _is_ours(each, van_id)
        for visit in _visits(conn, district_id, each.call, _verified(each, van_id))
    ]
    return changed + visits.put(conn, district_id, proved)


@dataclass(frozen=True, slots=True)
class _Made:
    """What is written of a call into the ledger, for each elder whom it served."""

    van_id: int
    began: datetime
    service_s: int
    outcome: Outcome
    grade: visits.Grade | None = None


def _claim(call: Call, tapped: Told) -> _Made:
    """What all taps of a call claim; the one that is followed may not lie in the database yet."""
    known = {(told.tap.terminal_id, told.tap.id): told for told in (tapped, *call.taps)}
    closing = closing_of(call.stop.kind, [told.tap for told in known.values()])
    last = known[closing[-1].terminal_id, closing[-1].id]
    outcome = outcome_of(call.stop.kind, last.tap)
    # A visit nobody opened the door to took no time.
    service_s = round(call.stop.planned_s) if outcome == "served" else 0
    return _Made(last.van_id, moment_of(closing[0].t_ms) - timedelta(seconds=service_s), service_s, outcome)


def _verified(found: Finding, van_id: int) -> _Made:
    """What track and taps make of a call: its stay's times where proved, the claim's where not."""
    assert found.graded is not None
    claimed = _claim(found.call, Told(van_id, found.adherence.closing[-1]))
    stay = found.adherence.stay
    if stay is None or found.graded.grade not in VERIFYING:
        return _Made(van_id, claimed.began, claimed.service_s, claimed.outcome, found.graded.grade)
    service_s = round(found.adherence.dwell_s) if claimed.outcome == "served" else 0
    return _Made(van_id, moment_of(stay.starts_ms), service_s, claimed.outcome, found.graded.grade)


def _is_ours(found: Finding, van_id: int) -> bool:
    """Whether this van is the one to say what came of a call on elders."""
    last = decisive(found.call)
    is_last = last is not None and last.van_id == van_id
    return found.graded is not None and is_last and found.call.stop.kind in _VISITED_KINDS


def _visits(conn: sa.Connection, district_id: int, call: Call, made: _Made) -> list[visits.Visit]:
    channel = (call.channel or "visit") if call.stop.kind == "visit" else DROPOFF_CHANNEL
    return [
        visits.Visit(
            recipient_id=recipient_id,
            channel=channel,
            began=made.began,
            service_s=made.service_s,
            standing="verified" if made.grade in VERIFYING else "claimed",
            outcome=made.outcome,
            source=call.source,
            van_id=made.van_id,
            stop_id=call.stop.id,
            grade=made.grade,
        )
        for recipient_id in _served_at(conn, district_id, call)
    ]


def _served_at(conn: sa.Connection, district_id: int, call: Call) -> Sequence[int]:
    if call.stop.kind == "visit":
        return [] if call.recipient_id is None else [call.recipient_id]
    # Whom a drop-off served is settled by the first claim: who moves later was served there all the same.
    known = visits.called_on(conn, district_id, call.source)
    if known or call.site_id is None:
        return known
    recipient = tables.recipient
    return conn.scalars(
        sa.select(recipient.c.id)
        .where(recipient.c.district_id == district_id, recipient.c.stop_id == call.site_id)
        .order_by(recipient.c.id)
    ).all()


def _keep(conn: sa.Connection, whose: VanDay, found: Sequence[Finding], now: datetime) -> int:
    """Make a van's day of evidence hold what was found and nothing else. Returns how many rows changed."""
    t = tables.stop_evidence
    of_day = sa.and_(t.c.district_id == whose.district_id, t.c.van_id == whose.van_id, t.c.day == whose.day)
    before = {row["stop_id"]: dict(row) for row in conn.execute(sa.select(t).where(of_day)).mappings()}
    rows = {each.call.stop.id: {**asdict(whose), **_row(each)} for each in found}
    gone = before.keys() - rows.keys()
    new = {stop_id: row for stop_id, row in rows.items() if _differs(before.get(stop_id), row)}
    if gone or new:
        conn.execute(sa.delete(t).where(of_day, t.c.stop_id.in_([*gone, *new])))
    if new:
        conn.execute(t.insert(), [{**row, "computed_at": now} for row in new.values()])
    return len(gone) + len(new)


def _differs(before: dict[str, Any] | None, row: dict[str, Any]) -> bool:
    return before is None or any(before[name] != value for name, value in row.items())


def _row(found: Finding) -> dict[str, Any]:
    adherence, graded = found.adherence, found.graded
    stay, closing = adherence.stay, adherence.closing
    return {
        "stop_id": adherence.stop.id,
        "verdict": adherence.verdict,
        "arrived": None if stay is None else moment_of(stay.starts_ms),
        "departed": None if stay is None else moment_of(stay.ends_ms),
        "tapped": moment_of(closing[0].t_ms) if closing else None,
        "dwell_s": round(adherence.dwell_s),
        "sharers": adherence.sharers,
        # Whole metres, which the column's type keeps exactly.
        "distance_m": None if adherence.distance_m is None else float(round(adherence.distance_m)),
        "late_s": adherence.late_s,
        "window_late_s": adherence.window_late_s,
        "late": adherence.is_late,
        "in_order": adherence.in_order,
        "grade": None if graded is None else graded.grade,
        "score": None if graded is None else graded.score,
        "parts": [] if graded is None else [asdict(part) for part in graded.parts],
    }
