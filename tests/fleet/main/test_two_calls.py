"""Two calls for help at once, through the API and the database: each has its van and its budget."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from fleet import sos, sos_store, tables
from fleet.main import adopting, running_day
from fleet.units import moment_of
from routing import store
from routing.checker import violations
from routing.running_improve import Wish
from routing.running_repair import respond
from routing.stored import StopRow
from tests.fleet.main.running_town import Town, at_noon, client, tap
from tests.routing.town import DAY, MORNING

BUDGET = Wish().budget
KEPT = timedelta(minutes=15)
LATER = timedelta(minutes=31)
WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"""


@dataclass(frozen=True, slots=True)
class Two:
    """A town with two calls that somebody has seen; who dispatches."""

    town: Town
    first: int
    second: int
    dispatcher: TestClient

    def post(self, call: int, step: str) -> dict[str, Any]:
        """Take a step with a call."""
        answer = self.dispatcher.post(f"/api/sos/{call}/{step}")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def waits(self) -> bool:
        """Whether somebody waits for what another one is writing."""
        with self.town.context.engine.connect() as conn:
            return bool(conn.scalar(sa.text(WAITING)))

    def calls(self) -> dict[int, StopRow]:
        """The stops of the published plan where somebody is called on."""
        with self.town.context.engine.connect() as conn:
            stops = store.stops_of(conn, self.town.plan_id)
        return {stop.id: stop for stop in stops if stop.kind in ("visit", "dropoff")}


@pytest.fixture
def two(database: str, tmp_path: Path) -> Iterator[Two]:
    """A day with more calls than its two vans have time for; both are in time."""
    with at_noon(database, tmp_path, elders=140, now=MORNING + timedelta(hours=4)) as town:
        with town.context.engine.begin() as conn:
            now = town.context.clock.now()
            for stop in store.stops_of(conn, town.plan_id):
                if stop.kind in ("visit", "dropoff") and stop.begins <= now < stop.leaves:
                    tap(conn, (town.district_id, stop.van_id), "started", stop.id, stop.begins)
            codes = conn.scalars(sa.select(tables.recipient.c.code).order_by(tables.recipient.c.id)).all()
        dispatcher = client(town, "dispatcher")
        made = [dispatcher.post("/api/sos", json={"recipient": codes[n]}).json()["sos"] for n in (-1, 0)]
        yield Two(town, made[0], made[1], dispatcher)


def newest(told: dict[str, Any]) -> dict[str, Any]:
    """The newest proposal of a call."""
    found: dict[str, Any] = told["receipt"]["proposals"][-1]
    return found


Promises = dict[int, tuple[int, datetime]]
"""Which van was promised when, by stop."""


def promised(stops: dict[int, StopRow]) -> Promises:
    """What a plan tells those it calls on."""
    return {n: (stop.van_id, stop.begins) for n, stop in stops.items()}


def broken(promises: Promises, now: dict[int, StopRow]) -> set[int]:
    """The stops whose promise the plan no longer keeps."""
    return {
        n
        for n, (van_id, begins) in promises.items()
        if n not in now or now[n].van_id != van_id or abs(now[n].begins - begins) > KEPT
    }


def in_the_way(stops: dict[int, StopRow], offer: dict[str, Any]) -> list[StopRow]:
    """The stops of a call's van that take the time of the call."""
    reached = moment_of(offer["receipt"]["decisions"][-1]["at"]) + timedelta(seconds=offer["eta_s"])
    helped = reached + timedelta(minutes=20)
    own = (stop for stop in stops.values() if stop.van_id == offer["van"])
    return [stop for stop in own if stop.begins < helped and stop.leaves > reached]


@pytest.mark.parametrize("accepted", [False, True])
def test_each_keeps_its_own_budget_and_the_second_leaves_the_first_its_time(two: Two, accepted: bool) -> None:
    before = two.calls()
    first, second = two.post(two.first, "offer"), two.post(two.second, "offer")
    assert first["van"] != second["van"]
    # The van that is left drives to an hour's visit: it turns round, and the receipt has what that moves.
    assert all(each["receipt"]["proposals"] for each in (first, second))
    if accepted:
        with two.town.context.engine.begin() as conn:
            now = two.town.context.clock.now()
            step = sos.Accept(now, first["van"])
            sos_store.transition(conn, two.town.district_id, two.first, step, now)
    one = newest(two.post(two.first, "rearrange"))
    between = two.calls()
    other = newest(two.post(two.second, "rearrange"))
    after = two.calls()
    promises = promised(before)
    for proposal, became in ((one, between), (other, after)):
        moved = [each["stop"] for each in proposal["shifted"] if not each["forced"]]
        told = {each["stop"] for each in proposal["shifted"]}
        assert proposal["over"] == max(0, len(moved) - BUDGET)
        assert broken(promises, became) <= told
        # Who was told of a new time is promised that; who was not, what was promised before.
        kept = {n: each for n, each in promises.items() if n not in told}
        promises = kept | {n: each for n, each in promised(became).items() if n in told}
    # The second call gives nobody the time that the first takes. A van that was told to go at once, when its
    # crew has accepted, is there sooner than was said at the offer.
    taken = [{stop.id for stop in in_the_way(stops, first)} for stops in (between, after)]
    assert taken[1] <= taken[0]
    assert accepted or not taken[0]


def test_nobody_is_sent_to_both(two: Two) -> None:
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda call: two.post(call, "offer"), (two.first, two.second)))
    assert {each["van"] for each in told} == {1, 2}


def test_who_sends_routes_waits_for_who_is_writing_them(two: Two) -> None:
    offer = two.post(two.first, "offer")
    last = max((stop for stop in two.calls().values() if stop.van_id != offer["van"]), key=lambda s: s.begins)
    later = {"begins": last.begins + LATER, "leaves": last.leaves + LATER}
    with ThreadPoolExecutor(1) as pool:
        with two.town.context.engine.begin() as conn:
            adopting.lock_day(conn, two.town.district_id, DAY)
            sent = pool.submit(two.post, two.first, "rearrange")
            while not wait([sent], 0.02).done and not two.waits():
                pass
            t = tables.plan_stop
            conn.execute(sa.update(t).where(t.c.id == last.id).values(later))
        told = {each["stop"] for each in newest(sent.result())["shifted"]}
    assert broken({last.id: (last.van_id, later["begins"])}, two.calls()) <= told


def test_of_two_who_send_routes_at_once_the_second_goes_on_from_the_first(two: Two) -> None:
    before = two.calls()
    offers = [two.post(call, "offer") for call in (two.first, two.second)]
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda call: newest(two.post(call, "rearrange")), (two.first, two.second)))
    said = {each["stop"] for proposal in told for each in proposal["shifted"]}
    assert broken(promised(before), two.calls()) <= said
    assert [in_the_way(two.calls(), offer) for offer in offers] == [[], []]
    with two.town.context.engine.connect() as conn:
        assert store.find_plan(conn, two.town.district_id, two.town.plan_id).version == 3
        found = running_day.look(conn, two.town.context, two.town.district_id, two.town.context.clock.now())
    assert found is not None
    again = respond(found.rest.problem, found.rest.orders, None, Wish())
    assert violations(again.problem, again.plan) == ()
