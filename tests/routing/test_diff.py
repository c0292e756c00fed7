from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from routing.diff import plan_diff
from routing.stored import StopRow

NINE = datetime(2026, 7, 22, 1, 0, tzinfo=UTC)


def call(n: int, *, van: int = 1, minutes: int = 0, person: int | None = None) -> StopRow:
    """A visit to a person, or a drop-off at place `n` where none is given."""
    begins = NINE + timedelta(minutes=minutes)
    kind = "visit" if person else "dropoff"
    return StopRow(
        n, van, n, kind, 116.0, 36.5, "家", "", person, "刘淑珍" if person else None, False, None,
        begins, begins, begins + timedelta(minutes=20), None, None, {},
        site_id=n, cadence_id=person,
    )  # fmt: skip


def test_each_kind_of_change_is_told_the_gravest_first() -> None:
    old = [
        call(1, person=11),
        call(2, person=12),
        call(3, person=13),
        call(4),
        call(5, person=15),
        replace(call(6), kind="start"),
    ]
    new = [
        call(101, person=11, minutes=15),
        call(102, person=12, van=2, minutes=90),
        call(103, person=13, minutes=-16),
        call(8),
        call(105, person=15),
    ]
    told = plan_diff(old, new)
    assert [(c.kind, c.stop.id, c.shift_s) for c in told.changes] == [
        ("dropped", 4, 0),
        ("van", 102, 5400),
        ("time", 103, -960),
        ("added", 8, 0),
    ]
    assert (told.kept, told.shifted) == (2, 1)


def test_two_calls_for_one_person_are_told_apart_by_their_order() -> None:
    old = [call(1, person=11), call(2, person=11, minutes=200)]
    new = [call(3, person=11, minutes=200), call(4, person=11)]
    assert plan_diff(old, new).changes == ()
    assert [c.kind for c in plan_diff(old, new[:1]).changes] == ["dropped", "time"]


calls = st.lists(
    st.builds(
        call,
        st.integers(1, 8),
        van=st.integers(1, 3),
        minutes=st.integers(0, 500),
        person=st.none() | st.integers(1, 5),
    ),
    max_size=12,
)


@given(calls)
def test_a_plan_keeps_its_own_promises(stops: list[StopRow]) -> None:
    told = plan_diff(stops, stops)
    assert (told.changes, told.kept, told.shifted) == ((), len(stops), 0)


@given(calls, calls)
def test_a_diff_read_backwards_is_the_diff_of_the_plans_swapped(
    old: list[StopRow], new: list[StopRow]
) -> None:
    there, back = plan_diff(old, new), plan_diff(new, old)
    assert (there.kept, there.shifted) == (back.kept, back.shifted)
    assert there.count("dropped") == back.count("added")
    assert there.count("added") == back.count("dropped")
    assert there.count("van") == back.count("van")
    assert sorted(c.shift_s for c in there.changes) == sorted(-c.shift_s for c in back.changes)
    assert there.kept + sum(c.old is not None for c in there.changes) == len(old)
    assert there.kept + sum(c.new is not None for c in there.changes) == len(new)
