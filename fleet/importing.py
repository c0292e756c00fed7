"""Sites, elders and vans from CSV files: all rows of a file, or none, with a report by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from fleet import tables
from fleet.csv_layouts import GAPS, LAYOUTS
from fleet.csv_rows import Parsed, Refused, Row, parse
from fleet.errors import InvalidInput
from fleet.words import Locale, translate

_TABLES: Mapping[str, sa.Table] = {
    "sites": tables.site,
    "recipients": tables.recipient,
    "vans": tables.van,
}
# Columns that name a site by its code: the column of its id, and the kind it must be of.
_LINKS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "sites": {},
    "recipients": {"home": ("home_id", "home"), "stop": ("stop_id", "stop_point")},
    "vans": {"depot": ("depot_id", "centre")},
}
# By the column that gives an elder's gap in days: the channel.
_CADENCES: Mapping[str, str] = {
    "check_days": "check",
    "visit_days": "visit",
    "monthly_days": "monthly",
    "call_days": "call",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A row that was good. `known`: its code was there before, and is changed."""

    line: int
    code: str
    known: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a file: every row was taken, or some are refused and nothing was written.

    keeps : rows that were known stay as they are, instead of being changed
    """

    file: str
    rows: tuple[Taken, ...]
    refused: tuple[Refused, ...]
    ignored: tuple[str, ...]
    keeps: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the file was imported."""
        return not self.refused

    @property
    def taken(self) -> int:
        """How many rows were written; 0 when the file was refused."""
        return len(self.rows) if self.accepted else 0

    def __str__(self) -> str:
        return self.said("en")

    def said(self, locale: Locale) -> str:
        """The report for a person: a line for each refused row, and one for the whole."""
        lines = [
            translate(locale, "Line {line}", line=each.line)
            + ": "
            + translate(locale, each.why.text, **each.why.params)
            for each in self.refused
        ]
        if self.ignored:
            lines.append(translate(locale, "Columns not used: {names}.", names=", ".join(self.ignored)))
        return "\n".join([*lines, self._sum(locale)])

    def _sum(self, locale: Locale) -> str:
        every = len(self.rows) + len(self.refused)
        if not self.accepted:
            return translate(
                locale,
                "{file}: {refused} of {rows} rows are refused, so nothing was imported. "
                "Correct them and import the file again.",
                file=self.file,
                refused=len(self.refused),
                rows=every,
            )
        known = sum(row.known for row in self.rows)
        return translate(
            locale,
            "{file}: {rows} rows read, {new} new; {known} were there already and stay."
            if self.keeps
            else "{file}: {rows} rows imported, {new} new and {known} changed.",
            file=self.file,
            rows=every,
            new=every - known,
            known=known,
        )


def read_file(file: Path) -> bytes:
    """A file's bytes.

    Raises
    ------
    InvalidInput : it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidInput(
            "The file {file} cannot be read ({why}). Check its name.", file=file, why=error.strerror
        ) from None


def import_file(conn: sa.Connection, district_id: int, kind: str, file: Path) -> Report:
    """Import a file of `sites`, `recipients` or `vans`. Unknown codes are added, known ones changed.

    Raises
    ------
    InvalidInput : no such kind or file, or the file as a whole cannot be read.
    """
    if kind not in LAYOUTS:
        raise InvalidInput(
            "{kind!r} cannot be imported. Choose one of: {kinds}.", kind=kind, kinds=", ".join(LAYOUTS)
        )
    return store(conn, district_id, kind, parse(read_file(file), LAYOUTS[kind]), file=file.name)


def store(conn: sa.Connection, district_id: int, kind: str, parsed: Parsed, *, file: str) -> Report:
    """Write the rows of a parsed file, unless one is refused: while reading, or here for a site unknown."""
    table, links = _TABLES[kind], _LINKS[kind]
    sites = _site_ids(conn, district_id)
    refused = list(parsed.refused)
    good: list[Row] = []
    for row in parsed.rows:
        why = _missing_site(row, links, sites)
        if why is None:
            good.append(row)
        else:
            refused.append(Refused(row.line, why))
    known = set(conn.scalars(sa.select(table.c.code).where(table.c.district_id == district_id)))
    taken = tuple(Taken(row.line, row.text("code"), row.text("code") in known) for row in good)
    refused.sort(key=lambda each: each.line)
    if good and not refused:
        rows = [{"district_id": district_id, **_columns(row, links, sites)} for row in good]
        _write(conn, table, rows, parsed.given)
        _write_cadences(conn, district_id, good)
    return Report(file, taken, tuple(refused), parsed.ignored)


def _site_ids(conn: sa.Connection, district_id: int) -> Mapping[tuple[str, str], int]:
    t = tables.site
    query = sa.select(t.c.code, t.c.kind, t.c.id).where(t.c.district_id == district_id)
    return {(row.code, row.kind): row.id for row in conn.execute(query)}


def _missing_site(
    row: Row, links: Mapping[str, tuple[str, str]], sites: Mapping[tuple[str, str], int]
) -> InvalidInput | None:
    for name, (_, kind) in links.items():
        if row.text(name) and (row.text(name), kind) not in sites:
            return InvalidInput(
                "There is no site of kind {kind} with the code {code!r}. "
                "Import the sites first, or correct the code.",
                kind=kind,
                code=row.text(name),
            )
    return None


def _columns(
    row: Row, links: Mapping[str, tuple[str, str]], sites: Mapping[tuple[str, str], int]
) -> dict[str, Any]:
    """A row as the table has it: ids for codes, a point for a longitude and a latitude."""
    values: dict[str, Any] = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in row.values.items()
        if key not in links and key not in _CADENCES and key not in ("lon", "lat")
    }
    for name, (column, kind) in links.items():
        values[column] = sites.get((row.text(name), kind))
    if "lon" in row.values:
        values["geom"] = f"SRID=4326;POINT({row.values['lon']} {row.values['lat']})"
    return values


def _write(
    conn: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], given: frozenset[str]
) -> None:
    """Add or change by code. What the file says nothing about stays as it is in rows known before."""
    statement = insert(table)
    said = given | {f"{name}_id" for name in given} | ({"geom"} if "lon" in given else set())
    change = {key: statement.excluded[key] for key in rows[0] if key in said and key != "code"}
    statement = statement.on_conflict_do_update(index_elements=["district_id", "code"], set_=change)
    conn.execute(statement, [dict(row) for row in rows])


def _write_cadences(conn: sa.Connection, district_id: int, rows: Sequence[Row]) -> None:
    """Set how often elders are due by rule, for the gaps that their rows give; exceptions stay."""
    t, r = tables.cadence, tables.recipient
    query = sa.select(r.c.code, r.c.id).where(r.c.district_id == district_id)
    ids = {found.code: found.id for found in conn.execute(query)}
    made = [
        {
            "recipient_id": ids[row.text("code")], "channel": channel, "service_s": service_s,
            "target_days": target, "min_days": max(target / 2, target - early), "max_days": target + late,
        }
        for row in rows
        for name, channel in _CADENCES.items()
        for service_s, early, late in [GAPS[channel]]
        if isinstance(target := row.values.get(name), float)
    ]  # fmt: skip
    if made:
        statement = insert(t)
        gaps = {key: statement.excluded[key] for key in ("target_days", "min_days", "max_days")}
        statement = statement.on_conflict_do_update(
            index_elements=["recipient_id", "channel"], index_where=sa.not_(t.c.own), set_=gaps
        )
        conn.execute(statement, made)
