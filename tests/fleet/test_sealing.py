"""What is sealed opens again with the same key and purpose, and with nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import Unavailable
from fleet.sealing import seal, unseal

KEY = bytes(range(32))


@given(st.text(max_size=300))
def test_what_was_sealed_opens_again(text: str) -> None:
    sealed = seal(KEY, "a", text)
    assert unseal(KEY, "a", sealed) == text
    assert len(sealed) == len(text.encode()) + 48
    assert seal(KEY, "a", text) != sealed


def test_the_text_does_not_stand_in_what_is_stored() -> None:
    assert b"secret" not in seal(KEY, "a", "secret" * 20)


@given(st.integers(0, 8 * 57 - 1))
def test_any_changed_bit_is_noticed(bit: int) -> None:
    sealed = bytearray(seal(KEY, "a", "a-map-key"))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unavailable):
        unseal(KEY, "a", bytes(sealed))


def test_another_key_purpose_or_length_opens_nothing() -> None:
    sealed = seal(KEY, "a", "a-map-key")
    for key, purpose, given_ in ((bytes(32), "a", sealed), (KEY, "b", sealed), (KEY, "a", sealed[:40])):
        with pytest.raises(Unavailable):
            unseal(key, purpose, given_)
