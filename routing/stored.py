"""Plans as the database holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from fleet.geo import LonLat


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan without its stops. `levels` are the objective's values by name.

    `name`, `scenario` and `edits` say what it differs in from the registry's day: see `variant`.
    """

    id: int
    day: date
    version: int | None
    status: str
    basis: str
    seed: int
    levels: Mapping[str, int]
    created_at: datetime
    created_by: str
    published_at: datetime | None
    published_by: str | None
    served: int
    unserved: int
    violations: int = 0
    name: str = ""
    scenario: Sequence[Mapping[str, Any]] = ()
    edits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StopRow:
    """A stop as stored, with what it is called.

    `needs` are the skills and fittings that the call asks for, `nap_from` to `nap_to` when the person rests.
    """

    id: int
    van_id: int
    seq: int
    kind: str
    lon: float
    lat: float
    name: str | None
    name_en: str | None
    recipient_id: int | None
    who: str | None
    sugar_free: bool
    beat: str | None
    arrives: datetime
    begins: datetime
    leaves: datetime
    window_from: datetime | None
    window_to: datetime | None
    items: Mapping[str, int]
    site_id: int | None = None
    cadence_id: int | None = None
    needs: Sequence[str] = ()
    nap_from: time | None = None
    nap_to: time | None = None


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A van's route as stored; `line` is its driven shape."""

    van_id: int
    van: str
    starts: datetime
    ends: datetime
    patrol_s: int
    drive_s: int
    drive_m: int
    line: tuple[LonLat, ...]


@dataclass(frozen=True, slots=True)
class UnservedRow:
    """A visit left out, with its proved reasons, the nearest van first."""

    n: int
    site_id: int
    name: str
    recipient_id: int | None
    who: str | None
    channel: str | None
    mandatory: bool
    prize: int
    reasons: Sequence[Mapping[str, Any]]
