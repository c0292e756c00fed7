"""What a dispatcher should look at: news from the journal, and the alerts that are kept. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fleet.journal import Entry
from fleet.units import moment_of
from fleet.words import Locale, translate
from maps.alert_words import RULES, SEVERITY_WORDS, TONES, Naming, Tone, advice_of, title_of
from maps.crew import Doing
from maps.day import Day
from maps.naming import named, place_name, staff_name
from maps.scene import LonLat
from tracking.alert_store import Stored

_MOST = 60
CONTAINERS = ("hot", "cold")


@dataclass(frozen=True, slots=True)
class Standing:
    """How an alert that is kept stands: its severity in a word, who took it on, until when it is shelved."""

    id: int
    code: str
    severity: str
    ended: datetime | None
    acked_by: str | None
    shelved_until: datetime | None
    may_shelve: bool


@dataclass(frozen=True, slots=True)
class Alert:
    """One line of the feed; `key` names the thing it is about, so that it stands there once.

    `place` is where it stands on the map, None for what goes about with its van alone; `with_van`: it is its
    van's as well. `mark` is what is said there, where the title says too much: no doorstep is labelled.
    `container` is the one whose food may no longer be handed out, while that is so.
    """

    key: str
    tone: Tone
    title: str
    detail: str
    at: datetime
    van_id: int | None = None
    standing: Standing | None = None
    place: LonLat | None = None
    with_van: bool = True
    mark: str = ""
    container: str | None = None


@dataclass(frozen=True, slots=True)
class _Saying:
    """What entries are said with: names of vans and of stops, and the language."""

    vans: Mapping[int, str]
    stops: Mapping[int, str]
    locale: Locale

    def van(self, body: Mapping[str, Any]) -> str:
        return self.vans.get(body.get("van") or 0, "")

    def __call__(self, text: str, **params: object) -> str:
        return translate(self.locale, text, **params)


def alerts(day: Day, rows: Sequence[Doing], locale: Locale) -> tuple[Alert, ...]:
    """The day's news: live SOS first, then alerts that stand, then the newest; one a thing."""
    say = _Saying(
        {each.van.id: named(each.van.name, each.van.name_en, locale) for each in rows},
        {stop.id: place_name(stop, locale) for stop in day.stops},
        locale,
    )
    told: dict[str, Alert] = {}
    for entry in day.journal:
        alert = _ENTRIES[entry.kind](entry, say) if entry.kind in _ENTRIES else None
        if alert is not None and alert.key not in told:
            told[alert.key] = alert
    beats = {each.id: named(each.name, each.name_en, locale) for each in day.beats}
    fences = {each.id: named(each.name, each.name_en, locale) for each in day.fences}
    naming = Naming(say.vans, say.stops, locale, beats, fences, day.district.timezone)
    shown = (each for each in day.alerts if not each.historical)
    kept = [_placed(_of_stored(each, day.now, naming), each, day, naming) for each in shown]
    ranked = sorted([*told.values(), *kept], key=_rank)
    return tuple(ranked[:_MOST])


def _placed(alert: Alert, stored: Stored, day: Day, naming: Naming) -> Alert:
    """An alert with its place: its stop's, its fence's or, where no van is, its beat's."""
    about = {name: int(stored.body.get(name, 0)) for name in ("stop", "fence", "beat")}
    for beat in day.beats:
        if beat.id == about["beat"]:
            return replace(alert, place=_middle(beat.polygons), with_van=False)
    if about["fence"] in day.fence_middles:
        return replace(alert, place=day.fence_middles[about["fence"]])
    for stop in day.stops:
        if stop.id == about["stop"]:
            van = naming.vans.get(stored.van_id or 0, "")
            mark = f"{naming.say(RULES[stored.code].name)} · {van}" if stop.doorstep else ""
            return replace(alert, place=stop.at, mark=mark)
    return alert


def _middle(polygons: Sequence[Sequence[Sequence[LonLat]]]) -> LonLat:
    """The middle of what encloses a beat."""
    lons, lats = zip(*(at for part in polygons for at in part[0]), strict=True)
    return (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2


_RANKS: Mapping[Tone, int] = {"sos": 0, "late": 1, "warn": 2, "info": 3}


def _rank(alert: Alert) -> tuple[int, int, float]:
    """A live SOS, then what stands and nobody has taken on, the gravest first; then the rest by time."""
    standing = alert.standing
    is_open = standing is not None and standing.ended is None and standing.shelved_until is None
    if alert.tone == "sos":
        place = 0
    elif is_open and standing is not None and standing.acked_by is None:
        place = 1
    else:
        place = 2
    return place, _RANKS.get(alert.tone, 4) if place < 2 else 0, -alert.at.timestamp()


_SOS_STATES = {
    "called": "Not yet looked at",
    "seen": "Seen, no van yet",
    "offered": "Offered to {van}",
    "accepted": "{van} is on the way",
    "arrived": "{van} is there",
    "closed": "Closed",
}


def _of_sos(entry: Entry, say: _Saying) -> Alert:
    body, state = entry.body, str(entry.body.get("state", "called"))
    title = say("SOS call · {place}", place=body.get("place") or "")
    tone: Tone = "stale" if state == "closed" else "sos"
    detail = say(_SOS_STATES.get(state, "Closed"), van=say.van(body))
    return Alert(f"sos:{body.get('sos')}", tone, title, detail, entry.at, body.get("van"))


def _of_plan(entry: Entry, say: _Saying) -> Alert:
    title = say("Plan published · version {version}", version=entry.body.get("version", "?"))
    return Alert(f"plan:{entry.body.get('day')}", "info", title, say("Sent to the vans"), entry.at)


_TAPS = {
    "no_answer": "Nobody answered · {van}",
    "declined": "Service declined · {van}",
    "unable": "Cannot go · {van}",
}


def _of_tap(entry: Entry, say: _Saying) -> Alert | None:
    body, kind = entry.body, str(entry.body.get("tap"))
    if kind not in _TAPS:
        return None
    detail = say.stops.get(body.get("stop") or 0) or say("Call again, or plan another day")
    # A tap may have waited in a dead zone: it stands where it was made.
    at = moment_of(body["t"]) if isinstance(body.get("t"), int) else entry.at
    return Alert(
        f"tap:{entry.state}", "warn", say(_TAPS[kind], van=say.van(body)), detail, at, body.get("van")
    )


_ENTRIES: Mapping[str, Callable[[Entry, _Saying], Alert | None]] = {
    "sos": _of_sos,
    "plan": _of_plan,
    "tap": _of_tap,
}


def _of_stored(stored: Stored, now: datetime, naming: Naming) -> Alert:
    return Alert(
        f"alert:{stored.id}",
        "stale" if stored.ended is not None else TONES.get(stored.severity, "warn"),
        title_of(stored, naming),
        advice_of(stored, naming) if stored.ended is None else naming.say("Over"),
        stored.began,
        stored.van_id,
        Standing(
            stored.id,
            stored.code,
            naming.say(SEVERITY_WORDS.get(stored.severity, "Warning")),
            stored.ended,
            None if stored.acked_by is None else staff_name(stored.acked_by),
            stored.shelved_until if stored.is_shelved(now) else None,
            may_shelve=stored.severity != "sos",
        ),
        container=_spoilt(stored),
    )


def _spoilt(stored: Stored) -> str | None:
    """The container whose food clock has ended."""
    container = stored.body.get("container")
    ended = stored.code == "food_past" and stored.ended is None
    return str(container) if ended and container in CONTAINERS else None
