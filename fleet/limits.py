"""How often one address may ask: token buckets, pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `burst` at once, refilled at `per_minute`."""

    burst: float
    per_minute: float


class Buckets:
    """A bucket for each key; the least recently used are forgotten past `size`.

    Forgetting fills a bucket again, so `size` has to be far above the keys that ask within a minute.
    """

    def __init__(self, limit: Limit, size: int = 10_000) -> None:
        self._limit = limit
        self._size = size
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, key: str, now_s: float) -> bool:
        """Take one from the bucket of `key` at monotonic `now_s`; False when it is empty."""
        level = self._level(key, now_s)
        granted = level >= 1
        self._levels.pop(key, None)
        self._levels[key] = (level - 1 if granted else level, now_s)
        if len(self._levels) > self._size:
            del self._levels[next(iter(self._levels))]
        return granted

    def is_empty(self, key: str, now_s: float) -> bool:
        """Whether `take` would be refused; takes nothing."""
        return self._level(key, now_s) < 1

    def _level(self, key: str, now_s: float) -> float:
        level, at = self._levels.get(key, (self._limit.burst, now_s))
        return min(self._limit.burst, level + max(0.0, now_s - at) * self._limit.per_minute / 60)
