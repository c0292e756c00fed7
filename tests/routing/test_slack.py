from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.checker_routes import route_violations
from routing.levels import in_nap
from routing.plan import Stop
from routing.problem import Problem, Van
from routing.slack import latest_arrivals
from routing.timetable import Call, route_of, timetable
from tests.routing.instances import day_visit, in_a_row
from tests.routing.problems import Sample, samples


def pushed(problem: Problem, stops: Sequence[Stop], n: int, arrives_s: int) -> tuple[Stop, ...]:
    """The stops when the nth is reached at another time: each begins no earlier than it did, naps apart."""
    found = list(stops[:n])
    for stop in stops[n:]:
        if len(found) > n:
            before = found[-1]
            arrives_s = before.leaves_s + problem.drive_s(before.site, stop.site, before.leaves_s)
        begins_s = max(arrives_s, stop.begins_s)
        visit = None if stop.visit is None else problem.visits[stop.visit]
        if visit and visit.nap and in_nap(visit, begins_s) and not in_nap(visit, stop.begins_s):
            begins_s = visit.nap.closes_s
        took_s = stop.leaves_s - stop.begins_s
        found.append(replace(stop, arrives_s=arrives_s, begins_s=begins_s, leaves_s=begins_s + took_s))
    return tuple(found)


def faults(problem: Problem, van: int, stops: Sequence[Stop], n: int) -> list[str]:
    """What a route breaks, but that its nth stop was reached late, and that it may need a break now."""
    found = route_violations(problem, route_of(problem, van, stops))
    told = [str(each) for each in found if (each.rule, each.stop) != ("travel", n)]
    return [each for each in told if not each.endswith("no break")]


@given(samples(), st.floats(0, 1))
@settings(max_examples=80, deadline=None)
def test_a_stop_reached_by_its_latest_arrival_keeps_every_limit(sample: Sample, share: float) -> None:
    problem, orders = sample
    for van, calls in enumerate(orders):
        stops = timetable(problem, van, calls).stops
        for n, latest_s in enumerate(latest_arrivals(problem, van, stops)):
            assert latest_s >= stops[n].arrives_s
            for arrives_s in (latest_s, stops[n].arrives_s + int(share * (latest_s - stops[n].arrives_s))):
                assert faults(problem, van, pushed(problem, stops, n, arrives_s), n) == []


@given(samples())
@settings(max_examples=80, deadline=None)
def test_a_second_later_some_limit_is_missed(sample: Sample) -> None:
    """Where a visit has one window, and no later hour's pace makes good what is lost."""
    problem, orders = sample
    visits = tuple(replace(visit, windows=visit.windows[:1], nap=None) for visit in problem.visits)
    problem = replace(problem, visits=visits, pace=())
    for van, calls in enumerate(orders):
        table = timetable(problem, van, calls)
        if not table.breaches:
            latest_s = latest_arrivals(problem, van, table.stops)
            for n in range(1, len(latest_s)):
                assert faults(problem, van, pushed(problem, table.stops, n, latest_s[n] + 1), n)


def test_an_hour_in_which_driving_is_slow_counts_though_the_next_is_fast() -> None:
    problem = in_a_row((Van("V1", 0, 3000, 4000),), (day_visit("A", 5, 0),), pace=(100, 200, *(100,) * 22))
    stops = timetable(problem, 0, (Call("visit", 0),)).stops
    assert stops[-1].arrives_s == 4000
    assert latest_arrivals(problem, 0, stops)[1] == 3500
    later = replace(problem, vans=(replace(problem.vans[0], ends_s=4500),))
    assert latest_arrivals(later, 0, stops)[1] == 3599  # leaving at 3600 would take 1000 s
