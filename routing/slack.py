"""How much later a van may reach each stop before a limit is missed, the stops keeping their order."""

from __future__ import annotations

from collections.abc import Sequence

from routing.plan import Stop
from routing.problem import Problem, Visit


def latest_arrivals(problem: Problem, van: int, stops: Sequence[Stop]) -> list[int]:
    """For each stop of a timetable, the last arrival that still keeps it and all after it in their limits.

    No arrival between the planned one and the last breaks a limit either. Break and reload stand where they
    stand. Of several windows the one in use is kept. That a route without a break may come to need one is not
    looked at: whoever moves stops times them again.
    """
    batches = _batches(problem, van, stops)
    latest_s = [_back_s(problem, van, stops)] * len(stops)
    for n in range(len(stops) - 2, -1, -1):
        stop, service_s = stops[n], stops[n].leaves_s - stops[n].begins_s
        begin_s = _leaves_by(problem, stop, stops[n + 1].site, latest_s[n + 1]) - service_s
        latest_s[n] = min(begin_s, _limit(problem, van, stop, begin_s, batches[n]))
    return latest_s


def _back_s(problem: Problem, van: int, stops: Sequence[Stop]) -> int:
    """When the van must be back: by its shift's end, and within its span."""
    one = problem.vans[van]
    back_s = one.ends_s + one.overtime_s
    if one.span_s is not None:
        idle_s = sum(s.leaves_s - s.begins_s for s in stops if s.kind in ("break", "reload"))
        back_s = min(back_s, stops[0].leaves_s + one.span_s + idle_s)
    return back_s


def _leaves_by(problem: Problem, stop: Stop, to: int, latest_s: int) -> int:
    """The last time to leave: from then on, or in some hour before, the drive would end too late."""
    leaves_s = stop.leaves_s
    while True:
        by_s = latest_s - max(0, problem.drive_s(stop.site, to, leaves_s))
        next_hour_s = (leaves_s // 3600 + 1) * 3600
        if not problem.pace or by_s < next_hour_s:
            return max(by_s, leaves_s - 1) if leaves_s > stop.leaves_s else by_s
        leaves_s = next_hour_s


def _batches(problem: Problem, van: int, stops: Sequence[Stop]) -> list[int]:
    one = problem.vans[van]
    batch_s, found = one.batch_s, []
    for stop in stops:
        if stop.kitchen is not None:
            batch_s = problem.kitchens[stop.kitchen].ready_s
        found.append(batch_s)
    return found


def _limit(problem: Problem, van: int, stop: Stop, begin_s: int, batch_s: int) -> int:
    one = problem.vans[van]
    if stop.visit is not None:
        return _visit_limit(problem, problem.visits[stop.visit], stop, begin_s, batch_s)
    if stop.kind == "break" and one.rest:
        return one.rest.latest_s
    if stop.kitchen is not None:
        return problem.kitchens[stop.kitchen].window.closes_s
    if stop.kind == "start":
        return one.starts_s if one.leaves_by_s is None else one.leaves_by_s
    return begin_s


def _visit_limit(problem: Problem, visit: Visit, stop: Stop, begin_s: int, batch_s: int) -> int:
    window = next(w for w in (*visit.windows, visit.windows[-1]) if stop.begins_s <= w.closes_s)
    limit_s = min(begin_s, window.closes_s)
    serve_by_s = problem.serve_by_s(visit, batch_s)
    if serve_by_s is not None:
        limit_s = min(limit_s, serve_by_s - (stop.leaves_s - stop.begins_s))
    nap = None if visit.sos else visit.nap
    if nap and nap.opens_s <= limit_s < nap.closes_s and stop.begins_s < nap.opens_s:
        limit_s = nap.opens_s - 1
    return limit_s
