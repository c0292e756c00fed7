"""The running day out of the database, as a call for help needs it: plan, taps, positions."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import inf

import numpy as np
import sqlalchemy as sa

from fleet import tables
from fleet.context import Context
from fleet.driving import Matrix
from fleet.main import closing, happened, running_round
from fleet.main.running_reader import SERVICE_S, Reader
from fleet.main.running_round import Laid, Told
from fleet.sos import Case
from maps.day import Day, read_day
from routing import agenda as agendas
from routing import parts, running_store
from routing.agenda import Agenda
from routing.closure import Ways
from routing.problem import Break, Problem, Site, TimeWindow, Visit, frozen_matrix
from routing.running import Roads, Running, Spot, placed, running
from routing.running_changes import changes
from routing.running_improve import Wish
from routing.running_repair import NewVisit, Repair, better, respond
from routing.running_store import Published

_REACH_S, _LATEST_S = 3600, 4 * 3600
"""Who could begin later is asked only where nobody could sooner. The target is 15 min; the receipt tells how
far off it is."""
_TURNED_S, _STRETCHED_S = 60, 300
"""So much sooner somebody must be there for a van to turn round, or for a crew's hours to end later."""
_LATER_S = 2 * 3600
"""A crew may be so much later in the evening for a call for help: who else would go?"""
_IN_TIME_S = 15 * 60
"""So long a call for help keeps the budget of promises; who would be there later is sent without it."""


@dataclass(frozen=True, slots=True)
class Situation:
    """The rest of the day with a call's place as the last site of its problem.

    `turned` is the same rest if a van that is on its way to a stop may turn round. `ways` is what is driven
    while roads are closed; None where none is. Of a wide day it is a `part`: the vans that are near to what
    happened.
    """

    agenda: Agenda
    published: Published
    plan_id: int
    rest: Running
    turned: Running
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
    reader = Reader(day, agenda, published, case)
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
    free = replace(state, vans=tuple(replace(van, heading=()) for van in state.vans))
    rest, turned = (
        happened.known(
            _holding(running(problem, published.plan, each, published.promised), reader.held),
            agenda,
            published,
            before,
            now,
        )
        for each in (state, free)
    )
    return Situation(agenda, published, day.plan.id, rest, turned, now, reader.now_s, ways, part)


def _holding(rest: Running, held: frozenset[int]) -> Running:
    """The rest of a day in which some vans take nothing that is not theirs already."""
    every = frozenset(range(len(rest.problem.vans)))
    own = {call.index: van for van in held for call in rest.orders[van] if call.kind in ("visit", "dropoff")}
    visits = tuple(
        replace(visit, vans=(every if visit.vans is None else visit.vans) - (held - {own.get(n, -1)}))
        for n, visit in enumerate(rest.problem.visits)
    )
    return replace(rest, problem=replace(rest.problem, visits=visits)) if held else rest


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


def call_of(situation: Situation, case: Case, van_ids: Sequence[int], reach_s: int = _REACH_S) -> NewVisit:
    """The call as a visit that some vans may serve, `reach_s` from now at the latest."""
    vans = frozenset(n for n, van_id in enumerate(situation.agenda.van_ids) if van_id in van_ids)
    window = TimeWindow(0, situation.now_s + reach_s)
    return NewVisit(
        Visit(case.place, "visit", situation.site, SERVICE_S, (window,), mandatory=True, sos=True, vans=vans)
    )


def answer(situation: Situation, case: Case, van_ids: Sequence[int]) -> tuple[Situation, Repair, int]:
    """What string ejection makes of it at once, of which rest of the day, and the milliseconds it took.

    A van calls first where it is expected next, and keeps its hours. Where nobody would be there in time so,
    one may turn round; where that does not help either, its shift may end later and its break waits. Where
    all are at visits for longer than an hour, whoever is free first goes then.
    """
    began = time.monotonic()
    found = plain = _responded(situation, case, van_ids)
    for rest, sooner_s in ((situation.turned, _TURNED_S), (_stretched(situation), _STRETCHED_S)):
        if _reached_s(found) <= situation.now_s + _IN_TIME_S:
            break
        other = replace(situation, rest=rest)
        sooner = _told_apart(_responded(other, case, van_ids), plain)
        if _reached_s(sooner) + sooner_s <= _reached_s(found):
            situation, found = other, sooner
    if serves(found) is None:
        situation = replace(situation, rest=_stretched(situation))
        found = _told_apart(_responded(situation, case, van_ids, _LATEST_S), plain)
    return situation, found, round((time.monotonic() - began) * 1000)


def _told_apart(found: Repair, plain: Repair) -> Repair:
    """A repair in which what would have stood without turning round or later hours is moved for the call."""
    standing, before = found.standing or found.problem, plain.standing or plain.problem
    pairs = zip(standing.visits, before.visits, strict=True)
    visits = tuple(replace(visit, promise=was.promise) for visit, was in pairs)
    standing = replace(standing, visits=visits)
    diff = changes(found.problem, found.plan, standing)
    moved = sum(not each.forced for each in diff)
    return replace(found, standing=standing, changes=diff, over=max(0, moved - Wish().budget))


def _stretched(situation: Situation) -> Running:
    """The rest of the day if shift and span may end later, and nobody takes a break before the call."""
    rest, helped_s = situation.turned, situation.now_s + _IN_TIME_S + SERVICE_S
    vans = (
        replace(
            van,
            overtime_s=van.overtime_s + _LATER_S,
            span_s=None if van.span_s is None else van.span_s + _LATER_S,
            rest=None if van.rest is None else _after(van.rest, helped_s),
        )
        for van in rest.problem.vans
    )
    return replace(rest, problem=replace(rest.problem, vans=tuple(vans)))


def _after(rest: Break, moment_s: int) -> Break:
    earliest_s = max(rest.earliest_s, moment_s)
    return replace(rest, earliest_s=earliest_s, latest_s=max(rest.latest_s, earliest_s) + _LATER_S)


def _responded(situation: Situation, case: Case, van_ids: Sequence[int], reach_s: int = _REACH_S) -> Repair:
    rest = situation.rest
    wish = Wish(in_time_s=situation.now_s + _IN_TIME_S)
    return respond(rest.problem, rest.orders, call_of(situation, case, van_ids, reach_s), wish)


def _reached_s(found: Repair) -> float:
    """When the call, the last visit, is reached; never where nobody goes."""
    last = len(found.problem.visits) - 1
    stops = (stop for route in found.plan.routes for stop in route.stops)
    return next((stop.begins_s for stop in stops if stop.visit == last), inf)


def improved(situation: Situation, found: Repair) -> tuple[Repair, int]:
    """What the search makes of an answer, and the milliseconds it took."""
    began = time.monotonic()
    after = better(found, situation.site, Wish())
    return after, round((time.monotonic() - began) * 1000)


def serves(found: Repair) -> int | None:
    """The van of the problem that goes to the call, its last visit; None where nobody does."""
    last = len(found.problem.visits) - 1
    return next((r.van for r in found.plan.routes if any(s.visit == last for s in r.stops)), None)
