"""Plans in the database: a draft saved, looked at, published to the vans.

Functions take a connection in its caller's transaction and never open or commit one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fleet import audit, journal, outbox, registry, tables
from fleet.errors import Conflict, NotFound
from fleet.geo import LonLat
from fleet.sql import load
from routing.agenda import Agenda
from routing.explain import Reason, as_json
from routing.message import message_of
from routing.plan import Plan, Route, Stop
from routing.publishable import refuse
from routing.stored import PlanRow, RouteRow, StopRow, UnservedRow
from routing.variant import Variant

_SQL = load(Path(__file__).parent / "queries.sql")


@dataclass(frozen=True, slots=True)
class Made:
    """How a draft came to be, and the driven lines of its routes in their order."""

    at: datetime
    by: str
    seed: int
    reasons: Mapping[int, tuple[Reason, ...]]
    lines: Sequence[Sequence[LonLat]]
    violations: int
    variant: Variant = field(default_factory=Variant)


def save_draft(conn: sa.Connection, agenda: Agenda, plan: Plan, made: Made) -> int:
    """Store a plan as a draft and return its id."""
    plan_id: int = conn.execute(
        tables.plan.insert()
        .values(
            district_id=agenda.district_id,
            day=agenda.day,
            status="draft",
            basis=agenda.problem.basis,
            seed=made.seed,
            levels=plan.levels.figures(),
            violations=made.violations,
            name=made.variant.name,
            scenario=made.variant.scenario,
            edits=made.variant.pins,
            created_at=made.at,
            created_by=made.by,
        )
        .returning(tables.plan.c.id)
    ).scalar_one()
    for route, line in zip(plan.routes, made.lines, strict=True):
        conn.execute(tables.plan_route.insert().values(_route(agenda, plan_id, route, line)))
        rows = [_stop(agenda, plan_id, route.van, (seq, stop)) for seq, stop in enumerate(route.stops)]
        conn.execute(tables.plan_stop.insert(), rows)
    if plan.unserved:
        rows = [_unserved(agenda, plan_id, n, (visit, made)) for n, visit in enumerate(plan.unserved)]
        conn.execute(tables.plan_unserved.insert(), rows)
    audit.record(conn, made.by, "plan.make", f"plan:{plan_id}", agenda.district_id, day=str(agenda.day))
    return plan_id


def _route(agenda: Agenda, plan_id: int, route: Route, line: Sequence[LonLat]) -> dict[str, Any]:
    return {
        "plan_id": plan_id,
        "van_id": agenda.van_ids[route.van],
        "starts": agenda.at(route.stops[0].leaves_s),
        "ends": agenda.at(route.stops[-1].arrives_s),
        "patrol_s": route.patrol_s,
        "drive_s": route.drive_s,
        "drive_m": route.drive_m,
        "geom": "SRID=4326;LINESTRING(" + ",".join(f"{x!r} {y!r}" for x, y in line) + ")",
    }


def _stop(agenda: Agenda, plan_id: int, van: int, numbered: tuple[int, Stop]) -> dict[str, Any]:
    seq, stop = numbered
    problem = agenda.problem
    site = problem.sites[stop.site]
    visit = None if stop.visit is None else problem.visits[stop.visit]
    caller = None if stop.visit is None else agenda.callers[stop.visit]
    window = next((w for w in visit.windows if stop.begins_s <= w.closes_s), None) if visit else None
    return {
        "plan_id": plan_id,
        "van_id": agenda.van_ids[van],
        "seq": seq,
        "kind": stop.kind,
        "site_id": agenda.site_ids[stop.site],
        "geom": f"SRID=4326;POINT({site.lon!r} {site.lat!r})",
        "recipient_id": caller.recipient_id if caller else None,
        "cadence_id": caller.cadence_id if caller else None,
        "beat_id": None if stop.cell is None else agenda.beat_ids[stop.cell],
        "arrives": agenda.at(stop.arrives_s),
        "begins": agenda.at(stop.begins_s),
        "leaves": agenda.at(stop.leaves_s),
        "window_from": agenda.at(window.opens_s) if window else None,
        "window_to": agenda.at(window.closes_s) if window else None,
        "items": {problem.items[p.item].code: p.cups for p in visit.portions} if visit else {},
    }


def _unserved(agenda: Agenda, plan_id: int, n: int, which: tuple[int, Made]) -> dict[str, Any]:
    visit, made = which
    asked, caller = agenda.problem.visits[visit], agenda.callers[visit]
    return {
        "plan_id": plan_id,
        "n": n,
        "site_id": caller.site_id,
        "recipient_id": caller.recipient_id,
        "cadence_id": caller.cadence_id,
        "mandatory": asked.mandatory,
        "prize": asked.prize,
        "reasons": [
            as_json(each, agenda.van_ids[each.van], agenda.van_ids) for each in made.reasons.get(visit, ())
        ],
    }


def _rows(conn: sa.Connection, name: str, **params: object) -> list[dict[str, Any]]:
    return [dict(row) for row in conn.exec_driver_sql(_SQL[name], params).mappings()]


def list_plans(conn: sa.Connection, district_id: int, day: date) -> tuple[PlanRow, ...]:
    """The plans of a district's day, the newest first."""
    return tuple(PlanRow(**row) for row in _rows(conn, "plans", district=district_id, day=day, plan=None))


def find_plan(conn: sa.Connection, district_id: int, plan_id: int) -> PlanRow:
    """One plan of a district.

    Raises
    ------
    NotFound : the district has no such plan.
    """
    rows = _rows(conn, "plans", district=district_id, day=None, plan=plan_id)
    if not rows:
        raise NotFound("There is no plan {plan} in this district. Load the page again.", plan=plan_id)
    return PlanRow(**rows[0])


def routes_of(conn: sa.Connection, plan_id: int) -> tuple[RouteRow, ...]:
    """The routes of a plan, by van."""
    return tuple(
        RouteRow(**{k: v for k, v in row.items() if k != "geojson"}, line=_line(row["geojson"]))
        for row in _rows(conn, "routes", plan=plan_id)
    )


def _line(geojson: str | None) -> tuple[LonLat, ...]:
    return tuple((p[0], p[1]) for p in json.loads(geojson)["coordinates"]) if geojson else ()


def stops_of(conn: sa.Connection, plan_id: int) -> tuple[StopRow, ...]:
    """The stops of a plan, by van and order."""
    return tuple(StopRow(**row) for row in _rows(conn, "stops", plan=plan_id))


def unserved_of(conn: sa.Connection, plan_id: int) -> tuple[UnservedRow, ...]:
    """What a plan leaves out, the gravest first."""
    return tuple(UnservedRow(**row) for row in _rows(conn, "unserved", plan=plan_id))


def published_on(conn: sa.Connection, district_id: int, day: date) -> PlanRow | None:
    """The plan that the vans of a day follow, if any."""
    return next((each for each in list_plans(conn, district_id, day) if each.status == "published"), None)


@dataclass(frozen=True, slots=True)
class Seen:
    """The plan that was the published one when a planner looked; None where there was none."""

    plan_id: int | None


def publish(
    conn: sa.Connection, district_id: int, plan_id: int, by: str, now: datetime, *, seen: Seen | None = None
) -> int:
    """Make a draft the day's plan and send it to its vans; the plan before it is superseded.

    Parameters
    ----------
    seen : what the planner took for the published plan; None publishes over whatever is there

    Returns
    -------
    The new version, one above the day's last.

    Raises
    ------
    NotFound : the district has no such plan.
    Conflict : the plan is no draft any more, the vans cannot follow it, or another was published since.
    """
    locked = _rows(conn, "lock_day", district=district_id, plan=plan_id)
    if not locked:
        raise NotFound("There is no plan {plan} in this district. Load the page again.", plan=plan_id)
    plan = find_plan(conn, district_id, plan_id)
    if plan.status != "draft":
        raise Conflict(
            "Plan {plan} is {status} and cannot be published again. Make a new plan of {day}.",
            plan=plan_id,
            status=plan.status,
            day=plan.day,
        )
    if seen is not None:
        _check_seen(conn, district_id, plan.day, seen)
    refuse(conn, district_id, plan)
    _rows(conn, "supersede", district=district_id, day=plan.day)
    version = int(_rows(conn, "publish", plan=plan_id, now=now, by=by)[0]["version"])
    _send(conn, find_plan(conn, district_id, plan_id), now)
    body = {"plan": plan_id, "day": plan.day.isoformat(), "version": version}
    journal.raise_state(conn, district_id, now, "plan", body)
    audit.record(conn, by, "plan.publish", f"plan:{plan_id}", district_id, version=version)
    return version


def _check_seen(conn: sa.Connection, district_id: int, day: date, seen: Seen) -> None:
    """Hold that what is published is what the planner saw; the day's plans are locked."""
    there = published_on(conn, district_id, day)
    if (there.id if there else None) == seen.plan_id:
        return
    if there is None or there.published_at is None:
        raise Conflict("The published plan of {day} is gone. Load the page again.", day=day)
    zone = ZoneInfo(registry.district(conn, district_id).timezone)
    raise Conflict(
        "{who} published version {version} of {day} (plan {plan}) at {time}. "
        "Look at what it changed, then publish yours again.",
        who=whom(conn, there.published_by or ""),
        version=there.version,
        day=day,
        plan=there.id,
        time=f"{there.published_at.astimezone(zone):%H:%M}",
    )


def whom(conn: sa.Connection, actor: str) -> str:
    """An actor of the audit by name; a command or a schedule stays what it is."""
    kind, _, number = actor.partition(":")
    rows = _rows(conn, "whom", account=int(number)) if kind == "account" and number.isdigit() else []
    return str(rows[0]["name"]) if rows else actor


def send_again(
    conn: sa.Connection,
    district_id: int,
    plan_id: int,
    by: str,
    now: datetime,
    *,
    happened: Mapping[str, object] | None = None,
) -> int:
    """Send a published plan whose rest was written anew to its vans, and tell the screens; its version.

    Parameters
    ----------
    happened : why, as plain values that the journal keeps; no name, no place of a person
    """
    plan = find_plan(conn, district_id, plan_id)
    _send(conn, plan, now)
    body: dict[str, object] = {"plan": plan_id, "day": plan.day.isoformat(), "version": plan.version}
    if happened is not None:
        body["happened"] = dict(happened)
    journal.raise_state(conn, district_id, now, "plan", body)
    audit.record(conn, by, "plan.rewrite", f"plan:{plan_id}", district_id, version=plan.version)
    return plan.version or 0


def _send(conn: sa.Connection, plan: PlanRow, now: datetime) -> None:
    items = {row["code"]: row for row in _rows(conn, "items", plan=plan.id)}
    stops = stops_of(conn, plan.id)
    for route in routes_of(conn, plan.id):
        own = [stop for stop in stops if stop.van_id == route.van_id]
        outbox.put(conn, route.van_id, "plan", message_of(plan, route, own, items), now)
