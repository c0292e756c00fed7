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
        self._since: float | None = None
        self.failures = 0
        """How many attempts to commit have failed so far."""

    @property
    def held(self) -> int:
        """What is in memory: each message's fixes and one more."""
        return self._intake.held

    @property
    def storing_s(self) -> float:
        """How long the commit under way has lasted, wall time; 0 when there is none."""
        return 0.0 if self._since is None else time.monotonic() - self._since

    @contextmanager
    def storing(self) -> Iterator[None]:
        """A commit is under way, retries included."""
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._since = None
