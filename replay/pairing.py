"""Which stay belongs to which planned stop: for the whole day at once, at the least cost in all. Pure.

What a stay costs a stop grows with the square of its distance and of the time between it and the tap at that
stop, or the plan; the squares make the plan's own order the cheapest where a van runs late all day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from fleet.geo import haversine_m
from replay.assignment import assign
from replay.facts import Planned, Tap
from tracking.stays import Stay

REACH_M: Final = 100.0
"""A stay farther from a door than this is no stay at it."""
NEAR_M: Final = 15.0
DISTANCE_SCALE_M: Final = 40.0
EARLY_SCALE_S: Final = 3600.0
LATE_SCALE_S: Final = 9000.0
UNTAPPED: Final = 2.0
"""What is added where the taps at a stop speak against the stay and only the plan speaks for it."""
BUILDING_M: Final = 40.0
"""Consecutive stops no farther apart than this are one call: the van may stand once for all of them."""
TAP_SLACK_S: Final = 120.0
_UNIT: Final = 1_000_000
_NOTHING: Final = 4_600_000


def match(
    planned: Sequence[Planned], stood: Sequence[Stay], by_stop: Mapping[int, Sequence[Tap]]
) -> list[int | None]:
    """The stay of each stop: first each stay to one stop at most, then shared where stops are one call."""
    costs = [
        {n: _cost(stop, stay, by_stop[stop.id]) for n, stay in enumerate(stood) if _within(stop, stay)}
        for stop in planned
    ]
    own = assign(costs, _NOTHING)
    calls = _calls(planned)
    found: list[int | None] = []
    for n, stop in enumerate(planned):
        open_to = {
            place
            for place, cost in costs[n].items()
            if cost < _NOTHING
            and (
                place == own[n]
                or any(own[mate] == place for mate in calls[n])
                or any(during(tap, stood[place]) for tap in by_stop[stop.id])
            )
        }
        found.append(min(open_to, key=lambda place: (costs[n][place], place), default=None))
    return found


def _within(stop: Planned, stay: Stay) -> bool:
    # A degree of latitude is 111 km: most stays of a day are ruled out without a sine.
    return abs(stop.lat - stay.lat) * 111_000 < 2 * REACH_M and apart_m(stop, stay) <= REACH_M


def _cost(stop: Planned, stay: Stay, taps: Sequence[Tap]) -> int:
    """What it costs to say that a stay was for a stop."""
    away = max(0.0, apart_m(stop, stay) - NEAR_M) / DISTANCE_SCALE_M
    off = _off(stay, stop.begins_ms, stop.leaves_ms)
    if taps:
        off = min(off + UNTAPPED, _off(stay, taps[0].t_ms, taps[-1].t_ms))
    return round(_UNIT * (away * away + off))


def _off(stay: Stay, since_ms: int, until_ms: int) -> float:
    early = max(0.0, (since_ms - stay.ends_ms) / 1000) / EARLY_SCALE_S
    late = max(0.0, (stay.starts_ms - until_ms) / 1000) / LATE_SCALE_S
    return early * early + late * late


def _calls(planned: Sequence[Planned]) -> list[list[int]]:
    """The stops that each stop may share a stay with: the neighbours of its run in one building."""
    runs: list[list[int]] = []
    for n, stop in enumerate(planned):
        if runs and haversine_m(planned[n - 1].place, stop.place) <= BUILDING_M:
            runs[-1].append(n)
        else:
            runs.append([n])
    return [run for run in runs for _ in run]


def during(tap: Tap, stay: Stay) -> bool:
    """Whether a tap falls into a stay, or so near it that the clocks may disagree."""
    slack_ms = TAP_SLACK_S * 1000
    return stay.starts_ms - slack_ms <= tap.t_ms <= stay.ends_ms + slack_ms


def apart_m(stop: Planned, stay: Stay) -> float:
    """Metres from a stop to where the van stood."""
    return haversine_m(stop.place, (stay.lon, stay.lat))
