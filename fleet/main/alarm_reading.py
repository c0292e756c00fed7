"""Reads a district as the alert rules look at it: vans' days, and the situation of the moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fleet import registry
from fleet.geo import LonLat
from fleet.main.alarm_tracks import Cells, DayFixes, Ground
from fleet.registry import Shift
from fleet.roads import Roads
from fleet.units import ms_of
from maps.crew import heading_for
from maps.day import Plan, Route, Stop, Tap, read_published, read_routes, read_rows, read_stops
from tracking import alert_store, fence_store, history
from tracking.alarm_day import VanDay
from tracking.alarm_fences import DayFences
from tracking.alarm_rules import Rules
from tracking.alarm_spans import Span
from tracking.alarms import Heading, Proved, Situation, VanNow
from tracking.alert_store import SQL
from tracking.food_clock import Reading

_PROMISED = frozenset({"visit", "dropoff", "reload"})
_AT_STOP = frozenset({"arrived", "started"})
_SOS_ENDS = frozenset({"done", "unable"})


@dataclass(frozen=True, slots=True)
class Frame:
    """What a district's day is made of, besides its fixes."""

    district_id: int
    day: date
    starts: datetime
    ends: datetime
    middle: LonLat
    van_ids: tuple[int, ...]
    shifts: Mapping[int, Shift]
    plan: Plan | None
    routes: Mapping[int, Route]
    stops: Mapping[int, tuple[Stop, ...]]
    depots: tuple[LonLat, ...]
    taps: Mapping[int, tuple[Tap, ...]]


def read_frame(conn: sa.Connection, district_id: int, day: date) -> Frame:
    """Read it.

    Raises
    ------
    NotFound : there is no such district.
    """
    district = registry.district(conn, district_id)
    zone = ZoneInfo(district.timezone)
    starts = datetime.combine(day, time.min, zone)
    ends = datetime.combine(day + timedelta(days=1), time.min, zone)
    van_ids = tuple(van.id for van in registry.vans(conn, district_id))
    plan = read_published(conn, district_id, day)
    given = {"vans": list(van_ids), "from": starts, "to": ends}
    return Frame(
        district_id, day, starts, ends, (district.lon, district.lat), van_ids,
        shifts={each.van_id: each for each in registry.shifts(conn, district_id, day)},
        plan=plan,
        routes={each.van_id: each for each in read_routes(conn, plan.id)} if plan else {},
        stops=_by_van(read_stops(conn, plan.id)) if plan else {},
        depots=tuple((s.lon, s.lat) for s in registry.sites(conn, district_id, "centre")
                     if s.is_depot or s.is_kitchen),
        taps=_by_van([Tap(**row) for row in read_rows(conn, "taps", **given)]),
    )  # fmt: skip


class _OfVan(Protocol):
    @property
    def van_id(self) -> int: ...


_Own = TypeVar("_Own", bound=_OfVan)


def _by_van(all_vans: Sequence[_Own]) -> dict[int, tuple[_Own, ...]]:
    """Each van's, in their order."""
    found: dict[int, list[_Own]] = {}
    for each in all_vans:
        found.setdefault(each.van_id, []).append(each)
    return {van_id: tuple(own) for van_id, own in found.items()}


def day_cells(conn: sa.Connection, frame: Frame) -> dict[int, tuple[int, Cells]]:
    """The cells of every beat that is a van's today, by beat."""
    vans = {
        beat_id: van_id
        for van_id, own in registry.beats_of(conn, frame.district_id, frame.day).items()
        for beat_id in own
    }
    return {
        beat.id: (vans[beat.id], Cells(frame.middle, beat))
        for beat in registry.beats(conn, frame.district_id)
        if beat.id in vans and beat.cells
    }


def day_fixes(conn: sa.Connection, frame: Frame) -> DayFixes:
    """An empty store of the day's fixes that knows where each van belongs."""
    beats = {each.id: each for each in registry.beats(conn, frame.district_id)}
    assigned = registry.beats_of(conn, frame.district_id, frame.day)
    grounds = {}
    for van_id in frame.van_ids:
        own = [beats[each] for each in assigned.get(van_id, ()) if each in beats]
        line = frame.routes[van_id].points if van_id in frame.routes else ()
        grounds[van_id] = Ground.of(frame.middle, own, line)
    return DayFixes(grounds, history.primary_terminals(conn, frame.van_ids))


def day_fences(conn: sa.Connection, frame: Frame) -> DayFences:
    """The fences that count on the day; no van was followed past them yet."""
    found = fence_store.counting(conn, frame.district_id, frame.starts, frame.ends)
    return DayFences(frame.district_id, found)


def van_day(frame: Frame, fixes: DayFixes, fences: DayFences, van_id: int, now: datetime) -> VanDay:
    """One van's day as known at `now`."""
    taps = tuple(each for each in frame.taps.get(van_id, ()) if each.t <= now)
    shift = frame.shifts.get(van_id)
    stops = frame.stops.get(van_id, ())
    known = fixes.until(van_id, ms_of(now))
    leaves = next((stop.leaves for stop in stops if stop.kind == "start"), None)
    ends = None if shift is None else min([shift.ends, *_went_home(stops, taps)])
    return VanDay(
        van_id, ms_of(now), known.track, known.sign_ms, known.beat_m, known.route_m,
        shift=None if shift is None or ends is None else (ms_of(shift.starts), ms_of(ends)),
        due_ms=None if shift is None else max(ms_of(shift.starts), ms_of(leaves or shift.starts)),
        tapped_ms=next((ms_of(tap.t) for tap in taps if tap.kind not in ("alarm", "reading")), None),
        depots=frame.depots,
        stops=tuple(stop.at for stop in stops),
        pauses=pauses(taps, now),
        calls=calls(taps, now),
        readings=tuple(_readings(taps)),
        alarms=tuple((ms_of(tap.t), str(tap.body.get("alarm") or "")) for tap in taps if tap.kind == "alarm"),
        fenced=fences.seen(van_id, known.track),
    )  # fmt: skip


def _went_home(stops: Sequence[Stop], taps: Sequence[Tap]) -> list[datetime]:
    """When the crew told that its day is over: from then on nothing is expected of it."""
    ends = {stop.id for stop in stops if stop.kind == "end"}
    return [tap.t for tap in taps if tap.stop_id in ends and tap.kind == "done"][:1]


def pauses(taps: Sequence[Tap], now: datetime) -> tuple[Span, ...]:
    """Breaks and reloads, each until the crew's next tap."""
    told = [tap for tap in taps if tap.kind not in ("alarm", "reading")]
    return tuple(
        (ms_of(tap.t), ms_of(told[n + 1].t if n + 1 < len(told) else now))
        for n, tap in enumerate(told)
        if tap.kind in ("break", "reload")
    )


def calls(taps: Sequence[Tap], now: datetime) -> tuple[Span, ...]:
    """Times on an SOS: from the crew's acceptance until it is done or handed back."""
    began: dict[str, int] = {}
    found = []
    for tap in taps:
        task = tap.body.get("task")
        if not isinstance(task, str):
            continue
        if tap.kind == "accepted":
            began.setdefault(task, ms_of(tap.t))
        elif tap.kind in _SOS_ENDS and task in began:
            found.append((began.pop(task), ms_of(tap.t)))
    return (*found, *((since, ms_of(now) + 1) for since in began.values()))


def _readings(taps: Sequence[Tap]) -> list[Reading]:
    found: list[Reading] = []
    for tap in taps:
        container = str(tap.body.get("container") or "")
        celsius = tap.body.get("celsius")
        if tap.kind == "reload" and not container:
            found += [Reading(ms_of(tap.t), each, None) for each in {one.container for one in found}]
        if tap.kind in ("reading", "reload") and (celsius is not None or tap.kind == "reload"):
            found.append(Reading(ms_of(tap.t), container, None if celsius is None else float(celsius)))
    return found


def situation(
    conn: sa.Connection, frame: Frame, days: Mapping[int, VanDay], rules: Rules, roads: Roads, now: datetime
) -> Situation:
    """The district at `now`; road times are asked for in one question."""
    heard = {van: at for van, at in _pairs(conn, "heard", district=frame.district_id)}
    good = {row[0]: row for row in conn.exec_driver_sql(SQL["good"], {"district": frame.district_id})}
    headings = _headings(conn, frame, {van: (row[2], row[3]) for van, row in good.items()}, roads, now)
    proved = {
        row[0]: Proved(row[1], row[2])
        for row in conn.exec_driver_sql(SQL["proved"], {"district": frame.district_id, "day": frame.day})
    }
    vans = []
    for van_id in frame.van_ids:
        shift, day = frame.shifts.get(van_id), days[van_id]
        vans.append(
            VanNow(
                van_id,
                starts=None if shift is None else shift.starts,
                ends=None if shift is None else shift.ends,
                good_at=good[van_id][1] if van_id in good else None,
                heard_at=heard.get(van_id),
                heading=headings.get(van_id),
                proved=proved.get(van_id) if day.beat_m is not None else None,
                on_call=any(starts <= day.until_ms < ends for starts, ends in day.calls),
            )
        )
    since = now - timedelta(seconds=rules["two_sockets"].threshold)
    return Situation(
        vans=tuple(vans),
        unseen={case: at for case, at in _pairs(conn, "unseen", district=frame.district_id, now=now)},
        twins={van: at for van, at in _pairs(conn, "twins", district=frame.district_id, since=since)},
        open=frozenset(each.key for each in alert_store.standing(conn, frame.district_id)),
    )


def _headings(
    conn: sa.Connection, frame: Frame, here: Mapping[int, LonLat], roads: Roads, now: datetime
) -> dict[int, Heading]:
    """Where each van that is on its way has promised to be next."""
    going: list[tuple[int, Stop]] = []
    for van_id, stops in frame.stops.items():
        taps = [each for each in frame.taps.get(van_id, ()) if each.t <= now]
        goal = heading_for(stops, taps, now)
        if goal is None or goal.kind not in _PROMISED or van_id not in here:
            continue
        if not any(tap.stop_id == goal.id and tap.kind in _AT_STOP for tap in taps):
            going.append((van_id, goal))
    if not going or frame.plan is None:
        return {}
    closes = {stop: to for stop, to in _pairs(conn, "windows", plan=frame.plan.id)}
    points = [*(here[van_id] for van_id, _ in going), *(stop.at for _, stop in going)]
    seconds = roads.table(points).seconds
    n = len(going)
    found = {}
    for i, (van_id, stop) in enumerate(going):
        eta_s = int(seconds[i, n + i])
        due = closes.get(stop.id, stop.begins)
        found[van_id] = Heading(stop.id, due, float(eta_s) if eta_s >= 0 else None)
    return found


def _pairs(conn: sa.Connection, name: str, **params: object) -> list[tuple[Any, Any]]:
    return [(row[0], row[1]) for row in conn.exec_driver_sql(SQL[name], params)]
