"""What a recorded file holds, record by record, and how it is to be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from typing import TypeAlias

from tracking.fix import Fix


@dataclass(frozen=True, slots=True)
class Recorded:
    """One record: whose it is, by the file's own name of the vehicle, and the fix."""

    vehicle: str
    fix: Fix


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that cannot be a fix: its line or point, counted from 1, and why."""

    line: int
    why: str


Entry: TypeAlias = Recorded | Unreadable


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read.

    Parameters
    ----------
    columns : our name by the file's, or by position where the file has no header; ``-`` is left out
    day : the day of times that have none
    zone : the time zone of times that have none
    vehicle : the one vehicle of a file that names none; empty: the file's name
    """

    columns: tuple[tuple[str, str], ...] = ()
    day: date | None = None
    zone: tzinfo = field(default=UTC)
    vehicle: str = ""
