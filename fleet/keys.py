"""The server's own key, and tokens that are kept only as hashes."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

TOKEN_BYTES = 24


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


def token_hash(token: str) -> bytes:
    """What is stored of a random token. SHA-256 is enough: there is nothing to guess in 192 random bits."""
    return hashlib.sha256(token.encode()).digest()


def derive(key: bytes, purpose: str) -> str:
    """A secret for `purpose`, derived from the server key and so never stored."""
    return hmac.new(key, purpose.encode(), hashlib.sha256).hexdigest()
