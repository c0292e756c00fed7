"""What a van's day is judged by: its planned stops and what its crew tapped. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, Literal
from uuid import UUID

from fleet.geo import LonLat

Outcome = Literal["served", "no_answer", "declined"]
OUTCOMES: Final[Mapping[str, Outcome]] = MappingProxyType(
    {"done": "served", "no_answer": "no_answer", "declined": "declined"}
)
_CLOSING: Final[Mapping[str, Mapping[str, Outcome]]] = MappingProxyType(
    {
        "visit": OUTCOMES,
        "dropoff": OUTCOMES,
        "reload": MappingProxyType({**OUTCOMES, "reload": "served"}),
        "break": MappingProxyType({**OUTCOMES, "break": "served"}),
        "start": MappingProxyType({"departed": "served", "done": "served"}),
        "end": MappingProxyType({"arrived": "served", "done": "served"}),
    }
)


@dataclass(frozen=True, slots=True)
class Planned:
    """A planned stop; times in epoch milliseconds.

    Parameters
    ----------
    seq : its place in the van's route, which tells apart what begins at one time
    window_from_ms, window_to_ms : when service may begin, if that is limited
    """

    id: int
    seq: int
    kind: str
    lon: float
    lat: float
    begins_ms: int
    leaves_ms: int
    window_from_ms: int | None = None
    window_to_ms: int | None = None

    @property
    def place(self) -> LonLat:
        """Where it is."""
        return self.lon, self.lat

    @property
    def planned_s(self) -> float:
        """How long it was to take."""
        return max(0.0, (self.leaves_ms - self.begins_ms) / 1000)


@dataclass(frozen=True, slots=True)
class Tap:
    """A tap or a reading; its identity is (terminal, id).

    Parameters
    ----------
    stop_id : the planned stop that it names, if any
    lon, lat : where the terminal itself says that it was
    pictures : how many photos and signatures came with it and are kept
    celsius : what it measured
    """

    t_ms: int
    terminal_id: int
    id: UUID
    kind: str
    stop_id: int | None
    lon: float | None = None
    lat: float | None = None
    pictures: int = 0
    celsius: float | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A tap, and whose van's terminal told it."""

    van_id: int
    tap: Tap


@dataclass(frozen=True, slots=True)
class Call:
    """A call by its newest stop, and all that was tapped at any of its stops, whoever tapped it.

    Parameters
    ----------
    source : its identity, the same for all versions of the day's plan
    day : whose plan has it; a tap may come later
    van_id : the van that it is planned for
    is_planned : whether the published plan has it
    taps : in time order; each names the newest stop
    """

    source: str
    day: date
    stop: Planned
    van_id: int
    is_planned: bool
    site_id: int | None
    recipient_id: int | None
    channel: str | None
    taps: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """What a van's day is judged by.

    Parameters
    ----------
    now_ms : what is known is known until then
    closes_ms : from then on nothing more is expected of the day
    """

    now_ms: int
    closes_ms: int


def at_stop(stop: Planned, taps: Iterable[Tap]) -> list[Tap]:
    """The taps that were made at a stop, in time order: whoever departs for it is still elsewhere."""
    return in_time_order(
        tap for tap in taps if tap.stop_id == stop.id and (tap.kind != "departed" or stop.kind == "start")
    )


def in_time_order(taps: Iterable[Tap]) -> list[Tap]:
    """Taps by time, each once."""
    once = {(tap.terminal_id, tap.id): tap for tap in taps}
    return sorted(once.values(), key=lambda tap: (tap.t_ms, tap.terminal_id, tap.id))


def closing_of(kind: str, taps: Sequence[Tap]) -> tuple[Tap, ...]:
    """The taps that say what came of a stop: those of the outcome that was tapped last, in time order.

    A crew that taps again corrects itself; two terminals that say the same say it once.
    """
    outcomes = _CLOSING.get(kind, {})
    told = in_time_order(tap for tap in taps if tap.kind in outcomes)
    return tuple(tap for tap in told if outcomes[tap.kind] == outcomes[told[-1].kind])


def outcome_of(kind: str, tap: Tap) -> Outcome:
    """What a closing tap says."""
    return _CLOSING[kind][tap.kind]
