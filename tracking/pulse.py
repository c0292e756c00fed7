"""Whether the flusher lives: how much it holds, how long its commit lasts, how often one failed. No I/O."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from tracking.intake import Intake


class Pulse:
    """What others may see of a flusher.

    Parameters
    ----------
    intake : its queue
    """

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._since: list[float] = []
        self.failures = 0
        """How many attempts to commit have failed so far."""

    @property
    def held(self) -> int:
        """What is in memory: each message's fixes and one more."""
        return self._intake.held

    @property
    def storing_s(self) -> float:
        """How long the oldest commit under way has lasted, wall time; 0 when there is none."""
        return time.monotonic() - min(self._since) if self._since else 0.0

    @contextmanager
    def storing(self) -> Iterator[None]:
        """A commit is under way, retries included."""
        began = time.monotonic()
        self._since.append(began)
        try:
            yield
        finally:
            self._since.remove(began)
