"""Calls on people who sleep at noon: made at once, or waited for until the nap is over."""

from __future__ import annotations

from dataclasses import replace

from routing.problem import Problem
from routing.timetable import Call, timed


def at_once(problem: Problem, van: int, calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """The calls without waiting for naps to end where that makes the van late."""
    if not timed(problem, van, calls).breaches:
        return calls
    return tuple(replace(call, in_nap=call.kind in ("visit", "dropoff")) for call in calls)


def waited_out(
    problem: Problem, van: int, calls: tuple[Call, ...], *, hopeful: bool = False
) -> tuple[Call, ...]:
    """The calls with naps waited out, one by one, where nothing is late for it.

    Parameters
    ----------
    hopeful : only those whose nap is over before their windows are: most promises end before the nap does,
        and each try is timed
    """
    for n, call in enumerate(calls):
        visit = problem.visits[call.index] if call.in_nap else None
        if visit is None or visit.nap is None:
            continue
        if not hopeful or visit.nap.closes_s <= visit.windows[-1].closes_s:
            tried = (*calls[:n], replace(call, in_nap=False), *calls[n + 1 :])
            calls = calls if timed(problem, van, tried).breaches else tried
    return calls
