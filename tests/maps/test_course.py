"""Where a planned line is cut."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from maps.course import cut
from maps.scene import LonLat

LINE = ((116.0, 36.4), (116.01, 36.4), (116.01, 36.41), (116.0, 36.41))
# In the middle of the first street, on the second, and at the end, each some metres off the road.
CALLS = ((116.005, 36.40005), (116.0101, 36.405), (116.0, 36.41))


def near(a: LonLat, b: LonLat) -> bool:
    return abs(a[0] - b[0]) < 3e-4 and abs(a[1] - b[1]) < 3e-4


def test_a_line_is_cut_at_the_calls_around_the_van() -> None:
    course = cut(LINE, CALLS, 1)
    assert course.driven[0] == LINE[0]
    assert near(course.driven[-1], CALLS[0])
    assert course.leg[1] == LINE[1]
    assert near(course.leg[-1], CALLS[1])
    assert course.ahead[-1] == LINE[-1]


def test_a_day_that_begins_or_is_over_has_one_end() -> None:
    first = cut(LINE, CALLS, 0)
    assert (first.driven, first.leg[0]) == ((), LINE[0])
    assert cut(LINE, CALLS, None).driven == LINE
    assert cut(LINE, (), 0).ahead == LINE
    assert cut((), CALLS, 1) == cut((), (), None)


def test_a_street_that_is_driven_twice_is_cut_by_the_order_of_the_calls() -> None:
    there_and_back = ((116.0, 36.4), (116.01, 36.4), (116.0, 36.4))
    course = cut(there_and_back, ((116.009, 36.4), (116.003, 36.4), (116.0, 36.4)), 1)
    assert course.leg[1] == (116.01, 36.4)
    assert near(course.leg[-1], (116.003, 36.4))


@given(
    st.lists(st.tuples(st.floats(116.0, 116.02), st.floats(36.4, 36.42)), min_size=2, max_size=8),
    st.lists(st.tuples(st.floats(116.0, 116.02), st.floats(36.4, 36.42)), min_size=1, max_size=6),
    st.data(),
)
def test_the_parts_are_the_line_again(line: list[LonLat], calls: list[LonLat], data: st.DataObject) -> None:
    course = cut(line, calls, data.draw(st.integers(0, len(calls) - 1)))
    parts = [part for part in (course.driven, course.leg, course.ahead) if part]
    for before, after in pairwise(parts):
        assert before[-1] == after[0]
    # A line of one spot has nothing to drive.
    if parts or len(set(line)) > 1:
        assert (parts[0][0], parts[-1][-1]) == (line[0], line[-1])
        assert [each for each in line if not any(each in part for part in parts)] == []
