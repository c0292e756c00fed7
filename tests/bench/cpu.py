"""Processor time and memory of processes, as the kernel counts them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

_TICKS_S: Final = os.sysconf("SC_CLK_TCK")
_CPUCLOCK_SCHED: Final = 2
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@contextmanager
def cores(which: Literal["one core", "all cores"]) -> Iterator[None]:
    """Let this process and all that it starts share one core, or not."""
    every = os.sched_getaffinity(0)
    if which == "one core":
        os.sched_setaffinity(0, {min(every)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, every)


def cpu_s(pid: int) -> float:
    """User and system seconds that a process has used; 0.0 when it is gone."""
    fields = _stat(pid)
    return sum(int(each) for each in fields[11:13]) / _TICKS_S if fields else 0.0


def busy_s(pid: int) -> float:
    """What a process has run, to the nanosecond, in threads that ended too: for short and idle stretches.

    Source: the kernel's clock of another process, numbered as glibc's `clock_getcpuclockid` does.
    """
    return time.clock_gettime((~pid << 3) | _CPUCLOCK_SCHED)


def family_cpu_s(pid: int) -> float:
    """The same of a process and its children, of those that live and of those waited for."""
    fields = _stat(pid)
    waited_s = sum(int(each) for each in fields[13:15]) / _TICKS_S if fields else 0.0
    return cpu_s(pid) + waited_s + sum(cpu_s(child) for child in _children(pid))


def rss_bytes(pid: int) -> int:
    """Resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


def family_rss_bytes(pid: int) -> int:
    """Resident memory of a process and its children; what they share is counted for each."""
    total = 0
    for each in (pid, *_children(pid)):
        with suppress(OSError):
            total += rss_bytes(each)
    return total


def peak_bytes() -> int:
    """The most resident memory that this process has had, since it was forgotten.

    Not `getrusage`: that begins with what the parent had when it started this process.
    """
    status = Path("/proc/self/status").read_text()
    (told,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(told) * 1024


def forget_peak() -> None:
    """Let the peak be what there is now, where the kernel allows it."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))) and int(fields[1]) == pid:
            found.append(int(entry.name))
    return found


def _stat(pid: int) -> list[str]:
    """The fields behind the name in /proc/PID/stat, from the state on."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []
