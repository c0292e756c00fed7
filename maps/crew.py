"""What each van is doing, as its crew's taps, the plan and its last fix tell it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from fleet.registry import Van
from fleet.sos import Case
from maps.day import CLOSING, Day, Stop, Tap
from maps.food import FoodClock, food_clock

State = Literal[
    "serving", "driving", "patrolling", "reloading", "break", "sos", "waiting", "ended", "offline"
]
STALE = timedelta(seconds=60)
OFFLINE = timedelta(minutes=10)
_AT_STOP = frozenset({"arrived", "started"})


@dataclass(frozen=True, slots=True)
class Container:
    """What is left of an item aboard, its last reading, and what is left of its two hours and if they run."""

    item: str
    cups: int
    celsius: float | None
    left_s: int | None = None
    counting: bool = False


@dataclass(frozen=True, slots=True)
class Doing:
    """One van now. `stop` is where it serves or heads for; `stale` when its last fix is old."""

    van: Van
    state: State
    stale: bool
    seen_at: datetime | None
    stop: Stop | None
    call: Case | None
    containers: tuple[Container, ...]


def doings(day: Day) -> tuple[Doing, ...]:
    """Every van of the district, in its order."""
    stops: dict[int, list[Stop]] = {}
    for stop in day.stops:
        stops.setdefault(stop.van_id, []).append(stop)
    taps: dict[int, list[Tap]] = {}
    for tap in day.taps:
        taps.setdefault(tap.van_id, []).append(tap)
    calls = {call.van_id: call for call in day.calls if call.van_id is not None}
    return tuple(
        _doing(day, van, stops.get(van.id, ()), taps.get(van.id, ()), calls.get(van.id)) for van in day.vans
    )


def _doing(day: Day, van: Van, stops: Sequence[Stop], taps: Sequence[Tap], call: Case | None) -> Doing:
    position = day.positions.get(van.id)
    age = day.now - position.t if position else None
    stop = heading_for(stops, taps, day.now)
    taken = call if call is not None and call.state in ("accepted", "arrived") else None
    state: State = "offline" if age is None or age > OFFLINE else _state(stop, taps, taken)
    return Doing(
        van=van,
        state=state,
        stale=age is None or age > STALE,
        seen_at=position.t if position else None,
        stop=stop,
        call=taken,
        containers=_containers(day, stops, taps),
    )


def _state(stop: Stop | None, taps: Sequence[Tap], call: Case | None) -> State:
    if call is not None:
        return "sos"
    last = next((tap for tap in reversed(taps) if tap.kind not in ("reading", "accepted", "unable")), None)
    if last is None:
        return "waiting" if stop is not None else "driving"
    if last.kind in _AT_STOP and stop is not None and last.stop_id == stop.id:
        at_stop: Mapping[str, State] = {
            "reload": "reloading",
            "break": "break",
            "start": "waiting",
            "end": "ended",
            "pass": "patrolling",
        }
        return at_stop.get(stop.kind, "serving")
    if last.kind in ("reload", "break"):
        return "reloading" if last.kind == "reload" else "break"
    if stop is None:
        return "ended"
    return "patrolling" if stop.kind == "pass" else "driving"


def heading_for(stops: Sequence[Stop], taps: Sequence[Tap], now: datetime) -> Stop | None:
    """The stop a van is at or heads for; None when its route is over or it has none.

    A beat pass is not tapped: it is over when its planned time is, or a later stop was tapped.
    """
    order = {stop.id: n for n, stop in enumerate(stops)}
    tapped = [order[tap.stop_id] for tap in taps if tap.stop_id in order]
    # A departure names the stop that is left for, so that it closes nothing: it passes over those before.
    closed = {tap.stop_id for tap in taps if tap.kind in CLOSING}
    reached = max(tapped, default=-1)
    for n, stop in enumerate(stops):
        if n < reached or stop.id in closed or stop.kind == "start":
            continue
        if stop.kind == "pass" and stop.leaves < now:
            continue
        return stop
    return None


def _containers(day: Day, stops: Sequence[Stop], taps: Sequence[Tap]) -> tuple[Container, ...]:
    """Cups still to be handed out before the next reload, by item, each with its container's last reading."""
    closed = day.closed
    left: dict[str, int] = {}
    for stop in stops:
        if stop.kind == "reload" and stop.leaves > day.now and left:
            break
        if stop.id not in closed and stop.kind in ("visit", "dropoff"):
            for code, cups in stop.items.items():
                left[code] = left.get(code, 0) + int(cups)
    kinds = {item.code: item.container for item in day.menu}
    clocks = {kind: food_clock(taps, kind, day.now) for kind in set(kinds.values())}
    return tuple(
        _container(code, cups, clocks.get(kinds.get(code, ""))) for code, cups in left.items() if cups > 0
    )


def _container(code: str, cups: int, clock: FoodClock | None) -> Container:
    if clock is None or clock.celsius is None:
        return Container(code, cups, None)
    return Container(code, cups, clock.celsius, clock.left_s, clock.counting)
