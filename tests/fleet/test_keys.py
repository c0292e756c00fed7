import stat
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fleet import keys


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    key = keys.server_key(tmp_path)
    assert len(key) == 32
    assert keys.server_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "keys/server.key").stat().st_mode) == 0o600


def test_tokens_differ_and_only_their_hash_is_told() -> None:
    tokens = {keys.new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    token = tokens.pop()
    assert token.encode() not in keys.token_hash(token)
    assert keys.token_hash(token) == keys.token_hash(token)


def test_derived_secrets_depend_on_key_and_purpose() -> None:
    made = {keys.derive(key, purpose) for key in (b"a" * 32, b"b" * 32) for purpose in ("x", "y")}
    assert len(made) == 4


def test_a_secret_is_long_and_has_no_confusing_letters() -> None:
    made = {keys.new_secret() for _ in range(1000)}
    assert len(made) == 1000
    assert not set("".join(made)) - set("0123456789abcdefghjkmnpqrstvwxyz-")
    letters = keys.secret_as_typed(made.pop())
    assert 32 ** len(letters) >= 2**128


_TYPED = {"1": "1iIlL", "0": "0oO"}
_letters = st.text(st.sampled_from("0123456789abcdefghjkmnpqrstvwxyz"), min_size=28, max_size=28)


@given(_letters, st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["", "-", " "])), min_size=28))
def test_a_secret_is_read_however_it_is_typed(letters: str, ways: list[tuple[int, str]]) -> None:
    typed = ""
    for letter, (way, after) in zip(letters, ways, strict=False):
        choices = _TYPED.get(letter, letter + letter.upper())
        typed += choices[way % len(choices)] + after
    assert keys.secret_as_typed(letters) == keys.secret_as_typed(typed) == letters


@given(st.text())
def test_what_is_no_secret_is_nothing(text: str) -> None:
    assert keys.secret_as_typed("u" + text) == ""
    assert keys.secret_as_typed(keys.new_secret()[:-1]) == ""
