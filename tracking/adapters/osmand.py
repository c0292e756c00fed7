"""The OsmAnd protocol of the Traccar Client app and many trackers: requests in, fixes and alarms out. No I/O.

Query and form hold one report in flat fields, speeds in knots. A JSON body holds one location or a list of
them, in metres a second; a tracker may also put the flat fields into JSON. The device identifier is the
terminal's secret, and is kept out of all that this module hands on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from fleet.units import mps_of_knots
from tracking.adapters.report import SOS, Fields, Report, rejected
from tracking.event import Event
from tracking.fix import Fix
from tracking.protocol import MOST_FIXES, Received, Rejected

_IDENTIFIERS: Final = ("id", "deviceid", "device_id")
_FORM: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 500
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was read.

    Parameters
    ----------
    identifier : the device identifier as it was typed; empty when there was none
    told : its reports, each as the fields that it came in
    raw : what was sent, when no report could be made of it
    why : why none could, as a sentence
    """

    identifier: str
    told: tuple[Mapping[str, object], ...] = ()
    raw: bytes = b""
    why: str = ""


def read(query: str, media_type: str, body: bytes) -> Request:
    """Take a request apart; whatever was sent, this does not raise.

    Parameters
    ----------
    query : what stands behind the `?` of the address
    media_type : of the body, as the header says it
    """
    asked = _pairs(query)
    if not body.strip():
        return Request(_identifier(asked), (asked,))
    if not media_type.lower().startswith(_FORM) and body.lstrip()[:1] in {b"{", b"["}:
        return _read_json(asked, body)
    told = {**asked, **_pairs(body.decode("utf-8", "replace"))}
    return Request(_identifier(told), (told,))


def received(request: Request, terminal_id: int, now_ms: int) -> list[Received]:
    """Judge a request of a known terminal: one message with its fixes, and one more for each further alarm.

    Parameters
    ----------
    now_ms : our clock, epoch milliseconds; the time of a report that tells none
    """
    good: list[tuple[int, Fix]] = []
    alarms: list[Event] = []
    bad: list[Rejected] = []
    for index, told in enumerate(request.told):
        report = _nested(told) if "coords" in told else _flat(told)
        found = report.fix(now_ms)
        if isinstance(found, Fix):
            good.append((index, found))
        elif not _is_placeless(told, report):
            bad.append(_refused(request, found, told))
        alarm = report.event(terminal_id, now_ms)
        if isinstance(alarm, Event):
            alarms.append(alarm)
        elif alarm is not None:
            bad.append(_refused(request, alarm, told))
    if request.why:
        bad.append(rejected(1, request.why, _hidden(request.identifier, request.raw)))
    first = Received(1, tuple(good), alarms[0] if alarms else None, refused=tuple(bad))
    return [first, *(Received(n, event=alarm) for n, alarm in enumerate(alarms[1:], 2))]


def _read_json(asked: Mapping[str, object], body: bytes) -> Request:
    try:
        told = _decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return Request(_identifier(asked), raw=body, why=f"not readable as JSON: {error}")
    if not isinstance(told, dict):
        return Request(_identifier(asked), raw=body, why="a body is a JSON object")
    told = {**asked, **told}
    identifier, location = _identifier(told), told.get("location")
    if isinstance(location, dict):
        # Some apps say what is wrong beside the location, not in it.
        return Request(identifier, ({"alarm": told.get("alarm"), "coords": None, **location},))
    if not isinstance(location, list):
        return Request(identifier, (told,))
    if len(location) > MOST_FIXES or not all(isinstance(each, dict) for each in location):
        return Request(identifier, raw=body, why=f"location is an object, or a list of at most {MOST_FIXES}")
    return Request(identifier, tuple({"coords": None, **each} for each in location))


def _pairs(text: str) -> dict[str, object]:
    try:
        return dict(parse_qsl(text, errors="replace", max_num_fields=_MOST_FIELDS))
    except ValueError:
        return {}


def _identifier(told: Mapping[str, object]) -> str:
    for name in _IDENTIFIERS:
        value = told.get(name)
        if isinstance(value, (str, int)) and value != "":
            return str(value)
    return ""


def _flat(told: Mapping[str, object]) -> Report:
    """A report as query, form or flat JSON: knots, percent."""
    fields = Fields(told)
    lon, lat = fields.place("location") or (fields.number("lon"), fields.number("lat"))
    speed_kn, battery = fields.measure("speed"), fields.measure("batt")
    return Report(
        t=fields.time_ms("timestamp"),
        lon=lon,
        lat=lat,
        speed_mps=None if speed_kn is None else mps_of_knots(speed_kn),
        heading_deg=fields.measure("bearing", "heading"),
        altitude_m=fields.number("altitude"),
        accuracy_m=fields.measure("accuracy"),
        hdop=fields.measure("hdop"),
        # Percent, but for the few that send a fraction.
        battery=battery if battery is None or 0 < battery < 1 else battery / 100,
        alarm=_alarm(fields),
        why=fields.why or _invalid(fields),
    )


def _nested(told: Mapping[str, object]) -> Report:
    """A report as JSON of the app's later versions: metres a second, a fraction of the battery."""
    fields = Fields(told)
    coords, extras = Fields(fields.inner("coords")), Fields(fields.inner("extras"))
    battery = Fields(fields.inner("battery"))
    level = battery.measure("level")
    return Report(
        t=fields.time_ms("timestamp"),
        lon=coords.number("longitude"),
        lat=coords.number("latitude"),
        speed_mps=coords.measure("speed"),
        heading_deg=coords.measure("heading"),
        altitude_m=coords.number("altitude"),
        accuracy_m=coords.measure("accuracy"),
        battery=level if level is None or level <= 1 else level / 100,
        alarm=_alarm(fields) or _alarm(extras),
        why=fields.why or coords.why or battery.why or _invalid(fields),
    )


def _alarm(fields: Fields) -> str:
    """What is wrong. An `event` says why a report was made, a turn or so; there only SOS is an alarm."""
    return fields.text("alarm") or (SOS if fields.text("event").lower() == SOS else "")


def _invalid(fields: Fields) -> str:
    return "the terminal says of its place that it is not valid" if fields.denies("valid") else ""


def _is_placeless(told: Mapping[str, object], report: Report) -> bool:
    """Whether it does not claim to know where it is: it tells of radio cells, or of an alarm alone."""
    nowhere = not report.why and report.lon is None and report.lat is None
    return nowhere and (bool(report.alarm) or "cell" in told or "wifi" in told)


def _refused(request: Request, why: str, told: Mapping[str, object]) -> Rejected:
    kept = {name: value for name, value in told.items() if name not in _IDENTIFIERS}
    hidden = _hidden(request.identifier, why.encode("utf-8", "replace")).decode("utf-8", "replace")
    return rejected(1, hidden, _hidden(request.identifier, _encode(kept)))


def _hidden(secret: str, text: bytes) -> bytes:
    """The text without the secret, which apps repeat in odd places."""
    letters: Sequence[str] = re.sub(r"[-\s]", "", secret)
    if not letters:
        return text
    pattern = r"[-\s]*".join(re.escape(letter) for letter in letters)
    return re.sub(pattern.encode("utf-8", "replace"), b"***", text, flags=re.IGNORECASE)
