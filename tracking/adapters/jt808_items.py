"""JT/T 808: the items that may follow a location, each an id, a length and a value. No I/O.

What a device's own charge is, the standard does not say; makers put it into items of their own. Those that we
have seen frames of are told apart by id and length. A value that is no percentage is not a charge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

SATELLITES: Final = 0x31
ODOMETER: Final = 0x01
_EXTENSION = 0xEB
_CHARGE_WORDS = frozenset({0x00A8, 0x00E1})


def items_of(data: bytes) -> tuple[tuple[int, bytes], ...]:
    """The items, as far as they can be read: some devices end with bytes that are none."""
    items, at = [], 0
    while at + 2 <= len(data) and at + 2 + data[at + 1] <= len(data):
        end = at + 2 + data[at + 1]
        items.append((data[at], data[at + 2 : end]))
        at = end
    return tuple(items)


def satellites_of(items: tuple[tuple[int, bytes], ...]) -> int | None:
    """How many satellites were used; None when it is not told."""
    return next((value[0] for key, value in items if key == SATELLITES and len(value) == 1), None)


def odometer_m_of(items: tuple[tuple[int, bytes], ...]) -> int | None:
    """How far the vehicle has come, metres; None when it is not told."""
    found = (value for key, value in items if key == ODOMETER and len(value) == 4)
    return next((int.from_bytes(value, "big") * 100 for value in found), None)


def battery_of(items: tuple[tuple[int, bytes], ...]) -> float | None:
    """The device's own charge, 0 to 1; None when it is not told in a way that we know."""
    for key, value in items:
        percent = _extended(value) if key == _EXTENSION else _by_maker(key, value)
        if percent is not None and 0 <= percent <= 100:
            return percent / 100
    return None


def _by_maker(key: int, value: bytes) -> int | None:
    read = _CHARGES.get((key, len(value)))
    return None if read is None else read(value)


def _extended(value: bytes) -> int | None:
    """The charge among the words of an extension: each a length, an id that the length counts, a value."""
    return next(
        (word[2] for word in _words(value) if len(word) == 3 and word[0] << 8 | word[1] in _CHARGE_WORDS),
        None,
    )


def _words(value: bytes) -> Iterator[bytes]:
    at = 0
    while at + 2 <= len(value):
        size = value[at] << 8 | value[at + 1]
        yield value[at + 2 : at + 2 + size]
        at += 2 + size


_CHARGES: Final[Mapping[tuple[int, int], Callable[[bytes], int]]] = {
    (0x06, 1): lambda value: value[0],
    (0x56, 2): lambda value: value[1] or value[0] * 10,
    (0xD4, 1): lambda value: value[0],
    (0xE1, 1): lambda value: value[0],
    (0xE3, 6): lambda value: value[0] << 8 | value[1],
    (0xE4, 2): lambda value: value[1],
    (0xFE, 1): lambda value: value[0],
}
"""The charge in percent by an item's id and length."""
