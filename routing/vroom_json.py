"""VROOM's input as it stands in JSON, decoded and typed; an unknown key is refused, not ignored."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from fleet.errors import InvalidInput

Seconds = Annotated[int, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Window = tuple[int, int]
Location = tuple[
    Annotated[float, msgspec.Meta(ge=-180, le=180)], Annotated[float, msgspec.Meta(ge=-90, le=90)]
]


class RawStep(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Half of a shipment."""

    id: int
    description: str | None = None
    location: Location | None = None
    location_index: Count | None = None
    setup: Seconds = 0
    service: Seconds = 0
    setup_per_type: dict[str, Seconds] | None = None
    service_per_type: dict[str, Seconds] | None = None
    time_windows: list[Window] | None = None


class RawJob(RawStep, forbid_unknown_fields=True, kw_only=True):
    """A job; `amount` is VROOM's old name of `delivery`."""

    amount: list[Count] | None = None
    delivery: list[Count] | None = None
    pickup: list[Count] | None = None
    skills: list[int] = []
    priority: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0


class RawShipment(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A pickup and its delivery."""

    pickup: RawStep
    delivery: RawStep
    amount: list[Count] | None = None
    skills: list[int] = []
    priority: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0


class RawBreak(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A break."""

    id: int
    time_windows: list[Window] | None = None
    service: Seconds = 0
    description: str | None = None
    max_load: list[Count] | None = None


class RawCosts(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a vehicle costs."""

    fixed: Count = 0
    per_hour: Count = 3600
    per_task_hour: Count = 0
    per_km: Count = 0


class RawGiven(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A step of a given route."""

    type: str
    id: int | None = None
    service_at: int | None = None
    service_after: int | None = None
    service_before: int | None = None


class RawVehicle(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A vehicle."""

    id: int
    profile: str = "car"
    description: str | None = None
    start: Location | None = None
    start_index: Count | None = None
    end: Location | None = None
    end_index: Count | None = None
    capacity: list[Count] | None = None
    costs: RawCosts = msgspec.field(default_factory=RawCosts)
    skills: list[int] = []
    type: str | None = None
    time_window: Window | None = None
    breaks: list[RawBreak] = []
    speed_factor: Annotated[float, msgspec.Meta(gt=0, le=5)] = 1.0
    max_tasks: Count | None = None
    max_travel_time: Seconds | None = None
    max_distance: Count | None = None
    steps: list[RawGiven] | None = None


class RawMatrices(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A profile's matrices."""

    durations: list[list[Count]] | None = None
    distances: list[list[Count]] | None = None
    costs: list[list[Count]] | None = None


class RawProblem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The whole; `options` is what vroom-express's clients send: `c` asks for times of given routes."""

    vehicles: list[RawVehicle]
    jobs: list[RawJob] = []
    shipments: list[RawShipment] = []
    matrices: dict[str, RawMatrices] | None = None
    matrix: list[list[Count]] | None = None
    options: dict[str, Any] = {}


def decode(text: bytes) -> RawProblem:
    """Decode a problem.

    Raises
    ------
    InvalidInput : it is no JSON, or a value is not as VROOM documents it; the sentence has its place.
    """
    try:
        return msgspec.json.decode(text, type=RawProblem)
    except msgspec.DecodeError as error:
        raise InvalidInput("The VROOM problem cannot be read: {why}. Correct it there.", why=error) from None
