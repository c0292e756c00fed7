"""What a dispatcher should look at: alerts from the journal and from the day itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from fleet.journal import Entry
from fleet.words import Locale, translate
from maps.crew import STALE, Doing
from maps.day import Day
from maps.naming import named
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


def alerts(day: Day, rows: Sequence[Doing], seen: Mapping[int, Seen], locale: Locale) -> tuple[Alert, ...]:
    """The day's alerts, live SOS first, then the newest; one a thing."""
    names = {each.van.id: named(each.van.name, each.van.name_en, locale) for each in rows}
    told: dict[str, Alert] = {}
    for entry in day.journal:
        alert = _of_entry(entry, names, locale)
        if alert is not None and alert.key not in told:
            told[alert.key] = alert
    for alert in (
        *_silent(day, rows, names, locale),
        *_unseen(day, seen, locale),
        *_warm(day, names, locale),
    ):
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


def _of_entry(entry: Entry, names: Mapping[int, str], locale: Locale) -> Alert | None:
    body = entry.body
    makers = {"sos": _of_sos, "plan": _of_plan, "tap": _of_tap, "alert": _of_alert}
    maker = makers.get(entry.kind)
    return maker(entry, body, names, locale) if maker else None


def _of_sos(entry: Entry, body: Mapping[str, Any], names: Mapping[int, str], locale: Locale) -> Alert:
    van = names.get(body.get("van") or 0, "")
    state = str(body.get("state", "called"))
    detail = translate(locale, _SOS_STATES.get(state, "Closed"), van=van)
    place = str(body.get("place") or "")
    title = translate(locale, "SOS call · {place}", place=place)
    tone: Tone = "stale" if state == "closed" else "sos"
    return Alert(f"sos:{body.get('sos')}", tone, title, detail, entry.at, body.get("van"))


def _of_plan(entry: Entry, body: Mapping[str, Any], _names: Mapping[int, str], locale: Locale) -> Alert:
    title = translate(locale, "Plan published · version {version}", version=body.get("version", "?"))
    return Alert(f"plan:{body.get('day')}", "info", title, translate(locale, "Sent to the vans"), entry.at)


def _of_tap(entry: Entry, body: Mapping[str, Any], names: Mapping[int, str], locale: Locale) -> Alert | None:
    titles = {
        "no_answer": "Nobody answered · {van}",
        "declined": "Service declined · {van}",
        "unable": "Cannot go · {van}",
    }
    kind = str(body.get("kind"))
    if kind not in titles:
        return None
    van_id = body.get("van")
    title = translate(locale, titles[kind], van=names.get(van_id or 0, "?"))
    detail = str(
        body.get("place") or body.get("name") or translate(locale, "Call again, or plan another day")
    )
    return Alert(f"tap:{entry.state}", "warn", title, detail, entry.at, van_id)


def _of_alert(entry: Entry, body: Mapping[str, Any], names: Mapping[int, str], locale: Locale) -> Alert:
    van_id = body.get("van")
    params = {key: value for key, value in body.items() if isinstance(value, str | int | float)}
    said = translate(
        locale, str(body.get("text", body.get("kind", ""))), **{**params, "van": names.get(van_id or 0, "")}
    )
    return Alert(
        f"alert:{body.get('key', entry.state)}", "warn", said, names.get(van_id or 0, ""), entry.at, van_id
    )


def _silent(day: Day, rows: Sequence[Doing], names: Mapping[int, str], locale: Locale) -> list[Alert]:
    """Vans on shift whose last fix is old."""
    on_shift = {shift.van_id for shift in day.shifts if shift.starts <= day.now <= shift.ends}
    return [
        Alert(
            f"silent:{each.van.id}",
            "stale",
            translate(locale, "No signal · {van}", van=names[each.van.id]),
            translate(
                locale,
                "For {minutes} min; it sends what it kept when it is back",
                minutes=_minutes(day.now - at),
            ),
            at + STALE,
            each.van.id,
        )
        for each in rows
        if each.stale and each.van.id in on_shift and (at := each.seen_at) is not None and at >= day.start
    ]


def _unseen(day: Day, seen: Mapping[int, Seen], locale: Locale) -> list[Alert]:
    """Beats of vans on shift that nobody passed for long."""
    vans = {beat_id: van_id for van_id, own in day.beats_of.items() for beat_id in own}
    on_shift = {shift.van_id for shift in day.shifts if shift.starts <= day.now <= shift.ends}
    found = []
    for beat in day.beats:
        waited_s = seen[beat.id].away_s if beat.id in seen else 0
        if vans.get(beat.id) not in on_shift or waited_s < UNSEEN_S:
            continue
        title = translate(
            locale,
            "{beat} unseen for {hours} h {minutes} min",
            beat=named(beat.name, beat.name_en, locale),
            hours=waited_s // 3600,
            minutes=waited_s % 3600 // 60,
        )
        share = round(seen[beat.id].share * 100)
        detail = translate(locale, "{share} % of it passed today", share=share)
        since = day.now - timedelta(seconds=waited_s - UNSEEN_S)
        found.append(Alert(f"unseen:{beat.id}", "info", title, detail, since, vans.get(beat.id)))
    return sorted(found, key=lambda each: each.at)[:3]


def _warm(day: Day, names: Mapping[int, str], locale: Locale) -> list[Alert]:
    """Containers whose newest reading lies between 5 and 60 degrees."""
    newest: dict[tuple[int, str], Alert] = {}
    for tap in day.taps:
        celsius, container = tap.body.get("celsius"), str(tap.body.get("container") or "")
        if celsius is None:
            continue
        key = (tap.van_id, container)
        newest.pop(key, None)
        if _COLD_C < float(celsius) < _HOT_C:
            title = translate(locale, "Food clock running · {van}", van=names.get(tap.van_id, "?"))
            detail = translate(
                locale, "{celsius} °C; serve within 2 h or discard", celsius=round(float(celsius))
            )
            newest[key] = Alert(f"warm:{tap.van_id}:{container}", "late", title, detail, tap.t, tap.van_id)
    return list(newest.values())


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)
