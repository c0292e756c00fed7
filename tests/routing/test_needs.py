from __future__ import annotations

from routing.needs import asks, in_order, merged, rank_of, summed
from routing.reason import Need


def test_of_one_limit_broken_twice_the_larger_counts() -> None:
    needs = [Need("window", 60), Need("shift_end", 5), Need("window", 90)]
    assert set(merged(iter(needs))) == {Need("window", 90), Need("shift_end", 5)}
    assert set(summed(needs)) == {Need("window", 150), Need("shift_end", 5)}


def test_fewer_needs_are_nearer_than_smaller_ones() -> None:
    assert rank_of([Need("shift_end", 7200)]) < rank_of([Need("shift_end", 1), Need("window", 1)])
    assert rank_of([Need("shift_end", 1)]) < rank_of([Need("shift_end", 2)])
    assert rank_of([Need("shift_end", 7200)]) < rank_of([Need("equipment", 1)])


def test_needs_are_named_in_the_closed_lists_order() -> None:
    needs = (Need("shift_end", 1), Need("skills", what=("care",)))
    assert [need.code for need in in_order(needs)] == ["skills", "shift_end"]
    assert asks(needs, "skills") and not asks(needs, "window")
