"""OwnTracks over HTTP: one JSON message in, at most one fix out. No I/O."""

from __future__ import annotations

from typing import Final

import msgspec

from fleet.units import mps_of_kmh
from tracking.adapters.report import Fields, Report, rejected
from tracking.fix import Fix
from tracking.protocol import Received

_LOCATION: Final = "location"
_ENCRYPTED: Final = "encrypted"
_decode = msgspec.json.Decoder().decode


def received(body: bytes, now_ms: int) -> list[Received]:
    """Read and judge one message of a known terminal; whatever was sent, this does not raise.

    Messages that are no location (waypoints, transitions, farewells, an empty body) hold nothing for us.

    Parameters
    ----------
    now_ms : our clock, epoch milliseconds; the time of a location that tells none
    """
    if not body.strip():
        return [Received(1)]
    try:
        told = _decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return [_refusal(f"not readable as JSON: {error}", body)]
    kind = told.get("_type") if isinstance(told, dict) else None
    if not isinstance(kind, str):
        return [_refusal("a message is a JSON object with a _type", body)]
    if kind == _ENCRYPTED:
        return [_refusal("the message is encrypted; leave the encryption key empty in the app", body)]
    if kind != _LOCATION:
        return [Received(1)]
    found = _report(told).fix(now_ms)
    return [Received(1, ((0, found),)) if isinstance(found, Fix) else _refusal(found, body)]


def _report(told: dict[str, object]) -> Report:
    fields = Fields(told)
    speed_kmh, battery = fields.measure("vel"), fields.measure("batt")
    return Report(
        t=fields.time_ms("tst"),
        lon=fields.number("lon"),
        lat=fields.number("lat"),
        speed_mps=None if speed_kmh is None else mps_of_kmh(speed_kmh),
        heading_deg=fields.measure("cog"),
        altitude_m=fields.number("alt"),
        accuracy_m=fields.measure("acc"),
        battery=None if battery is None else battery / 100,
        why=fields.why,
    )


def _refusal(why: str, body: bytes) -> Received:
    return Received(1, refused=(rejected(1, why, body),))
