"""A district's own rules of the season, its temperatures, and what both make of a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from fleet import registry, tables
from fleet.csv_layouts import TEMPERATURES
from fleet.csv_rows import Parsed, Refused, Row, parse
from fleet.errors import InvalidInput
from fleet.importing import Report, Taken, read_file
from fleet.season import DEFAULT_RULES, DaySeason, Rule, Temperature, check_rule, season_on

MOST_RULES: Final = 20


@dataclass(frozen=True, slots=True)
class Noted:
    """A day's temperature to be kept."""

    day: date
    temperature: Temperature


def season_of(conn: sa.Connection, district_id: int, day: date) -> DaySeason:
    """A district's season on a day: the planner's override, else the first of its rules that holds."""
    return season_on(
        day,
        registry.season_override(conn, district_id, day),
        rules(conn, district_id),
        temperatures(conn, district_id, day, day).get(day),
    )


def rules(conn: sa.Connection, district_id: int) -> tuple[Rule, ...]:
    """A district's rules in their order; the default ones while it has none of its own."""
    t = tables.season_rule
    columns = (t.c.season, t.c.kind, t.c.begins, t.c.ends, t.c.limit_c)
    query = sa.select(*columns).where(t.c.district_id == district_id).order_by(t.c.rank)
    return tuple(Rule(**row) for row in conn.execute(query).mappings()) or DEFAULT_RULES


def set_rules(conn: sa.Connection, district_id: int, wanted: Sequence[Rule]) -> None:
    """Replace a district's rules; none at all brings the default ones back.

    Raises
    ------
    InvalidInput : a rule cannot be one, or there are too many.
    """
    if len(wanted) > MOST_RULES:
        raise InvalidInput(
            "{n} rules are too many; {most} are the most. Leave some out.", n=len(wanted), most=MOST_RULES
        )
    t = tables.season_rule
    made = [
        {"district_id": district_id, "rank": rank, **asdict(check_rule(rule))}
        for rank, rule in enumerate(wanted)
    ]
    conn.execute(t.delete().where(t.c.district_id == district_id))
    if made and tuple(wanted) != DEFAULT_RULES:
        conn.execute(t.insert(), made)


def set_override(conn: sa.Connection, district_id: int, first: date, last: date, season: str | None) -> None:
    """Let a planner's word stand for some days, or take it back with None. What stood on these days ends.

    Raises
    ------
    InvalidInput : the last day is before the first, or there is no such season.
    """
    if last < first:
        raise InvalidInput(
            "The first day {first} is after the last day {last}. Exchange or correct them.",
            first=first, last=last,
        )  # fmt: skip
    if season is not None:
        season_on(first, season)
    t = tables.season_override
    _cut(conn, district_id, first, last)
    if season is not None:
        values = {"district_id": district_id, "day_from": first, "day_to": last, "season": season}
        conn.execute(t.insert().values(values))


def temperatures(
    conn: sa.Connection, district_id: int, first: date, last: date
) -> Mapping[date, Temperature]:
    """What is known of each day: as measured, else as foretold."""
    t = tables.day_temperature
    query = (
        sa.select(t.c.day, t.c.kind, t.c.max_c, t.c.min_c)
        .where(t.c.district_id == district_id, t.c.day.between(first, last))
        # "measured" comes after "forecast" and takes its place.
        .order_by(t.c.day, t.c.kind)
    )
    return {row.day: Temperature(row.kind, row.max_c, row.min_c) for row in conn.execute(query)}


def note(conn: sa.Connection, district_id: int, told: Iterable[Noted], *, by: str, at: datetime) -> int:
    """Keep temperatures; a day's forecast and its measurement each replace what was known of their kind.

    Returns
    -------
    How many days were told.
    """
    t = tables.day_temperature
    rows = [
        {
            "district_id": district_id,
            "day": each.day,
            **asdict(each.temperature),
            "noted_at": at,
            "noted_by": by,
        }
        for each in told
    ]
    if rows:
        statement = insert(t)
        change = {name: statement.excluded[name] for name in ("max_c", "min_c", "noted_at", "noted_by")}
        conn.execute(
            statement.on_conflict_do_update(index_elements=["district_id", "day", "kind"], set_=change), rows
        )
    return len(rows)


def import_temperatures(
    conn: sa.Connection, district_id: int, file: Path, *, by: str, at: datetime
) -> Report:
    """Take a CSV file of temperatures in, all of its rows or none.

    Raises
    ------
    InvalidInput : the file as a whole cannot be read.
    """
    return take_temperatures(conn, district_id, parse(read_file(file), TEMPERATURES), file.name, by=by, at=at)


def take_temperatures(
    conn: sa.Connection, district_id: int, parsed: Parsed, name: str, *, by: str, at: datetime
) -> Report:
    """Keep the temperatures of a parsed file, unless a row of it is refused."""
    good = [(row, noted_of(row)) for row in parsed.rows]
    t = tables.day_temperature
    query = sa.select(t.c.day, t.c.kind).where(t.c.district_id == district_id)
    known = {(row.day, row.kind) for row in conn.execute(query)}
    taken = tuple(
        Taken(row.line, each.day.isoformat(), (each.day, each.temperature.kind) in known)
        for row, each in good
    )
    refused: tuple[Refused, ...] = parsed.refused
    if not refused:
        note(conn, district_id, [each for _, each in good], by=by, at=at)
    return Report(name, taken, refused, parsed.ignored)


def noted_of(row: Row) -> Noted:
    """A row of the layout as a temperature."""
    day, high, low = row.values["day"], row.values["max_c"], row.values["min_c"]
    assert isinstance(day, date)
    assert high is None or isinstance(high, float)
    assert low is None or isinstance(low, float)
    measured = row.text("kind") == "measured"
    return Noted(day, Temperature("measured" if measured else "forecast", high, low))


def _cut(conn: sa.Connection, district_id: int, first: date, last: date) -> None:
    """Take these days out of the overrides there are; what reaches past them at either end stays."""
    t = tables.season_override
    touched = sa.and_(t.c.district_id == district_id, t.c.day_from <= last, t.c.day_to >= first)
    rows = conn.execute(sa.select(t.c.day_from, t.c.day_to, t.c.season).where(touched)).all()
    conn.execute(t.delete().where(touched))
    kept = [
        {"district_id": district_id, "day_from": begin, "day_to": end, "season": row.season}
        for row in rows
        for begin, end in (
            (row.day_from, date.fromordinal(first.toordinal() - 1)),
            (date.fromordinal(last.toordinal() + 1), row.day_to),
        )
        if begin <= end
    ]
    if kept:
        conn.execute(t.insert(), kept)
