"""The platform screen's figures, rows and panels as plain values. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fleet.registry import Cell
from fleet.season import DaySeason
from fleet.sos import Case
from fleet.units import ms_of
from fleet.words import Locale, translate
from maps.alerts import Alert, Standing, alerts
from maps.circle import Circle
from maps.crew import Doing, doings
from maps.day import Day, Unserved
from maps.naming import goal_name, named, place_name, season_words, whose_name
from maps.patrol import Seen
from maps.reasons import said_of

Json = dict[str, object]
PATROL_TARGET_H = 6
_MOST_UNSERVED = 30
_BIN_S = 600


@dataclass(frozen=True, slots=True)
class Proof:
    """What tracks prove: seconds of patrol by van, coverage by beat, places not passed; what crews claim."""

    proved_s: Mapping[int, int]
    claimed_s: Mapping[int, int]
    seen: Mapping[int, Seen]
    unseen: Sequence[Cell] = ()


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was gathered besides the rows: proofs, the circle, seconds to each van's next stop, season."""

    proof: Proof
    circle: Circle | None
    eta_s: Mapping[int, int]
    season: DaySeason


def board(day: Day, gathered: Gathered, locale: Locale) -> Json:
    """Everything the platform screen shows besides the map, names masked.

    Returns
    -------
    Plain JSON values; times in epoch milliseconds, shares 0..1.
    """
    rows = doings(day)
    told = alerts(day, rows, locale)
    return {
        "as_of": ms_of(day.now),
        "state": day.state,
        "season": season_words(gathered.season, locale),
        "plan": None if day.plan is None else {"version": day.plan.version, "basis": day.plan.basis},
        "figures": _figures(day, gathered, rows),
        "vans": [_van(day, each, gathered, locale) for each in rows],
        "beats": _beats(day, gathered.proof.seen, locale),
        "calls": [_call(call, rows, gathered, locale) for call in day.calls],
        "alerts": [_alert(each) for each in told],
        "unserved": [_unserved(each, day, locale) for each in day.unserved[:_MOST_UNSERVED]],
        "unserved_total": len(day.unserved),
        "progress": _progress(day),
    }


def _figures(day: Day, gathered: Gathered, rows: Sequence[Doing]) -> Json:
    proved = gathered.proof.proved_s
    circle = gathered.circle
    served, discarded = _servings(day)
    visits = [stop for stop in day.stops if stop.kind == "visit"]
    closed = day.closed
    return {
        "online": {
            "n": sum(1 for each in rows if not each.stale),
            "stale": sum(1 for each in rows if each.stale and each.state != "offline"),
            "offline": sum(1 for each in rows if each.state == "offline"),
            "of": len(rows),
        },
        "patrol": {
            "mean_h": sum(proved.values()) / 3600 / len(rows) if rows else 0.0,
            "claimed_h": sum(gathered.proof.claimed_s.values()) / 3600 / len(rows) if rows else 0.0,
            "target_h": PATROL_TARGET_H,
        },
        "visits": {
            "done": sum(1 for stop in visits if stop.id in closed and closed[stop.id].kind == "done"),
            "tried": sum(1 for stop in visits if stop.id in closed),
            "of": len(visits),
        },
        "overdue": {"n": day.overdue.n, "days": math.ceil(day.overdue.days)},
        "monthly": {"n": day.monthly.n, "of": day.monthly.of},
        "servings": {"season": gathered.season.season, "n": served, "discarded": discarded},
        "sos": {
            "n": len(day.calls),
            "since": min((ms_of(call.called_at) for call in day.calls), default=None),
        },
        "circle": None
        if circle is None
        else {"share": circle.share, "gaps": circle.gaps, "basis": circle.basis, "at": ms_of(circle.at)},
    }


def _servings(day: Day) -> tuple[int, int]:
    """Cups handed out and thrown away, by the crews' taps; a tap without a number counts as planned."""
    planned = {stop.id: sum(int(cups) for cups in stop.items.values()) for stop in day.stops}
    served = 0
    for stop_id, tap in day.closed.items():
        if tap.kind == "done":
            cups = tap.body.get("cups")
            served += int(cups) if isinstance(cups, int | float) else planned.get(stop_id, 0)
    discarded = sum(int(tap.body.get("cups") or 0) for tap in day.taps if tap.kind == "reload")
    return served, discarded


def _van(day: Day, each: Doing, gathered: Gathered, locale: Locale) -> Json:
    van, stop = each.van, each.stop
    own = [one for one in day.stops if one.van_id == van.id and one.kind in ("visit", "dropoff")]
    closed = day.closed
    done = {one.id for one in own if one.id in closed and closed[one.id].kind == "done"}
    return {
        "id": van.id,
        "name": named(van.name, van.name_en, locale),
        "colour": van.colour,
        "state": each.state,
        "stale": each.stale,
        "seen_at": None if each.seen_at is None else ms_of(each.seen_at),
        "place": each.call.place if each.call else place_name(stop, locale) if stop else "",
        "goal": goal_name(stop, locale) if stop else "",
        "kind": stop.kind if stop else None,
        "arrives": ms_of(stop.arrives) if stop else None,
        "leaves": ms_of(stop.leaves) if stop else None,
        "eta_s": gathered.eta_s.get(van.id),
        "call": each.call.state if each.call else None,
        "proved_h": gathered.proof.proved_s.get(van.id, 0) / 3600,
        "claimed_h": gathered.proof.claimed_s.get(van.id, 0) / 3600,
        "visits_of": sum(1 for one in own if one.kind == "visit"),
        "visits_done": sum(1 for one in own if one.kind == "visit" and one.id in done),
        "calls_done": len(done),
        "containers": [
            {
                "item": _item(day, one.item, locale),
                "cups": one.cups,
                "celsius": one.celsius,
                "left_s": one.left_s,
                "counting": one.counting,
            }
            for one in each.containers[:2]
        ],
    }


def _item(day: Day, code: str, locale: Locale) -> str:
    for item in day.menu:
        if item.code == code:
            return named(item.name, item.name_en, locale)
    return code


def _beats(day: Day, seen: Mapping[int, Seen], locale: Locale) -> list[Json]:
    """Coverage by van, over the beats it is assigned today; its colour tells whose it is."""
    names = {beat.id: named(beat.name, beat.name_en, locale) for beat in day.beats}
    cells = {beat.id: len(beat.cells) for beat in day.beats}
    rows: list[Json] = []
    for van in day.vans:
        own = [beat_id for beat_id in day.beats_of.get(van.id, []) if beat_id in seen]
        weight = sum(cells[beat_id] for beat_id in own)
        if not weight:
            continue
        rows.append(
            {
                "van": van.id,
                "colour": van.colour,
                "name": " · ".join(names[beat_id] for beat_id in own),
                "share": sum(seen[beat_id].share * cells[beat_id] for beat_id in own) / weight,
                "longest_s": max(seen[beat_id].longest_s for beat_id in own),
            }
        )
    return rows


def _call(call: Case, rows: Sequence[Doing], gathered: Gathered, locale: Locale) -> Json:
    van = next((each.van for each in rows if each.van.id == call.van_id), None)
    decisions = call.receipt.decisions
    eta_s = decisions[-1].eta_s if decisions else None
    # Once the van is on its way, where it is now tells more than what was weighed before it left.
    if van is not None and call.state == "accepted":
        eta_s = gathered.eta_s.get(van.id, eta_s)
    stamps = {
        name: None if at is None else ms_of(at)
        for name, at in (
            ("called_at", call.called_at),
            ("seen_at", call.seen_at),
            ("offered_at", call.offered_at),
            ("accepted_at", call.accepted_at),
            ("arrived_at", call.arrived_at),
        )
    }
    return {
        "id": call.id,
        "state": call.state,
        "place": call.place,
        "who": call.who or "",
        "lon": call.lon,
        "lat": call.lat,
        "van": None if van is None else (named(van.name, van.name_en, locale)),
        "van_id": call.van_id,
        "eta_s": eta_s,
        **stamps,
    }


def _alert(each: Alert) -> Json:
    return {
        "key": each.key,
        "tone": each.tone,
        "title": each.title,
        "detail": each.detail,
        "at": ms_of(each.at),
        "van": each.van_id,
        "at_place": each.place,
        "with_van": each.with_van,
        "mark": each.mark or each.title,
        "container": each.container,
        "standing": None if each.standing is None else _standing(each.standing),
    }


def _standing(each: Standing) -> Json:
    return {
        "id": each.id,
        "code": each.code,
        "severity": each.severity,
        "ended": None if each.ended is None else ms_of(each.ended),
        "acked_by": each.acked_by,
        "shelved_until": None if each.shelved_until is None else ms_of(each.shelved_until),
        "may_shelve": each.may_shelve,
    }


def _unserved(each: Unserved, day: Day, locale: Locale) -> Json:
    return {
        "place": whose_name(each.name, each.name_en, each.recipient, locale),
        "channel": each.channel,
        "mandatory": each.mandatory,
        "said": said_of(each, day.vans, locale, day.sites) or [translate(locale, "The plan page says why")],
    }


def _progress(day: Day) -> Json:
    """Calls done and planned over the day, counted every ten minutes: [ms, how many so far]."""
    calls = [stop for stop in day.stops if stop.kind in ("visit", "dropoff")]
    closed = day.closed
    return {
        "planned": _running([ms_of(stop.leaves) for stop in calls]),
        "done": _running([ms_of(closed[stop.id].t) for stop in calls if stop.id in closed]),
        "from": min((ms_of(route.starts) for route in day.routes), default=None),
        "to": max((ms_of(route.ends) for route in day.routes), default=None),
    }


def _running(moments: Sequence[int]) -> list[list[int]]:
    bin_ms = _BIN_S * 1000
    points: list[list[int]] = []
    for count, moment in enumerate(sorted(moments), start=1):
        edge = (moment // bin_ms + 1) * bin_ms
        if points and points[-1][0] == edge:
            points[-1][1] = count
        else:
            points.append([edge, count])
    return points
