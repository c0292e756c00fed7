"""A published plan read back as a plan of its day's problem, and its rest written anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fleet import tables
from fleet.sql import load
from routing.agenda import Agenda
from routing.cadence import BY_VAN
from routing.levels import plan_of
from routing.plan import Plan, Route, Stop
from routing.problem import PROMISE_S, Problem
from routing.running import Running

_SQL = load(Path(__file__).parent / "queries.sql")
_ASIDE = 1_000_000
_ANYWHERE = frozenset({"start", "break", "end"})
"""Kinds that are for no place: a van that broke down ends its day where it stands."""


@dataclass(frozen=True, slots=True)
class Published:
    """A plan of an agenda's problem, and the stored stop of each of its visits.

    `lost` are stored visits that the registry no longer asks for, or whose van has no shift any more.
    `promised` has, of visits that were planned a little beside it since, the second that was promised.
    """

    plan: Plan
    stop_ids: Mapping[int, int]
    lost: tuple[int, ...]
    promised: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """The stored routes of a plan by the van of the problem; see `Published` for the others."""

    routes: Mapping[int, Route]
    stop_ids: Mapping[int, int]
    lost: tuple[int, ...]
    promised: Mapping[int, int] = field(default_factory=dict)

    def published(self, problem: Problem) -> Published:
        """As a plan of a problem with tables."""
        plan = plan_of(problem, list(self.routes.values()))
        return Published(plan, self.stop_ids, self.lost, self.promised)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a stored plan says of who is due on its day: whom it calls on or leaves out.

    It was made from a look at the days ahead. To look again would give each call the same day, in a second.
    """

    ranks: Mapping[int, int]

    def wants(self, recipient_id: int, channel: str) -> bool | None:
        """Whether this call is the plan's, or a longer one that counts for it."""
        return BY_VAN.index(channel) <= self.ranks.get(recipient_id, -1)


def asked(conn: sa.Connection, plan_id: int) -> Asked:
    """Read whom a plan is for."""
    ranks: dict[int, int] = {}
    for recipient_id, channel in conn.exec_driver_sql(_SQL["asked"], {"plan": plan_id}):
        ranks[recipient_id] = max(ranks.get(recipient_id, 0), BY_VAN.index(channel))
    return Asked(ranks)


def read(conn: sa.Connection, agenda: Agenda, plan_id: int) -> Published:
    """Find the stops of a stored plan again among the visits, kitchens and cells of its day."""
    return find(conn, agenda, plan_id).published(agenda.problem)


def find(conn: sa.Connection, agenda: Agenda, plan_id: int) -> Found:
    """As `read`, of a day that may have no tables."""
    finder = _Finder(agenda)
    routes: dict[int, list[Stop]] = {van: [] for van in range(len(agenda.van_ids))}
    stop_ids: dict[int, int] = {}
    lost: list[int] = []
    promised: dict[int, int] = {}
    number = {van_id: van for van, van_id in enumerate(agenda.van_ids)}
    for row in conn.exec_driver_sql(_SQL["planned"], {"plan": plan_id}).mappings():
        stop = finder.stop(row) if row["van_id"] in number else None
        if stop is None:
            lost.append(row["id"])
            continue
        routes[number[row["van_id"]]].append(stop)
        if stop.visit is not None:
            stop_ids[stop.visit] = row["id"]
            if row["promised"] is not None:
                promised[stop.visit] = finder.seconds(row["promised"])
    whole = {van: Route(van, tuple(stops), 0, 0, 0) for van, stops in routes.items() if stops}
    return Found(whole, stop_ids, tuple(lost), promised)


class _Finder:
    """What a stored stop is in the problem: by person and cadence, by stop point, by where it lies."""

    def __init__(self, agenda: Agenda) -> None:
        self.agenda = agenda
        problem = agenda.problem
        self.sites = {_point(site.lon, site.lat): n for n, site in enumerate(problem.sites)}
        self.visits = {
            (each.recipient_id, each.site_id, each.cadence_id): n for n, each in enumerate(agenda.callers)
        }
        self.cells = {(agenda.beat_ids[n], cell.site): n for n, cell in enumerate(problem.cells)}

    def stop(self, row: Mapping[Any, Any]) -> Stop | None:
        site = self.sites.get(_point(row["lon"], row["lat"]))
        if site is None and row["kind"] in _ANYWHERE:
            site = self.agenda.problem.vans[self.agenda.van_ids.index(row["van_id"])].depot
        if site is None:
            return None
        times = self.seconds(row["arrives"]), self.seconds(row["begins"]), self.seconds(row["leaves"])
        kind = row["kind"]
        if kind in ("visit", "dropoff"):
            visit = self.visits.get((row["recipient_id"], row["site_id"], row["cadence_id"]))
            return None if visit is None else Stop(kind, site, *times, visit=visit)
        if kind == "pass":
            cell = self.cells.get((row["beat_id"], site))
            return None if cell is None else Stop(kind, site, *times, cell=cell)
        if kind == "reload":
            kitchen = self._kitchen(site, times[1])
            return None if kitchen is None else Stop(kind, site, *times, kitchen=kitchen)
        return Stop(kind, site, *times)

    def _kitchen(self, site: int, begins_s: int) -> int | None:
        """The newest batch that was ready."""
        ready = [
            (kitchen.ready_s, n)
            for n, kitchen in enumerate(self.agenda.problem.kitchens)
            if kitchen.site == site and kitchen.ready_s <= begins_s
        ]
        return max(ready)[1] if ready else None

    def seconds(self, moment: datetime) -> int:
        """A moment as the problem counts."""
        return int((moment - self.agenda.origin).total_seconds())


def _point(lon: float, lat: float) -> tuple[int, int]:
    return round(lon * 1e6), round(lat * 1e6)


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A repaired rest of the day and what its indexes mean: `rest` as it was read, the others now.

    `unasked` are visits of the rest that nobody asks for any more: they are not among the unserved either.
    Of a day that was read in `part`, the plan keeps its levels: they are those of all vans.
    """

    agenda: Agenda
    published: Published
    rest: Running
    problem: Problem
    plan: Plan
    unasked: frozenset[int] = frozenset()
    part: bool = False


def rewrite(conn: sa.Connection, plan_id: int, how: Rewriting) -> None:
    """Write a running plan's stops that are still to come anew, in the caller's transaction.

    Stops of visits keep their ids, so that taps and calls told of them go on meaning them. What is done stays
    as it was planned, and so do the stops of vans that the agenda does not know. A call for help is no stop:
    the van has it as a task. Visits that are given up are among the plan's unserved from now on. Why others
    were is not said any more: it was proved of routes that nobody drives now.
    """
    kept = {how.published.stop_ids[v] for v in how.rest.visits if v in how.published.stop_ids}
    past = _past(conn, plan_id, how, kept)
    t = tables.plan_stop
    gone = sa.delete(t).where(
        t.c.plan_id == plan_id, t.c.van_id.in_(how.agenda.van_ids), t.c.id.not_in([*past, *kept])
    )
    conn.execute(gone)
    # Out of the way first: a van's stops are numbered without gaps or doubles.
    conn.execute(sa.update(t).where(t.c.id.in_(kept)).values(seq=t.c.seq + _ASIDE))
    for route in how.plan.routes:
        _write_route(conn, plan_id, how, route)
    _drop(conn, plan_id, how)
    u, p = tables.plan_unserved, tables.plan
    conn.execute(sa.update(u).where(u.c.plan_id == plan_id).values(reasons=[]))
    if not how.part:
        levels = how.plan.levels.figures()
        conn.execute(sa.update(p).where(p.c.id == plan_id).values(levels=levels))
    conn.execute(
        sa.update(tables.plan).where(tables.plan.c.id == plan_id).values(version=tables.plan.c.version + 1)
    )


def _past(conn: sa.Connection, plan_id: int, how: Rewriting, kept: set[int]) -> list[int]:
    """Stops that are over: visits that are no longer asked for, and whatever was to be left before them."""
    t = tables.plan_stop
    rows = conn.execute(
        sa.select(t.c.id, t.c.van_id, t.c.seq, t.c.kind, t.c.leaves).where(
            t.c.plan_id == plan_id, t.c.van_id.in_(how.agenda.van_ids)
        )
    ).all()
    over = {row.id for row in rows if row.kind in ("visit", "dropoff") and row.id not in kept}
    last = {van_id: 0 for van_id in how.agenda.van_ids}
    for row in rows:
        if row.id in over:
            last[row.van_id] = max(last[row.van_id], row.seq)
    starts = {
        van_id: how.agenda.at(how.rest.problem.vans[n].starts_s)
        for n, van_id in enumerate(how.agenda.van_ids)
    }
    return [
        row.id
        for row in rows
        if row.id in over
        or row.kind == "start"
        or (row.id not in kept and row.kind != "end"
            and (row.seq < last[row.van_id] or row.leaves <= starts[row.van_id]))
    ]  # fmt: skip


def _write_route(conn: sa.Connection, plan_id: int, how: Rewriting, route: Route) -> None:
    van_id, t = how.agenda.van_ids[route.van], tables.plan_stop
    last = conn.execute(
        sa.select(sa.func.max(t.c.seq)).where(t.c.plan_id == plan_id, t.c.van_id == van_id, t.c.seq < _ASIDE)
    ).scalar_one()
    seq = -1 if last is None else int(last)
    for stop in route.stops:
        if stop.kind == "start" or (stop.visit is not None and stop.visit >= len(how.rest.visits)):
            continue
        seq += 1
        values = {
            "van_id": van_id,
            "seq": seq,
            **{each: how.agenda.at(getattr(stop, f"{each}_s")) for each in ("arrives", "begins", "leaves")},
            "promised": _promised(how, route.van, stop),
        }
        visit = None if stop.visit is None else how.rest.visits[stop.visit]
        if visit is not None and visit in how.published.stop_ids:
            conn.execute(sa.update(t).where(t.c.id == how.published.stop_ids[visit]).values(**values))
        else:
            conn.execute(t.insert().values(plan_id=plan_id, **_new_stop(how, stop, visit), **values))
    r = tables.plan_route
    conn.execute(
        sa.update(r)
        .where(r.c.plan_id == plan_id, r.c.van_id == van_id)
        .values(ends=how.agenda.at(route.stops[-1].arrives_s))
    )


def _promised(how: Rewriting, van: int, stop: Stop) -> datetime | None:
    """What was promised and still holds: twice a little later may be too late. Else the new time is told."""
    promise = None if stop.visit is None else how.rest.problem.visits[stop.visit].promise
    if promise is None or promise.van != van or abs(stop.begins_s - promise.begins_s) > PROMISE_S:
        return None
    return how.agenda.at(promise.begins_s)


def _new_stop(how: Rewriting, stop: Stop, visit: int | None) -> dict[str, Any]:
    """A break, pass, reload or end, or a visit that was unserved before."""
    site = how.problem.sites[stop.site]
    known = stop.site < len(how.agenda.site_ids)
    asked = None if visit is None else how.agenda.problem.visits[visit]
    caller = None if visit is None else how.agenda.callers[visit]
    items = how.agenda.problem.items
    return {
        "kind": stop.kind,
        "site_id": how.agenda.site_ids[stop.site] if known else None,
        "geom": f"SRID=4326;POINT({site.lon!r} {site.lat!r})",
        "recipient_id": caller.recipient_id if caller else None,
        "cadence_id": caller.cadence_id if caller else None,
        "beat_id": None if stop.cell is None else how.agenda.beat_ids[stop.cell],
        "items": {items[p.item].code: p.cups for p in asked.portions} if asked else {},
    }


def _drop(conn: sa.Connection, plan_id: int, how: Rewriting) -> None:
    """Visits given up move to the unserved; one that was put in leaves them."""
    ids = how.published.stop_ids
    t, u = tables.plan_stop, tables.plan_unserved
    most = conn.execute(sa.select(sa.func.max(u.c.n)).where(u.c.plan_id == plan_id)).scalar_one()
    n = -1 if most is None else int(most)
    left = {how.rest.visits[each] for each in how.plan.unserved if each < len(how.rest.visits)}
    unasked = {how.rest.visits[each] for each in how.unasked}
    conn.execute(sa.delete(t).where(t.c.id.in_([ids[visit] for visit in unasked & set(ids)])))
    for visit in sorted((left & set(ids)) - unasked):
        n += 1
        asked, caller = how.agenda.problem.visits[visit], how.agenda.callers[visit]
        row: dict[str, Any] = {
            "plan_id": plan_id,
            "n": n,
            "site_id": caller.site_id,
            "recipient_id": caller.recipient_id,
            "cadence_id": caller.cadence_id,
            "mandatory": asked.mandatory,
            "prize": asked.prize,
            "reasons": [],
        }
        conn.execute(u.insert().values(row))
        conn.execute(sa.delete(t).where(t.c.id == ids[visit]))
    for visit in sorted(set(how.rest.visits) - left - set(ids)):
        caller = how.agenda.callers[visit]
        conn.execute(
            sa.delete(u).where(
                u.c.plan_id == plan_id,
                u.c.site_id == caller.site_id,
                u.c.recipient_id.is_not_distinct_from(caller.recipient_id),
                u.c.cadence_id.is_not_distinct_from(caller.cadence_id),
            )
        )
