"""Items behind a location."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.adapters.jt808_items import battery_of, items_of, odometer_m_of, satellites_of


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    items = items_of(data)
    assert sum(2 + len(value) for _, value in items) <= len(data)
    battery = battery_of(items)
    assert battery is None or 0 <= battery <= 1
    satellites_of(items)
    odometer_m_of(items)


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=40)), max_size=8))
def test_items_come_back(items: list[tuple[int, bytes]]) -> None:
    wire = b"".join(bytes((key, len(value))) + value for key, value in items)
    assert items_of(wire) == tuple(items)
    assert items_of(wire + b"\x30") == tuple(items)


@pytest.mark.parametrize(
    ("item", "percent"),
    [
        ("06013e", 62), ("56020900", 90), ("5602095f", 95), ("d40164", 100), ("e1012d", 45),
        ("e3060064019a0000", 100), ("e4020063", 99), ("fe0145", 69), ("eb0a000300e164000300e301", 100),
        ("eb0b0004002d0f4e000300a84c", 76),
    ],
)  # fmt: skip
def test_a_charge_as_different_makers_tell_it(item: str, percent: int) -> None:
    assert battery_of(items_of(bytes.fromhex(item))) == percent / 100


@pytest.mark.parametrize("item", ["e1020072", "fe0400000090", "e10165", "eb020000", "0602ffff", ""])
def test_what_is_no_charge(item: str) -> None:
    assert battery_of(items_of(bytes.fromhex(item))) is None


def test_satellites_and_odometer() -> None:
    items = items_of(bytes.fromhex("01040000015d300115310105"))
    assert (satellites_of(items), odometer_m_of(items)) == (5, 34_900)
    assert (satellites_of(()), odometer_m_of(())) == (None, None)
