"""The server's own key, and tokens that are kept only as hashes."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path
from typing import Final

TOKEN_BYTES = 24
# Crockford's base32: no i, l, o and u. Whoever types one of the first three means 1 or 0.
_LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_MEANT: Final = str.maketrans("ilo", "110")
_GROUPS, _GROUP = 7, 4
_SECRET = re.compile(f"[{_LETTERS}]{{{_GROUPS * _GROUP}}}")


def server_key(home: Path) -> bytes:
    """The key of this home, made on first use, readable by its owner alone."""
    path = home / "keys/server.key"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(32))
    return path.read_bytes()


def new_token() -> str:
    """A token of 192 random bits, safe in a URL."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_secret() -> str:
    """A token of 140 random bits for somebody who has to type it: small letters and digits in groups."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_GROUPS * _GROUP))
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def secret_as_typed(text: str) -> str:
    """The letters of a secret, however its dashes and capitals were typed; empty if it is none."""
    letters = re.sub(r"[-\s]", "", text[:100]).lower().translate(_MEANT)
    return letters if _SECRET.fullmatch(letters) else ""


def token_hash(token: str) -> bytes:
    """What is stored of a random token. SHA-256 is enough: there is nothing to guess in 192 random bits."""
    return hashlib.sha256(token.encode()).digest()


def derive(key: bytes, purpose: str) -> str:
    """A secret for `purpose`, derived from the server key and so never stored."""
    return hmac.new(key, purpose.encode(), hashlib.sha256).hexdigest()
