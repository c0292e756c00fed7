"""Whole simulated days with seeded faults, each labelled by whoever put it there."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

import numpy as np

from fleet.driving import estimate_line
from fleet.geo import LonLat, destination, haversine_m
from fleet.main.drive import Drive, PlannedStop
from replay.facts import Call, Planned, Tap, Told
from tracking.event import Event
from tracking.fix import Fix
from tracking.track import Floats, Track

Label = Literal["good", "skipped", "forgotten", "elsewhere", "swapped", "late"]
FAULTS: tuple[Label, ...] = ("skipped", "forgotten", "elsewhere", "swapped", "late")
DAY = date(2026, 7, 20)
START = 1_784_507_400_000  # 2026-07-20 08:30 in Shanghai
MINUTE = 60_000
DEPOT: LonLat = (116.0, 36.45)
UNTIL = START + 600 * MINUTE


@dataclass(frozen=True, slots=True)
class Lived:
    """A van's day: its track, its calls with their taps, and what was done to each."""

    track: Track
    calls: tuple[Call, ...]
    labels: dict[int, Label]


def live(seed: int, *, faulty: bool) -> Lived:
    """Drive a day of about 20 stops; of a faulty day about one stop in four is not as it should be."""
    chance = random.Random(seed)
    planned = _plan(chance)
    labels = _labels(chance, planned, faulty=faulty)
    drive = Drive(f"van:{seed}", START, DEPOT, estimate_line)
    drive.follow(_driven(planned, labels))
    made = [each.item for each in drive.advance(UNTIL)]
    fixes = [item for item in made if isinstance(item, Fix)]
    taps = [_tap(item) for item in made if isinstance(item, Event)]
    taps = [tap for tap in taps if labels.get(tap.stop_id or 0) != "forgotten"]
    for stop in planned:
        if labels.get(stop.id) == "elsewhere":
            taps.append(Tap(stop.leaves, 1, UUID(int=stop.id), "done", stop.id, pictures=1))
    calls = tuple(
        Call(f"call:{stop.id}", DAY, _told(stop, labels), 1, True, None, stop.id, "visit",
             tuple(Told(1, tap) for tap in taps if tap.stop_id == stop.id))
        for stop in planned
    )  # fmt: skip
    return Lived(_track(fixes), calls, labels)


def _plan(chance: random.Random) -> list[PlannedStop]:
    """Doors, some of them neighbours', with a break and a reload between."""
    stops = [PlannedStop(1, "start", DEPOT, START, START, START, 1)]
    t, here = START + 10 * MINUTE, DEPOT
    while t < START + 420 * MINUTE:
        number = len(stops) + 1
        kind = (
            "break"
            if number == 8
            else "reload"
            if number == 13
            else chance.choice(("visit", "visit", "dropoff"))
        )
        if kind == "reload":
            place = DEPOT
        elif kind == "visit" and chance.random() < 0.3:
            place = destination(here, chance.uniform(0, 360), 60)
        else:
            place = destination(DEPOT, chance.uniform(0, 360), chance.uniform(300, 2500))
        arrives = t + round(estimate_line((here, place)).seconds * 1000) + 2 * MINUTE
        leaves = arrives + chance.choice((5, 10, 20)) * MINUTE
        stops.append(PlannedStop(number, kind, place, arrives, arrives, leaves, number))
        t, here = leaves, place
    end = t + 15 * MINUTE
    return [*stops, PlannedStop(len(stops) + 1, "end", DEPOT, end, end, end, len(stops) + 1)]


def _labels(chance: random.Random, planned: list[PlannedStop], *, faulty: bool) -> dict[int, Label]:
    labels: dict[int, Label] = {stop.id: "good" for stop in planned if stop.kind in ("visit", "dropoff")}
    if not faulty:
        return labels
    for n, fault in enumerate(chance.sample(FAULTS, len(FAULTS))):
        stop = planned[3 + 3 * n]
        # Only a door of its own can be skipped: neighbours stand near enough to share a stay.
        if stop.id in labels and _lonely(stop, planned):
            labels[stop.id] = fault
    return labels


def _lonely(stop: PlannedStop, planned: list[PlannedStop]) -> bool:
    return all(haversine_m(stop.at, each.at) > 200 for each in planned if each is not stop)


def _driven(planned: list[PlannedStop], labels: dict[int, Label]) -> list[PlannedStop]:
    """What the crew really does."""
    kept = [stop for stop in planned if labels.get(stop.id) not in ("skipped", "elsewhere")]
    for n, stop in enumerate(kept):
        if labels.get(stop.id) == "swapped":
            # It is left for the very end, after the last other call.
            last = max(range(len(kept) - 1), key=lambda k: kept[k].leaves)
            since = kept[last].leaves + 8 * MINUTE
            late = replace(stop, arrives=since, begins=since, leaves=since + stop.leaves - stop.begins)
            return [*kept[:n], *kept[n + 1 : -1], late, replace(kept[-1], arrives=late.leaves + 10 * MINUTE)]
    return kept


def _told(stop: PlannedStop, labels: dict[int, Label]) -> Planned:
    """The stop as planned; the window of one that is to be late closed ten minutes before."""
    closes = stop.begins - 10 * MINUTE if labels.get(stop.id) == "late" else None
    return Planned(stop.id, stop.id, stop.kind, *stop.at, stop.begins, stop.leaves, None, closes)


def _tap(event: Event) -> Tap:
    return Tap(event.t, 1, event.id, event.kind, event.stop, event.lon, event.lat, pictures=1)


def _track(fixes: list[Fix]) -> Track:
    unknown: Floats = np.full(len(fixes), np.nan)
    lon, lat = np.array([fix.lon for fix in fixes]), np.array([fix.lat for fix in fixes])
    return Track(np.array([fix.t for fix in fixes], np.int64), lon, lat, unknown, unknown, unknown)
