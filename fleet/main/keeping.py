"""Programs that others start and nobody else restarts: kept up as long as they are wanted."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, Protocol

import structlog

from fleet.errors import FleetError

LOOK_S: Final = 1.0
"""How often it is looked after, wall time."""
_LONGEST_WAIT_S: Final = 30.0
_FAILURES: Final = (FleetError, OSError, subprocess.SubprocessError)
log = structlog.get_logger(__name__)


class Ward(Protocol):
    """What is kept: a program of its own."""

    @property
    def alive(self) -> bool:
        """Whether it runs."""

    def start(self) -> object:
        """Start it, and wait until it answers."""

    def restart(self) -> object:
        """Start it again where it was."""

    def stop(self) -> None:
        """End it; no harm when it is down."""


@contextmanager
def kept(ward: Ward, name: str, *, look_s: float = LOOK_S) -> Iterator[None]:
    """Start a program, start it again whenever it ends by itself, and stop it at the end.

    One thread does all of it: a child that was tied to its parent (`PR_SET_PDEATHSIG`) dies with the thread
    that made it, and this thread lives exactly as long as the program is wanted.

    Parameters
    ----------
    name : what the log calls it
    look_s : how often it is looked after, wall time

    Raises
    ------
    FleetError : it could not be started the first time; afterwards it is tried for ever.
    """
    over = threading.Event()
    with ThreadPoolExecutor(1, thread_name_prefix=f"keeper of the {name}") as hand:
        try:
            hand.submit(ward.start).result()
            hand.submit(_watch, ward, name, over, look_s)
            yield
        finally:
            over.set()
            hand.submit(ward.stop).result()


def _watch(ward: Ward, name: str, over: threading.Event, look_s: float) -> None:
    wait_s, told = look_s, ""
    while not over.wait(wait_s):
        if ward.alive:
            wait_s, told = look_s, ""
            continue
        if not told:
            log.warning("ended by itself; it is started again", what=name)
        try:
            ward.restart()
        except _FAILURES as error:
            if str(error) != told:
                told = str(error)
                log.error("does not start; it is tried again and again", what=name, why=told)
            wait_s = min(_LONGEST_WAIT_S, wait_s * 2)
        else:
            log.info("runs again", what=name)
            wait_s, told = look_s, ""
