"""A day planned from the registry to a stored draft, judged by the checker before anybody sees it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from fleet.context import Context
from fleet.db import translate_errors
from fleet.errors import Conflict
from fleet.geo import LonLat
from fleet.roads import Roads
from routing import agenda as agendas
from routing import store
from routing.agenda import Agenda
from routing.checker import violations
from routing.doubts import set_aside
from routing.explain import explain
from routing.parts import ONE_TABLE
from routing.parts_cut import Part
from routing.parts_search import Joined, Lay, along_parts, explain_parts, solve_parts
from routing.place import Orders
from routing.plan import Plan, Route
from routing.problem import Problem
from routing.reason import Reason
from routing.road_tables import with_tables
from routing.search import Effort, Progress, plan_along, solve
from routing.variant import Variant, varied


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants a plan, and how much thought it may cost."""

    by: str = "command"
    seconds: float = 10.0
    seed: int = 1
    variant: Variant = field(default_factory=Variant)


def plan_day(
    context: Context,
    district_id: int,
    day: date,
    wish: Wish | None = None,
    *,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> int:
    """Plan one day here and now and return the draft's id.

    When `cancelled` says so the best plan so far is looked at no more and nothing is stored.

    Raises
    ------
    NotFound, InvalidInput : the district's registry does not allow a plan; the sentence says what to mend.
    Conflict : cancelled, or the solver's plan was refused by the checker.
    """
    wish = wish or Wish()
    agenda = read_agenda(context, district_id, day, wish.variant)
    agenda, plan = search(context, agenda, Effort(wish.seconds, wish.seed, progress, cancelled))
    if cancelled is not None and cancelled():
        raise Conflict("Planning of {day} was cancelled; nothing was stored.", day=day)
    draft = make_draft(context, agenda, plan, wish, progress or _silent)
    with translate_errors(), context.engine.begin() as conn:
        return store.save_draft(conn, agenda, plan, draft)


def read_agenda(context: Context, district_id: int, day: date, variant: Variant | None = None) -> Agenda:
    """A day's problem as the registry has it now, with the variant's changes, locks and bans.

    A day of more than `ONE_TABLE` sites is wide: it has no tables.

    Raises
    ------
    NotFound, InvalidInput : the district's registry does not allow a plan; the sentence says what to mend.
    """
    with translate_errors(), context.engine.connect() as conn:
        agenda = agendas.layout(conn, district_id, day)
    if len(agenda.problem.sites) <= ONE_TABLE:
        agenda = agendas.tabled(agenda, context.roads)
    return varied(agenda, variant or Variant())


def search(context: Context, agenda: Agenda, effort: Effort) -> tuple[Agenda, Plan]:
    """Plan a day; a wide one part by part on all cores of this process, and with the legs of its plan.

    Raises
    ------
    InvalidInput : the problem cannot be right; the sentence names the row and the mend.
    """
    if agenda.problem.legs is None:
        return agenda, solve(set_aside(agenda.problem), effort)
    cores = max(effort.cores, len(os.sched_getaffinity(0)))
    return _joined(agenda, solve_parts(agenda.problem, _lay(context, agenda), replace(effort, cores=cores)))


def along(context: Context, agenda: Agenda, orders: Orders) -> tuple[Agenda, Plan]:
    """The plan that calls in these orders make, without any search; see `search`."""
    if agenda.problem.legs is None:
        return agenda, plan_along(set_aside(agenda.problem), orders)
    return _joined(agenda, along_parts(agenda.problem, _lay(context, agenda), orders))


def _joined(agenda: Agenda, joined: Joined) -> tuple[Agenda, Plan]:
    return replace(agenda, problem=joined.problem), joined.plan


def _lay(context: Context, agenda: Agenda) -> Lay:
    """Asks for the tables of one part of a wide day."""

    def lay(part: Part) -> Problem:
        own = [agenda.beats.get(agenda.van_ids[van], ()) for van in part.vans]
        return with_tables(part.problem, context.roads, own)

    return lay


def _reasons(context: Context, agenda: Agenda, plan: Plan) -> Mapping[int, tuple[Reason, ...]]:
    if agenda.problem.legs is None:
        return explain(agenda.problem, plan)
    return explain_parts(agenda.problem, _lay(context, agenda), plan)


def make_draft(
    context: Context, agenda: Agenda, plan: Plan, wish: Wish, tell: Callable[[Progress], None]
) -> store.Made:
    """Judge a plan and find out what is stored with it: reasons, driven lines.

    Raises
    ------
    Conflict : the checker refuses the plan.
    """
    served, left = len(agenda.problem.visits) - len(plan.unserved), len(plan.unserved)
    tell(Progress(1.0, "reasons", served, left, plan.levels))
    found = violations(agenda.problem, plan)
    if found:
        raise Conflict(
            "The plan made for {day} breaks a rule and was thrown away ({rule}). Plan with another seed.",
            day=agenda.day,
            rule=found[0],
        )
    reasons = _reasons(context, agenda, plan)
    tell(Progress(1.0, "lines", served, left, plan.levels))
    lines = [line_of(agenda, context.roads, route) for route in plan.routes]
    return store.Made(context.clock.now(), wish.by, wish.seed, reasons, lines, len(found), wish.variant)


def line_of(agenda: Agenda, roads: Roads, route: Route) -> tuple[LonLat, ...]:
    """The line that the van drives; stops on one spot are asked for once."""
    points: list[LonLat] = []
    for stop in route.stops:
        site = agenda.problem.sites[stop.site]
        if not points or points[-1] != (site.lon, site.lat):
            points.append((site.lon, site.lat))
    return roads.route(points).points if len(points) > 1 else (points[0], points[0])


def _silent(_: Progress) -> None:
    """Nobody listens."""
