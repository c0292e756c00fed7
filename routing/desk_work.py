"""The planner's desk at work: a stored plan opened as a session, edits made, answers given, drafts saved."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from fleet import audit
from fleet.context import Context
from fleet.geo import LonLat
from fleet.sql import load
from fleet.units import ms_of
from fleet.words import Locale, translate
from routing import begun, desk_errands, desk_sheet, explain, scenario, store
from routing.begun import Begun, Look
from routing.checker import violations
from routing.desk import Session, edited, plan, touched
from routing.desk_edits import Form, Reader, check_free, reasons_of
from routing.desk_sheet import Json, View, view_of
from routing.desk_words import site_name, van_name
from routing.explain import Reason
from routing.plan import Plan
from routing.planner import line_of
from routing.reason_places import said
from routing.relaxing import edits_for
from routing.restored import restore
from routing.scenario import Told, merged, not_entered, settled
from routing.shelf import Ground, Shelf
from routing.stored import PlanRow
from routing.trouble import mends, troubles
from routing.variant import Variant, session_of, told_first, told_pins, variant_of

_SQL = load(Path(__file__).parent / "desk.sql")
_OPEN: Final = 16
_ASKED: Final = 8
"""Visits whose reasons are proved unasked: it takes a while for each."""
_REASONS: Final = 3
"""Sentences for each unserved visit: of the nearest vans."""


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """A stored plan opened: the registry's day, the day as the plan's variant has it, the session on it.

    `before` is the plan that the session's calls make, `lost` are stops that the day has no more use for.
    """

    row: PlanRow
    variant: Variant
    registry: Ground
    ground: Ground
    session: Session
    before: Plan
    lost: tuple[str, ...]
    published: Mapping[str, int] | None
    begun: tuple[Begun, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Worked:
    """A desk after edits: `told` are all changes of the variant, `edits` have their shortcuts written out."""

    desk: Desk
    session: Session
    view: View
    told: tuple[Told, ...]
    edits: tuple[Form, ...]


class Desks:
    """Opens plans; those used last stay open as long as their day is the same. Thread-safe.

    `look` says what vans have begun: on every plan of the day that stands fast.
    """

    def __init__(self, look: Look = begun.nothing) -> None:
        self._look = look
        self.shelf = Shelf()
        self._lock = threading.Lock()
        self._open: OrderedDict[int, Desk] = OrderedDict()

    def open(self, conn: sa.Connection, context: Context, district_id: int, plan_id: int) -> Desk:
        """Open a stored plan.

        Raises
        ------
        NotFound : the district has no such plan.
        InvalidInput : its day can be planned no more, or its scenario does not fit the day any more.
        """
        row = store.find_plan(conn, district_id, plan_id)
        ground = self.shelf.ground(conn, context.roads, district_id, row.day)
        first = begun.read(self._look, conn, context, district_id, row.day)
        with self._lock:
            found = self._open.get(plan_id)
            if found is not None and (found.registry, found.row, found.begun) == (ground, row, first):
                self._open.move_to_end(plan_id)
                return found
        made = _opened(conn, row, ground, first)
        with self._lock:
            self._open[plan_id] = made
            while len(self._open) > _OPEN:
                self._open.popitem(last=False)
        return made


def _opened(conn: sa.Connection, row: PlanRow, ground: Ground, first: tuple[Begun, ...]) -> Desk:
    variant = variant_of(row.name, [dict(each) for each in row.scenario], row.edits)
    changed = replace(ground, agenda=begun.held(scenario.make(ground.agenda, variant.told), first))
    stops = store.stops_of(conn, row.id)
    sites = {r.id: r.site_id for r in conn.exec_driver_sql(_SQL["stop_sites"], {"plan": row.id})}
    found = restore(changed.agenda, stops, sites)
    session = session_of(changed.agenda, found.orders, variant)
    lost = tuple(stop.name or stop.kind for stop in found.lost)
    published = _published(conn, ground.agenda.district_id, row)
    return Desk(row, variant, ground, changed, session, plan(session), lost, published, first)


def _published(conn: sa.Connection, district_id: int, row: PlanRow) -> Mapping[str, int] | None:
    params = {"district": district_id, "day": row.day}
    plan_id = conn.exec_driver_sql(_SQL["published_plan"], params).scalar_one_or_none()
    if plan_id is None or plan_id == row.id:
        return None
    return store.find_plan(conn, district_id, plan_id).levels


def work(desk: Desk, forms: Sequence[Form], locale: Locale) -> Worked:
    """Make the edits, one after the other.

    Raises
    ------
    InvalidInput : an edit names a visit, van or change that the day does not have, or nothing helps.
    """
    reader = Reader(desk.ground.agenda)
    session = desk.session
    for form in forms:
        for each in reader.written_out(session, form):
            hand = desk_errands.is_errand(each)
            edit = desk_errands.edit_of(reader, session, each) if hand else reader.edit(each)
            check_free(session, edit, each)
            session = edited(session, [edit])
            reader.keep(each)
    ground = replace(desk.ground, agenda=reader.agenda)
    told = settled(desk.registry.agenda, merged((*desk.variant.told, *reader.told)))
    return Worked(desk, session, view_of(ground, locale), told, tuple(reader.forms))


def answer(worked: Worked, context: Context, *, whole: bool, lines: bool) -> Json:
    """What the desk shows after the edits: the vans that they touch, or the whole day. Nothing is stored."""
    desk, session, view = worked.desk, worked.session, worked.view
    now = desk.before if session is desk.session else plan(session)
    late = begun.late_of(desk.begun)
    found = troubles(session, now)
    mend = [scenario.tell(view.agenda, each) for each in mends(session, found)] if found else []
    vans = range(len(session.tables)) if whole else touched(desk.session, session)
    told: Json = {
        "plan": desk.row.id,
        "day": desk.row.day.isoformat(),
        "now": ms_of(context.clock.now()) if desk.begun else None,
        "status": desk.row.status,
        "name": desk.row.name,
        "edits": [each.as_json() for each in worked.edits],
        "levels": desk_sheet.levels_json(now, desk.before, desk.published),
        "vans": [
            desk_sheet.van_json(
                view, session, now.routes[van], _line(worked, context, now, van) if lines else None
            )
            | {"late_s": late.get(view.agenda.van_ids[van])}
            for van in vans
        ],
        "unserved": [desk_sheet.visit_json(view, session, n) for n in now.unserved],
        "troubles": desk_sheet.troubles_json(view, found),
        "mends": desk_sheet.told_json(view, mend),
        "scenario": desk_sheet.told_json(view, worked.told, not_entered(desk.registry.agenda, worked.told)),
        "moved": desk_sheet.moved_json(view, session, desk.session),
        "lost": list(desk.lost),
    }
    return told | ({"choices": choices(worked)} if whole else {})


def _line(worked: Worked, context: Context, now: Plan, van: int) -> Sequence[LonLat]:
    return line_of(worked.view.agenda, context.roads, now.routes[van])


def choices(worked: Worked) -> Json:
    """What a scenario of this day can be made of."""
    view, registry = worked.view, worked.desk.registry
    problem = registry.agenda.problem
    skills = {skill for visit in problem.visits for skill in visit.skills}
    kitchens = dict.fromkeys(registry.agenda.site_ids[kitchen.site] for kitchen in problem.kitchens)
    called = view_of(registry, view.locale)
    return {
        "vans": [{"id": n, "name": van_name(registry, n, view.locale)} for n in registry.agenda.van_ids],
        "kitchens": [
            {"id": n, "name": site_name(registry, n, view.locale)} for n in kitchens if n is not None
        ],
        "skills": [{"code": each, "name": translate(view.locale, each)} for each in sorted(skills)],
        "visits": [
            {"key": key, "name": label.name}
            for key, label, visit in zip(called.keys, called.called, problem.visits, strict=True)
            if not visit.mandatory and visit.kind == "visit"
        ],
        "patrol_min": problem.patrol_target_s // 60,
        "errands": list(desk_errands.offered(view)),
    }


def why(worked: Worked, keys: Sequence[str]) -> Json:
    """What keeps visits out and what would let them in: of those asked for, else of the gravest unserved."""
    session, view = worked.session, worked.view
    visits = session.problem.visits
    left = sorted(plan(session).unserved, key=lambda n: (not visits[n].mandatory, -visits[n].prize))
    wanted = [n for n in left if view.keys[n] in keys] if keys else left[:_ASKED]
    reasons = reasons_of(session, wanted)
    return {
        view.keys[n]: {
            "reasons": [_reason_json(view, session, n, reason) for reason in reasons.get(n, ())[:_REASONS]]
        }
        for n in wanted
    }


def _reason_json(view: View, session: Session, visit: int, reason: Reason) -> Json:
    van_id = view.agenda.van_ids[reason.van]
    told = explain.as_json(reason, van_id, view.agenda.van_ids)
    called = {each: van_name(view.ground, each, view.locale) for each in view.agenda.van_ids}
    edits = edits_for(session, visit, reason)
    changes = [scenario.tell(view.agenda, each.change) for each in edits or () if each.change]
    return {
        "helps": edits is not None,
        "reloads": any(each.by_hand for each in edits or ()),
        "allows": any(each.kind in ("unlock", "allow", "hold") for each in edits or ()),
        "van": van_id,
        "said": said(told, called, view.ground.sites.values(), view.locale),
        "changes": desk_sheet.told_json(view, changes),
    }


@dataclass(frozen=True, slots=True)
class Saving:
    """Who saves, and what the draft is called."""

    actor: str
    name: str = ""


def save(conn: sa.Connection, worked: Worked, context: Context, saving: Saving) -> tuple[int, int]:
    """Store the session as a new draft, judged by the checker.

    Returns
    -------
    The draft's id, and how many rules it breaks; one that breaks any is never published.
    """
    session, desk = worked.session, worked.desk
    agenda = replace(worked.view.agenda, problem=session.problem)
    made = plan(session)
    found = violations(session.problem, made)
    locks, bans = told_pins(agenda, session.pins)
    variant = Variant(
        saving.name or desk.variant.name, worked.told, locks, bans, first=told_first(agenda, session)
    )
    lines = [line_of(agenda, context.roads, route) for route in made.routes]
    reasons = reasons_of(session, made.unserved)
    how = store.Made(context.clock.now(), saving.actor, desk.row.seed, reasons, lines, len(found), variant)
    plan_id = store.save_draft(conn, agenda, made, how)
    audit.record(
        conn, saving.actor, "plan.edit", f"plan:{plan_id}", agenda.district_id,
        base=desk.row.id, edits=len(worked.edits),
    )  # fmt: skip
    return plan_id, len(found)
