"""A van's track on its way out of the house: every stored fix of a span of days, with what is known of each.

A day is read whole, because what is odd about a fix depends on its neighbours, and its cursor ends before
the first byte of it leaves: somebody who downloads slowly, or breaks off, holds nothing of the database's.
What is in memory is one day's columns, however many days are asked for.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import psycopg
import sqlalchemy as sa

from fleet import registry, sql
from fleet.errors import InvalidInput
from fleet.registry import District, Van
from fleet.units import moment_of
from fleet.words import Locale
from tracking import fix, outliers
from tracking.outliers import flags_of
from tracking.track import LONGEST_GAP_S, Fixes, Floats, Ints, Truths, choose

Format = Literal["gpx", "geojson", "csv", "parquet"]
Parts: TypeAlias = Generator[bytes, None, None]
"""A file in pieces."""
MOST_DAYS: Final = 31
FLAG_NAMES: Final = (
    (fix.FLAG_AHEAD, "ahead"),
    (fix.FLAG_INACCURATE, "inaccurate"),
    (fix.FLAG_ZERO_ISLAND, "zero_island"),
    (fix.FLAG_NO_FIX, "no_fix"),
    (outliers.FLAG_JUMP, "jump"),
    (outliers.FLAG_FROZEN, "frozen"),
)
_TEXT = sql.load(Path(__file__).with_name("export.sql"))["track_to_export"].encode()
_CHUNK = 10_000
_WHOLE: Final = frozenset({0, 1, 2, 9, 10, 13})
"""Which columns of the statement are whole numbers."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be exported: one van's days, both ends included, as its district counts days."""

    district: District
    van: Van
    first: date
    last: date
    locale: Locale

    @property
    def days(self) -> Iterator[date]:
        """Each of its days."""
        return (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))

    @property
    def zone(self) -> ZoneInfo:
        """Where the van drives."""
        return ZoneInfo(self.district.timezone)


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """Stored fixes of one van, by time, conflicting ones among them: columns of one length.

    Parameters
    ----------
    fixes : their flags are those that each earned by itself and those that it earns beside its neighbours
    terminal : the code of each one's terminal, as an index into `codes`
    altitude_m, hdop : not a number where unknown
    satellites : -1 where unknown
    chosen : whether it is the one that the track takes of its instant, be it odd beside its neighbours or not
    """

    day: date
    fixes: Fixes
    terminal: Ints
    codes: tuple[str, ...]
    altitude_m: Floats
    hdop: Floats
    satellites: Ints
    chosen: Truths

    def __len__(self) -> int:
        return len(self.fixes)

    @property
    def sound(self) -> Truths:
        """Which ones make the track: chosen, and nothing odd about them."""
        sound: Truths = self.chosen & (self.fixes.flags == 0)
        return sound

    def take(self, which: Ints | Truths | slice) -> Leaf:
        """Some of them."""
        columns = (self.altitude_m[which], self.hdop[which], self.satellites[which], self.chosen[which])
        return Leaf(self.day, self.fixes.take(which), self.terminal[which], self.codes, *columns)

    def parts(self, size: int) -> Iterator[Leaf]:
        """The same in pieces of at most `size`."""
        return (self.take(slice(start, start + size)) for start in range(0, len(self), size))

    def stretches(self) -> Iterator[Leaf]:
        """What makes the track, cut where nobody knows where the van was."""
        track = self.take(self.sound)
        gaps = np.flatnonzero(np.diff(track.fixes.t_ms) > LONGEST_GAP_S * 1000) + 1
        borders = [0, *gaps.tolist(), len(track)]
        return (track.take(slice(*pair)) for pair in itertools.pairwise(borders) if len(track))


def check_days(first: date, last: date) -> None:
    """Hold a span of days to what may be asked for at once.

    Raises
    ------
    InvalidInput : it ends before it begins, is too long, or leaves the calendar.
    """
    if last < first:
        raise InvalidInput(
            "The last day {last} lies before the first, {first}. Swap them.", first=first, last=last
        )
    if first.year == date.min.year or last.year == date.max.year:
        raise InvalidInput("The day {day} cannot be replayed. Choose one that has been.", day=first)
    days = (last - first).days + 1
    if days > MOST_DAYS:
        raise InvalidInput(
            "{days} days are too many for one export. Ask for at most {most} at once.",
            days=days,
            most=MOST_DAYS,
        )


def leaves(engine: sa.Engine, order: Order) -> Iterator[Leaf]:
    """A van's days one after the other, days without a fix left out; each is read when it is asked for."""
    with engine.connect() as conn:
        terminals = registry.terminals(conn, order.district.id)
    codes = {each.id: each.code for each in terminals}
    primary = next((each.id for each in terminals if each.van_id == order.van.id and each.is_primary), None)
    for day in order.days:
        starts = datetime.combine(day, time(), order.zone)
        ends = datetime.combine(day + timedelta(days=1), time(), order.zone)
        with engine.connect() as conn:
            columns = _read(conn, order.van.id, starts, ends)
        if columns is not None:
            yield _leaf(day, columns, codes, primary)


def _read(conn: sa.Connection, van_id: int, starts: datetime, ends: datetime) -> list[Any] | None:
    """The columns of the statement, through a cursor of the server's; None where there is no fix."""
    driver = conn.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    chunks: list[list[Any]] = []
    with driver.cursor("track_to_export", binary=True) as cursor:
        cursor.execute(_TEXT, {"van_id": van_id, "starts": starts, "ends": ends})
        while rows := cursor.fetchmany(_CHUNK):
            chunks.append(
                [
                    np.array(column, np.int64 if n in _WHOLE else np.float64)
                    for n, column in enumerate(zip(*rows, strict=True))
                ]
            )
    return [np.concatenate(column) for column in zip(*chunks, strict=True)] if chunks else None


def _leaf(day: date, columns: list[Any], codes: dict[int, str], primary: int | None) -> Leaf:
    stored = Fixes(*columns[:11])
    known, terminal = np.unique(stored.terminal_id, return_inverse=True)
    chosen, flags = _judged(stored, primary)
    return Leaf(
        day,
        replace(stored, flags=stored.flags | flags),
        terminal,
        tuple(codes.get(int(each), str(each)) for each in known),
        altitude_m=columns[11],
        hdop=columns[12],
        satellites=columns[13],
        chosen=chosen,
    )


def _judged(stored: Fixes, primary: int | None) -> tuple[Truths, Ints]:
    """Which fixes the track takes, and what is odd about these beside each other."""
    # A track carries each fix's charge along: what rides there here is its row.
    track = choose(replace(stored, battery=np.arange(len(stored), dtype=np.float64)), primary)
    rows = track.battery.astype(np.int64)
    chosen = np.zeros(len(stored), bool)
    chosen[rows] = True
    flags = np.zeros(len(stored), np.int64)
    flags[rows] = flags_of(replace(track, battery=stored.battery[rows]))
    return chosen, flags


def flag_words(flags: int) -> str:
    """Flags by name, with spaces between; empty for a sound fix."""
    return " ".join(name for bit, name in FLAG_NAMES if flags & bit)


def instant(epoch_ms: int) -> str:
    """A moment as RFC 3339 and XML Schema write it, UTC, to the millisecond."""
    return f"{moment_of(epoch_ms):%Y-%m-%dT%H:%M:%S}.{epoch_ms % 1000:03d}Z"


def file_name(order: Order, kind: Format) -> str:
    """What a download is called."""
    days = f"{order.first}" if order.first == order.last else f"{order.first}_{order.last}"
    return f"{order.van.code}_{days}.{kind}"
