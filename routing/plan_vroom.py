"""A plan as a VROOM solution, for those who have its clients: drawn and compared as any other.

VROOM knows jobs and breaks alone: a visit, a drop-off, a reload, a beat pass and a handover are each a job,
its description says which. Times are seconds since 1970. What a route costs is its driving. Cups are its
amounts, a dimension an item by code; a reload makes the load what the van hands out until the next.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from routing.sheaf import Line, Sheaf
from routing.stored import RouteRow, StopRow
from routing.vroom_solution import Route, Solution, Spent, Step, StepType, Summary, Unassigned, encode

_TYPES: dict[str, StepType] = {"start": "start", "break": "break", "end": "end"}


def write(sheaf: Sheaf) -> Iterator[bytes]:
    """The file."""
    yield encode(solution_of(sheaf))


def solution_of(sheaf: Sheaf) -> Solution:
    """The plan as a solution."""
    items = sorted({code for stop in sheaf.stops for code in stop.items})
    routes = tuple(_route(sheaf, row, items) for row in sheaf.routes)
    beyond = 1 + max((stop.id for stop in sheaf.stops), default=0)
    unassigned = tuple(
        Unassigned(id=beyond + row.n, type="job", description=" ".join(filter(None, (left.place, left.who))))
        for row, left in zip(sheaf.unserved, sheaf.left(), strict=True)
    )
    summary = Summary(
        cost=sum(route.cost for route in routes),
        routes=len(routes),
        unassigned=len(unassigned),
        setup=0,
        service=sum(route.service for route in routes),
        duration=sum(route.duration for route in routes),
        waiting_time=sum(route.waiting_time for route in routes),
        priority=0,
        delivery=_total(route.delivery or () for route in routes) if items else None,
        distance=sum(route.distance or 0 for route in routes),
        violations=(),
        computing_times=Spent(loading=0, solving=0, routing=0),
    )
    return Solution(code=0, summary=summary, unassigned=unassigned, routes=routes)


def _route(sheaf: Sheaf, row: RouteRow, items: Sequence[str]) -> Route:
    stops = [stop for stop in sheaf.stops if stop.van_id == row.van_id]
    cups = [tuple(int(stop.items.get(code, 0)) for code in items) for stop in stops]
    loads = _loads(stops, cups)
    driven = list(itertools.accumulate(_drives(stops)))
    steps = tuple(
        _step(line, load, drive_s)
        for line, load, drive_s in zip(sheaf.lines(row.van_id), loads, driven, strict=True)
    )
    return Route(
        vehicle=row.van_id,
        cost=driven[-1],
        setup=0,
        service=sum(step.service for step in steps),
        duration=driven[-1],
        waiting_time=sum(step.waiting_time for step in steps),
        priority=0,
        steps=steps,
        violations=(),
        delivery=_total(cups) if items else None,
        distance=row.drive_m,
        description=sheaf.van_name(row.van_id),
    )


def _step(line: Line, load: tuple[int, ...], drive_s: int) -> Step:
    kind = _TYPES.get(line.kind, "job")
    said = " ".join(part for part in (line.what, line.place, line.who) if part)
    return Step(
        type=kind,
        arrival=round(line.arrives.timestamp()),
        duration=drive_s,
        setup=0,
        service=round((line.leaves - line.begins).total_seconds()),
        waiting_time=round((line.begins - line.arrives).total_seconds()),
        id=None if kind in ("start", "end") else line.stop_id,
        description=said,
        location=(line.lon, line.lat),
        load=load or None,
        violations=(),
    )


def _drives(stops: Sequence[StopRow]) -> Iterator[int]:
    """Seconds on the road before each stop."""
    yield 0
    for before, stop in itertools.pairwise(stops):
        yield round((stop.arrives - before.leaves).total_seconds())


def _loads(stops: Sequence[StopRow], cups: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """What is aboard after each stop: all that is handed out until the next reload."""
    left = tuple(0 for _ in cups[0]) if cups else ()
    loads = []
    for stop, given in zip(reversed(stops), reversed(cups), strict=True):
        loads.append(left)
        left = tuple(0 for _ in left) if stop.kind == "reload" else _total((left, given))
    return loads[::-1]


def _total(amounts: Iterator[tuple[int, ...]] | Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(sum(each) for each in zip(*amounts, strict=True))
