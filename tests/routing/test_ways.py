from __future__ import annotations

from hypothesis import given

from routing.problem import Break, Van
from routing.timetable import Call, timetable
from routing.ways import every_way, walked
from tests.routing.instances import day_visit, in_a_row
from tests.routing.problems import Sample, samples


@given(samples())
def test_what_the_timetable_chooses_is_one_of_the_ways(sample: Sample) -> None:
    for van, calls in enumerate(sample.orders):
        chosen = timetable(sample.problem, van, calls)
        assert chosen.stops in {each.stops for each in every_way(sample.problem, van, calls)}


def test_without_its_break_a_van_that_is_back_too_late_lacks_one() -> None:
    van = Van("V1", 0, 0, 9000, rest=Break(0, 100, 60))
    table = walked(in_a_row((van,), (day_visit("A", 1),)), 0, (Call("visit", 0),), (-1, False, 0))
    (missed,) = table.breaches
    assert (missed.code, missed.short) == ("break", table.stops[-1].arrives_s - 100)
