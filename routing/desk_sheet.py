"""A session as the planner's desk draws it: plain values, times in epoch milliseconds, names masked. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from fleet.geo import LonLat
from fleet.units import ms_of
from fleet.words import Locale, translate
from routing.agenda import Agenda
from routing.desk import Pin, Session
from routing.desk_words import Label, beat_name, labels, names, say_trouble, site_name, van_name
from routing.plan import Plan, Route, Stop
from routing.problem import Visit
from routing.restored import visit_keys
from routing.scenario import Told, say, say_entry
from routing.shelf import Ground
from routing.trouble import Trouble

Json: TypeAlias = dict[str, Any]
ADDED = "#b8c4d0"
"""The colour of a van that a scenario adds."""
_FIXED: Mapping[str, str] = {
    "start": "Depot", "end": "Depot", "reload": "Reload", "break": "Break", "pass": "Beat pass",
    "handover": "Handover",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Who looks at what: the day with its names, in a language. `ground` has the scenario's changes in it."""

    ground: Ground
    locale: Locale
    called: tuple[Label, ...]
    keys: tuple[str, ...]

    @property
    def agenda(self) -> Agenda:
        """The day."""
        return self.ground.agenda


def view_of(ground: Ground, locale: Locale) -> View:
    """A view with its names made."""
    return View(ground, locale, labels(ground, locale), visit_keys(ground.agenda))


def van_json(view: View, session: Session, route: Route, line: Sequence[LonLat] | None) -> Json:
    """One van's day: its stops, and the limits they are held to."""
    van_id = view.agenda.van_ids[route.van]
    row = view.ground.vans.get(van_id)
    one = session.problem.vans[route.van]
    return {
        "id": van_id,
        "name": van_name(view.ground, van_id, view.locale),
        "colour": row.colour if row else ADDED,
        "shift": [_ms(view, one.starts_s), _ms(view, one.ends_s + one.overtime_s)],
        "rest": [_ms(view, one.rest.earliest_s), _ms(view, one.rest.latest_s)] if one.rest else None,
        "starts": _ms(view, route.stops[0].leaves_s),
        "ends": _ms(view, route.stops[-1].arrives_s),
        "begun": session.begun[route.van],
        "patrol_s": route.patrol_s,
        "drive_s": route.drive_s,
        "drive_m": route.drive_m,
        "stops": list(_stops(view, session, route)),
        "line": None if line is None else [[round(x, 6), round(y, 6)] for x, y in line],
    }


def _stops(view: View, session: Session, route: Route) -> Iterator[Json]:
    position = 0
    begun, first = _locked(session, route)
    for n, stop in enumerate(route.stops):
        counted = stop.kind not in ("start", "end", "break")
        told: Json = {
            "position": position if counted else None,
            "held": n < begun,
            "first": begun <= n < first,
        }
        if stop.kind in ("reload", "pass"):
            told["grip"] = f"{stop.kind}:{view.agenda.van_ids[route.van]}:{position}"
        yield stop_json(view, session, (n, stop)) | told
        position += counted


def _locked(session: Session, route: Route) -> tuple[int, int]:
    """How many of a route's stops the van has begun, and how many are these and those held in order.

    All up to the last visit that stands fast; none where nothing does.
    """
    prefix = session.problem.vans[route.van].prefix
    begun = prefix[: session.begun[route.van]]
    return _last_of(route, begun), _last_of(route, prefix)


def _last_of(route: Route, visits: Sequence[int]) -> int:
    return 1 + max((n for n, stop in enumerate(route.stops) if stop.visit in visits), default=-1)


def stop_json(view: View, session: Session, numbered: tuple[int, Stop]) -> Json:
    """One stop; of a visit also its windows, nap, and what was decided about it."""
    n, stop = numbered
    site = session.problem.sites[stop.site]
    told: Json = {
        "n": n,
        "kind": stop.kind,
        "key": None,
        "name": _stop_name(view, stop),
        "at": [site.lon, site.lat],
        "arrives": _ms(view, stop.arrives_s),
        "begins": _ms(view, stop.begins_s),
        "leaves": _ms(view, stop.leaves_s),
    }
    if stop.visit is not None:
        told |= visit_json(view, session, stop.visit)
    return told


def visit_json(view: View, session: Session, n: int) -> Json:
    """What is known of a visit wherever it stands."""
    visit: Visit = session.problem.visits[n]
    pin = session.pins.get(n, Pin())
    called = view.called[n]
    site = session.problem.sites[visit.site]
    return {
        "key": view.keys[n],
        "name": called.name,
        "place": called.place,
        "channel": called.channel or None,
        "mandatory": visit.mandatory,
        "prize": visit.prize,
        "cups": visit.cups,
        "skills": [translate(view.locale, skill).replace("_", " ") for skill in sorted(visit.skills)],
        "service_s": visit.service_s,
        "windows": [[_ms(view, w.opens_s), _ms(view, w.closes_s)] for w in visit.windows],
        "nap": [_ms(view, visit.nap.opens_s), _ms(view, visit.nap.closes_s)] if visit.nap else None,
        "locked": None if pin.locked is None else view.agenda.van_ids[pin.locked],
        "banned": [view.agenda.van_ids[van] for van in sorted(pin.banned)],
        "at": [site.lon, site.lat],
    }


def _stop_name(view: View, stop: Stop) -> str:
    fixed = translate(view.locale, _FIXED.get(stop.kind, "Stop"))
    if stop.cell is not None:
        return f"{fixed} {beat_name(view.ground, view.agenda.beat_ids[stop.cell], view.locale)}".strip()
    place = site_name(view.ground, view.agenda.site_ids[stop.site], view.locale)
    return f"{fixed} {place}" if place and stop.kind in ("reload", "handover") else fixed


def troubles_json(view: View, found: Sequence[Trouble]) -> list[Json]:
    """What is broken, in sentences."""
    return [
        {
            "code": each.code,
            "van": view.agenda.van_ids[each.van] if each.van >= 0 else None,
            "key": view.keys[each.visit] if each.visit >= 0 else None,
            "said": say_trouble(each, view.ground, view.locale, view.called),
        }
        for each in found
    ]


def told_json(view: View, told: Sequence[Told], missing: Sequence[Told] = ()) -> list[Json]:
    """Changes in words; of those that the registry does not have, what is to be entered."""
    called = names(view.ground, view.locale)
    return [
        each.as_json()
        | {"said": say(view.locale, each, called)}
        | ({"entry": say_entry(view.locale, each)} if each in missing else {})
        for each in told
    ]


def levels_json(now: Plan, before: Plan, published: Mapping[str, int] | None) -> list[Json]:
    """Level by level: as it is, as the plan was before the edits, as it was published."""
    base = before.levels.figures()
    return [
        {
            "key": key,
            "value": value,
            "before": base[key],
            "published": None if published is None else published.get(key),
        }
        for key, value in now.levels.figures().items()
    ]


def moved_json(view: View, now: Session, before: Session) -> list[Json]:
    """Visits that another van serves, or that begin at another time, than before the edits."""
    was, becomes = _begins(before), _begins(now)
    return [
        {
            "key": view.keys[n],
            "name": view.called[n].name,
            "from": _place_json(view, was.get(n)),
            "to": _place_json(view, becomes.get(n)),
        }
        for n in range(len(view.keys))
        if was.get(n) != becomes.get(n)
    ]


def _begins(session: Session) -> dict[int, tuple[int, int]]:
    return {
        stop.visit: (van, stop.begins_s)
        for van, table in enumerate(session.tables)
        for stop in table.stops
        if stop.visit is not None
    }


def _place_json(view: View, place: tuple[int, int] | None) -> Json | None:
    return None if place is None else {"van": view.agenda.van_ids[place[0]], "begins": _ms(view, place[1])}


def _ms(view: View, seconds: int) -> int:
    return ms_of(view.agenda.at(seconds))
