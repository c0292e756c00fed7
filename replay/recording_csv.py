"""Recorded tracks in CSV: any columns, any of the usual separators and times, UTF-8 or GB18030."""

from __future__ import annotations

import csv
import io
import itertools
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from types import MappingProxyType

from fleet.errors import InvalidInput
from fleet.units import mps_of_kmh, mps_of_knots, ms_of
from replay.entry import Entry, Reading, Recorded, Unreadable
from tracking.fix import Fix

LEFT_OUT = "-"
_ALIASES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("van", "vehicle", "device", "tracker", "taxi", "vehicle_id", "vehicleid"), "van"),
        **dict.fromkeys(("t", "time", "timestamp", "datetime", "date_time", "gps_time", "stime"), "t"),
        **dict.fromkeys(("lon", "lng", "long", "longitude", "x"), "lon"),
        **dict.fromkeys(("lat", "latitude", "y"), "lat"),
        **dict.fromkeys(("speed_kmh", "speed_mps", "speed_kn"), ""),
        **dict.fromkeys(("heading", "bearing", "course", "heading_deg"), "heading_deg"),
        **dict.fromkeys(("altitude_m", "accuracy_m", "hdop", "satellites", "battery"), ""),
    }
)
_SPEEDS: Mapping[str, Callable[[float], float]] = MappingProxyType(
    {"speed_kmh": mps_of_kmh, "speed_kn": mps_of_knots, "speed_mps": float}
)
_NUMBERS = ("heading_deg", "altitude_m", "accuracy_m", "hdop", "battery")
FIELDS = ("van", "t", "lon", "lat", *_SPEEDS, *_NUMBERS, "satellites")
_DEMANDED = ("t", "lon", "lat")
# The layout of the published Shenzhen taxi day, which has no header; its speed is in km/h.
_TAXI = ("van", "t", "lon", "lat", LEFT_OUT, "speed_kmh")
_TAXI_ROW = re.compile(r"\d+,\d\d:\d\d:\d\d,\d{2,3}\.\d+,\d{1,2}\.\d+,[01],\d+")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,3}))?")
_NUMERIC = re.compile(r"\d{9,16}(?:\.\d+)?")
_LONGEST_FIELD = 10_000


@dataclass(frozen=True, slots=True)
class _Layout:
    places: Mapping[str, int]
    has_header: bool


def read(file: io.BufferedReader, head: bytes, reading: Reading, name: str) -> Iterator[Entry]:
    """Read a CSV row by row.

    Parameters
    ----------
    file : at its beginning
    head : its first bytes, at least the first line
    name : the vehicle of a file that names none

    Raises
    ------
    InvalidInput : columns are missing, or times need a day that was not given.
    """
    encoding = encoding_of(head)
    csv.field_size_limit(_LONGEST_FIELD)
    first_line = head.decode(encoding, "replace").split("\n", 1)[0].strip()
    try:
        with io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="") as text:
            rows = csv.reader(text, delimiter=_separator(first_line))
            yield from _entries(rows, first_line, reading, name)
    except csv.Error as error:
        raise InvalidInput("The CSV cannot be read: {why}.", why=error) from None
    except (EOFError, OSError, zlib.error) as error:
        raise InvalidInput("The file ends too early or is damaged: {why}.", why=error) from None


def _entries(rows: Iterator[list[str]], first_line: str, reading: Reading, name: str) -> Iterator[Entry]:
    first = next(rows)
    layout = _layout(first, reading, first_line)
    parse = _Parser(layout.places, reading, reading.vehicle or name)
    for line, row in enumerate(rows if layout.has_header else itertools.chain([first], rows), 1):
        if row:
            yield parse(line + layout.has_header, row)


def encoding_of(head: bytes) -> str:
    """UTF-8 with or without a byte-order mark, else GB18030, which older Chinese tools write."""
    try:
        # The head may end within a character: only what stands before its last line is judged.
        (head.rpartition(b"\n")[0] or head).decode()
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"


def parse_columns(text: str) -> tuple[tuple[str, str], ...]:
    """Read ``id=van,time=t,lon=lon,lat=lat,speed=speed_kmh,occupied=-``: the file's name = ours.

    Raises
    ------
    InvalidInput : a part is no pair, or names no field of ours.
    """
    pairs: list[tuple[str, str]] = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        theirs, _, ours = (each.strip() for each in part.partition("="))
        # Either way round: the side that is exactly a field of ours is ours.
        if ours.lower() not in (*FIELDS, LEFT_OUT) and theirs.lower() in FIELDS:
            theirs, ours = ours, theirs
        ours = _field(ours.lower())
        if not theirs or not ours:
            raise InvalidInput(
                "The column map has {part}. Write it as id=van,time=t, theirs = ours; ours are {fields}.",
                part=part,
                fields=", ".join(FIELDS),
            )
        pairs.append((theirs, ours))
    return tuple(pairs)


def _field(name: str) -> str:
    """A field of ours by its own or a usual name; empty when it is none. Speeds are in km/h unless said."""
    if name in (*FIELDS, LEFT_OUT):
        return name
    return {"id": "van", "speed": "speed_kmh"}.get(name, _ALIASES.get(name, ""))


def parse_time(text: str, day: date | None, zone: tzinfo) -> int | None:
    """Epoch milliseconds of a time as files write it; None when it cannot be read.

    Epoch seconds or milliseconds, ISO 8601 and its kin, or a bare ``HH:MM:SS`` of ``day``.
    """
    text = text.strip()
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        return None if day is None else _at_clock(clock, day, zone)
    if _NUMERIC.fullmatch(text):
        number = float(text)
        return round(number * 1000) if number < 1e11 else round(number)
    try:
        moment = datetime.fromisoformat(text.replace("/", "-"))
        return ms_of(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return None


def _at_clock(clock: re.Match[str], day: date, zone: tzinfo) -> int | None:
    hour, minute, second = (int(part) for part in clock.groups()[:3])
    if hour > 23 or minute > 59 or second > 59:
        return None
    millisecond = int((clock[4] or "0").ljust(3, "0"))
    return ms_of(datetime.combine(day, time(hour, minute, second, millisecond * 1000), zone))


class _Parser:
    """Rows into fixes. Times are remembered: a day has few of them and large files repeat them."""

    def __init__(self, places: Mapping[str, int], reading: Reading, vehicle: str) -> None:
        self._van = places.get("van")
        self._t, self._lon, self._lat = (places[name] for name in _DEMANDED)
        self._speed = next(
            ((places[name], to_mps) for name, to_mps in _SPEEDS.items() if name in places), None
        )
        self._numbers = [(name, places[name]) for name in _NUMBERS if name in places]
        self._satellites = places.get("satellites")
        self._reading = reading
        self._vehicle = vehicle
        self._times: dict[str, int | None] = {}

    def __call__(self, line: int, row: Sequence[str]) -> Entry:
        """One row."""
        try:
            t = self._time(row[self._t])
            if t is None:
                return Unreadable(line, f"time {row[self._t][:40]!r} cannot be read")
            vehicle = self._vehicle if self._van is None else row[self._van].strip()
            if not vehicle:
                return Unreadable(line, "it names no vehicle")
            return Recorded(vehicle, self._fix(t, row))
        except IndexError:
            return Unreadable(line, f"it has {len(row)} columns only")
        except ValueError as error:
            return Unreadable(line, str(error))

    def _fix(self, t: int, row: Sequence[str]) -> Fix:
        others = {name: float(row[place]) for name, place in self._numbers if row[place].strip()}
        speed = None
        if self._speed is not None and row[self._speed[0]].strip():
            speed = self._speed[1](float(row[self._speed[0]]))
        satellites = None
        if self._satellites is not None and row[self._satellites].strip():
            satellites = int(float(row[self._satellites]))
        lon, lat = float(row[self._lon]), float(row[self._lat])
        return Fix(t, lon, lat, speed_mps=speed, satellites=satellites, **others)

    def _time(self, text: str) -> int | None:
        if text not in self._times:
            if len(self._times) >= 100_000:
                self._times.clear()
            self._times[text] = parse_time(text, self._reading.day, self._reading.zone)
            if self._times[text] is None and _CLOCK.fullmatch(text.strip()) and self._reading.day is None:
                raise InvalidInput(
                    "The times, such as {time}, have no date. Give one with --date.", time=text
                )
        return self._times[text]


def _separator(line: str) -> str:
    return max(",;\t|", key=line.count)


def _layout(first: Sequence[str], reading: Reading, line: str) -> _Layout:
    names = [each.strip().lower() for each in first]
    if reading.columns:
        layout = _mapped(names, reading.columns)
    elif _TAXI_ROW.fullmatch(line):
        layout = _Layout(_places(_TAXI), False)
    else:
        layout = _Layout(_places(_guessed(names)), True)
    missing = [name for name in _DEMANDED if name not in layout.places]
    if missing:
        raise InvalidInput(
            "The columns {columns} do not say which is {missing}. Give --map, such as "
            "id=van,time=t,lng=lon,lat=lat,speed=speed_kmh; - leaves one out.",
            columns=", ".join(first)[:200],
            missing=", ".join(missing),
        )
    return layout


def _guessed(names: Sequence[str]) -> list[str]:
    fields = [_ALIASES.get(name, LEFT_OUT) or name for name in names]
    # A column called id is the vehicle's only where no other column is: it may number the rows.
    if "van" not in fields and "id" in names:
        fields[names.index("id")] = "van"
    return fields


def _mapped(names: Sequence[str], columns: Sequence[tuple[str, str]]) -> _Layout:
    theirs = [name.lower() for name, _ in columns]
    if all(name in names for name, (_, ours) in zip(theirs, columns, strict=True) if ours != LEFT_OUT):
        ours_of = dict(zip(theirs, (ours for _, ours in columns), strict=True))
        return _Layout(_places([ours_of.get(name, LEFT_OUT) for name in names]), True)
    if len(names) == len(columns) and not any(name in names for name in theirs):
        return _Layout(_places([ours for _, ours in columns]), False)
    raise InvalidInput(
        "The file has no column {names}. Its first row is: {columns}. A file without a header needs a "
        "map that names every column in order.",
        names=", ".join(name for name in theirs if name not in names),
        columns=", ".join(names)[:200],
    )


def _places(fields: Sequence[str]) -> Mapping[str, int]:
    places: dict[str, int] = {}
    for place, name in enumerate(fields):
        if name != LEFT_OUT:
            places.setdefault(name, place)
    return places
