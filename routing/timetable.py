"""The earliest timetable of one van for calls in a given order, and each limit that it breaks.

Everything that moves stops about (solver, beat passes, reasons) asks this module what the move does to the
clock. Starting each call as early as possible makes every lateness as small as the order allows. The checker
shares nothing with it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from routing.levels import in_nap
from routing.plan import Route, Stop, StopKind
from routing.problem import CONTAINERS, HANDOVER_S, Break, Container, Problem, Visit

_KEPT = 128
"""Timetables that `timed` remembers: a running day's vans, some times over."""

BreachCode: TypeAlias = Literal[
    "unreachable", "capacity", "food_clock", "window", "shift_end", "span", "break", "kitchen"
]


@dataclass(frozen=True, slots=True)
class Call:
    """One thing to be done on a route. `index` is a visit's, a cell's, a kitchen's or a centre's site.

    `in_nap` lets a visit begin in its no-knock window. A handover begins no earlier than `from_s`: who
    takes a thing waits for who gives it.
    """

    kind: Literal["visit", "dropoff", "reload", "pass", "handover"]
    index: int
    in_nap: bool = False
    from_s: int = 0


@dataclass(frozen=True, slots=True)
class Breach:
    """One limit broken: by `short` seconds (cups for `capacity`), at a call's visit (-1: the van's own)."""

    code: BreachCode
    short: int
    visit: int = -1
    container: Container | None = None


@dataclass(frozen=True, slots=True)
class Timetable:
    """Stops from the depot back to it. Feasible when `breaches` is empty."""

    stops: tuple[Stop, ...]
    breaches: tuple[Breach, ...]

    @property
    def rank(self) -> tuple[int, int, int]:
        """Fewer breaches first, then smaller ones, then an earlier return."""
        return len(self.breaches), sum(b.short for b in self.breaches), self.stops[-1].leaves_s


@dataclass(frozen=True, slots=True)
class Rest:
    """Where the break is taken: before call number `gap` is reached, before or after the drive."""

    gap: int
    after_drive: bool


def timetable(problem: Problem, van: int, calls: Sequence[Call], *, late_break: bool = False) -> Timetable:
    """Time the calls in their order, with the break where it hurts least.

    A route that is back by the break's latest begin needs none inside it. Where the van may wait at its depot
    it leaves so late that it reaches its first call as that opens. `late_break` also looks at places where
    the break begins too late, if every other breaks some limit: one of them may be nearest to a sound one.

    No place for the break is better, unless by the pace of an hour: nobody waits for better traffic here.
    """
    table = _rested(problem, van, calls, 0, late_break=late_break)
    later_s = later_by_s(problem, van, table)
    return _rested(problem, van, calls, later_s, late_break=late_break) if later_s else table


@lru_cache(_KEPT)
def timed(problem: Problem, van: int, calls: tuple[Call, ...]) -> Timetable:
    """`timetable`, remembered: an answer on a running day asks for most of them several times."""
    return timetable(problem, van, calls)


def _rested(
    problem: Problem, van: int, calls: Sequence[Call], later_s: int, *, late_break: bool
) -> Timetable:
    plain = _Walker(problem, van, later_s).along(calls, None)
    rest = problem.vans[van].rest
    due = rest is not None and plain.now_s > rest.latest_s
    if rest is None or (not due and all(breach.code != "span" for breach in plain.breaches)):
        return plain.table()
    places = _rests(rest, plain.marks)
    best = _best(problem, van, calls, later_s, places)
    if late_break and best.breaches:
        late = [Rest(gap, after) for gap in range(places[-1].gap, len(calls) + 1) for after in (False, True)]
        best = min(best, _best(problem, van, calls, later_s, late), key=lambda each: each.rank)
    # A break that is not due may still be had instead of a wait: it does not count in the span.
    return (best if due or best.rank < plain.rank else plain).table()


def _best(problem: Problem, van: int, calls: Sequence[Call], later_s: int, places: Sequence[Rest]) -> _Walker:
    return min(_Walker(problem, van, later_s).forks(calls, places), key=lambda each: each.rank)


def later_by_s(problem: Problem, van: int, table: Timetable) -> int:
    """Seconds that the van may leave later without being later at its first call."""
    one, first = problem.vans[van], table.stops[1]
    if one.leaves_by_s is None or first.visit is None:
        return 0
    later_s = min(one.leaves_by_s - one.starts_s, first.begins_s - first.arrives_s)
    leaves_s = one.starts_s + later_s
    # Under another hour's pace the drive may take longer: then it leaves as early as it may.
    return later_s if leaves_s + problem.drive_s(one.depot, first.site, leaves_s) <= first.begins_s else 0


def walk(problem: Problem, van: int, calls: Sequence[Call], rest: Rest | None = None) -> Timetable:
    """Time the calls in their order from the shift's start, with the break in one place or none."""
    return _Walker(problem, van).along(calls, rest).table()


def site_of(problem: Problem, call: Call) -> int:
    """Where a call takes place."""
    if call.kind == "pass":
        return problem.cells[call.index].site
    if call.kind == "reload":
        return problem.kitchens[call.index].site
    return call.index if call.kind == "handover" else problem.visits[call.index].site


def calls_of(problem: Problem, stops: Sequence[Stop]) -> tuple[Call, ...]:
    """The calls behind a route's stops. A visit that begins in its nap may go on doing so."""
    calls: list[Call] = []
    for stop in stops:
        if stop.visit is not None and (stop.kind == "visit" or stop.kind == "dropoff"):
            calls.append(Call(stop.kind, stop.visit, in_nap(problem.visits[stop.visit], stop.begins_s)))
        elif stop.cell is not None:
            calls.append(Call("pass", stop.cell))
        elif stop.kitchen is not None:
            calls.append(Call("reload", stop.kitchen))
        elif stop.kind == "handover":
            waits = stop.begins_s > stop.arrives_s
            calls.append(Call("handover", stop.site, from_s=stop.begins_s if waits else 0))
    return tuple(calls)


def route_of(problem: Problem, van: int, stops: Sequence[Stop]) -> Route:
    """The route that some stops make, with its driving and patrol added up."""
    legs = [(a.site, b.site, a.leaves_s) for a, b in itertools.pairwise(stops)]
    drive_s = sum(problem.drive_s(*leg) for leg in legs)
    drive_m = sum(int(problem.metres[a, b]) for a, b, _ in legs)
    return Route(van, tuple(stops), drive_s, drive_m, patrol_s(problem, van, stops))


def patrol_s(problem: Problem, van: int, stops: Sequence[Stop]) -> int:
    """Seconds in the van's own beats, moving or serving; waiting, depot, reload and break do not count."""
    inside, in_beat_s = problem.vans[van].inside, problem.vans[van].in_beat_s
    if inside is None or in_beat_s is None:
        return 0
    driven = sum(int(in_beat_s[a.site, b.site]) for a, b in itertools.pairwise(stops))
    served = sum(
        stop.leaves_s - stop.begins_s
        for stop in stops
        if stop.kind in ("visit", "dropoff", "pass") and inside[stop.site]
    )
    return driven + served


def earliest_begin(visit: Visit, arrives_s: int, *, napping: bool) -> tuple[int, int]:
    """When service can begin, and the seconds by which that misses the last window (0 when it does not)."""
    begins_s = arrives_s
    for window in visit.windows:
        begins_s = max(arrives_s, window.opens_s)
        if visit.nap and not napping and in_nap(visit, begins_s):
            begins_s = visit.nap.closes_s
        if begins_s <= window.closes_s:
            return begins_s, 0
    return begins_s, begins_s - visit.windows[-1].closes_s


def _rests(rest: Break, marks: Sequence[_Mark]) -> list[Rest]:
    """Places for the break that no other place beats, given the times of a walk without one."""
    found: list[Rest] = []
    for gap, (here, there) in enumerate(itertools.pairwise(marks)):
        kind, _, arrives_s, _, leaves_s = there[:5]
        if leaves_s <= rest.earliest_s and kind != "end":
            continue  # one call later is no worse: nothing is delayed by the break before it may begin
        if max(here[4], rest.earliest_s) > rest.latest_s:
            break
        reached_s = max(arrives_s, rest.earliest_s)
        found.append(Rest(gap, reached_s <= rest.latest_s))
    return found or [Rest(0, False)]


_Mark: TypeAlias = tuple[StopKind, int, int, int, int, int | None, int | None, int | None]
"""What a stop is made of."""


class _Walker:
    """The van's state while it is walked along its calls."""

    def __init__(self, problem: Problem, van: int, later_s: int = 0) -> None:
        self.problem, self.n, self.van = problem, van, problem.vans[van]
        self.left_s = self.now_s = self.van.starts_s + later_s
        self.site, self.batch_s = self.van.depot, self.van.batch_s
        self.loads: dict[Container, int] = dict.fromkeys(CONTAINERS, 0)
        self.holds: dict[Container, int] = {each: self.van.aboard(each) for each in CONTAINERS}
        self.idle_s = 0
        self.marks: list[_Mark] = []
        self.breaches: list[Breach] = []

    @property
    def rank(self) -> tuple[int, int, int]:
        """As of `Timetable`."""
        return len(self.breaches), sum(b.short for b in self.breaches), self.now_s

    def table(self) -> Timetable:
        """What was walked. Stops are made here alone: of many walks few are kept."""
        return Timetable(tuple(Stop(*mark) for mark in self.marks), tuple(self.breaches))

    def along(self, calls: Sequence[Call], rest: Rest | None) -> _Walker:
        """Walk from the depot along all calls and back, with the break at its place."""
        return next(self.forks(calls, (rest,)))

    def forks(self, calls: Sequence[Call], places: Sequence[Rest | None]) -> Iterator[_Walker]:
        """For each place of the break, earlier gaps first, a walker back home; beginnings are walked once."""
        self.halt("start", self.now_s, 0)
        done = 0
        for rest in places:
            gap = done if rest is None else rest.gap
            self.go(calls[done:gap])
            done = gap
            yield (self if rest is places[-1] else self.fork()).home(calls[gap:], rest)

    def fork(self) -> _Walker:
        """Another in the same state."""
        twin = copy(self)
        twin.loads, twin.holds = dict(self.loads), dict(self.holds)
        twin.marks, twin.breaches = list(self.marks), list(self.breaches)
        return twin

    def go(self, calls: Sequence[Call]) -> None:
        for call in calls:
            self.drive(call)
            self.serve(call)

    def home(self, calls: Sequence[Call], rest: Rest | None) -> _Walker:
        """Walk the calls left and back; the break is before the drive to the first or after it."""
        first = calls[0] if calls else None
        if rest and not rest.after_drive:
            self.rest()
        self.drive(first)
        if rest and rest.after_drive:
            self.rest()
        if first is not None:
            self.serve(first)
            self.go(calls[1:])
            self.drive(None)
        self.halt("end", self.now_s, 0)
        self.unload()
        self.breach("shift_end", self.now_s - self.van.ends_s - self.van.overtime_s)
        if self.van.span_s is not None:
            self.breach("span", self.now_s - self.left_s - self.idle_s - self.van.span_s)
        return self

    def breach(
        self, code: BreachCode, short: int, visit: int = -1, container: Container | None = None
    ) -> None:
        if short > 0:
            self.breaches.append(Breach(code, short, visit, container))

    def drive(self, call: Call | None) -> None:
        to = self.van.ends_at if call is None else self.site_of(call)
        seconds = self.problem.drive_s(self.site, to, self.now_s)
        if seconds < 0:
            self.breach("unreachable", 1, call.index if call and call.kind in ("visit", "dropoff") else -1)
            seconds = 0
        self.now_s += seconds
        self.site = to

    def halt(
        self,
        kind: StopKind,
        begins_s: int,
        service_s: int,
        visit: int | None = None,
        cell: int | None = None,
        kitchen: int | None = None,
    ) -> None:
        leaves_s = begins_s + service_s
        self.marks.append((kind, self.site, self.now_s, begins_s, leaves_s, visit, cell, kitchen))
        self.now_s = leaves_s

    def rest(self) -> None:
        rest = self.van.rest
        if rest is not None:
            begins_s = max(self.now_s, rest.earliest_s)
            self.breach("break", begins_s - rest.latest_s)
            self.halt("break", begins_s, rest.duration_s)
            self.idle_s += rest.duration_s

    def site_of(self, call: Call) -> int:
        return site_of(self.problem, call)

    def serve(self, call: Call) -> None:
        if call.kind == "pass":
            self.halt("pass", self.now_s, self.problem.cells[call.index].tour_s, cell=call.index)
        elif call.kind == "reload":
            self.reload(call.index)
        elif call.kind == "handover":
            self.halt("handover", max(self.now_s, call.from_s), HANDOVER_S)
        else:
            self.visit(call)

    def visit(self, call: Call) -> None:
        visit = self.problem.visits[call.index]
        begins_s, late_s = earliest_begin(visit, self.now_s, napping=call.in_nap)
        self.breach("window", late_s, call.index)
        self.halt(visit.kind, begins_s, visit.service_on(self.n), visit=call.index)
        if not visit.portions:
            return
        for container in CONTAINERS:
            self.loads[container] += self.problem.cups_of(visit, container)
        serve_by_s = self.problem.serve_by_s(visit, self.batch_s)
        if serve_by_s is not None:
            self.breach("food_clock", self.now_s - serve_by_s, call.index)

    def reload(self, index: int) -> None:
        kitchen = self.problem.kitchens[index]
        begins_s = max(self.now_s, kitchen.from_s)
        self.breach("kitchen", begins_s - kitchen.window.closes_s)
        self.halt("reload", begins_s, kitchen.service_s, kitchen=index)
        self.idle_s += kitchen.service_s
        self.unload()
        self.holds = {each: self.van.cups(each) for each in CONTAINERS}
        self.batch_s = kitchen.ready_s

    def unload(self) -> None:
        for container in CONTAINERS:
            self.breach("capacity", self.loads[container] - self.holds[container], -1, container)
            self.loads[container] = 0
