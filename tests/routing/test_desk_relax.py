"""Every button of a reason pressed over HTTP, each on a day small enough to be told by heart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from fastapi import FastAPI

from fleet.context import Context
from routing import desk_api
from routing.agenda import Agenda, Caller
from routing.desk import Edit, Session, edited, opened, plan
from routing.desk_edits import reasons_of
from routing.desk_session import Pin
from routing.desk_work import Desk, Desks
from routing.problem import (
    Break,
    Cell,
    Equipment,
    Item,
    Kitchen,
    Portion,
    Problem,
    TimeWindow,
    Van,
    frozen_matrix,
)
from routing.reason import CODES
from routing.shelf import Ground
from routing.stored import PlanRow
from routing.timetable import Call
from routing.variant import Variant
from tests.routing.instances import day_visit, in_a_row
from tests.routing.test_api import client_of
from tests.routing.town import DAY, context_on, seed

NONE = frozenset({"unreachable", "road", "same_van", "not_same_day"})
"""Reasons without a button; `docs/desk.md` says why."""
LONG = Van("V1", 0, 0, 90_000)


@dataclass(frozen=True, slots=True)
class Staged:
    """A day on which visit 0 is left out for one reason alone: what has to be done about it on `van`."""

    problem: Problem
    calls: tuple[Call, ...] = ()
    pins: Mapping[int, Pin] | None = None
    hold: int = 0
    van: int = 0

    def session(self) -> Session:
        others = ((),) * (len(self.problem.vans) - 1)
        made = opened(self.problem, (self.calls, *others), self.pins)
        return edited(made, [Edit("hold", van=0, position=self.hold)]) if self.hold else made


def one(van: Van = LONG, **visit: Any) -> Problem:
    """One van, one visit at the first site, 100 s away."""
    return in_a_row((van,), (day_visit("A", 1, **visit),))


def two(first: dict[str, Any], other: dict[str, Any]) -> Problem:
    """The visit that is left out and one that is served, at the first and second site."""
    return in_a_row((LONG,), (day_visit("A", 1, **first), day_visit("B", 2, **other)))


def by(closes_s: int, opens_s: int = 0) -> dict[str, Any]:
    return {"windows": (TimeWindow(opens_s, closes_s),)}


def soup(van: Van, hold_s: int, **visit: Any) -> Problem:
    drop = day_visit("S", 1, kind="dropoff", portions=(Portion(0, 5),), **visit)
    return in_a_row((van,), (drop,), (Item("soup", "cold", hold_s),))


def beat(*inside: int) -> Staged:
    """A pass of the first site has to give way to a drop-off at the second, both inside the beat or not."""
    lies = np.isin(np.arange(6), inside)
    van = replace(LONG, ends_s=700, inside=lies, in_beat_s=frozen_matrix(np.zeros((6, 6))))
    cells = (Cell(1, frozenset({0}), tour_s=300),)
    return Staged(in_a_row((van,), (day_visit("A", 2, kind="dropoff"),), cells=cells), (Call("pass", 0),))


def climbers() -> Staged:
    visits = tuple(day_visit(name, 1, equipment=frozenset({"climber"})) for name in "AB")
    problem = replace(in_a_row((LONG, LONG), visits), equipment=(Equipment("climber"),))
    return Staged(problem, (Call("visit", 1),), van=1)


def one_way() -> Staged:
    """No road leads from the stop that is held first to the other."""
    problem = two({}, {})
    seconds = problem.seconds.copy()
    seconds[2, 1] = -1
    return Staged(replace(problem, seconds=frozen_matrix(seconds)), (Call("visit", 1),), hold=1)


SERVED = (Call("visit", 1),)
DAYS: Mapping[str, Staged] = {
    "skills": Staged(one(skills=frozenset({"care"}))),
    "vans": Staged(one(), pins={0: Pin(banned=frozenset({0}))}),
    "equipment": climbers(),
    "prefix": one_way(),
    "capacity": Staged(soup(replace(LONG, cold_cups=3), 90_000)),
    "food_clock": Staged(soup(replace(LONG, cold_cups=5), 0, **by(9000, 8000))),
    "window": Staged(one(**by(50))),
    "later_window": Staged(two(by(120), by(200)), SERVED),
    "break": Staged(one(replace(LONG, rest=Break(200, 300, 100)), service_s=200, **by(160, 150))),
    "kitchen": Staged(
        replace(one(**by(100)), kitchens=(Kitchen(2, TimeWindow(0, 250), 300, 0),)), (Call("reload", 0),)
    ),
    "start": Staged(one(replace(LONG, span_s=1000), **by(6000, 5000))),
    "shift_end": Staged(one(replace(LONG, ends_s=450))),
    "ended": Staged(one(replace(LONG, starts_s=5000, ends_s=5000))),
    "span": Staged(one(replace(LONG, span_s=450))),
    "patrol": beat(1),
    "unseen": beat(1, 2),
    "reload": Staged(
        replace(
            soup(replace(LONG, cold_cups=5, cold_aboard=2), 90_000),
            kitchens=(Kitchen(0, TimeWindow(600, 9000), 300, 0),),
        )
    ),
    "fits": Staged(one()),
}  # fmt: skip


class OneDesk(Desks):
    """Desks on which one staged day lies."""

    def lay(self, district_id: int, staged: Staged) -> Session:
        """Put a day there."""
        problem = staged.problem
        callers = tuple(Caller(1000 + n, n + 1, None) for n in range(len(problem.visits)))
        agenda = Agenda(
            district_id, DAY, datetime(2026, 1, 14, tzinfo=UTC), "winter", problem,
            tuple(range(1, 1 + len(problem.vans))), (None,) * len(problem.sites), callers,
            (1,) * len(problem.cells),
        )  # fmt: skip
        ground, session = Ground(agenda, {}, {}, {}, {}, {}), staged.session()
        row = PlanRow(
            1, DAY, None, "draft", "road", 1, {}, agenda.origin, "account:1", None, None, 0, len(callers)
        )  # fmt: skip
        self.desk = Desk(row, Variant(), ground, ground, session, plan(session), (), None)
        return session

    def open(self, conn: sa.Connection, context: Context, district_id: int, plan_id: int) -> Desk:
        """The day that lies there."""
        assert (district_id, plan_id) == (self.desk.ground.agenda.district_id, 1), (conn, context)
        return self.desk


def test_each_button_lets_the_visit_in_and_breaks_nothing(database: str, tmp_path: Path) -> None:
    assert set(DAYS) == set(CODES) - NONE
    context = context_on(database, tmp_path)
    with context.engine.begin() as conn:
        district_id = seed(conn)
    client = client_of(context, district_id, "planner", desk_api.router)
    assert isinstance(client.app, FastAPI)
    desks = client.app.state.desks = OneDesk()
    wrong = {}
    for code, staged in DAYS.items():
        session = desks.lay(district_id, staged)
        reasons = reasons_of(session, [0])[0]
        codes = {need.code for reason in reasons if reason.van == staged.van for need in reason.needs}
        told = client.post("/api/plans/1/desk/why", json={"visits": ["p1"]}).json()
        helps = [each["helps"] for each in told["p1"]["reasons"] if each["van"] == staged.van + 1]
        pressed = {"edits": [{"kind": "relax", "visit": "p1", "van": staged.van + 1}]}
        after = client.post("/api/plans/1/desk", json=pressed).json()
        served = [stop["key"] for van in after.get("vans", ()) for stop in van["stops"]]
        if code not in codes or helps != [True] or "p1" not in served or after["troubles"]:
            wrong[code] = codes, helps, after.get("error"), after.get("troubles")
    context.engine.dispose()
    assert wrong == {}
