"""Sub-packets: joined in any order, within bounds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tracking.adapters.jt808_frame import Header
from tracking.adapters.jt808_parts import MOST_BYTES, MOST_OPEN, MOST_PARTS, WITHIN_S, Joined, Joiner


def _header(index: int, total: int, first: int = 65_530) -> Header:
    return Header(0x0704, bytes(6), first + index - 1 & 0xFFFF, part=(index, total))


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=12), st.data())
def test_in_whatever_order_they_come_the_message_is_the_same(
    bodies: list[bytes], data: st.DataObject
) -> None:
    joiner, total = Joiner(), len(bodies)
    order = data.draw(st.permutations(range(total)))
    found = [joiner.add(_header(i + 1, total), bodies[i], 0.0) for i in order]
    assert found[:-1] == [None] * (total - 1)
    serials = tuple(65_530 + i & 0xFFFF for i in range(total))
    assert found[-1] == Joined(serials, b"".join(bodies))


def test_a_repeated_part_is_one_part() -> None:
    joiner = Joiner()
    assert joiner.add(_header(1, 2), b"a", 0) is None
    assert joiner.add(_header(1, 2), b"a", 0) is None
    assert isinstance(joiner.add(_header(2, 2), b"b", 0), Joined)


def test_what_cannot_be_is_refused() -> None:
    joiner = Joiner()
    for index, total in ((0, 3), (4, 3), (1, 0)):
        assert "cannot be" in str(joiner.add(_header(index, total), b"", 0))
    assert "too long" in str(joiner.add(_header(1, MOST_PARTS + 1), b"", 0))


def test_it_is_bounded_in_bytes_number_and_time() -> None:
    joiner = Joiner()
    part = bytes(MOST_BYTES // 4)
    said = [joiner.add(_header(i, 9), part, 0) for i in range(1, 6)]
    assert said[:4] == [None] * 4 and "too long" in str(said[4])
    for k in range(MOST_OPEN + 2):
        joiner.add(_header(1, 2, first=100 * k), b"x", 0)
    assert joiner.dropped == 2
    assert joiner.add(_header(2, 2, first=0), b"y", 0) is None
    joiner = Joiner()
    joiner.add(_header(1, 2), b"x", 0)
    assert joiner.add(_header(2, 2), b"y", WITHIN_S + 1) is None
    assert joiner.dropped == 1
