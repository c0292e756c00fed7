import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fleet import outbox, tables, terminals
from fleet.clock import Clock
from fleet.main.app import create_app
from fleet.main.record import read
from fleet.main.simulator import Simulated, Simulator
from fleet.roads import Roads
from fleet.units import ms_of
from tests.replay.serving import context_on, serving
from tests.world import CENTRE, OPENS, World, people
from tracking.client import Access

SPEED = 60.0


def plan(world: World) -> Mapping[str, Any]:
    start = ms_of(OPENS)
    ends = {"lon": CENTRE[0], "lat": CENTRE[1]}
    door = {"lon": CENTRE[0] + 0.004, "lat": CENTRE[1]}
    rows = [(1, "start", ends, 0, 0), (2, "dropoff", door, 4, 2), (3, "end", ends, 10, 0)]
    stops = [
        {
            "id": number, "seq": number - 1, "kind": kind, **at, "recipient": None,
            "arrives": start + minute * 60_000, "begins": start + minute * 60_000,
            "leaves": start + (minute + lasts) * 60_000,
        }
        for number, kind, at, minute, lasts in rows
    ]  # fmt: skip
    span = {"starts": start, "ends": start + 8 * 3_600_000}
    return {"id": 1, "day": "2026-07-20", "version": 1, "shift": span, "stops": stops}


async def live(address: str, token: str, folder: Path, clock: Clock) -> dict[str, dict[str, int]]:
    url = address.replace("http", "ws", 1) + "/terminal/ws"
    told = Simulated(Access(url, token, "test"), "v1", folder / "v1.sent")
    roads = Roads()
    simulator = Simulator(told, clock, roads)
    running = asyncio.create_task(simulator.run())
    while not read(folder / "v1.sent")[1] or clock.now().timestamp() < OPENS.timestamp() + 12 * 60:
        await asyncio.sleep(0.1)
    simulator.stop()
    tallies = await running
    roads.close()
    return tallies


def test_a_simulated_van_drives_the_plan_it_was_sent_and_loses_nothing(database: str, tmp_path: Path) -> None:
    clock = Clock.opening(OPENS, SPEED)
    with context_on(database, clock, tmp_path) as context:
        with context.engine.begin() as conn:
            world = people(conn)
            outbox.put(conn, world.vans[0], "plan", plan(world), OPENS)
        with serving(create_app(context)) as address:
            tallies = asyncio.run(live(address, world.tokens[0], tmp_path, clock))
            again = asyncio.run(live(address, world.tokens[0], tmp_path, clock))
        with context.engine.connect() as conn:
            fixes = conn.scalar(sa.select(sa.func.count()).select_from(tables.fix))
            kinds = conn.scalars(sa.select(tables.event.c.kind).order_by(tables.event.c.t)).all()
    sent = read(tmp_path / "v1.sent")
    assert sorted(kinds[:5]) == ["arrived", "departed", "departed", "done", "started"]
    assert tallies["fixes"]["sent"] == tallies["fixes"]["acknowledged"] > 200
    assert again["fixes"]["refused"] == tallies["fixes"]["refused"] == 0
    assert fixes == len(sent[0])
    assert len(kinds) == len(sent[1])


def test_a_paired_screen_ends_the_simulator(database: str, tmp_path: Path) -> None:
    clock = Clock.opening(OPENS, SPEED)

    async def until_dismissed(address: str, token: str, dismiss: Any) -> dict[str, dict[str, int]]:
        url = address.replace("http", "ws", 1) + "/terminal/ws"
        roads = Roads()
        simulator = Simulator(Simulated(Access(url, token, "test"), "v1", tmp_path / "v1.sent"), clock, roads)
        running = asyncio.create_task(simulator.run())
        while not read(tmp_path / "v1.sent")[0]:
            await asyncio.sleep(0.1)
        await asyncio.to_thread(dismiss)
        tallies = await asyncio.wait_for(running, 30)
        roads.close()
        return tallies

    with context_on(database, clock, tmp_path) as context:
        with context.engine.begin() as conn:
            world = people(conn)
            outbox.put(conn, world.vans[0], "plan", plan(world), OPENS)

        def dismiss() -> None:
            with context.engine.begin() as conn:
                terminals.issue_token(conn, world.terminals[0])

        with serving(create_app(context)) as address:
            tallies = asyncio.run(until_dismissed(address, world.tokens[0], dismiss))
    assert tallies["fixes"]["refused"] == 0
