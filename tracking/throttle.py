"""How fast one source may send: a bucket that may run dry, so that nothing is dropped. Pure."""

from __future__ import annotations


class Throttle:
    """What comes over the rate is taken all the same, and says how long to read nothing more.

    Parameters
    ----------
    per_s : the lasting rate, in whatever is counted
    burst : how much may come at once after some quiet
    """

    __slots__ = ("_at_s", "_burst", "_level", "_per_s")

    def __init__(self, per_s: float, burst: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._level = burst
        self._at_s = 0.0

    def take(self, weight: float, now_s: float) -> float:
        """Count `weight` at monotonic `now_s`; seconds to wait, 0.0 within the rate."""
        if now_s > self._at_s:
            level = self._level + (now_s - self._at_s) * self._per_s
            self._level = level if level < self._burst else self._burst
            self._at_s = now_s
        self._level -= weight
        return 0.0 if self._level >= 0.0 else -self._level / self._per_s
