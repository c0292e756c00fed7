"""Secrets that must be read again, such as a map service's key: stored sealed with the server's own.

Encrypt, then authenticate: a keystream of HMAC-SHA256 over a fresh nonce and a counter, and an HMAC-SHA256
over nonce and text. Both keys are derived from the server's key and the purpose, so that what was sealed for
one purpose opens for no other.

Source: NIST SP 800-38A (counter mode), with HMAC as the pseudorandom function.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from fleet.errors import Unavailable

_NONCE, _TAG = 16, 32
_BLOCK: Final = hashlib.sha256().digest_size


def seal(key: bytes, purpose: str, text: str) -> bytes:
    """The text as it may be stored: 48 bytes longer, different each time.

    Parameters
    ----------
    key : the server's key
    purpose : what it is for and whose it is
    """
    nonce = secrets.token_bytes(_NONCE)
    hidden = _stream(key, purpose, nonce, text.encode())
    return nonce + hidden + _tag(key, purpose, nonce + hidden)


def unseal(key: bytes, purpose: str, sealed: bytes) -> str:
    """The text that was sealed.

    Raises
    ------
    Unavailable : another server's key sealed it, another purpose, or somebody changed it.
    """
    body, tag = sealed[:-_TAG], sealed[-_TAG:]
    if len(sealed) < _NONCE + _TAG or not hmac.compare_digest(tag, _tag(key, purpose, body)):
        raise Unavailable("The stored key cannot be opened with this server's own. Enter it again.")
    return _stream(key, purpose, body[:_NONCE], body[_NONCE:]).decode()


def _stream(key: bytes, purpose: str, nonce: bytes, text: bytes) -> bytes:
    own = hmac.digest(key, f"seal:{purpose}".encode(), "sha256")
    blocks = -(-len(text) // _BLOCK)
    pad = b"".join(hmac.digest(own, nonce + n.to_bytes(8, "big"), "sha256") for n in range(blocks))
    return bytes(a ^ b for a, b in zip(text, pad, strict=False))


def _tag(key: bytes, purpose: str, body: bytes) -> bytes:
    own = hmac.digest(key, f"seal-tag:{purpose}".encode(), "sha256")
    return hmac.digest(own, body, "sha256")
