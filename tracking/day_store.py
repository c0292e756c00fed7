"""The proofs that are kept of vans' days, and the marks of those that have to be made again.

Functions take the caller's connection and neither open nor commit.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from fleet.units import moment_of
from tracking.coverage import BeatSeen
from tracking.ledger import Span
from tracking.proof import DayProof, VanDay
from tracking.statements import TEXTS

_LOOKS_BACK: Final = timedelta(days=14)
"""So long after its end a day is still closed, should nobody have been there to do it."""


class Mark(NamedTuple):
    """A van's day."""

    van_id: int
    day: date


@dataclass(frozen=True, slots=True)
class KeptBeat:
    """How a beat was covered by a van's day; `tracking.coverage.BeatSeen` says what it means."""

    beat_id: int
    name: str
    name_en: str
    cells: int
    cells_seen: int
    passes: int
    longest_unseen_s: int
    longest_revisit_s: int | None
    median_revisit_s: int | None


@dataclass(frozen=True, slots=True)
class KeptDay:
    """The proof that is kept of a van's day; `tracking.proof` and `tracking.ledger` say what it means.

    Parameters
    ----------
    beats : by their codes
    """

    van_id: int
    day: date
    district_id: int
    proved_s: int
    claimed_s: int
    sos_s: int
    distance_m: float
    fixes: int
    flagged: int
    spans: tuple[Span, ...]
    cells_seen: int
    cells: int
    longest_unseen_s: int
    received_until: datetime | None
    computed_at: datetime
    beats: tuple[KeptBeat, ...] = ()


@dataclass(frozen=True, slots=True)
class Pace:
    """When a marked day's turn comes.

    Parameters
    ----------
    quiet_s : so long after its last mark
    every_s : at the latest so long after it was proved last
    """

    quiet_s: float = 5.0
    every_s: float = 30.0


def write(conn: sa.Connection, proof: DayProof, at: datetime) -> None:
    """Keep a proof, instead of the one that was kept before."""
    ledger, coverage, received_ms = proof.ledger, proof.coverage, proof.received_until_ms
    values = {
        **proof.whose._asdict(),
        "proved_s": ledger.proved_s,
        "claimed_s": ledger.claimed_s,
        "sos_s": ledger.sos_s,
        "distance_m": proof.distance_m,
        "fixes": len(proof.facts.stored),
        "flagged": proof.flagged,
        "spans": json.dumps([_json_of(span) for span in ledger.spans]),
        "cells_seen": coverage.cells_seen,
        "cells": len(coverage.passes),
        "longest_unseen_s": coverage.longest_unseen_s,
        "received_until": None if received_ms is None else moment_of(received_ms),
        "computed_at": at,
    }
    conn.exec_driver_sql(TEXTS["write_van_day"], values)
    _write_beats(conn, proof)


def _write_beats(conn: sa.Connection, proof: DayProof) -> None:
    seen = proof.beats
    whose = {"van_id": proof.whose.van_id, "day": proof.whose.day}
    conn.exec_driver_sql(TEXTS["drop_van_day_beats"], {**whose, "beats": [each.beat_id for each in seen]})
    columns = {name: [getattr(each, name) for each in seen] for name in BeatSeen._fields}
    conn.exec_driver_sql(TEXTS["write_van_day_beats"], {**whose, **columns})


def read(conn: sa.Connection, district_id: int, first: date, last: date) -> tuple[KeptDay, ...]:
    """What is kept of a district's days from the first to the last, by day and van."""
    params = {"district_id": district_id, "first": first, "last": last}
    beats: dict[Mark, list[KeptBeat]] = {}
    for van_id, day, *beat in conn.exec_driver_sql(TEXTS["van_day_beats"], params):
        beats.setdefault(Mark(van_id, day), []).append(KeptBeat(*beat))
    rows = conn.exec_driver_sql(TEXTS["van_days"], params).mappings().all()
    return tuple(
        KeptDay(
            **{**row, "spans": tuple(_span_of(each) for each in row["spans"])},
            beats=tuple(beats.get(Mark(row["van_id"], row["day"]), ())),
        )
        for row in rows
    )


def has_lost_fixes(conn: sa.Connection, proof: DayProof) -> bool:
    """Whether the kept proof rests on more than is still stored: it outlives the track, and stays."""
    params = {"van_id": proof.whose.van_id, "day": proof.whose.day}
    kept = conn.exec_driver_sql(TEXTS["fixes_kept"], params).scalar_one_or_none()
    return kept is not None and kept > len(proof.facts.stored)


def mark(conn: sa.Connection, marks: Iterable[Mark], at: datetime) -> None:
    """Say that days have to be proved again; vans that are gone are left out."""
    found = sorted(set(marks))
    if found:
        vans, days = zip(*found, strict=True)
        conn.exec_driver_sql(TEXTS["mark_due"], {"vans": list(vans), "days": list(days), "at": at})


def mark_ended(conn: sa.Connection, now: datetime) -> None:
    """Mark days that have ended since they were proved, and shifts of vans that were never heard."""
    today = now.date()
    params = {"now": now, "first": today - _LOOKS_BACK, "last": today + timedelta(days=1)}
    conn.exec_driver_sql(TEXTS["mark_ended"], params)


def mark_called(conn: sa.Connection, since: datetime, now: datetime) -> None:
    """Mark the days of calls for help that were closed after `since`."""
    conn.exec_driver_sql(TEXTS["mark_called"], {"since": since, "now": now})


def take_due(conn: sa.Connection, now: datetime, pace: Pace, aside: Collection[Mark] = ()) -> VanDay | None:
    """Take the mark of the day whose turn it is; None when it is nobody's.

    Days whose facts have changed go first, then those of which only what they are judged by has.
    The mark is gone when the caller commits, and back when it does not.

    Parameters
    ----------
    aside : days that are left alone for now
    """
    params: Mapping[str, Any] = {
        "now": now,
        "quiet": now - timedelta(seconds=pace.quiet_s),
        "recent": now - timedelta(seconds=pace.every_s),
        "aside_vans": [each.van_id for each in aside],
        "aside_days": [each.day for each in aside],
    }
    for statement in ("take_due", "take_due_by_change"):
        row = conn.exec_driver_sql(TEXTS[statement], params).one_or_none()
        if row is not None:
            return VanDay(row[2], row[0], row[1])
    return None


def marked_until(conn: sa.Connection) -> datetime | None:
    """Until when all that was received has left its marks."""
    found: datetime | None = conn.exec_driver_sql(TEXTS["marked_until"]).scalar_one_or_none()
    return found


def raise_watermark(conn: sa.Connection, until: datetime) -> None:
    """Say that all that was received until then has left its marks."""
    conn.exec_driver_sql(TEXTS["raise_watermark"], {"until": until})


def received_lately(conn: sa.Connection, since: datetime) -> Sequence[tuple[int, int, Sequence[int]]]:
    """Which vans got fixes since: van, district, quarters of an hour. Reads all that is stored."""
    conn.exec_driver_sql(TEXTS["no_hurry"])
    rows = conn.exec_driver_sql(TEXTS["received_lately"], {"since": since})
    return [(van_id, district_id, quarters) for van_id, district_id, quarters in rows]


def _json_of(span: Span) -> dict[str, object]:
    return {
        "kind": span.kind,
        "from": span.starts_ms,
        "to": span.ends_ms,
        "first": span.first,
        "last": span.last,
    }


def _span_of(value: Mapping[str, Any]) -> Span:
    return Span(value["kind"], value["from"], value["to"], value["first"], value["last"])
