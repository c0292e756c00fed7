"""What a van's day proves of its calls: what came of each, and how well. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fleet.geo import LonLat, haversine_m
from replay.adherence import Adherence, adhere
from replay.facts import Call, Day, Planned, Tap, Told, closing_of, outcome_of
from replay.grading import Graded, Proof, grade
from tracking.stays import Stay
from tracking.track import LONGEST_GAP_S, Track

PROVED_KINDS: Final = frozenset({"visit", "dropoff", "reload"})
"""What evidence is kept of; a break has no tap that must come, and a beat pass no stay."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A call of a van's day, what came of it, and how well that is proved; ungraded without a closing tap."""

    call: Call
    adherence: Adherence
    graded: Graded | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a van's day beside its calls.

    Parameters
    ----------
    readings : temperatures that name no stop
    """

    track: Track
    stays: Sequence[Stay]
    readings: Sequence[Tap]


def prove(calls: Sequence[Call], van_id: int, seen: Seen, day: Day) -> tuple[Finding, ...]:
    """Say what each call of a van's day came to, by this van's own track and taps.

    A planned call that another van closed, and to which this one neither came nor tapped, is the other's and
    left out.
    """
    own = {call.stop.id: [told.tap for told in call.taps if told.van_id == van_id] for call in calls}
    by_stop = {call.stop.id: call for call in calls}
    taps = [*(tap for each in own.values() for tap in each), *seen.readings]
    found = []
    for each in adhere([call.stop for call in calls], seen.stays, taps, day):
        call = by_stop[each.stop.id]
        is_away = each.verdict in ("skipped", "pending")
        if each.stop.kind not in PROVED_KINDS or (is_away and decisive(call) is not None):
            continue
        found.append(Finding(call, each, _best(each, seen.track)))
    return tuple(found)


def decisive(call: Call) -> Told | None:
    """The tap that says what came of a call, whichever van's terminal told it; None while it is open."""
    last = closing_of(call.stop.kind, [told.tap for told in call.taps])
    return next((told for told in call.taps if last and told.tap == last[-1]), None)


def _best(each: Adherence, track: Track) -> Graded | None:
    """The grade of the closing tap that proves most."""
    if not each.closing:
        return None
    graded = [grade(_proof(each, tap, track)) for tap in each.closing]
    return max(graded, key=lambda one: one.score)


def _proof(each: Adherence, tap: Tap, track: Track) -> Proof:
    return Proof(
        outcome=outcome_of(each.stop.kind, tap),
        planned_s=each.stop.planned_s,
        dwell_s=each.dwell_s,
        distance_m=each.distance_m,
        in_order=each.in_order,
        track_m=_track_m(each.stop, tap.t_ms, track),
        own_m=None
        if tap.lon is None or tap.lat is None
        else haversine_m(each.stop.place, (tap.lon, tap.lat)),
        has_picture=tap.pictures > 0,
        has_reading=each.readings > 0,
    )


def _track_m(stop: Planned, t_ms: int, track: Track) -> float | None:
    """How far from a stop the van was at an instant, by its nearest fix; None where the track is silent."""
    if not len(track):
        return None
    after = int(np.searchsorted(track.t_ms, t_ms))
    near = [n for n in (after - 1, after) if 0 <= n < len(track)]
    n = min(near, key=lambda n: abs(int(track.t_ms[n]) - t_ms))
    if abs(int(track.t_ms[n]) - t_ms) > LONGEST_GAP_S * 1000:
        return None
    place: LonLat = (float(track.lon[n]), float(track.lat[n]))
    return haversine_m(stop.place, place)
