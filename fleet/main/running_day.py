"""The running day out of the database, as a call for help needs it: plan, taps, positions."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
import sqlalchemy as sa

from fleet import tables
from fleet.context import Context
from fleet.driving import Matrix
from fleet.main import closing, happened, running_round
from fleet.main.running_round import Laid, Told
from fleet.sos import Case
from maps.crew import heading_for
from maps.day import Day, Stop, Tap, read_day
from routing import agenda as agendas
from routing import parts, running_store
from routing.agenda import Agenda
from routing.closure import Ways
from routing.problem import CONTAINERS, Container, Problem, Site, TimeWindow, Visit, frozen_matrix
from routing.running import Roads, Running, Spot, State, VanNow, placed, running
from routing.running_improve import Wish
from routing.running_repair import NewVisit, Repair, better, respond
from routing.running_store import Published

SERVICE_S = 20 * 60
"""How long a van is taken to be with a call for help."""
_REACH_S = 3600
"""Nobody is asked who could begin later. The target is 15 min; the receipt tells how far off it is."""
_IN_TIME_S = 15 * 60
"""So long a call for help keeps the budget of promises; who would be there later is sent without it."""
_AT_STOP = frozenset({"arrived", "started"})


@dataclass(frozen=True, slots=True)
class Situation:
    """The rest of the day with a call's place as the last site of its problem.

    `ways` is what is driven while roads are closed; None where none is. Of a wide day it is a `part`: the
    vans that are near to what happened.
    """

    agenda: Agenda
    published: Published
    plan_id: int
    rest: Running
    now: datetime
    now_s: int
    ways: Ways | None = None
    part: bool = False

    @property
    def site(self) -> int:
        """The call's place."""
        return len(self.agenda.problem.sites)


_NOTHING = Told()


def read(
    conn: sa.Connection, context: Context, case: Case, now: datetime, asked: Sequence[int] = ()
) -> Situation | None:
    """The running day round a call; None where no plan is published, or the registry no longer fits to it.

    `asked` are the vans that may go: of a wide day the nearest of them are read.

    Raises
    ------
    InvalidInput, NotFound : the day cannot be laid out; the sentence says what to mend.
    """
    return look(conn, context, case.district_id, now, Told(case, asked))


def look(
    conn: sa.Connection,
    context: Context,
    district_id: int,
    now: datetime,
    told: Told = _NOTHING,
) -> Situation | None:
    """The running day, with what was adopted for today's events before; see `read`.

    A wide day is read round what happened only: it is None where nothing did.
    """
    day = read_day(conn, district_id, now)
    if day.plan is None:
        return None
    before = happened.today(conn, district_id, day.day)
    there = _there(conn, context, district_id, (day, before), told)
    if there is None:
        return None
    agenda, published, part = there
    case = told.case
    reader = _Reader(day, agenda, published, case)
    reader.patrolled = _patrolled(conn, district_id, day.day)
    spots = reader.spots()
    here = agenda.problem.sites[0] if case is None else Site(case.place, case.lon, case.lat)
    points = [(here.lon, here.lat), *spots.values(), *((s.lon, s.lat) for s in agenda.problem.sites)]
    places = [each.place for each in closing.in_force(before, now) if each.id != told.lifted]
    places += [] if told.closed is None else [told.closed]
    ways = closing.ways(context.roads, points, places) if places else None
    matrix = context.roads.table(points) if ways is None else ways.matrix
    problem = agenda.problem if ways is None else _closed(agenda.problem, matrix, 1 + len(spots))
    problem = _with_place(problem, here, matrix, len(spots))
    state = reader.state(_rows_of(spots, matrix, len(agenda.problem.sites)))
    rest = happened.known(running(problem, published.plan, state), agenda, published, before, now)
    return Situation(agenda, published, day.plan.id, rest, now, reader.now_s, ways, part)


def _there(
    conn: sa.Connection,
    context: Context,
    district_id: int,
    which: tuple[Day, Sequence[happened.Happened]],
    told: Told,
) -> tuple[Agenda, Published, bool] | None:
    """The day laid out for whom its plan is, with the plan, and whether it is a part.

    Where that does not hold all of the plan, the days ahead are looked at anew, as for planning. None where
    that does not help, or nothing happened on a wide day.
    """
    day, before = which
    assert day.plan is not None, "a day without a plan is not laid out"
    for advice in (running_store.asked(conn, day.plan.id), None):
        laid = agendas.layout(conn, district_id, day.day, advice=advice)
        part = len(laid.problem.sites) > parts.ONE_TABLE
        find = running_round.nearby if part else running_round.whole
        there = find(conn, context, Laid(day, laid, before), told)
        if there is None or not there[1].lost:
            return None if there is None else (*there, part)
    return None


def _patrolled(conn: sa.Connection, district_id: int, day: date) -> dict[int, int]:
    """Seconds of patrol proved so far by each van's ledger."""
    t = tables.van_day
    rows = conn.execute(
        sa.select(t.c.van_id, t.c.proved_s).where(t.c.district_id == district_id, t.c.day == day)
    )
    return {row.van_id: row.proved_s for row in rows}


def _closed(problem: Problem, matrix: Matrix, first: int) -> Problem:
    """The problem with the driving times of a table whose rows from `first` on are its sites."""
    sites = slice(first, first + len(problem.sites))
    seconds, metres = matrix.seconds[sites, sites].copy(), matrix.metres[sites, sites].copy()
    return replace(problem, seconds=frozen_matrix(seconds), metres=frozen_matrix(metres))


def _with_place(problem: Problem, site: Site, matrix: Matrix, spots: int) -> Problem:
    seconds, metres, first = matrix.seconds, matrix.metres, 1 + spots
    last = first + len(problem.sites)
    roads = Roads(
        seconds[0, first:last], metres[0, first:last], seconds[first:last, 0], metres[first:last, 0]
    )
    return placed(problem, site, roads)


def _rows_of(spots: Mapping[int, tuple[float, float]], matrix: Matrix, sites: int) -> dict[int, Spot]:
    """For each van on the road, what roads lead from it to each site, the call's place last."""
    ahead = slice(1 + len(spots), 1 + len(spots) + sites)
    return {
        van: Spot(
            *at,
            np.append(matrix.seconds[row, ahead], matrix.seconds[row, 0]).astype(np.int32),
            np.append(matrix.metres[row, ahead], matrix.metres[row, 0]).astype(np.int32),
        )
        for row, (van, at) in enumerate(spots.items(), start=1)
    }


class _Reader:
    """What taps, plan and fixes tell of each van of the agenda."""

    def __init__(self, day: Day, agenda: Agenda, published: Published, case: Case | None) -> None:
        self.day, self.agenda, self.published = day, agenda, published
        self.now_s = int((day.now - agenda.origin).total_seconds())
        self.visit_of = {stop_id: visit for visit, stop_id in published.stop_ids.items()}
        self.stops: dict[int, list[Stop]] = {van_id: [] for van_id in agenda.van_ids}
        for stop in day.stops:
            self.stops.setdefault(stop.van_id, []).append(stop)
        self.taps: dict[int, list[Tap]] = {van_id: [] for van_id in agenda.van_ids}
        for tap in day.taps:
            self.taps.setdefault(tap.van_id, []).append(tap)
        self.heading = {
            van: heading_for(self.stops[van_id], self.taps[van_id], day.now)
            for van, van_id in enumerate(agenda.van_ids)
        }
        taken = {each.van_id: each for each in day.calls if each.state in ("accepted", "arrived")}
        self.called = {van: taken[v] for van, v in enumerate(agenda.van_ids) if v in taken}
        self.patrolled: Mapping[int, int] = {}
        self.own = None if case is None else case.id

    def spots(self) -> dict[int, tuple[float, float]]:
        """The vans that are not standing at a stop and were seen today."""
        found: dict[int, tuple[float, float]] = {}
        for van, van_id in enumerate(self.agenda.van_ids):
            position = self.day.positions.get(van_id)
            if position is not None and position.t >= self.day.start and self._at_stop(van) is None:
                found[van] = position.at
        return found

    def state(self, spots: Mapping[int, Spot]) -> State:
        """The day at this moment. What a crew has passed over is over, as on the screens."""
        done = {self.visit_of[stop_id] for stop_id in self.day.closed if stop_id in self.visit_of}
        for van, van_id in enumerate(self.agenda.van_ids):
            goal = self.heading[van]
            ahead = [stop.id for stop in self.stops[van_id] if goal is not None and stop.seq >= goal.seq]
            behind = (stop.id for stop in self.stops[van_id] if stop.id not in ahead)
            done |= {self.visit_of[stop_id] for stop_id in behind if stop_id in self.visit_of}
            here = self._at_stop(van)
            if here is not None and here.id in self.visit_of:
                done.add(self.visit_of[here.id])
        vans = tuple(self._van(van, spots.get(van), done) for van in range(len(self.agenda.van_ids)))
        return State(vans, frozenset(done))

    def _at_stop(self, van: int) -> Stop | None:
        """The stop where the crew has said that it is."""
        goal, taps = self.heading[van], self.taps[self.agenda.van_ids[van]]
        if goal is None or van in self.called:
            return None
        told = any(tap.stop_id == goal.id and tap.kind in _AT_STOP for tap in taps)
        return goal if told else None

    def _van(self, van: int, spot: Spot | None, done: set[int]) -> VanNow:
        here, goal, problem = self._at_stop(van), self.heading[van], self.agenda.problem
        at: int | Spot = problem.vans[van].depot if spot is None else spot
        free_s = max(self.now_s, problem.vans[van].starts_s)
        heading: tuple[int, ...] = ()
        if here is not None:
            at = self._site(here)
            free_s = max(free_s, self._begun_s(van, here) + self._took_s(here))
        elif van in self.called and self.called[van].id != self.own:
            free_s += SERVICE_S
        elif goal is not None and goal.id in self.visit_of and van not in self.called and spot is not None:
            heading = (self.visit_of[goal.id],)
        return self._aboard(van, done, VanNow(at, free_s, heading))

    def _aboard(self, van: int, done: set[int], now: VanNow) -> VanNow:
        """Cups as tapped since the last reload, the break as tapped or planned, the span since the start."""
        problem, van_id = self.agenda.problem, self.agenda.van_ids[van]
        aboard = {each: problem.vans[van].aboard(each) for each in CONTAINERS}
        batch_s, idle_s = problem.vans[van].batch_s, 0
        route = next((r for r in self.published.plan.routes if r.van == van), None)
        rested = any(tap.kind == "break" for tap in self.taps[van_id])
        for stop in route.stops if route is not None else ():
            if stop.kind in ("break", "reload") and stop.begins_s < self.now_s:
                idle_s += stop.leaves_s - stop.begins_s
                rested |= stop.kind == "break"
            if stop.kitchen is not None and stop.begins_s < self.now_s:
                aboard = {each: problem.vans[van].cups(each) for each in CONTAINERS}
                batch_s = problem.kitchens[stop.kitchen].ready_s
            if stop.visit in done and stop.visit is not None:
                handed = self._handed(van_id, stop.visit)
                aboard = {each: max(0, aboard[each] - handed[each]) for each in CONTAINERS}
        out_s = max(0, now.free_s - problem.vans[van].starts_s - idle_s)
        return replace(
            now,
            hot_aboard=aboard["hot"],
            cold_aboard=aboard["cold"],
            batch_s=batch_s,
            patrolled_s=self.patrolled.get(van_id, 0),
            rested=rested,
            out_s=out_s,
        )

    def _handed(self, van_id: int, visit: int) -> Mapping[Container, int]:
        """Cups handed out at a call: as tapped, shared out as planned; as planned without a number."""
        problem, stop_id = self.agenda.problem, self.published.stop_ids.get(visit)
        planned = {each: problem.cups_of(problem.visits[visit], each) for each in CONTAINERS}
        done = [tap for tap in self.taps[van_id] if tap.stop_id == stop_id and tap.kind == "done"]
        told = [tap.body.get("cups") for tap in done]
        cups, whole = told[-1] if told else None, sum(planned.values())
        if not isinstance(cups, int | float) or not whole:
            return planned
        return {each: -(-int(cups) * n // whole) for each, n in planned.items()}

    def _site(self, stop: Stop) -> int:
        return next(
            n
            for n, site in enumerate(self.agenda.problem.sites)
            if abs(site.lon - stop.at[0]) < 1e-6 and abs(site.lat - stop.at[1]) < 1e-6
        )

    def _begun_s(self, van: int, stop: Stop) -> int:
        taps = self.taps[self.agenda.van_ids[van]]
        begun = max(tap.t for tap in taps if tap.stop_id == stop.id and tap.kind in _AT_STOP)
        return int((begun - self.agenda.origin).total_seconds())

    def _took_s(self, stop: Stop) -> int:
        return int((stop.leaves - stop.begins).total_seconds())


def call_of(situation: Situation, case: Case, van_ids: Sequence[int]) -> NewVisit:
    """The call as a visit that some vans may serve."""
    vans = frozenset(n for n, van_id in enumerate(situation.agenda.van_ids) if van_id in van_ids)
    window = TimeWindow(0, situation.now_s + _REACH_S)
    return NewVisit(
        Visit(case.place, "visit", situation.site, SERVICE_S, (window,), mandatory=True, sos=True, vans=vans)
    )


def answer(situation: Situation, case: Case, van_ids: Sequence[int]) -> tuple[Repair, int]:
    """What string ejection makes of it at once, and the milliseconds it took."""
    began = time.monotonic()
    rest = situation.rest
    wish = Wish(in_time_s=situation.now_s + _IN_TIME_S)
    found = respond(rest.problem, rest.orders, call_of(situation, case, van_ids), wish)
    return found, round((time.monotonic() - began) * 1000)


def improved(situation: Situation, found: Repair) -> tuple[Repair, int]:
    """What the search makes of an answer, and the milliseconds it took."""
    began = time.monotonic()
    after = better(found, situation.site, Wish())
    return after, round((time.monotonic() - began) * 1000)


def serves(found: Repair) -> int | None:
    """The van of the problem that goes to the call, its last visit; None where nobody does."""
    last = len(found.problem.visits) - 1
    return next((r.van for r in found.plan.routes if any(s.visit == last for s in r.stops)), None)
