"""Who gets what at the least cost: against trying everything."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from replay.assignment import assign

NOTHING = 50
costs = st.lists(st.dictionaries(st.integers(0, 4), st.integers(0, 60), max_size=5), max_size=5)


def paid(rows: list[dict[int, int]], given_to: tuple[int | None, ...]) -> int:
    """What it all costs."""
    return sum(NOTHING if column is None else row[column] for row, column in zip(rows, given_to, strict=True))


def least(rows: list[dict[int, int]]) -> int:
    """The least cost of all ways to give columns."""
    best = NOTHING * len(rows)
    options: list[list[int | None]] = [[None, *row] for row in rows]
    for choice in itertools.product(*options):
        used = [column for column in choice if column is not None]
        if len(used) == len(set(used)):
            best = min(best, paid(rows, choice))
    return best


@given(costs)
def test_no_other_way_is_cheaper(rows: list[dict[int, int]]) -> None:
    found = assign(rows, NOTHING)
    used = [column for column in found if column is not None]
    assert len(used) == len(set(used))
    assert all(column is None or row[column] < NOTHING for row, column in zip(rows, found, strict=True))
    assert paid(rows, found) == least(rows)


def test_a_whole_day_of_rows_that_compete_for_nothing_is_quick_and_right() -> None:
    rows = [{n: n % 7, n + 1000: 9} for n in range(400)]
    assert assign(rows, NOTHING) == tuple(range(400))


def test_nothing_to_give() -> None:
    assert assign([], NOTHING) == ()
    assert assign([{}, {0: NOTHING}], NOTHING) == (None, None)
