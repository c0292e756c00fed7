"""Stages of a set-up, each with its place in the whole and its time. Standard library only."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_WIDTH = 12


class Stages:
    """Prints ``[#####-------] 5/12 text  1.8 s`` a stage.

    Parameters
    ----------
    total : how many stages there will be
    """

    def __init__(self, total: int, out: TextIO | None = None) -> None:
        self._total = total
        self._done = 0
        self._out = out or sys.stdout
        self._live = self._out.isatty()

    @contextmanager
    def stage(self, text: str) -> Iterator[None]:
        """Run one stage; its line says how long it took, or that it failed."""
        if self._live:
            self._out.write(f"{self._bar(self._done)} {text} ...")
            self._out.flush()
        began = time.monotonic()
        try:
            yield
        except BaseException:
            self._line(f"{text}: stopped")
            raise
        self._done += 1
        self._line(f"{text}  {time.monotonic() - began:.1f} s")

    def _bar(self, done: int) -> str:
        filled = round(_WIDTH * done / max(self._total, done, 1))
        return f"[{'#' * filled}{'-' * (_WIDTH - filled)}] {done}/{max(self._total, done)}"

    def _line(self, text: str) -> None:
        start = "\r\x1b[K" if self._live else ""
        self._out.write(f"{start}{self._bar(self._done)} {text}\n")
        self._out.flush()
