import stat
from pathlib import Path

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
