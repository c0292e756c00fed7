"""What others did: phone calls and grid workers' visits, written down by a person, and taken back when wrong.

Each entry is a visit of the ledger, verified by its channel; its source names who wrote it down, and for
which moment. Taken back, it stays in the ledger, counts no more, and the audit says who did it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fleet import audit, registry, tables, visits
from fleet.cadences import recipient_ids, unknown_person
from fleet.csv_layouts import VISITS
from fleet.csv_rows import Parsed, Refused, Row, parse
from fleet.errors import Conflict, InvalidInput, NotFound
from fleet.importing import Report, Taken, read_file

Channel: TypeAlias = Literal["call", "grid"]
Outcome: TypeAlias = Literal["served", "no_answer", "declined"]
USUAL_S: Final[Mapping[str, int]] = MappingProxyType({"call": 180, "grid": 600})
"""How long a call takes that nobody told the length of."""
OLDEST: Final = timedelta(days=92)
"""Nothing is written down of a time longer ago."""
_AHEAD: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Entry:
    """A call on an elder as somebody writes it down."""

    recipient_id: int
    channel: Channel
    began: datetime
    outcome: Outcome
    service_s: int


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who writes it down, as the ledger names them and as the audit does, and when."""

    login: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as it stands in the ledger."""

    id: int
    recipient_id: int
    channel: str
    began: datetime
    service_s: int
    outcome: str
    recorded_at: datetime
    recorded_by: str
    undone_at: datetime | None
    undone_by: str | None


def record(conn: sa.Connection, district_id: int, entry: Entry, by: Clerk) -> int:
    """Write one entry into the ledger; its id.

    Raises
    ------
    NotFound : the elder is not of this district.
    InvalidInput : the time lies ahead or too long ago.
    Conflict : the same call stands there already.
    """
    if entry.recipient_id not in recipient_ids(conn, district_id).values():
        raise NotFound("There is no elder {id} in this district. Load the page again.", id=entry.recipient_id)
    check_moment(entry.began, by.at)
    if _standing(conn, district_id, [entry]):
        raise Conflict(
            "This call is in the ledger already: the same elder, channel and minute. "
            "Take that entry back first if it is wrong."
        )
    (visit_id,) = _write(conn, district_id, [entry], by)
    audit.record(
        conn, by.actor, "visit.record", f"visit:{visit_id}", district_id,
        channel=entry.channel, outcome=entry.outcome,
    )  # fmt: skip
    return visit_id


def undo(conn: sa.Connection, district_id: int, visit_id: int, by: Clerk) -> None:
    """Let an entry count no more. It stays in the ledger.

    Raises
    ------
    NotFound : there is no such entry; what tracks prove cannot be taken back by hand.
    Conflict : it was taken back before.
    """
    t = tables.visit
    found = conn.execute(
        sa.select(t.c.undone_by)
        .where(t.c.id == visit_id, t.c.district_id == district_id, t.c.recorded_at.is_not(None))
        .with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFound("There is no written entry {id} in this district. Load the page again.", id=visit_id)
    if found.undone_by is not None:
        raise Conflict("{who} has taken this entry back already.", who=found.undone_by)
    conn.execute(t.update().where(t.c.id == visit_id).values(undone_at=by.at, undone_by=by.login))
    audit.record(conn, by.actor, "visit.undo", f"visit:{visit_id}", district_id)


def lately(conn: sa.Connection, district_id: int, limit: int = 50) -> tuple[Recorded, ...]:
    """The entries written last, the newest first, those taken back among them."""
    t = tables.visit
    columns = [t.c[name] for name in Recorded.__slots__]
    query = (
        sa.select(*columns)
        .where(t.c.district_id == district_id, t.c.recorded_at.is_not(None))
        .order_by(t.c.recorded_at.desc(), t.c.id.desc())
        .limit(limit)
    )
    return tuple(Recorded(**row) for row in conn.execute(query).mappings())


def import_visits(conn: sa.Connection, district_id: int, file: Path, by: Clerk) -> Report:
    """Take a CSV file of calls and grid workers' visits in, all of its rows or none.

    Raises
    ------
    InvalidInput : the file as a whole cannot be read.
    """
    return take_visits(conn, district_id, parse(read_file(file), VISITS), file.name, by)


def take_visits(conn: sa.Connection, district_id: int, parsed: Parsed, name: str, by: Clerk) -> Report:
    """Write the entries of a parsed file, unless a row is refused; those that stand there already stay."""
    zone = ZoneInfo(registry.district(conn, district_id).timezone)
    ids = recipient_ids(conn, district_id)
    refused: list[Refused] = list(parsed.refused)
    good: list[tuple[Row, Entry]] = []
    for row in parsed.rows:
        if row.text("code") not in ids:
            refused.append(unknown_person(row))
            continue
        entry = _entry_of(row, ids[row.text("code")], zone)
        try:
            check_moment(entry.began, by.at)
        except InvalidInput as why:
            refused.append(Refused(row.line, why))
        else:
            good.append((row, entry))
    known = _standing(conn, district_id, [entry for _, entry in good])
    taken = tuple(Taken(row.line, row.text("code"), _key(entry) in known) for row, entry in good)
    if not refused:
        _write(conn, district_id, [entry for _, entry in good if _key(entry) not in known], by)
        audit.record(conn, by.actor, "visits.import", name, district_id, taken=len(good))
    in_order = tuple(sorted(refused, key=lambda each: each.line))
    return Report(name, taken, in_order, parsed.ignored, keeps=True)


def check_moment(began: datetime, now: datetime) -> None:
    """See that a call lies in the past, and not long ago.

    Raises
    ------
    InvalidInput : it does not.
    """
    if began > now + _AHEAD:
        raise InvalidInput(
            "The time {time} lies ahead. Write down what has been done.", time=f"{began:%Y-%m-%d %H:%M}"
        )
    if began < now - OLDEST:
        raise InvalidInput(
            "The time {time} is more than {days} days ago. Correct it.",
            time=f"{began:%Y-%m-%d %H:%M}", days=OLDEST.days,
        )  # fmt: skip


def _entry_of(row: Row, recipient_id: int, zone: ZoneInfo) -> Entry:
    began, minutes = row.values["began"], row.values["minutes"]
    assert isinstance(began, datetime)
    channel: Channel = "grid" if row.text("channel") == "grid" else "call"
    outcome = next(each for each in get_args(Outcome) if each == row.text("outcome"))
    service_s = minutes * 60 if isinstance(minutes, int) else USUAL_S[channel]
    return Entry(recipient_id, channel, began.replace(tzinfo=zone), outcome, service_s)


def _key(entry: Entry) -> tuple[int, str, datetime]:
    return entry.recipient_id, entry.channel, entry.began


def _standing(
    conn: sa.Connection, district_id: int, entries: Sequence[Entry]
) -> set[tuple[int, str, datetime]]:
    """Which of these calls are in the ledger already and count."""
    if not entries:
        return set()
    t = tables.visit
    query = sa.select(t.c.recipient_id, t.c.channel, t.c.began).where(
        t.c.district_id == district_id,
        t.c.undone_at.is_(None),
        t.c.channel.in_(get_args(Channel)),
        t.c.began.between(min(each.began for each in entries), max(each.began for each in entries)),
    )
    there = {(row.recipient_id, row.channel, row.began) for row in conn.execute(query)}
    return {key for each in entries if (key := _key(each)) in there}


def _write(conn: sa.Connection, district_id: int, entries: Sequence[Entry], by: Clerk) -> list[int]:
    """Add the entries through the ledger, and note who wrote them; their ids."""
    if not entries:
        return []
    t = tables.visit
    turn = _turns(conn, district_id, entries)
    told = [
        visits.Visit(
            recipient_id=each.recipient_id,
            channel=each.channel,
            began=each.began,
            service_s=each.service_s,
            standing="verified",
            outcome=each.outcome,
            source=f"by:{by.login}:{each.began.astimezone(UTC).isoformat()}:{turn.get(_key(each), 0) + 1}",
        )
        for each in entries
    ]
    visits.add(conn, district_id, told)
    marked = conn.scalars(
        t.update()
        .where(
            t.c.district_id == district_id,
            t.c.recorded_at.is_(None),
            t.c.source.in_({each.source for each in told}),
        )
        .values(recorded_at=by.at, recorded_by=by.login)
        .returning(t.c.id)
    )
    return sorted(marked)


def _turns(
    conn: sa.Connection, district_id: int, entries: Sequence[Entry]
) -> Mapping[tuple[int, str, datetime], int]:
    """How often each of these calls was written down before and taken back."""
    t = tables.visit
    query = (
        sa.select(t.c.recipient_id, t.c.channel, t.c.began, sa.func.count().label("n"))
        .where(
            t.c.district_id == district_id,
            t.c.undone_at.is_not(None),
            t.c.began.between(min(each.began for each in entries), max(each.began for each in entries)),
        )
        .group_by(t.c.recipient_id, t.c.channel, t.c.began)
    )
    return {(row.recipient_id, row.channel, row.began): int(row.n) for row in conn.execute(query)}
