"""Rules and exceptions of how often elders are due, from a CSV file: all of its rows, or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from fleet import audit, tables
from fleet.csv_layouts import CADENCES, GAPS
from fleet.csv_rows import Parsed, Refused, Row, parse
from fleet.errors import InvalidInput
from fleet.importing import Report, Taken, read_file


def import_cadences(conn: sa.Connection, district_id: int, file: Path, *, by: str) -> Report:
    """Take a file of cadences in. A person's rule or exception that is known is changed.

    Raises
    ------
    InvalidInput : the file as a whole cannot be read.
    """
    return take_cadences(conn, district_id, parse(read_file(file), CADENCES), file.name, by=by)


def take_cadences(conn: sa.Connection, district_id: int, parsed: Parsed, name: str, *, by: str) -> Report:
    """Write the cadences of a parsed file, unless a row of it is refused, or names a stranger.

    Parameters
    ----------
    by : as the audit names them
    """
    ids = recipient_ids(conn, district_id)
    good = [row for row in parsed.rows if row.text("code") in ids]
    refused = [*parsed.refused, *(unknown_person(row) for row in parsed.rows if row.text("code") not in ids)]
    known = _known(conn, district_id)
    values = [_values(row, ids[row.text("code")]) for row in good]
    taken = tuple(
        Taken(row.line, row.text("code"), _key(each) in known) for row, each in zip(good, values, strict=True)
    )
    if not refused:
        for each in values:
            _put(conn, each)
        audit.record(conn, by, "cadences.import", name, district_id, taken=len(good))
    return Report(name, taken, tuple(sorted(refused, key=lambda each: each.line)), parsed.ignored)


def recipient_ids(conn: sa.Connection, district_id: int) -> dict[str, int]:
    """The elders of a district: id by code."""
    t = tables.recipient
    query = sa.select(t.c.code, t.c.id).where(t.c.district_id == district_id)
    return {row.code: row.id for row in conn.execute(query)}


def unknown_person(row: Row) -> Refused:
    """The refusal of a row whose code is nobody's."""
    return Refused(
        row.line,
        InvalidInput(
            "There is no elder with the code {code!r}. Import the elders first, or correct the code.",
            code=row.text("code"),
        ),
    )


def _known(conn: sa.Connection, district_id: int) -> set[tuple[Any, ...]]:
    t, r = tables.cadence, tables.recipient
    query = (
        sa.select(t.c.recipient_id, t.c.channel, t.c.own, t.c.day_from)
        .join(r, r.c.id == t.c.recipient_id)
        .where(r.c.district_id == district_id)
    )
    return {tuple(row) for row in conn.execute(query)}


def _key(values: dict[str, Any]) -> tuple[Any, ...]:
    return values["recipient_id"], values["channel"], values["own"], values["day_from"]


def _values(row: Row, recipient_id: int) -> dict[str, Any]:
    minutes, channel = row.values["minutes"], row.text("channel")
    skills, closed_by = row.values["skills"], row.values["closed_by"]
    assert isinstance(skills, tuple)
    assert isinstance(closed_by, tuple)
    return {
        **{name: row.values[name] for name in ("target_days", "min_days", "max_days", "mandatory", "own")},
        **{name: row.values[name] for name in ("day_from", "day_to")},
        "recipient_id": recipient_id,
        "channel": channel,
        "service_s": minutes * 60 if isinstance(minutes, int) else GAPS[channel][0],
        "skills": list(skills),
        "closed_by_own": list(closed_by) or None,
    }


def _put(conn: sa.Connection, values: dict[str, Any]) -> None:
    t = tables.cadence
    statement = insert(t).values(values)
    own = bool(values["own"])
    begins = sa.text("COALESCE(day_from, '-infinity')")
    change = {key: value for key, value in values.items() if key not in ("recipient_id", "channel", "own")}
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=[t.c.recipient_id, t.c.channel, *([begins] if own else [])],
            index_where=t.c.own if own else sa.not_(t.c.own),
            set_=change,
        )
    )
