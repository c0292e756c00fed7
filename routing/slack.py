"""How much later a van may reach each stop before a limit is missed, the stops keeping their order."""

from __future__ import annotations

from collections.abc import Sequence

from routing.plan import Stop
from routing.problem import Problem, Visit


def latest_arrivals(problem: Problem, van: int, stops: Sequence[Stop]) -> list[int]:
    """For each stop of a timetable, the last arrival that still keeps it and all after it in their limits.

    Break and reload stand where they stand. Of several windows the one in use is kept.
    """
    batches = _batches(problem, van, stops)
    one = problem.vans[van]
    back_s = one.ends_s + one.overtime_s
    if one.span_s is not None:
        idle_s = sum(s.leaves_s - s.begins_s for s in stops if s.kind in ("break", "reload"))
        back_s = min(back_s, stops[0].leaves_s + one.span_s + idle_s)
    latest_s = [back_s] * len(stops)
    for n in range(len(stops) - 2, -1, -1):
        stop, after = stops[n], stops[n + 1]
        drive_s = max(0, problem.drive_s(stop.site, after.site, stop.leaves_s))
        begin_s = latest_s[n + 1] - drive_s - (stop.leaves_s - stop.begins_s)
        latest_s[n] = min(begin_s, _limit(problem, van, stop, begin_s, batches[n]))
    return latest_s


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
    return begin_s


def _visit_limit(problem: Problem, visit: Visit, stop: Stop, begin_s: int, batch_s: int) -> int:
    window = next(w for w in (*visit.windows, visit.windows[-1]) if stop.begins_s <= w.closes_s)
    limit_s = min(begin_s, window.closes_s)
    serve_by_s = problem.serve_by_s(visit, batch_s)
    if serve_by_s is not None:
        limit_s = min(limit_s, serve_by_s - (stop.leaves_s - stop.begins_s))
    nap = visit.nap
    if nap and nap.opens_s <= limit_s < nap.closes_s and stop.begins_s < nap.opens_s:
        limit_s = nap.opens_s - 1
    return limit_s
