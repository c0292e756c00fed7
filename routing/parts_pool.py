"""One part of a wide day planned: here, or in a process of its own.

Much of planning holds the interpreter, so that threads of one process would share one core.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.synchronize import Event
from types import TracebackType
from typing import Final

from routing.doubts import set_aside
from routing.kept import mended
from routing.place import Orders, beginning
from routing.plan import Plan
from routing.problem import Problem
from routing.search import Effort, plan_along, solve

_STOP: Final[list[Event]] = []
"""Of a pool's process: what tells it to end its search."""


def plan_part(problem: Problem, orders: Orders, effort: Effort | None) -> Plan:
    """Search from these orders as far as they hold; without an effort, the plan that they make."""
    problem = set_aside(without_missing_things(problem))
    start = tuple(calls or beginning(problem, van) for van, calls in enumerate(mended(problem, orders)))
    if effort is None:
        return plan_along(problem, start)
    return solve(problem, replace(effort, start=start if any(start) else None))


def without_missing_things(problem: Problem) -> Problem:
    """The problem as a search takes it: what needs a thing of which the part has no unit is for nobody."""
    missing = {thing.code for thing in problem.equipment if thing.units < 1}
    if not missing:
        return problem
    nobody = frozenset[int]()
    return replace(
        problem,
        equipment=tuple(thing for thing in problem.equipment if thing.code not in missing),
        visits=tuple(
            replace(visit, vans=nobody, equipment=visit.equipment - missing)
            if visit.equipment & missing
            else visit
            for visit in problem.visits
        ),
    )


class Pool:
    """Plans so many parts at once. A single core plans in this process."""

    def __init__(self, cores: int) -> None:
        self._stop: Event | threading.Event = threading.Event()
        self._processes: ProcessPoolExecutor | None = None
        if cores > 1:
            # Not forked: the parent has threads and a database's connections.
            context = multiprocessing.get_context("spawn")
            self._stop = stop = context.Event()
            self._processes = ProcessPoolExecutor(cores, context, partial(_begin, stop))

    def plan(self, problem: Problem, orders: Orders, effort: Effort) -> Plan:
        """As `plan_part`; the effort's own ears are not asked. Waits; call it from a thread for each core."""
        if self._processes is None:
            return plan_part(problem, orders, replace(effort, progress=None, cancelled=self._stop.is_set))
        effort = replace(effort, progress=None, cancelled=None)
        return self._processes.submit(_plan, problem, orders, effort).result()

    def stop(self) -> None:
        """End all searches soon; each returns its best so far."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether searches are being ended."""
        return self._stop.is_set()

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._processes is not None:
            self._processes.shutdown(cancel_futures=True)


def _begin(stop: Event) -> None:
    """A process of the pool ends with the pool or its parent, and by no signal meant for the parent."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    _STOP.append(stop)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
    os._exit(1)


def _plan(problem: Problem, orders: Orders, effort: Effort) -> Plan:
    return plan_part(problem, orders, replace(effort, cancelled=_STOP[0].is_set))
