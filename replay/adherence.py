"""A van's plan against its day: what came of each planned stop. Pure.

What arrived first plays no part: stops, stays and taps may come in any order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from replay.facts import Day, Planned, Tap, at_stop, closing_of, in_time_order, outcome_of
from replay.pairing import apart_m, during, match
from tracking.stays import Stay

Verdict = Literal["served", "arrived", "no_answer", "declined", "skipped", "pending"]

LATE_S: Final = 900
"""A stop reached later than this past its planned begin, or past its window, is late."""
_NO_STAY: Final = frozenset({"pass"})
_AT_THE_STOP: Final = frozenset({"arrived", "started"})


@dataclass(frozen=True, slots=True)
class Adherence:
    """What came of a planned stop.

    Parameters
    ----------
    stay : where and when the van stood for it
    sharers : how many stops share that stay, itself counted; 0 without one
    dwell_s : its part of the stay, by what was planned for those who share it
    distance_m : from the stay to the stop; None without a stay
    late_s : how long past its planned begin the van came, >= 0
    window_late_s : how long past the last moment of its window, >= 0
    in_order : whether it was reached in the plan's order; None without a stay
    closing : the taps that say what came of it, all of the kind that stands
    readings : temperatures taken at it
    """

    stop: Planned
    verdict: Verdict
    stay: Stay | None
    sharers: int
    dwell_s: float
    distance_m: float | None
    late_s: int
    window_late_s: int
    in_order: bool | None
    closing: tuple[Tap, ...]
    readings: int

    @property
    def is_late(self) -> bool:
        """Whether the van came too late."""
        return self.late_s > LATE_S or self.window_late_s > 0


def adhere(
    stops: Sequence[Planned], stays: Sequence[Stay], taps: Sequence[Tap], day: Day
) -> tuple[Adherence, ...]:
    """Say what came of each planned stop of a van's day, in the plan's order.

    A beat pass asks for no stay and is left out.

    Parameters
    ----------
    stays : disjoint; of the same van and day
    taps : those that name one of the stops, and readings of the day; a repeated one counts once
    """
    planned = sorted((s for s in stops if s.kind not in _NO_STAY), key=lambda s: (s.begins_ms, s.seq, s.id))
    stood = sorted(stays, key=lambda stay: (stay.starts_ms, stay.ends_ms, stay.first))
    told = in_time_order(taps)
    by_stop = {stop.id: at_stop(stop, told) for stop in planned}
    given = match(planned, stood, by_stop)
    ordered = _in_order([None if place is None else stood[place].starts_ms for place in given])
    sharing = {place: [n for n, each in enumerate(given) if each == place] for place in set(given)}
    reached = _reached(planned, stood, given, by_stop)
    found = []
    for n, stop in enumerate(planned):
        place = given[n]
        stay = None if place is None else stood[place]
        mates = [] if place is None else [planned[each] for each in sharing[place]]
        closing = closing_of(stop.kind, by_stop[stop.id])
        gone_past = any(at is not None for at in reached[n + 1 :]) and day.now_ms > stop.leaves_ms
        over = gone_past or day.now_ms >= day.closes_ms
        found.append(
            Adherence(
                stop=stop,
                verdict=_verdict(stop, stay, by_stop[stop.id], over=over),
                stay=stay,
                sharers=len(mates),
                dwell_s=0.0 if stay is None else stay.dwell_s * _part(stop, mates),
                distance_m=None if stay is None else apart_m(stop, stay),
                late_s=_past_s(stay, stop.begins_ms),
                window_late_s=_past_s(stay, stop.window_to_ms),
                in_order=ordered[n],
                closing=closing,
                readings=_readings(stop, stay, told),
            )
        )
    return tuple(found)


def _in_order(arrivals: Sequence[int | None]) -> list[bool | None]:
    """Which stops lie on the longest run of rising arrivals; the others were reached out of order."""
    reached = [n for n, at in enumerate(arrivals) if at is not None]
    times = [at for at in arrivals if at is not None]
    length, before = [1] * len(times), [-1] * len(times)
    for n, at in enumerate(times):
        for earlier in range(n):
            if times[earlier] <= at and length[earlier] + 1 > length[n]:
                length[n], before[n] = length[earlier] + 1, earlier
    kept: set[int] = set()
    last = max(range(len(times)), key=lambda n: (length[n], -n), default=-1)
    while last >= 0:
        kept.add(reached[last])
        last = before[last]
    return [None if at is None else n in kept for n, at in enumerate(arrivals)]


def _reached(
    planned: Sequence[Planned],
    stood: Sequence[Stay],
    given: Sequence[int | None],
    by_stop: Mapping[int, Sequence[Tap]],
) -> list[int | None]:
    """When the van was at each stop, by its stay or else by a tap."""
    found: list[int | None] = []
    for stop, place in zip(planned, given, strict=True):
        taps = by_stop[stop.id]
        found.append(stood[place].starts_ms if place is not None else taps[0].t_ms if taps else None)
    return found


def _verdict(stop: Planned, stay: Stay | None, taps: Sequence[Tap], *, over: bool) -> Verdict:
    closing = closing_of(stop.kind, taps)
    if closing:
        return outcome_of(stop.kind, closing[-1])
    if stay is not None or any(tap.kind in _AT_THE_STOP for tap in taps):
        return "arrived"
    return "skipped" if over else "pending"


def _readings(stop: Planned, stay: Stay | None, taps: Sequence[Tap]) -> int:
    def belongs(tap: Tap) -> bool:
        if tap.stop_id is not None:
            return tap.stop_id == stop.id
        return stay is not None and during(tap, stay)

    return sum(1 for tap in taps if tap.celsius is not None and belongs(tap))


def _part(stop: Planned, mates: Sequence[Planned]) -> float:
    whole = sum(each.planned_s for each in mates)
    return stop.planned_s / whole if whole > 0 else 1 / len(mates)


def _past_s(stay: Stay | None, due_ms: int | None) -> int:
    return 0 if stay is None or due_ms is None else max(0, stay.starts_ms - due_ms) // 1000
