"""A simulated van terminal: its own process, its own token, the real protocol."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleet.background import in_thread
from fleet.clock import Clock
from fleet.main.drive import STEP_MS, Drive, Made, PlannedStop, Task
from fleet.main.record import Record
from fleet.roads import Roads
from tracking.client import Access, Dismissed, Push, Terminal

_RESUME_OVERLAP_MS = 120_000
_DRAIN_S = 10.0
_TICK_S = 0.25


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a simulator process is told.

    Parameters
    ----------
    name : makes this van's noise its own
    record : the file of what was ever sent
    """

    access: Access
    name: str
    record: Path


@dataclass(frozen=True, slots=True)
class _Day:
    name: str
    starts: int
    ends: int
    stops: tuple[PlannedStop, ...]

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> _Day:
        shift = body["shift"]
        stops = tuple(_stop_of(each) for each in body["stops"])
        return cls(str(body["day"]), int(shift["starts"]), int(shift["ends"]), stops)


class Simulator:
    """One van: lives `Drive` by the clock and sends what it makes."""

    def __init__(self, told: Simulated, clock: Clock, roads: Roads) -> None:
        self._told = told
        self._clock = clock
        self._roads = roads
        self._record = Record(told.record)
        self._resume_ms = self._record.last_t - _RESUME_OVERLAP_MS
        self._drive: Drive | None = None
        self._day = ""
        self._next: _Day | None = None
        self._lock = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._ready = asyncio.Event()
        self._offline = False
        self._terminal = Terminal(
            told.access, on_push=self._pushed, clock_ms=self._now_ms, queue_limit=10_000
        )

    def stop(self) -> None:
        """Send what is queued, then end."""
        self._stopping.set()
        self._ready.set()

    async def run(self) -> dict[str, dict[str, int]]:
        """Drive until `stop`, or until a paired screen takes the van over. Returns the tallies."""
        runner = asyncio.create_task(self._terminal.run())
        living = asyncio.create_task(self._live())
        await asyncio.wait({runner, living}, return_when=asyncio.FIRST_COMPLETED)
        if not runner.done():
            self._terminal.go_online()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._terminal.drained(), _DRAIN_S)
            self._terminal.stop()
        living.cancel()
        results = await asyncio.gather(runner, living, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, Dismissed):
                raise result
        return {"fixes": _tally(self._terminal.fixes), "events": _tally(self._terminal.events)}

    async def _live(self) -> None:
        await self._ready.wait()
        while not self._stopping.is_set():
            async with self._lock:
                self._begin_day()
                drive = self._drive
                made = [] if drive is None else await in_thread(drive.advance, self._now_ms())
            await self._send([each for each in made if each.item.t > self._resume_ms])
            pause = max(_TICK_S, self._clock.wall_seconds(STEP_MS / 1000))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _send(self, made: list[Made]) -> None:
        self._record.add([each.item for each in made])
        live_from = self._now_ms() - 60_000
        for each in made:
            await self._terminal.send(each.item, live=each.item.t >= live_from)
        if made and made[-1].dead_zone != self._offline:
            self._offline = made[-1].dead_zone
            if self._offline:
                self._terminal.go_offline()
            else:
                self._terminal.go_online()

    async def _pushed(self, push: Push) -> None:
        async with self._lock:
            if push.kind == "plan":
                self._follow(push.body)
            elif push.kind == "task" and self._drive is not None:
                at = (float(push.body["lon"]), float(push.body["lat"]))
                self._drive.offer(Task(str(push.body["id"]), at, self._now_ms()))
            elif push.kind == "withdraw" and self._drive is not None:
                self._drive.withdraw(str(push.body["task"]))

    def _follow(self, body: Mapping[str, Any]) -> None:
        """Take a plan: of the day being driven at once, of a later day when its shift begins."""
        day = _Day.of(body)
        if not day.stops or self._now_ms() > day.ends:
            return
        if self._drive is not None and self._day == day.name:
            self._drive.follow(day.stops)
        else:
            self._next = day
        self._ready.set()

    def _begin_day(self) -> None:
        day = self._next
        if day is None or self._now_ms() < day.starts:
            return
        self._next, self._day = None, day.name
        self._drive = Drive(f"{self._told.name}:{day.name}", day.starts, day.stops[0].at, self._roads.route)
        self._drive.follow(day.stops)

    def _now_ms(self) -> int:
        return round(self._clock.now().timestamp() * 1000)


def _stop_of(told: Mapping[str, Any]) -> PlannedStop:
    return PlannedStop(
        id=int(told["id"]),
        kind=str(told["kind"]),
        at=(float(told["lon"]), float(told["lat"])),
        arrives=int(told["arrives"]),
        begins=int(told["begins"]),
        leaves=int(told["leaves"]),
        who=told.get("recipient"),
    )


def _tally(tally: Any) -> dict[str, int]:
    return {"sent": tally.sent, "acknowledged": tally.acknowledged, "refused": tally.refused}


async def _main(told: Simulated, clock: Clock, roads: Roads) -> None:
    simulator = Simulator(told, clock, roads)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, simulator.stop)
    print(json.dumps(await simulator.run()), flush=True)


def simulate(told: Simulated, clock: Clock, osrm_url: str) -> None:
    """Be a van until told to stop; the last line printed is the tallies as JSON."""
    roads = Roads(osrm_url)
    try:
        asyncio.run(_main(told, clock, roads))
    finally:
        roads.close()
