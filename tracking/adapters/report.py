"""One report of a terminal that does not speak our own protocol: its fields as they are written, then judged.

A field that cannot be read is remembered as a sentence, not raised: what else the report says, above all a
call for help, is still of use.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid5

from fleet.units import ms_of
from tracking import event as events
from tracking import fix as fixes
from tracking.event import Event
from tracking.fix import Fix
from tracking.protocol import Rejected

SOS: Final = "sos"
_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*", re.ASCII | re.IGNORECASE)
# Seconds pass this in the year 5138; milliseconds passed it in 1973.
_LEAST_MS: Final = 1e11
_MOST_MS: Final = 1e15
_ALARMS = UUID("6f5e1a7e-1a0b-5d5c-9d0a-3d1c8b0f4e21")
_LONGEST_ALARM: Final = 64


@dataclass(frozen=True, slots=True)
class Report:
    """What one report says, in our units, judged by nobody yet.

    Parameters
    ----------
    t : epoch milliseconds; None when it tells no time
    lon, lat : degrees, in the datum of the terminal; None when it tells no place
    battery : 0 to 1
    alarm : its name; empty: none
    why : what of it could not be read, as a sentence; empty when all could
    """

    t: int | None
    lon: float | None
    lat: float | None
    speed_mps: float | None = None
    heading_deg: float | None = None
    altitude_m: float | None = None
    accuracy_m: float | None = None
    hdop: float | None = None
    battery: float | None = None
    alarm: str = ""
    why: str = ""

    def fix(self, now_ms: int) -> Fix | str:
        """The fix, or in a sentence why it cannot be kept; a report without a time is of `now_ms`."""
        if self.why:
            return self.why
        if self.lon is None or self.lat is None:
            return "a report needs a latitude and a longitude"
        made = Fix(
            now_ms if self.t is None else self.t, self.lon, self.lat, self.speed_mps, self.heading_deg,
            self.altitude_m, self.accuracy_m, self.hdop, None, self.battery,
        )  # fmt: skip
        return fixes.refusal(made, now_ms) or made

    def event(self, terminal_id: int, now_ms: int) -> Event | str | None:
        """Its alarm as an event, or why it cannot be kept; None without an alarm.

        The same alarm of the same time is the same event however often it is sent. An alarm is not refused
        for its terminal's wrong clock or lost place: it is of `now_ms` then, or without a place.
        """
        if not self.alarm:
            return None
        told = now_ms if self.t is None else self.t
        placed = self.lon is not None and self.lat is not None
        placed = placed and abs(self.lon or 0.0) <= 180 and abs(self.lat or 0.0) <= 90
        made = Event(
            uuid5(_ALARMS, f"{terminal_id}:{told}:{self.alarm}"),
            told if fixes.is_timely(told, now_ms) else now_ms,
            "sos" if SOS in self.alarm.lower().split(",") else "alarm",
            lon=self.lon if placed else None,
            lat=self.lat if placed else None,
            alarm=self.alarm,
        )
        return events.refusal(made, now_ms) or made


class Fields:
    """Reads the fields of one report, whose values are text or JSON; a missing or empty one is None.

    Attributes
    ----------
    why : the first that could not be read, as a sentence; empty while all could
    """

    def __init__(self, told: Mapping[str, object]) -> None:
        self._told = told
        self.why = ""

    def number(self, *names: str) -> float | None:
        """A finite number, under the first of these names that is there."""
        name, value = self._find(names)
        if value is None:
            return None
        found = _number(value)
        if found is None:
            self._wrong(f"{name} {_shown(value)} is not a number")
        return found

    def measure(self, *names: str) -> float | None:
        """A number that is never negative; a negative one says that it is unknown."""
        found = self.number(*names)
        return None if found is None or found < 0 else found

    def time_ms(self, *names: str) -> int | None:
        """A time: epoch seconds or milliseconds, or ISO 8601 with T or a blank; UTC if it names no zone."""
        name, value = self._find(names)
        if value is None:
            return None
        found = _time_ms(value)
        if found is None:
            self._wrong(f"{name} {_shown(value)} is no time; send epoch seconds, or 2026-07-22T04:00:00Z")
        return found

    def place(self, *names: str) -> tuple[float, float] | None:
        """Longitude and latitude of a text `lat,lon`."""
        name, value = self._find(names)
        if value is None:
            return None
        lat, _, lon = str(value).partition(",")
        found = _number(lon), _number(lat)
        if found[0] is None or found[1] is None:
            self._wrong(f"{name} {_shown(value)} is not latitude,longitude")
            return None
        return found[0], found[1]

    def text(self, *names: str, longest: int = _LONGEST_ALARM) -> str:
        """Some text, cut to what is kept of it; empty when there is none."""
        value = self._find(names)[1]
        return value.replace("\0", "").strip()[:longest] if isinstance(value, str) else ""

    def denies(self, *names: str) -> bool:
        """Whether the field says no: `false` or `0`."""
        value = self._find(names)[1]
        return value is not None and str(value).strip().lower() in {"false", "0"}

    def inner(self, name: str) -> Mapping[str, object]:
        """The fields inside a field; none when it is no JSON object."""
        value = self._told.get(name)
        return value if isinstance(value, dict) else {}

    def _find(self, names: tuple[str, ...]) -> tuple[str, object]:
        for name in names:
            value = self._told.get(name)
            if value is not None and value != "":
                return name, value
        return names[0], None

    def _wrong(self, why: str) -> None:
        self.why = self.why or why


def rejected(n: int, why: str, raw: bytes) -> Rejected:
    """The refusal of something that was sent; no text may hold a zero character."""
    return Rejected(n, None, why.replace("\0", "")[:200], raw)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def _time_ms(value: object) -> int | None:
    number = _number(value)
    if number is not None:
        if abs(number) >= _MOST_MS:
            return None
        return round(number if abs(number) >= _LEAST_MS else number * 1000)
    # An unescaped + before the zone arrives as a blank.
    text = value.strip() if isinstance(value, str) else ""
    text = text.replace(" ", "+") if "T" in text else text
    if len(text) < len("2026-07-22 04") or text[10] not in "T ":
        return None
    try:
        moment = datetime.fromisoformat(text)
        return ms_of(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def _shown(value: object) -> str:
    return repr(value)[:60]
