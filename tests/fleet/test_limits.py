from hypothesis import given
from hypothesis import strategies as st

from fleet.limits import Buckets, Limit


@given(st.lists(st.floats(0, 5), max_size=60))
def test_never_more_than_burst_and_refill(pauses: list[float]) -> None:
    buckets = Buckets(Limit(burst=5, per_minute=60))
    now = granted = 0.0
    for pause in pauses:
        now += pause
        granted += buckets.take("10.0.0.1", now)
    assert granted <= 5 + now + 1e-6


@given(st.lists(st.floats(0, 30), max_size=30))
def test_an_empty_bucket_is_one_that_grants_nothing(pauses: list[float]) -> None:
    buckets = Buckets(Limit(burst=2, per_minute=6))
    now = 0.0
    for pause in pauses:
        now += pause
        empty = buckets.is_empty("a", now)
        assert buckets.is_empty("a", now) == empty, "looking takes nothing"
        assert buckets.take("a", now) != empty


def test_addresses_do_not_share_a_bucket() -> None:
    buckets = Buckets(Limit(1, 1))
    assert buckets.take("a", 0) and buckets.take("b", 0)
    assert not buckets.take("a", 0.5)
    assert buckets.take("a", 61)


def test_the_forgotten_are_those_who_asked_longest_ago() -> None:
    buckets = Buckets(Limit(1, 0), size=2)
    for key in ("a", "b", "c"):
        assert buckets.take(key, 0)
    assert buckets.take("a", 1)
    assert not buckets.take("c", 1)
