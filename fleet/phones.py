"""A district's telephone numbers, as its boards tell them: the duty desk, whoever helps at night."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Final

import sqlalchemy as sa

from fleet import tables
from fleet.errors import InvalidInput

MOST: Final = 6
MOST_LABEL: Final = 40
MOST_NUMBER: Final = 24
_DIGITS: Final = range(3, 16)
_NUMBER: Final = re.compile(r"\+?[0-9]+(?:[ -]?[0-9]+|[ -]?\([0-9]+\))*|\([0-9]+\)(?:[ -]?[0-9]+)+")


@dataclass(frozen=True, slots=True)
class Phone:
    """A number and whose it is, in Chinese and, where there is a name for it, in English."""

    label: str
    label_en: str
    number: str


def checked(typed: Iterable[Phone]) -> tuple[Phone, ...]:
    """What somebody typed as it is kept: trimmed, wide digits made narrow, empty rows left out.

    Raises
    ------
    InvalidInput : too many, a row without name or number, a name too long, a number that is none.
    """
    rows = [Phone(*(unicodedata.normalize("NFKC", part).strip() for part in astuple(row))) for row in typed]
    kept = tuple(_checked(row) for row in rows if any(astuple(row)))
    if len(kept) > MOST:
        raise InvalidInput("These are {n} telephone numbers. Give at most {most}.", n=len(kept), most=MOST)
    return kept


def _checked(row: Phone) -> Phone:
    label = row.label or row.label_en
    if not label:
        raise InvalidInput("The number {number} has no name. Write whose it is.", number=row.number)
    if not row.number:
        raise InvalidInput("“{label}” has no number. Write one, or empty the row.", label=label)
    longest = max(len(label), len(row.label_en))
    if longest > MOST_LABEL:
        raise InvalidInput(
            "The name of a number has {n} characters; give at most {most}.", n=longest, most=MOST_LABEL
        )
    if not _is_number(row.number):
        raise InvalidInput(
            "“{number}” is no telephone number. Write 3 to 15 digits, as 12345 or 0635-8123456.",
            number=row.number[: 2 * MOST_NUMBER],
        )
    return Phone(label, row.label_en, row.number)


def _is_number(text: str) -> bool:
    digits = sum(sign.isdigit() for sign in text)
    return len(text) <= MOST_NUMBER and digits in _DIGITS and _NUMBER.fullmatch(text) is not None


def phones(conn: sa.Connection, district_id: int) -> tuple[Phone, ...]:
    """A district's numbers in their order."""
    t = tables.district_phone.c
    query = sa.select(t.label, t.label_en, t.number).where(t.district_id == district_id).order_by(t.seq)
    return tuple(Phone(*row) for row in conn.execute(query))


def set_phones(conn: sa.Connection, district_id: int, wanted: Iterable[Phone]) -> int:
    """Put these, as `checked` gave them, in place of a district's numbers; how many they are."""
    t, d = tables.district_phone, tables.district.c
    # Of two who change them at once the second waits, and its word stands.
    conn.execute(sa.select(d.id).where(d.id == district_id).with_for_update())
    conn.execute(t.delete().where(t.c.district_id == district_id))
    rows = [
        {"district_id": district_id, "seq": seq, "label": each.label, "label_en": each.label_en,
         "number": each.number}
        for seq, each in enumerate(wanted)
    ]  # fmt: skip
    if rows:
        conn.execute(t.insert(), rows)
    return len(rows)
