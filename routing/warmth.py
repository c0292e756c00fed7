"""The compiled search made ready in the background: no first question of a fresh home waits for a compiler.

Compiling would hold up everything else in its process, so that a child does it, once for each home and
version; what it made is then loaded here in a moment.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog
from numba.core import config

from fleet.errors import Unavailable
from routing.search import warm_up

_ROOT: Final = Path(__file__).resolve().parent.parent
_CHILD: Final = "from routing.search import warm_up; warm_up()"
log = structlog.get_logger(__name__)


class Warmth:
    """Whether the search is ready; from `start` on it gets so. `stop` ends a child that is still at it."""

    def __init__(self, load: Callable[[], None] = warm_up, made: Path | None = None) -> None:
        self._load = load
        self._made = made or Path(vars(config)["CACHE_DIR"]) / "whole"
        self._done = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def start(self) -> None:
        """Begin, in a thread."""
        threading.Thread(target=self._run, name="warmth", daemon=True).start()

    def stop(self) -> None:
        """End early; no harm when it is done."""
        self._stopped = True
        if self._child is not None:
            with contextlib.suppress(ProcessLookupError):
                self._child.terminate()
            self._child.wait()

    def check(self) -> None:
        """Refuse what would wait.

        Raises
        ------
        Unavailable : it is not ready yet.
        """
        if not self._done.is_set():
            raise Unavailable(
                "The planner is being made ready after its first start."
                " It takes a minute or two; try again then."
            )

    def _run(self) -> None:
        try:
            if not self._made.exists():
                log.info("the search is being compiled")
                self._compile()
            if not self._stopped:
                self._load()
        finally:
            # Whatever went wrong: who asks then compiles for themselves, and is told of its failure.
            self._done.set()

    def _compile(self) -> None:
        environ = {**os.environ, "PYTHONPATH": str(_ROOT)}
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-c", _CHILD], stdin=subprocess.DEVNULL, env=environ
        )
        if self._child.wait() == 0:
            # Where the home cannot be written the next start looks again: that is all.
            with contextlib.suppress(OSError):
                self._made.parent.mkdir(parents=True, exist_ok=True)
                self._made.touch()
