"""What an alert says to a person: a title, what to do about it, its severity as a tone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from fleet.units import moment_of
from fleet.words import Locale, translate
from tracking.alert_store import Stored

Tone: TypeAlias = Literal["sos", "late", "warn", "info", "stale"]
TONES: Final[Mapping[str, Tone]] = {"sos": "sos", "high": "late", "warn": "warn", "info": "info"}
SEVERITY_WORDS: Final[Mapping[str, str]] = {
    "sos": "Life",
    "high": "Urgent",
    "warn": "Warning",
    "info": "Note",
}


@dataclass(frozen=True, slots=True)
class RuleWords:
    """One rule in words: its name, what an alert of it says, what is to be done, what its limit means."""

    name: str
    title: str
    advice: str
    limit: str


RULES: Final[Mapping[str, RuleWords]] = {
    "offline": RuleWords(
        "No signal",
        "No signal · {van}",
        "It sends what it kept when it is back; call the crew",
        "Nothing heard for so long, on shift",
    ),
    "stationary": RuleWords(
        "Standing too long",
        "Stands still · {van}",
        "At no planned stop and on no break; ask the crew",
        "Standing for so long where no stop, depot or break is",
    ),
    "off_beat": RuleWords(
        "Off its beat",
        "Off its beat · {van}",
        "Its minutes there are no patrol; send it back",
        "So far outside its beats",
    ),
    "off_route": RuleWords(
        "Off its route",
        "Off its route · {van}",
        "Outside its beat and far from its plan; ask the crew",
        "So far from its planned route, outside its beats",
    ),
    "overspeed": RuleWords(
        "Too fast", "Too fast: {top_kmh} km/h · {van}", "Tell the driver to slow down", "Faster than this"
    ),
    "long_driving": RuleWords(
        "Driving without a rest",
        "{hours} h at the wheel without a rest · {van}",
        "Twenty minutes of rest are the law",
        "At the wheel for so long without 20 min of rest",
    ),
    "shift_not_started": RuleWords(
        "Shift not started",
        "Has not left yet · {van}",
        "Its shift has begun; call the crew",
        "Not on the move so long after it was to leave",
    ),
    "food_near": RuleWords(
        "Food clock near its end",
        "Food at {celsius} °C, to be served by {serve_by} · {van}",
        "Serve it now, or reload",
        "So long before the food clock ends",
    ),
    "food_past": RuleWords(
        "Food clock ended",
        "Food past its time · {van}",
        "Stop serving {container} and discard it",
        "Food between 5 and 60 °C for so long",
    ),
    "low_battery": RuleWords(
        "Low battery",
        "Battery of the terminal at {percent} % · {van}",
        "Put it to its charger",
        "Battery below this",
    ),
    "device_alarm": RuleWords(
        "Alarm of a device",
        "The device reports: {alarm} · {van}",
        "Ask the crew what happened",
        "It ends when the device has been quiet for so long",
    ),
    "fence_enter": RuleWords(
        "Entered a fence",
        "Entered {fence} · {van}",
        "Ask the crew if it should not be there",
        "Coming in again within so long is the same alert",
    ),
    "fence_exit": RuleWords(
        "Left a fence",
        "Left {fence} · {van}",
        "Ask the crew if it should have stayed",
        "Leaving again within so long is the same alert",
    ),
    "fence_dwell": RuleWords(
        "Long in a fence",
        "Long in {fence} · {van}",
        "It has been there for as long as the fence says; ask the crew",
        "It ends when the van has been out for so long",
    ),
    "gps_lost": RuleWords(
        "No position",
        "Connected but without a position · {van}",
        "Its receiver sees no sky or is broken",
        "No good fix for so long, while the terminal is heard",
    ),
    "late": RuleWords(
        "Late for a stop",
        "{minutes} min late for {stop} · {van}",
        "By road times from where it is; warn the elder or plan anew",
        "Later than the window's end, or the planned time, by so much",
    ),
    "patrol_at_risk": RuleWords(
        "Patrol hours at risk",
        "{minutes} min of patrol will be missing · {van}",
        "The rest of the shift does not suffice for six hours",
        "Spare time left for six hours of patrol",
    ),
    "beat_unseen": RuleWords(
        "Beat unseen",
        "Nobody passed {beat} for long · {van}",
        "Send the van through it",
        "Nobody has passed any of a beat for so long, on shift",
    ),
    "sos_unseen": RuleWords(
        "SOS not seen",
        "Nobody has looked at SOS {sos}",
        "Look at the call now",
        "A call that nobody has looked at for so long",
    ),
    "server_behind": RuleWords(
        "Server behind",
        "Positions wait to be stored",
        "Screens are late; tell the administrator",
        "What terminals send has waited for so long",
    ),
    "two_sockets": RuleWords(
        "Two screens",
        "Two screens speak for {van}",
        "Both are served; revoke the one that is not in the van",
        "It ends when it has not happened for so long",
    ),
    # Which link it is stands at /shares: its title may name a family, and everybody sees the wall.
    "share_locked": RuleWords(
        "Shared map locked",
        "A shared map is locked: too many wrong passwords",
        "Look up which and until when; somebody may be guessing",
        "So long after the first wrong password, while the lock lasts",
    ),
}
_DEVICE_SAID: Final[Mapping[str, str]] = {
    "overspeed": "too fast",
    "fatigue": "driver tired",
    "danger": "danger",
    "receiver_fault": "receiver broken",
    "antenna_open": "antenna cut",
    "antenna_short": "antenna shorted",
    "power_low": "low voltage",
    "power_off": "power cut",
    "display_fault": "screen broken",
    "speech_fault": "speech broken",
    "camera_fault": "camera broken",
    "card_reader_fault": "card reader broken",
    "overspeed_warning": "nearly too fast",
    "fatigue_warning": "driver soon tired",
    "driving_too_long_today": "driving too long today",
    "parked_too_long": "parked too long",
    "area_crossed": "area crossed",
    "route_crossed": "route crossed",
    "section_time": "time on a section",
    "off_route": "off its route",
    "speed_sensor_fault": "speed sensor broken",
    "fuel_abnormal": "fuel not as it should be",
    "stolen": "stolen",
    "ignition_unlawful": "ignition by a stranger",
    "moved_unlawfully": "moved by a stranger",
    "collision_warning": "collision ahead",
    "rollover_warning": "rollover ahead",
    "door_opened_unlawfully": "door opened by a stranger",
    "driving_unlawful": "driving against the rules",
    "tyre_pressure": "tyre pressure",
    "blind_spot": "something in the blind spot",
    "collision_or_rollover": "collision or rollover",
    "tow": "towed away",
    "accident": "accident",
}


@dataclass(frozen=True, slots=True)
class Naming:
    """Names of vans, stops, beats and fences as this person reads them, and the district's zone."""

    vans: Mapping[int, str]
    stops: Mapping[int, str]
    locale: Locale
    beats: Mapping[int, str] = field(default_factory=dict)
    fences: Mapping[int, str] = field(default_factory=dict)
    timezone: str = "UTC"

    def say(self, text: str, **params: object) -> str:
        """In their language."""
        return translate(self.locale, text, **params)


def title_of(alert: Stored, naming: Naming) -> str:
    """What is wrong, in one line."""
    words = RULES.get(alert.code)
    if words is None:
        return alert.code.replace("_", " ")
    return naming.say(words.title, **_values(alert, naming))


def advice_of(alert: Stored, naming: Naming) -> str:
    """What is to be done."""
    words = RULES.get(alert.code)
    return naming.say(words.advice, **_values(alert, naming)) if words is not None else ""


def _values(alert: Stored, naming: Naming) -> dict[str, object]:
    body = alert.body
    alarm = str(body.get("alarm", ""))
    late_s = body.get("late_s", body.get("short_s", 0))
    return {
        "van": naming.vans.get(alert.van_id or 0, ""),
        "stop": naming.stops.get(int(body.get("stop", 0)), naming.say("its stop")),
        "beat": naming.beats.get(int(body.get("beat", 0)), ""),
        "fence": naming.fences.get(int(body.get("fence", 0)), naming.say("a fence")),
        "minutes": round(float(late_s) / 60),
        "percent": round(float(body.get("share", 0)) * 100),
        "top_kmh": body.get("top_kmh", ""),
        "hours": body.get("hours", ""),
        "celsius": round(float(body.get("celsius", 0))),
        "container": _container(str(body.get("container", "")), naming),
        "serve_by": _hm(alert, naming),
        "alarm": naming.say(_DEVICE_SAID[alarm]) if alarm in _DEVICE_SAID else alarm.replace("_", " "),
        "sos": body.get("sos", ""),
    }


def _container(code: str, naming: Naming) -> str:
    known = {"hot": "the hot container", "cold": "the cold container"}
    return naming.say(known[code]) if code in known else code


def _hm(alert: Stored, naming: Naming) -> str:
    """When food that is too warm must be served by: two hours after it was first found so."""
    since = alert.body.get("since")
    by: datetime = moment_of(int(since) + 7_200_000) if since is not None else alert.began
    return f"{by.astimezone(ZoneInfo(naming.timezone)):%H:%M}"
