"""What a van's day proves, all at once: its track, stays and trips, ledger and coverage. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tracking import outliers
from tracking.coverage import BeatCells, BeatSeen, Coverage, by_beat, cover
from tracking.ledger import Ground, Ledger, Stretch, Told, ledger_of
from tracking.stays import Stay, Trip, find_stays, find_trips
from tracking.track import Fixes, Floats, Track, choose


class VanDay(NamedTuple):
    """Whose day, and which."""

    district_id: int
    van_id: int
    day: date


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """All that a van's day is proved from.

    Parameters
    ----------
    within : the day where the van's district lies
    stored : fixes of the day, in any order
    primary_terminal : which of the van's terminals outranks the others, if any does
    cells : of the van's beats, k x 2
    beats : whose cells these are, in their order
    """

    whose: VanDay
    within: Stretch
    stored: Fixes
    primary_terminal: int | None
    ground: Ground
    cells: Floats
    told: Told
    beats: tuple[BeatCells, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class DayProof:
    """What is proved.

    Parameters
    ----------
    track : sound: one fix an instant, nothing odd among them
    distance_m : of its trips: what a receiver wanders while the van stands is no way
    flagged : stored fixes that earned a flag, by themselves or beside their neighbours
    coverage : of the van's own cells by itself, from the ledger's first moment to its last
    """

    facts: Facts
    track: Track
    flagged: int
    stays: tuple[Stay, ...]
    trips: tuple[Trip, ...]
    distance_m: float
    ledger: Ledger
    coverage: Coverage

    @property
    def whose(self) -> VanDay:
        """Whose day, and which."""
        return self.facts.whose

    @property
    def beats(self) -> tuple[BeatSeen, ...]:
        """The same coverage, beat by beat."""
        return by_beat(self.coverage, self.facts.beats)

    @property
    def received_until_ms(self) -> int | None:
        """When the last of its fixes came in; None without any."""
        received_ms = self.facts.stored.received_ms
        return int(received_ms.max()) if len(received_ms) else None


def prove(facts: Facts) -> DayProof:
    """Prove a day; the same whatever the order in which its facts are given."""
    chosen = choose(facts.stored, facts.primary_terminal)
    track = outliers.sound(chosen)
    stays = find_stays(track)
    trips = find_trips(track, stays)
    ledger = ledger_of(track, stays, facts.ground, facts.told)
    spans = ledger.spans
    covered = (
        Stretch(spans[0].starts_ms, spans[-1].ends_ms) if spans else Stretch(facts.within[0], facts.within[0])
    )
    return DayProof(
        facts,
        track,
        int((facts.stored.flags != 0).sum()) + len(chosen) - len(track),
        stays,
        trips,
        sum(trip.distance_m for trip in trips),
        ledger,
        cover(facts.cells, {facts.whose.van_id: track}, covered),
    )
