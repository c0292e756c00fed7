"""What the board of a beat says of days and hours."""

from __future__ import annotations

from datetime import date, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from maps.notice import Hours, Notice, hours_of, scene_of, weekday_words
from maps.scene import Beat, Place

Shift = tuple[date, time, time]
MONDAY = date(2026, 7, 20)
MORNING, NOON, EVENING = time(8, 30), time(12), time(16, 30)
SHIFTS = st.tuples(
    st.integers(0, 13).map(lambda n: MONDAY + timedelta(days=n)),
    st.just(MORNING),
    st.sampled_from([NOON, EVENING]),
)


def test_weekdays_of_the_same_hours_stand_together() -> None:
    week = [(MONDAY + timedelta(days=n), MORNING, EVENING if n < 5 else NOON) for n in range(14 - 7)]
    assert hours_of(week) == (Hours((0, 1, 2, 3, 4), MORNING, EVENING), Hours((5, 6), MORNING, NOON))
    assert hours_of([]) == ()


@given(st.lists(SHIFTS).flatmap(lambda drawn: st.tuples(st.just(drawn), st.permutations(drawn))))
def test_hours_do_not_depend_on_the_order_and_lose_no_day(drawn: tuple[list[Shift], list[Shift]]) -> None:
    shifts, shuffled = drawn
    found = hours_of(shifts)
    assert hours_of(shuffled) == found
    said = {(day, each.starts, each.ends) for each in found for day in each.weekdays}
    assert said == {(day.weekday(), starts, ends) for day, starts, ends in shifts}


def test_days_in_a_row_are_said_by_their_ends() -> None:
    assert weekday_words((0, 1, 2, 3, 4, 6), "en") == "Monday to Friday, Sunday"
    assert weekday_words((0, 1, 3), "zh") == "星期一、星期二、星期四"
    assert weekday_words((0, 1, 2, 3, 4, 5, 6), "zh") == "星期一至星期日"
    assert weekday_words((), "zh") == ""


def test_the_map_shows_the_whole_beat_and_its_centres() -> None:
    ring = ((116.0, 36.0), (116.1, 36.0), (116.1, 36.1), (116.0, 36.0))
    centre = Place(1, "centre", "中心1", (116.05, 36.05))
    drawn = scene_of(Notice(Beat(7, "网格7", ((ring,),)), (), None), [centre])
    assert drawn.places == (centre,) and not drawn.stops and not drawn.routes
    assert drawn.bounds is not None
    (west, south), (east, north) = drawn.bounds
    assert all(west < lon < east and south < lat < north for lon, lat in ring)
