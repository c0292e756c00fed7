"""Twenty-eight simulated days of the invented district: each day's demand, its routes, what they closed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from fleet import migrate, registry, tables, visits
from fleet.cluster import Cluster
from fleet.db import make_engine
from fleet.roads import Roads
from fleet.synthetic import history, people
from routing import agenda as agendas
from routing import outlook
from routing.agenda import Agenda
from routing.cadence import BY_VAN, standings
from routing.checker import violations
from routing.levels import plan_of
from routing.plan import Plan
from routing.problem import Problem
from routing.search import Effort, solve
from tests.bench.insertion import by_driving, by_duty_and_prize, insert

FIRST = date(2026, 1, 5)
"""A Monday in winter."""
ELDERS = 241
SEED = 2026
MONTH = 30


@dataclass(frozen=True, slots=True)
class Crews:
    """How many vans work on weekdays and on the weekend."""

    weekdays: int
    weekend: int

    def on(self, day: date) -> int:
        return self.weekend if day.weekday() >= 5 else self.weekdays


@dataclass(frozen=True, slots=True)
class Strategy:
    """How each day is planned: whether days are looked ahead to, and how routes are made of its problem."""

    name: str
    look_ahead: bool
    plan: Callable[[Problem], Plan]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a month came to.

    Parameters
    ----------
    ratio : the largest overdue ratio on any morning from the second on, and on the morning after the last
    overdue : mornings of persons past a largest gap, all days added
    monthly : share of those with a visit or monthly cadence who were visited in the last 30 days
    hours : share of monthly calls that were kept within their largest gap at the end
    """

    ratio: float
    overdue: int
    monthly: float
    hours: float
    calls: int
    drop_offs: int
    drive_h: float
    violations: int


def ours() -> Strategy:
    """Days looked ahead to; duties go in first, then prizes."""
    return Strategy("ours", True, partial(insert, order=by_duty_and_prize))


def distance_only() -> Strategy:
    """Everybody who is due counts the same: as many as possible, with the least driving."""
    return Strategy("distance only", False, partial(insert, order=by_driving))


def ours_searched(seconds: float) -> Strategy:
    """Days looked ahead to, and the product's search."""
    return Strategy("ours", True, partial(_searched, seconds=seconds))


def distance_only_searched(seconds: float) -> Strategy:
    """The product's search on a day where everybody counts the same."""
    return Strategy("distance only", False, lambda problem: _searched(_levelled(problem), seconds=seconds))


def _searched(problem: Problem, *, seconds: float) -> Plan:
    return solve(problem, Effort(seconds, seed=1))


def _levelled(problem: Problem) -> Problem:
    return replace(problem, visits=tuple(replace(each, mandatory=False, prize=1) for each in problem.visits))


@contextmanager
def district(crews: Crews, days: int) -> Iterator[tuple[sa.Engine, int]]:
    """A private database with the invented district and shifts for all days; wiped afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="carevan-bench-"))
    folder.chmod(0o755)  # the database's own user passes through
    cluster = Cluster(folder / "pg")
    try:
        cluster.up()
        url = migrate.prepare_cluster(cluster)
        migrate.upgrade(url)
        engine = make_engine(url)
        with engine.begin() as conn:
            size = people.Size(vans=max(crews.weekdays, crews.weekend), elders=ELDERS)
            now = datetime.combine(FIRST, time(7), history.TIMEZONE)
            district_id = people.seed_district(conn, size, day=FIRST, seed=SEED, now=now)
            _put_shifts(conn, district_id, crews, days + outlook.USUAL)
        yield engine, district_id
        engine.dispose()
    finally:
        cluster.wipe()
        shutil.rmtree(folder, ignore_errors=True)


def _put_shifts(conn: sa.Connection, district_id: int, crews: Crews, days: int) -> None:
    vans = registry.vans(conn, district_id)
    known = {shift.van_id: shift for shift in registry.shifts(conn, district_id, FIRST)}
    conn.execute(tables.shift.delete().where(tables.shift.c.van_id.in_([van.id for van in vans])))
    conn.execute(
        tables.shift.insert(),
        [
            {
                "van_id": van.id,
                "day": day,
                "crew_id": known[van.id].crew_id,
                "starts": datetime.combine(day, people.SHIFT_FROM, history.TIMEZONE),
                "ends": datetime.combine(day, people.SHIFT_TO, history.TIMEZONE),
            }
            for day in (FIRST + timedelta(days=n) for n in range(days))
            for van in vans[: crews.on(day)]
        ],
    )


def simulate(engine: sa.Engine, district_id: int, strategy: Strategy, days: int) -> Outcome:
    """Plan and drive each day; all of it is rolled back afterwards."""
    sums = {"calls": 0, "drop_offs": 0, "drive_s": 0, "violations": 0, "overdue": 0}
    worst = 0.0
    with engine.connect() as conn, closing(Roads()) as roads, conn.begin() as transaction:
        for n in range(days):
            day = FIRST + timedelta(days=n)
            # What was overdue when the month began is nobody's doing.
            if n > 0:
                worst, late = _look(conn, district_id, day, worst)
                sums["overdue"] += late
            agenda = agendas.build(conn, roads, district_id, day, look_ahead=strategy.look_ahead)
            plan = strategy.plan(agenda.problem)
            sums["violations"] += _broken(agenda.problem, plan)
            sums["drive_s"] += plan.levels.drive_s
            calls, drops = _drive(conn, district_id, agenda, plan)
            sums["calls"] += calls
            sums["drop_offs"] += drops
        last = FIRST + timedelta(days=days)
        worst, _ = _look(conn, district_id, last, worst)
        monthly, hours = _rates(conn, district_id, last)
        transaction.rollback()
    return Outcome(
        ratio=worst,
        overdue=sums["overdue"],
        monthly=monthly,
        hours=hours,
        calls=sums["calls"],
        drop_offs=sums["drop_offs"],
        drive_h=sums["drive_s"] / 3600,
        violations=sums["violations"],
    )


def _broken(problem: Problem, plan: Plan) -> int:
    """Rules that a plan breaks; its levels are of its own problem, which may count all alike."""
    found = violations(problem, plan_of(problem, plan.routes))
    return len(found)


def _look(conn: sa.Connection, district_id: int, day: date, worst: float) -> tuple[float, int]:
    district = registry.district(conn, district_id)
    last = outlook.last_days(conn, district, day)
    found = [
        each
        for each in standings(registry.cadences(conn, district_id), last, day)
        if each.cadence.channel in BY_VAN
    ]
    late = {each.cadence.recipient_id for each in found if each.state == "overdue"}
    return max(worst, found[0].ratio), len(late)


def _drive(conn: sa.Connection, district_id: int, agenda: Agenda, plan: Plan) -> tuple[int, int]:
    """Write what the plan's routes close, as if all went well; how many calls and drop-offs."""
    channels = {each.id: each.channel for each in registry.cadences(conn, district_id)}
    done: list[visits.Visit] = []
    drops = 0
    for route in plan.routes:
        for stop in route.stops:
            if stop.visit is None:
                continue
            caller = agenda.callers[stop.visit]
            if caller.recipient_id is None or caller.cadence_id is None:
                drops += 1
                continue
            done.append(
                visits.Visit(
                    recipient_id=caller.recipient_id,
                    channel=channels[caller.cadence_id],
                    began=agenda.at(stop.begins_s),
                    service_s=stop.leaves_s - stop.begins_s,
                    standing="verified",
                    outcome="served",
                    source=f"bench:{agenda.day}",
                )
            )
    visits.add(conn, district_id, done)
    return len(done), drops


def _rates(conn: sa.Connection, district_id: int, day: date) -> tuple[float, float]:
    district = registry.district(conn, district_id)
    last = outlook.last_days(conn, district, day)
    cadences = registry.cadences(conn, district_id)
    visited = {each.recipient_id for each in cadences if each.channel in ("visit", "monthly")}
    seen = {
        person
        for (person, channel), at in last.items()
        if channel in ("visit", "monthly") and (day - at).days <= MONTH
    }
    hours = [each for each in standings(cadences, last, day) if each.cadence.channel == "monthly"]
    kept = sum(1 for each in hours if each.last is not None and each.state != "overdue")
    return len(visited & seen) / max(1, len(visited)), kept / max(1, len(hours))
