"""Something happened on a running day: the rearrangement that is proposed, and its adoption."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field

from fleet import registry, tables
from fleet.context import Context
from fleet.errors import Conflict, InvalidInput, NotFound, Word
from fleet.geo import haversine_m
from fleet.main import adopting, closing, happened, running_day, running_round
from fleet.units import ms_of
from routing import store
from routing.closure import Closure
from routing.running_improve import Wish
from routing.running_repair import (
    Booked,
    Event,
    NoShow,
    Repair,
    RoadClosed,
    ThermosCold,
    VanDown,
    better,
    respond,
    site_of,
)
from routing.stored import PlanRow


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Down(_Form):
    """A van can go no further today."""

    kind: Literal["van_down"]
    van: int


class Cold(_Form):
    """The food in one container of a van may no longer be handed out."""

    kind: Literal["food_cold"]
    van: int
    container: Literal["hot", "cold"] = "hot"


class Absent(_Form):
    """Who was to be called on is not there, or asks for nothing today."""

    kind: Literal["no_show"]
    stop: int


class Asked(_Form):
    """An elder is to be called on today."""

    kind: Literal["new_visit"]
    recipient: str = Field(min_length=1, max_length=100)


class Closed(_Form):
    """A place that nobody can drive through until a time, in milliseconds since 1970."""

    kind: Literal["road_closed"]
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-85, le=85)
    radius_m: float = Field(ge=10, le=1000)
    until: int
    name: str = Field(default="", max_length=60)

    def place(self) -> Closure:
        """The circle."""
        return Closure(self.lon, self.lat, self.radius_m)


class Opened(_Form):
    """A closure is lifted before its time."""

    kind: Literal["road_opened"]
    closure: int


Told = Annotated[Down | Cold | Absent | Asked | Closed | Opened, Field(discriminator="kind")]

WORDS: Mapping[str, str] = {
    "van_down": "van down",
    "food_cold": "food gone cold",
    "no_show": "no-show",
    "new_visit": "new visit",
    "road_closed": "closed road",
    "road_opened": "road open again",
    "": "routes sent anew",
}


@dataclass(frozen=True, slots=True)
class Rearrangement:
    """What an event makes of the published plan.

    `version` is the plan's that it starts from, `body` what the journal keeps of the event.
    """

    situation: running_day.Situation
    event: Event
    found: Repair
    version: int
    body: Mapping[str, Any]
    took_ms: int


def propose(conn: sa.Connection, context: Context, district_id: int, told: Told) -> Rearrangement:
    """Work out the rest of the day after an event; nothing is written.

    Raises
    ------
    NotFound, InvalidInput : the van, stop or elder is not one that this can happen to; the sentence says why.
    Conflict : no plan is published that could be rearranged, or the registry no longer fits to it.
    """
    began = time.monotonic()
    elder = _elder(conn, district_id, told.recipient) if isinstance(told, Asked) else None
    more = () if elder is None else (elder,)
    place = _place(conn, context, district_id, told)
    situation = running_day.look(
        conn,
        context,
        district_id,
        context.clock.now(),
        running_round.Told(
            more=more,
            closed=place if isinstance(told, Closed) else None,
            lifted=told.closure if isinstance(told, Opened) else None,
            vans=_vans(conn, told),
        ),
    )
    if situation is None:
        raise Conflict("No plan of today can be rearranged: publish a plan of today first.")
    event, body = _meant(situation, told, elder, place)
    rest = situation.rest
    at_once = respond(rest.problem, rest.orders, event, Wish())
    found = better(at_once, site_of(rest.problem, rest.orders, event), Wish())
    version = store.find_plan(conn, district_id, situation.plan_id).version or 0
    took_ms = round((time.monotonic() - began) * 1000)
    return Rearrangement(situation, event, found, version, body, took_ms)


def adopt(
    conn: sa.Connection, context: Context, district_id: int, told: Told, seen: tuple[int, int], *, by: str
) -> Rearrangement:
    """Make the rearrangement the published plan's next version and send it to the vans.

    It is worked out anew: the vans have moved since it was proposed.

    Parameters
    ----------
    seen : the plan and its version that the dispatcher looked at

    Raises
    ------
    Conflict : the plan was changed since; the sentence says by whom, when and for what.
    """
    plan_id = seen[0]
    plan = store.find_plan(conn, district_id, plan_id)
    adopting.lock_day(conn, district_id, plan.day)
    there = store.published_on(conn, district_id, plan.day)
    if there is None or (there.id, there.version) != seen:
        raise _changed(conn, district_id, there)
    found = propose(conn, context, district_id, told)
    if found.situation.plan_id != plan_id:
        raise Conflict("The plan that you looked at is not today's. Look at the rearrangement again.")
    adopting.write(
        conn, context, found.situation, found.found, by, event=found.event, happened=dict(found.body)
    )
    return found


def _changed(conn: sa.Connection, district_id: int, there: PlanRow | None) -> Conflict:
    if there is None:
        return Conflict("No plan of today can be rearranged: publish a plan of today first.")
    j, a = tables.journal, tables.audit
    last = conn.execute(
        sa.select(j.c.at, j.c.body["happened"]["kind"].astext.label("kind"))
        .where(j.c.district_id == district_id, j.c.kind == "plan")
        .order_by(j.c.state.desc())
        .limit(1)
    ).one()
    actor = conn.scalar(
        sa.select(a.c.actor)
        .where(a.c.object == f"plan:{there.id}", a.c.action.in_(("plan.rewrite", "plan.publish")))
        .order_by(a.c.id.desc())
        .limit(1)
    )
    zone = ZoneInfo(registry.district(conn, district_id).timezone)
    return Conflict(
        "{who} changed the plan at {time} ({what}); it is version {version} now. "
        "Look at the rearrangement again, then send it.",
        who=store.whom(conn, actor or ""),
        time=f"{last.at.astimezone(zone):%H:%M}",
        what=Word(WORDS.get(last.kind or "", WORDS[""])),
        version=there.version,
    )


def _elder(conn: sa.Connection, district_id: int, code: str) -> int:
    t = tables.recipient
    found = conn.scalar(sa.select(t.c.id).where(t.c.district_id == district_id, t.c.code == code.strip()))
    if found is None:
        raise NotFound("There is no elder with the code {code} in this district.", code=code)
    return int(found)


def _vans(conn: sa.Connection, told: Told) -> list[int]:
    """Whom it happens to. A stop that there is not is found out later."""
    if isinstance(told, Down | Cold):
        return [told.van]
    t = tables.plan_stop
    stop = told.stop if isinstance(told, Absent) else None
    return list(conn.scalars(sa.select(t.c.van_id).where(t.c.id == stop)))


def _place(conn: sa.Connection, context: Context, district_id: int, told: Told) -> Closure | None:
    """The place that is closed, or open again."""
    if isinstance(told, Closed):
        if told.until <= ms_of(context.clock.now()):
            raise InvalidInput("The road would be open again already. Choose a time that is still to come.")
        return told.place()
    if not isinstance(told, Opened):
        return None
    there = closing.today(conn, context, district_id)
    found = next((each.place for each in there if each.id == told.closure), None)
    if found is None:
        raise NotFound("Closure {id} is not in force any more. Look at the list again.", id=told.closure)
    return found


def _near(situation: running_day.Situation, place: Closure) -> RoadClosed:
    sites = situation.agenda.problem.sites
    away = [haversine_m((place.lon, place.lat), (site.lon, site.lat)) for site in sites]
    return RoadClosed(away.index(min(away)))


def _meant(
    situation: running_day.Situation, told: Told, elder: int | None, place: Closure | None
) -> tuple[Event, Mapping[str, Any]]:
    """The event in the problem's terms, and in the registry's."""
    if isinstance(told, Down | Cold):
        if told.van not in situation.agenda.van_ids:
            raise NotFound("Van {van} has no shift today.", van=told.van)
        van = situation.agenda.van_ids.index(told.van)
        return (
            VanDown(van) if isinstance(told, Down) else ThermosCold(van, told.container)
        ), told.model_dump()
    if isinstance(told, Absent):
        return _absent(situation, told)
    if isinstance(told, Closed | Opened):
        assert place is not None, "what is closed, or open again, was looked up"
        return _near(situation, place), told.model_dump()
    assert elder is not None, "who asks for a visit was looked up"
    return _asked(situation, told, elder)


def _absent(situation: running_day.Situation, told: Absent) -> tuple[Event, Mapping[str, Any]]:
    ids = situation.published.stop_ids
    visit = next((n for n, v in enumerate(situation.rest.visits) if ids.get(v) == told.stop), None)
    if visit is None:
        raise InvalidInput(
            "Stop {stop} is no call that is still to come today. Choose one of the van's next calls.",
            stop=told.stop,
        )
    caller = situation.agenda.callers[situation.rest.visits[visit]]
    keys = {"site": caller.site_id, "elder": caller.recipient_id, "cadence": caller.cadence_id}
    return NoShow(visit), {"kind": told.kind, "stop": told.stop, **keys}


def _asked(situation: running_day.Situation, told: Asked, elder: int) -> tuple[Event, Mapping[str, Any]]:
    whole = happened.visit_of(situation.agenda, elder)
    if whole is None or whole not in situation.rest.visits or whole in situation.published.stop_ids:
        raise InvalidInput(
            "The elder with the code {code} is on today's plan already. Look at the stops on the map.",
            code=told.recipient,
        )
    return Booked(situation.rest.visits.index(whole)), {"kind": told.kind, "elder": elder}
