"""A solution as VROOM writes it, as values: encoded for its clients, and read back. Pure.

Source: VROOM's API documentation, version 1.14. What is None is not said.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from fleet.errors import InvalidInput

StepType = Literal["start", "job", "pickup", "delivery", "break", "end"]
Spot = tuple[float, float]


class Violation(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A limit that is broken."""

    cause: str
    duration: int | None = None


class Step(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """One step: `arrival` in seconds, `duration` of driving so far, `load` aboard after it."""

    type: StepType
    arrival: int
    duration: int = msgspec.field(default=-1)
    setup: int = msgspec.field(default=-1)
    service: int = msgspec.field(default=-1)
    waiting_time: int = msgspec.field(default=-1)
    id: int | None = None
    description: str | None = None
    location: Spot | None = None
    location_index: int | None = None
    load: tuple[int, ...] | None = None
    distance: int | None = None
    violations: tuple[Violation, ...] | None = None


class Route(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """One vehicle's route, with what it adds up to."""

    vehicle: int
    cost: int
    setup: int = msgspec.field(default=-1)
    service: int
    duration: int
    waiting_time: int
    priority: int = msgspec.field(default=-1)
    steps: tuple[Step, ...]
    violations: tuple[Violation, ...] | None = None
    delivery: tuple[int, ...] | None = None
    pickup: tuple[int, ...] | None = None
    distance: int | None = None
    description: str | None = None


class Unassigned(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """A task without a place in any route."""

    id: int
    type: StepType
    description: str | None = None
    location: Spot | None = None
    location_index: int | None = None


class Spent(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """Milliseconds."""

    loading: int = -1
    solving: int = -1
    routing: int = -1


class Summary(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """The routes added up."""

    cost: int
    routes: int
    unassigned: int
    setup: int = msgspec.field(default=-1)
    service: int
    duration: int
    waiting_time: int
    priority: int = msgspec.field(default=-1)
    delivery: tuple[int, ...] | None = None
    pickup: tuple[int, ...] | None = None
    distance: int | None = None
    violations: tuple[Violation, ...] | None = None
    computing_times: Spent


class Solution(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """The whole; `code` 0 is success."""

    code: int = -1
    summary: Summary
    unassigned: tuple[Unassigned, ...] | None = None
    routes: tuple[Route, ...] | None = None


def encode(solution: Solution) -> bytes:
    """As JSON, a newline at the end."""
    return msgspec.json.encode(solution) + b"\n"


def decode(text: bytes) -> Solution:
    """Read a solution, whoever wrote it.

    Raises
    ------
    InvalidInput : it is no JSON, or not as VROOM documents it; the sentence has its place.
    """
    try:
        return msgspec.json.decode(text, type=Solution)
    except msgspec.DecodeError as error:
        raise InvalidInput("The VROOM solution cannot be read: {why}. Correct it there.", why=error) from None
