"""CSV files as clerks have them: decoded, columns found, each row read or refused with a sentence. Pure."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeAlias

from fleet.errors import InvalidInput

Value: TypeAlias = str | int | float | bool | datetime | date | time | tuple[str, ...] | None

MAX_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """One column that is understood.

    names : its heading and what else clerks call it; the first names its value
    read : text to value; raises InvalidInput for what cannot be right
    default : for an empty or absent cell; a required column has none
    """

    names: tuple[str, ...]
    read: Callable[[str], Value]
    required: bool = False
    default: Value = None


@dataclass(frozen=True, slots=True)
class Layout:
    """What a kind of file holds.

    check : the values of a row together; may complete them, raises InvalidInput
    key : the columns whose values together must differ
    """

    columns: tuple[Column, ...]
    check: Callable[[Mapping[str, Value]], Mapping[str, Value]]
    key: tuple[str, ...] = ("code",)


@dataclass(frozen=True, slots=True)
class Row:
    """A row that could be read. `line` is its place in the file, the heading being 1."""

    line: int
    values: Mapping[str, Value]

    def text(self, name: str) -> str:
        """A value as words; empty when there is none."""
        value = self.values.get(name)
        return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that could not be, and why."""

    line: int
    why: InvalidInput


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file came to.

    given : columns that the file has; the values of others are defaults
    ignored : headings nobody understood
    """

    rows: tuple[Row, ...]
    refused: tuple[Refused, ...]
    given: frozenset[str]
    ignored: tuple[str, ...]


def parse(data: bytes, layout: Layout) -> Parsed:
    """Read a CSV file: UTF-8 with or without byte-order mark, UTF-16, or GB18030; comma, semicolon or tab.

    Raises
    ------
    InvalidInput : too large, not text, empty, not CSV, or a required column is missing.
    """
    text = _decoded(data)
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        heading = [cell.strip() for cell in next(reader, [])]
        if not any(heading):
            raise InvalidInput("The file is empty. Its first line must name the columns.")
        places = _places(heading, layout.columns)
        rows, refused = _rows(_numbered(reader), places, layout)
    except csv.Error as error:
        raise InvalidInput(
            "Line {line} is not CSV ({why}). Export the file again as CSV.", line=reader.line_num, why=error
        ) from None
    known = set(places.values())
    ignored = tuple(cell for n, cell in enumerate(heading) if n not in known and cell)
    return Parsed(tuple(rows), tuple(refused), frozenset(places), ignored)


def _decoded(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise InvalidInput(
            "The file has {size} MB; {limit} MB are the most. Split it.",
            size=len(data) // 1_000_000,
            limit=MAX_BYTES // 1_000_000,
        )
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    # GB18030 reads nearly any bytes, so it comes last.
    for coding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(coding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InvalidInput("The file is not text. Save it as CSV in UTF-8 or GB18030, not as a workbook.")


def _places(heading: Sequence[str], columns: Iterable[Column]) -> dict[str, int]:
    """Where each column that is understood stands."""
    at = {cell.lower(): n for n, cell in reversed(list(enumerate(heading)))}
    places: dict[str, int] = {}
    missing: list[str] = []
    for column in columns:
        found = [at[name.lower()] for name in column.names if name.lower() in at]
        if found:
            places[column.names[0]] = found[0]
        elif column.required:
            missing.append(column.names[0])
    if missing:
        raise InvalidInput(
            "The file lacks the columns {missing}. Its first line names {heading}. Add them and try again.",
            missing=", ".join(missing),
            heading=", ".join(cell for cell in heading if cell),
        )
    return places


def _numbered(reader: Iterable[list[str]]) -> Iterable[tuple[int, list[str]]]:
    """Rows with the line a spreadsheet shows for them."""
    for line, cells in zip(itertools.count(2), reader, strict=False):
        if any(cell.strip() for cell in cells):
            yield line, [cell.strip() for cell in cells]


def _rows(
    lines: Iterable[tuple[int, list[str]]], places: Mapping[str, int], layout: Layout
) -> tuple[list[Row], list[Refused]]:
    rows: list[Row] = []
    refused: list[Refused] = []
    first_line: dict[str, int] = {}
    for line, cells in lines:
        try:
            row = Row(line, layout.check(_values(cells, places, layout.columns)))
            key = " ".join(row.text(name) for name in layout.key)
            if key in first_line:
                raise InvalidInput(
                    "The {key} {value!r} stands in line {first} already. Give each row its own.",
                    key=" + ".join(layout.key),
                    value=key,
                    first=first_line[key],
                )
            first_line[key] = line
            rows.append(row)
        except InvalidInput as why:
            refused.append(Refused(line, why))
    return rows, refused


def _values(
    cells: Sequence[str], places: Mapping[str, int], columns: Iterable[Column]
) -> Mapping[str, Value]:
    values: dict[str, Value] = {}
    for column in columns:
        name = column.names[0]
        at = places.get(name)
        cell = cells[at] if at is not None and at < len(cells) else ""
        if cell:
            values[name] = column.read(cell)
        elif column.required:
            raise InvalidInput("The column {name} is empty. Fill it in.", name=name)
        else:
            values[name] = column.default
    return values
