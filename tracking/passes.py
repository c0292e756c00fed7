"""Who was let in lately, so that a phone that reports each second is not looked up each second. No I/O."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tracking.line import Pass

LASTS_S: Final = 4.0
"""How long the registry's word holds: a revoked secret is refused within 5 s."""
_MOST: Final = 10_000


class Passes:
    """The registry's last word about each secret, by its hash; those asked longest ago are forgotten.

    Parameters
    ----------
    most : how many are kept
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._held: dict[bytes, tuple[Pass, float]] = {}

    def find(self, token_hash: bytes, now_s: float) -> Pass | None:
        """The pass of a secret, while the registry's word still holds at monotonic `now_s`."""
        held = self._held.get(token_hash)
        return held[0] if held is not None and now_s - held[1] < LASTS_S else None

    def was_let_in(self, token_hash: bytes) -> bool:
        """Whether the secret was good when it was last looked up, be that long ago."""
        return token_hash in self._held

    def keep(self, granted: Pass, asked_s: float) -> Pass:
        """Keep what the registry said to a question of monotonic `asked_s`."""
        held = self._held.pop(granted.token_hash, None)
        if held is not None:
            # What is on its way into the database is not in its word yet.
            granted = _until(granted, held[0].stored_until_ms)
        self._held[granted.token_hash] = granted, asked_s
        if len(self._held) > self._most:
            del self._held[next(iter(self._held))]
        return granted

    def sent(self, token_hash: bytes, t_ms: int) -> None:
        """A fix of this time goes to be stored: what comes later and is no newer may be a repeat."""
        held = self._held.get(token_hash)
        if held is not None:
            self._held[token_hash] = _until(held[0], t_ms), held[1]

    def forget(self, token_hash: bytes) -> None:
        """The secret is good no more."""
        self._held.pop(token_hash, None)


def _until(granted: Pass, t_ms: int | None) -> Pass:
    known = granted.stored_until_ms
    if t_ms is None or (known is not None and known >= t_ms):
        return granted
    return replace(granted, stored_until_ms=t_ms)
