"""Processes of ours that a command starts, watches and stops."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class Child:
    """One process and its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def last_line(self) -> str:
        """What it said last."""
        lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        return lines[-1] if lines else ""


@dataclass(slots=True)
class Children:
    """Started in order, stopped in reverse; out of reach of the terminal's Ctrl-C, ended with their parent.

    Parameters
    ----------
    logs : the folder of their logs
    environ : given to each
    """

    logs: Path
    environ: Mapping[str, str]
    running: list[Child] = field(default_factory=list)

    def start(self, name: str, *arguments: str, **environ: str) -> Child:
        """Start ``python -m fleet.main ARGUMENTS``."""
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{name}.log"
        with log.open("wb") as out:
            process = self._popen(arguments, environ, out)
        child = Child(name, process, log)
        self.running.append(child)
        return child

    def _popen(
        self, arguments: tuple[str, ...], environ: Mapping[str, str], out: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        tied = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
        return subprocess.Popen(
            [*tied, sys.executable, "-P", "-m", "fleet.main", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **self.environ, **environ},
            start_new_session=True,
        )

    def stop(self, child: Child, *, within_s: float = 15.0) -> None:
        """Ask it to end, and insist when it does not."""
        if child.process.poll() is None:
            child.process.send_signal(signal.SIGTERM)
        try:
            child.process.wait(within_s)
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
        self.running.remove(child)

    def stop_all(self) -> None:
        """Stop what still runs, the newest first."""
        for child in reversed(list(self.running)):
            self.stop(child)
