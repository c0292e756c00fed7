"""A quiet test day of a van, and the faults that are sown into it, each with the one alert that it raises.

The quiet day: a shift of eight hours in one beat. The van leaves its depot, drives along its planned route
from stop to stop, and stands at each for twenty minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from fleet.geo import LonLat, destination
from tracking.alarm_day import VanDay
from tracking.alarm_fences import Fenced
from tracking.alarms import Heading, Proved, Situation, VanNow, Waiting
from tracking.fence import Told
from tracking.food_clock import Reading
from tracking.passage import Passage
from tracking.track import Floats, Track

SHIFT_MS = 1_784_853_000_000  # 2026-07-24 08:30 in the district
HOUR_MS = 3_600_000
ENDS_MS = SHIFT_MS + 8 * HOUR_MS
DEPOT: LonLat = (115.98, 36.44)
STEP_S = 5
_DRIVE_S, _STAND_S = 900, 1200
SPEED_MPS = 8.0
STOPS: tuple[LonLat, ...] = tuple(destination(DEPOT, 90, 400.0 * n) for n in range(1, 6))


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong in a day.

    Parameters
    ----------
    code : of the alert that it raises, the only one
    began_ms : when its condition begins
    within_s : how long after that the alert stands, at most
    """

    code: str
    began_ms: int
    within_s: float
    day: VanDay


def quiet(van_id: int = 3) -> VanDay:
    """The day on which nothing is wrong, told to its end."""
    t_s = np.arange(0, 8 * 3600, STEP_S)
    cycle = _DRIVE_S + _STAND_S
    n, part = t_s // cycle, t_s % cycle
    stop = np.minimum(n, 1_000_000) % len(STOPS)
    drives = part < _DRIVE_S
    # There and back along the street while driving, so that it comes to its next stop in time.
    places = np.array([DEPOT, *STOPS])
    here = places[stop + 1]
    before = np.where((n == 0)[:, None], places[0], places[(stop - 1) % len(STOPS) + 1])
    share = np.minimum(part / _DRIVE_S, 1.0)[:, None]
    at = before + (here - before) * share
    track = Track(
        SHIFT_MS + t_s * 1000, at[:, 0], at[:, 1], np.where(drives, SPEED_MPS, 0.0), np.full(len(t_s), 90.0),
        np.full(len(t_s), 0.9),
    )  # fmt: skip
    zero = np.zeros(len(t_s))
    return VanDay(
        van_id, ENDS_MS, track, track.t_ms, zero, zero, shift=(SHIFT_MS, ENDS_MS), due_ms=SHIFT_MS,
        tapped_ms=SHIFT_MS + 5000, depots=(DEPOT,), stops=STOPS,
    )  # fmt: skip


def told_until(day: VanDay, until_ms: int) -> VanDay:
    """What was known of a day at a moment."""
    n = int(np.searchsorted(day.track.t_ms, until_ms, side="right"))
    return replace(
        day, until_ms=until_ms, track=day.track.take(slice(0, n)),
        sign_ms=day.sign_ms[day.sign_ms <= until_ms],
        beat_m=None if day.beat_m is None else day.beat_m[:n],
        route_m=None if day.route_m is None else day.route_m[:n],
        tapped_ms=day.tapped_ms if day.tapped_ms is not None and day.tapped_ms <= until_ms else None,
        readings=tuple(each for each in day.readings if each.t_ms <= until_ms),
        alarms=tuple(each for each in day.alarms if each[0] <= until_ms),
        fenced=tuple(
            replace(at, passages=tuple(each for each in at.passages if each.t_ms <= until_ms))
            for at in day.fenced
        ),
    )  # fmt: skip


def _during(day: VanDay, starts_s: int, ends_s: int) -> Floats:
    t_s = (day.track.t_ms - SHIFT_MS) / 1000
    return ((t_s >= starts_s) & (t_s < ends_s)).astype(np.float64)


def silent(starts_s: int, lasts_s: int) -> VanDay:
    """Nothing is heard for a while."""
    day = quiet()
    kept = _during(day, starts_s, starts_s + lasts_s) == 0
    assert day.beat_m is not None and day.route_m is not None
    track = day.track.take(kept)
    return replace(day, track=track, sign_ms=track.t_ms, beat_m=day.beat_m[kept], route_m=day.route_m[kept])


def _standing() -> Fault:
    day, starts_s = quiet(), 3900
    still = _during(day, starts_s, starts_s + 3600) > 0
    first = int(np.flatnonzero(still)[0])
    lon, lat = destination((float(day.track.lon[first]), float(day.track.lat[first])), 0, 250)
    track = replace(
        day.track, lon=np.where(still, lon, day.track.lon), lat=np.where(still, lat, day.track.lat),
        speed_mps=np.where(still, 0.0, day.track.speed_mps),
    )  # fmt: skip
    return Fault("stationary", SHIFT_MS + starts_s * 1000, 1800 + 5, replace(day, track=track))


def _gone(code: str, starts_s: int, lasts_s: int, beat_m: float, route_m: float, within_s: float) -> Fault:
    """Far from every stop, outside its beat by so much, off its route by so much, on the move."""
    day = quiet()
    away = _during(day, starts_s, starts_s + lasts_s)
    t_s = (day.track.t_ms - SHIFT_MS) / 1000
    lat = day.track.lat + away * (0.01 + 0.002 * np.sin(t_s / 60))
    track = replace(day.track, lat=lat, speed_mps=np.where(away > 0, SPEED_MPS, day.track.speed_mps))
    gone = replace(day, track=track, beat_m=away * beat_m, route_m=away * route_m)
    return Fault(code, SHIFT_MS + starts_s * 1000, within_s, gone)


def _fast() -> Fault:
    day = quiet()
    fast = _during(day, 4300, 4340) > 0
    track = replace(day.track, speed_mps=np.where(fast, 27.0, day.track.speed_mps))
    return Fault("overspeed", SHIFT_MS + 4300_000, 10 + STEP_S, replace(day, track=track))


def _tireless() -> Fault:
    """More than seven hours at the wheel without a stand of twenty minutes."""
    day = quiet()
    lon = day.track.lon + 0.004 * np.sin((day.track.t_ms - SHIFT_MS) / 100_000)
    last = _during(day, 8 * 3600 - 1500, 8 * 3600) > 0
    lon = np.where(last, STOPS[0][0], lon)
    track = replace(day.track, lon=lon, speed_mps=np.where(last, 0.0, SPEED_MPS))
    return Fault("long_driving", SHIFT_MS + 4 * HOUR_MS, 2 * STEP_S, replace(day, track=track))


def _asleep() -> Fault:
    """The terminal is on, but the van stands at its depot for an hour before it leaves."""
    day = quiet()
    early = _during(day, 0, 3600) > 0
    track = replace(
        day.track, lon=np.where(early, DEPOT[0], day.track.lon), lat=np.where(early, DEPOT[1], day.track.lat),
        speed_mps=np.where(early, 0.0, day.track.speed_mps),
    )  # fmt: skip
    return Fault("shift_not_started", SHIFT_MS, 900, replace(day, track=track, tapped_ms=SHIFT_MS + 3600_000))


def _warm(code: str, lasts_s: int) -> Fault:
    began_ms = SHIFT_MS + HOUR_MS
    readings = (Reading(began_ms, "cold", 9.0), Reading(began_ms + lasts_s * 1000, "cold", 4.0))
    day = replace(quiet(), readings=readings)
    return Fault(code, began_ms + 5_400_000, 0, day)


def _low() -> Fault:
    day = quiet()
    low = _during(day, 20_000, 25_000) > 0
    track = replace(day.track, battery=np.where(low, 0.12, 0.9))
    return Fault("low_battery", SHIFT_MS + 20_000_000, 60 + STEP_S, replace(day, track=track))


def _cried() -> Fault:
    t_ms = SHIFT_MS + 5_000_000
    day = replace(quiet(), alarms=((t_ms, "fatigue"), (t_ms + 60_000, "fatigue")))
    return Fault("device_alarm", t_ms, 0, day)


def _fenced(code: str, tells: Told) -> Fault:
    """It passes through a fence of a dwell of ten minutes, and stays in it for an hour."""
    began_ms = SHIFT_MS + 5_000_000
    times: dict[Told, int] = {"enter": began_ms, "dwell": began_ms + 600_000, "exit": began_ms + HOUR_MS}
    passages = tuple(Passage(t_ms, 7, kind, "seen", *DEPOT) for kind, t_ms in times.items())
    return Fault(code, times[tells], 0, replace(quiet(), fenced=(Fenced(7, frozenset((tells,)), passages),)))


SOWN: dict[str, Callable[[], Fault]] = {
    "silence": lambda: Fault(
        "offline", SHIFT_MS + 5_000_000 - STEP_S * 1000, 300 + STEP_S, silent(5000, 900)
    ),
    "standing": _standing,
    "off beat": lambda: _gone("off_beat", 7_000, 2_400, 600.0, 0.0, 1200 + STEP_S),
    "off route": lambda: _gone("off_route", 7_000, 900, 1500.0, 1500.0, 300 + STEP_S),
    "speed": _fast,
    "no rest": _tireless,
    "asleep": _asleep,
    "warm food": lambda: _warm("food_near", 6_000),
    "battery": _low,
    "device": _cried,
    "entered": lambda: _fenced("fence_enter", "enter"),
    "left": lambda: _fenced("fence_exit", "exit"),
    "dwelt": lambda: _fenced("fence_dwell", "dwell"),
}
"""Every fault of a van's day, by name."""


T0 = datetime(2026, 7, 24, 2, 0, tzinfo=UTC)
"""When a fault of the moment begins."""
_VAN = VanNow(3, starts=T0 - timedelta(hours=1), ends=T0 + timedelta(hours=7), proved=Proved(3000, T0))


@dataclass(frozen=True, slots=True)
class Moment:
    """A fault that is seen at a moment only: how the district stands `lasted_s` after it began."""

    code: str
    within_s: int
    at: Callable[[int], Situation]


def _after(lasted_s: int) -> datetime:
    return T0 + timedelta(seconds=lasted_s)


def _good(lasted_s: int) -> VanNow:
    now = _after(lasted_s)
    left_s = round((now - T0).total_seconds())
    return replace(_VAN, good_at=now, heard_at=now, proved=Proved(3000 + left_s, now))


def _of(change: Callable[[VanNow, int], VanNow]) -> Callable[[int], Situation]:
    return lambda lasted_s: Situation(vans=(change(_good(lasted_s), lasted_s),))


def _with(**other: Any) -> Callable[[int], Situation]:
    return lambda lasted_s: replace(Situation(vans=(_good(lasted_s),), server="a"), **other)


MOMENTS: tuple[Moment, ...] = (
    Moment("gps_lost", 181, _of(lambda van, _: replace(van, good_at=T0))),
    # It stands in a jam: by road it is in time until T0, and ten minutes late ten minutes after.
    Moment(
        "late",
        720 + 1,
        _of(lambda van, _: replace(van, heading=Heading(42, T0 + timedelta(minutes=9), 540.0))),
    ),
    # From T0 on it patrols no more; an hour and ten minutes were to spare.
    Moment(
        "patrol_at_risk", 6600 + 300 + 1, _of(lambda van, s: replace(van, proved=Proved(3000, _after(s))))
    ),
    Moment("beat_unseen", 5400, lambda s: _with(beats={7: Waiting(3, T0)})(s)),
    Moment("sos_unseen", 60, lambda s: _with(unseen={7: T0})(s)),
    Moment("server_behind", 20, lambda s: _with(behind_s=float(s))(s)),
    Moment("two_sockets", 0, lambda s: _with(twins={3: T0})(s)),
    Moment("share_locked", 0, lambda s: _with(locked={5: T0})(s)),
)
