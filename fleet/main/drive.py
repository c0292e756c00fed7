"""A simulated van's day: drives its plan, taps as a crew would, takes an SOS. Its caller gives the road.

The same plan and seed give the same fixes and taps, so that a day told again is a repeat, not a second day.
"""

from __future__ import annotations

import random
import uuid
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fleet.driving import Line
from fleet.geo import LonLat, bearing_deg
from fleet.main import gps
from tracking.event import Event
from tracking.fix import Fix

STEP_MS = 2_000
SOS_STAY_MS = 5 * 60_000
_ACCEPT_AFTER_MS = 12_000
_NO_ANSWER, _DECLINED = 0.03, 0.05  # shares of calls on a door, the second including the first
_EARLY_MS = 15 * 60_000
Route = Callable[[Sequence[LonLat]], Line]


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A stop as the plan message tells it; times in epoch ms."""

    id: int
    kind: str
    at: LonLat
    arrives: int
    begins: int
    leaves: int
    who: int | None = None

    @property
    def sameness(self) -> tuple[str, float, float, int | None]:
        """What makes it the same call in another version of the plan."""
        return (self.kind, round(self.at[0], 5), round(self.at[1], 5), self.who)


@dataclass(frozen=True, slots=True)
class Task:
    """An SOS offered to this van."""

    id: str
    at: LonLat
    offered_ms: int


@dataclass(frozen=True, slots=True)
class Made:
    """What one step made: a fix or a tap, and whether no signal reached the van then."""

    item: Fix | Event
    dead_zone: bool


class Drive:
    """One van's day, advanced by the caller's clock.

    Parameters
    ----------
    seed : makes this van's noise, dwell and answers its own
    start_ms : when the shift begins
    route : the road between places
    """

    def __init__(self, seed: str, start_ms: int, depot: LonLat, route: Route) -> None:
        self.t = start_ms
        self.here = depot
        self._seed = seed
        self._start = start_ms
        self._route = route
        self._plan: tuple[PlannedStop, ...] = ()
        self._done: set[tuple[str, float, float, int | None]] = set()
        self._task: Task | None = None
        self._news = False
        self._out: list[Made] = []
        self._life = self._live()

    def follow(self, stops: Sequence[PlannedStop]) -> None:
        """Take a newly published plan; what is done stays done."""
        self._plan = tuple(stops)
        self._news = True

    def offer(self, task: Task) -> None:
        """Take an SOS; the crew accepts it after some seconds and goes at once."""
        self._task = task
        self._news = True

    def withdraw(self, task_id: str) -> None:
        """The SOS is no longer ours."""
        if self._task is not None and self._task.id == task_id:
            self._task = None
            self._news = True

    def advance(self, until_ms: int) -> list[Made]:
        """Live on until `until_ms`; returns what was made, in time order."""
        self._out = []
        while self.t + STEP_MS <= until_ms:
            next(self._life)
        return self._out

    # Each of the methods below is a part of the life; a `yield` is one step of time.

    def _live(self) -> Iterator[None]:
        while True:
            self._news = False
            if self._task is not None:
                yield from self._rescue(self._task)
                continue
            stop = self._next_stop()
            if stop is None:
                yield from self._stand(self.t + STEP_MS, _always)
                continue
            yield from self._serve(stop)

    def _next_stop(self) -> PlannedStop | None:
        for stop in self._plan:
            late = self.t - stop.leaves > _EARLY_MS and stop.kind not in {"visit", "dropoff", "end"}
            if stop.sameness not in self._done and not late and stop.kind != "start":
                return stop
        return None

    def _serve(self, stop: PlannedStop) -> Iterator[None]:
        chance = random.Random(f"{self._seed}:{stop.sameness}")
        line = self._route((self.here, stop.at))
        drive_ms = int(max(line.seconds, 0) * 1000 * chance.uniform(0.95, 1.08))
        # Leave so as to arrive a little before the hour promised; late, leave at once.
        yield from self._stand(stop.arrives - drive_ms - 60_000, self._undisturbed)
        if not self._undisturbed():
            return
        self._leave_depot()
        self._tap("departed", stop=stop.id)
        yield from self._go(line, drive_ms, self._undisturbed)
        if not self._undisturbed():
            return
        self._tap("arrived", stop=stop.id)
        if stop.kind in {"pass", "end"}:
            self._done.add(stop.sameness)
            if stop.kind == "end":
                self._tap("done", stop=stop.id)
            return
        yield from self._stand(stop.begins, self._undisturbed)
        if not self._undisturbed():
            return
        yield from self._call(stop, chance)

    def _leave_depot(self) -> None:
        for stop in self._plan:
            if stop.kind == "start" and stop.sameness not in self._done:
                self._done.add(stop.sameness)
                self._tap("departed", stop=stop.id)

    def _call(self, stop: PlannedStop, chance: random.Random) -> Iterator[None]:
        answer = chance.random() if stop.kind == "visit" else 1.0
        self._done.add(stop.sameness)
        if answer < _DECLINED:
            yield from self._stand(self.t + 120_000, _always)
            self._tap("no_answer" if answer < _NO_ANSWER else "declined", stop=stop.id)
            return
        if stop.kind in {"reload", "break"}:
            self._tap(stop.kind, stop=stop.id)
        else:
            self._tap("started", stop=stop.id)
        stay_ms = int((stop.leaves - stop.begins) * chance.uniform(0.85, 1.05))
        # A crew finishes with the elder it is with; only then it looks at the news.
        yield from self._stand(self.t + stay_ms, _always)
        self._tap("done", stop=stop.id)

    def _rescue(self, task: Task) -> Iterator[None]:
        def ours() -> bool:
            return self._task is task

        yield from self._stand(max(self.t, task.offered_ms) + _ACCEPT_AFTER_MS, ours)
        if not ours():
            return
        self._tap("accepted", task=task.id)
        line = self._route((self.here, task.at))
        yield from self._go(line, max(line.seconds, 0) * 900, ours)
        if not ours():
            return
        self._tap("arrived", task=task.id)
        yield from self._stand(self.t + SOS_STAY_MS, ours)
        if ours():
            self._tap("done", task=task.id)
            self._task = None

    def _undisturbed(self) -> bool:
        return not self._news

    def _stand(self, until_ms: int, while_: Callable[[], bool]) -> Iterator[None]:
        while self.t + STEP_MS <= until_ms and while_():
            self._step(self.here, 0.0, None)
            yield

    def _go(self, line: Line, drive_ms: int, while_: Callable[[], bool]) -> Iterator[None]:
        began = self.t
        whole_s = line.offsets_s[-1]
        while drive_ms > 0 and self.t < began + drive_ms:
            share = min(1.0, (self.t + STEP_MS - began) / drive_ms)
            point, ahead = _along(line, share * whole_s)
            speed = line.metres / drive_ms * 1000 if line.metres > 0 else 0.0
            self._step(point, speed, bearing_deg(point, ahead))
            yield
            if not while_():
                return
        self.here = line.points[-1]

    def _step(self, point: LonLat, speed_mps: float, heading_deg: float | None) -> None:
        self.t += STEP_MS
        self.here = point
        (lon, lat), accuracy_m = gps.blur(self._seed, self.t, point)
        fix = Fix(
            t=self.t,
            lon=lon,
            lat=lat,
            speed_mps=round(speed_mps, 2),
            heading_deg=None if heading_deg is None else round(heading_deg % 360, 1),
            accuracy_m=accuracy_m,
            satellites=11,
            battery=0.9,
        )
        self._put(fix)

    def _tap(self, kind: str, *, stop: int | None = None, task: str | None = None) -> None:
        lon, lat = (round(part, 6) for part in self.here)
        identity = _uuid7(self.t, f"{self._seed}:{kind}:{stop}:{task}")
        self._put(Event(identity, self.t, kind, stop=stop, task=task, lon=lon, lat=lat))

    def _put(self, item: Fix | Event) -> None:
        self._out.append(Made(item, gps.in_dead_zone(self._seed, (self.t - self._start) / 1000)))


def _always() -> bool:
    return True


def _along(line: Line, offset_s: float) -> tuple[LonLat, LonLat]:
    """Where one is after `offset_s` driven seconds, and the next corner ahead."""
    n = min(bisect_right(line.offsets_s, offset_s), len(line.points) - 1)
    a, b = line.points[n - 1], line.points[n]
    span = line.offsets_s[n] - line.offsets_s[n - 1]
    share = min(1.0, (offset_s - line.offsets_s[n - 1]) / span) if span > 0 else 1.0
    here = (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
    return here, b if b != here else line.points[min(n + 1, len(line.points) - 1)]


def _uuid7(t_ms: int, seed: str) -> uuid.UUID:
    """A UUIDv7 (RFC 9562) of an instant and a seed, so that a tap told again keeps its identity."""
    source = random.Random(seed)
    value = (t_ms & (1 << 48) - 1) << 80 | 7 << 76 | source.getrandbits(12) << 64 | 2 << 62
    return uuid.UUID(int=value | source.getrandbits(62))
