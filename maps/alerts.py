"""What a dispatcher should look at: alerts from the journal and from the day itself. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from fleet.journal import Entry
from fleet.units import moment_of
from fleet.words import Locale, translate
from maps.crew import STALE, Doing
from maps.day import Day
from maps.naming import named, place_name
from maps.patrol import Seen

Tone = Literal["sos", "late", "warn", "info", "stale"]
UNSEEN_S = 90 * 60
_MOST = 40
_HOT_C, _COLD_C = 60.0, 5.0


@dataclass(frozen=True, slots=True)
class Alert:
    """One line of the feed; `key` names the thing it is about, so that it stands there once."""

    key: str
    tone: Tone
    title: str
    detail: str
    at: datetime
    van_id: int | None = None


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


def alerts(day: Day, rows: Sequence[Doing], seen: Mapping[int, Seen], locale: Locale) -> tuple[Alert, ...]:
    """The day's alerts, live SOS first, then the newest; one a thing."""
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
    for alert in (*_silent(day, rows, say), *_unseen(day, seen, say), *_warm(day, say)):
        told.setdefault(alert.key, alert)
    ranked = sorted(told.values(), key=lambda each: (each.tone != "sos", -each.at.timestamp()))
    return tuple(ranked[:_MOST])


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


_CODES = {
    "two_sockets": (
        "Two screens speak for {van}",
        "Both are served; revoke the one that is not in the van",
    ),
}


def _of_alert(entry: Entry, say: _Saying) -> Alert:
    body, code = entry.body, str(entry.body.get("code", ""))
    title, detail = _CODES.get(code, (code.replace("_", " "), ""))
    van = say.van(body)
    said = say(title, van=van)
    return Alert(
        f"{code}:{body.get('van')}", "warn", said, say(detail) if detail else van, entry.at, body.get("van")
    )


_ENTRIES: Mapping[str, Callable[[Entry, _Saying], Alert | None]] = {
    "sos": _of_sos,
    "plan": _of_plan,
    "tap": _of_tap,
    "alert": _of_alert,
}


def _silent(day: Day, rows: Sequence[Doing], say: _Saying) -> list[Alert]:
    """Vans on shift whose last fix is old."""
    on_shift = {shift.van_id for shift in day.shifts if shift.starts <= day.now <= shift.ends}
    return [
        Alert(
            f"silent:{each.van.id}",
            "stale",
            say("No signal · {van}", van=say.vans[each.van.id]),
            say(
                "For {minutes} min; it sends what it kept when it is back",
                minutes=_minutes(day.now - at),
            ),
            at + STALE,
            each.van.id,
        )
        for each in rows
        if each.stale and each.van.id in on_shift and (at := each.seen_at) is not None and at >= day.start
    ]


def _unseen(day: Day, seen: Mapping[int, Seen], say: _Saying) -> list[Alert]:
    """Beats of vans on shift that nobody passed for long."""
    vans = {beat_id: van_id for van_id, own in day.beats_of.items() for beat_id in own}
    on_shift = {shift.van_id for shift in day.shifts if shift.starts <= day.now <= shift.ends}
    found = []
    for beat in day.beats:
        waited_s = seen[beat.id].away_s if beat.id in seen else 0
        if vans.get(beat.id) not in on_shift or waited_s < UNSEEN_S:
            continue
        title = say(
            "{beat} unseen for {hours} h {minutes} min",
            beat=named(beat.name, beat.name_en, say.locale),
            hours=waited_s // 3600,
            minutes=waited_s % 3600 // 60,
        )
        share = round(seen[beat.id].share * 100)
        detail = say("{share} % of it passed today", share=share)
        since = day.now - timedelta(seconds=waited_s - UNSEEN_S)
        found.append(Alert(f"unseen:{beat.id}", "info", title, detail, since, vans.get(beat.id)))
    return sorted(found, key=lambda each: each.at)[:3]


def _warm(day: Day, say: _Saying) -> list[Alert]:
    """Containers whose newest reading lies between 5 and 60 degrees."""
    newest: dict[tuple[int, str], Alert] = {}
    for tap in day.taps:
        celsius, container = tap.body.get("celsius"), str(tap.body.get("container") or "")
        if celsius is None:
            continue
        key = (tap.van_id, container)
        newest.pop(key, None)
        if _COLD_C < float(celsius) < _HOT_C:
            title = say("Food clock running · {van}", van=say.vans.get(tap.van_id, "?"))
            detail = say("{celsius} °C; serve within 2 h or discard", celsius=round(float(celsius)))
            newest[key] = Alert(f"warm:{tap.van_id}:{container}", "late", title, detail, tap.t, tap.van_id)
    return list(newest.values())


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)
