"""What went wrong in a van's day, found from all that is known of it: deterministic, blind to order. Pure.

An episode is a time during which a rule's condition held; while it still holds at `VanDay.until_ms` it is
open. Whoever knows more of the day later finds other episodes: what was found last is the truth of the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import numpy as np

from fleet.geo import LonLat
from tracking import alarm_driving
from tracking.alarm_fences import Fenced, dwells, news
from tracking.alarm_rules import Rule, Rules
from tracking.alarm_spans import Span, hold, outside_s, spans_of, within
from tracking.fence import MARGIN_M
from tracking.food_clock import Clock, Reading, Spent, clocks, used_up
from tracking.speeds import driven_mps
from tracking.stays import find_stays
from tracking.track import LONGEST_GAP_S, Floats, Ints, Track, Truths, apart_m

PLACE_M: Final = 100.0
"""So near a depot or a planned stop a van stands and stays where it should."""
STANDS_M: Final = 60.0
BRIDGE_S: Final = 60.0
"""A condition that is interrupted for no longer goes on: one good fix at the border ends nothing."""
OVERSPEED_BRIDGE_S: Final = 20.0
BATTERY_BACK: Final = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class VanDay:
    """All that is known of a van's day until `until_ms`.

    Parameters
    ----------
    track : its sound fixes
    sign_ms : times of every fix it sent, flagged ones too, rising
    beat_m : of each fix, metres outside its assigned beats, 0 inside; None where it has no beat
    route_m : of each fix, metres off its planned route; None without a plan
    shift : from and to, epoch ms; None when it has none that day: then only what its devices tell counts
    due_ms : when it was to leave its depot
    tapped_ms : the first tap of its crew
    depots : depots and kitchens: standing there is no patrol, and no fault
    stops : planned stops
    pauses : breaks and reloads by the crew's taps
    calls : times on an SOS
    readings, alarms : by time
    fenced : what it did at fences
    """

    van_id: int
    until_ms: int
    track: Track
    sign_ms: Ints
    beat_m: Floats | None = None
    route_m: Floats | None = None
    shift: Span | None = None
    due_ms: int | None = None
    tapped_ms: int | None = None
    depots: tuple[LonLat, ...] = ()
    stops: tuple[LonLat, ...] = ()
    pauses: tuple[Span, ...] = ()
    calls: tuple[Span, ...] = ()
    readings: tuple[Reading, ...] = ()
    alarms: tuple[tuple[int, str], ...] = ()
    fenced: tuple[Fenced, ...] = ()

    @property
    def places(self) -> tuple[LonLat, ...]:
        """Where it may stand."""
        return self.depots + self.stops


@dataclass(frozen=True, slots=True)
class Episode:
    """A time during which a condition held; `ended_ms` is None while it goes on. `body`: plain values."""

    code: str
    subject: str
    van_id: int
    began_ms: int
    ended_ms: int | None
    body: Mapping[str, float | int | str] = field(default_factory=dict)


def episodes(day: VanDay, rules: Rules) -> tuple[Episode, ...]:
    """Everything that a van's day has to be told of, by rule and time.

    An episode counts once it has lasted its rule's on-delay.
    """
    found = []
    for code, find in _FINDERS.items():
        rule = rules[code]
        if not rule.enabled:
            continue
        for each in find(day, rule, rules):
            ended_ms = day.until_ms if each.ended_ms is None else each.ended_ms
            if ended_ms - each.began_ms >= rule.on_delay_s * 1000:
                found.append(each)
    return tuple(found)


Found: TypeAlias = Iterator[Episode]


def _about(
    day: VanDay, code: str, span: tuple[int, int | None], part: str = "", **body: float | str
) -> Episode:
    return Episode(code, f"van:{day.van_id}{part}", day.van_id, span[0], span[1], body)


def _worked(day: VanDay) -> Truths:
    """Fixes on shift and not on a call for help: an SOS excuses every way."""
    t_ms = day.track.t_ms
    if day.shift is None:
        return np.zeros(len(t_ms), bool)
    on: Truths = (t_ms >= day.shift[0]) & (t_ms < day.shift[1]) & ~within(t_ms, day.calls)
    return on


def _ends(day: VanDay, ended_ms: int, *, open_for_s: float) -> int | None:
    """When something last seen at `ended_ms` ended: not yet, while it may go on."""
    return None if day.until_ms - ended_ms <= open_for_s * 1000 else ended_ms


def _offline(day: VanDay, rule: Rule, _: Rules) -> Found:
    """Silences on shift, after the first sign of life of the day."""
    if day.shift is None or not len(day.sign_ms):
        return
    starts, ends = day.shift
    first_ms = int(day.sign_ms[0])
    edges = np.concatenate([day.sign_ms, [day.until_ms]])
    edges = np.clip(edges[edges >= first_ms], starts, min(ends, day.until_ms))
    for n in np.flatnonzero(np.diff(edges) > rule.threshold * 1000):
        began_ms, ended_ms = int(edges[n]), int(edges[n + 1])
        goes_on = n == len(edges) - 2 and day.until_ms < ends
        yield _about(day, rule.code, (began_ms, None if goes_on else ended_ms))


def _stationary(day: VanDay, rule: Rule, _: Rules) -> Found:
    """Stays on shift where nothing asks the van to stand."""
    if day.shift is None:
        return
    excused = (*day.pauses, *day.calls)
    for stay in find_stays(day.track.take(_worked(day)), radius_m=STANDS_M, min_dwell_s=rule.threshold):
        near = (apart_m(np.array([p[0]]), np.array([p[1]]), stay.lon, stay.lat)[0] for p in day.places)
        if any(metres <= PLACE_M for metres in near):
            continue
        if outside_s((stay.starts_ms, stay.ends_ms), excused) < rule.threshold:
            continue
        ended_ms = _ends(day, stay.ends_ms, open_for_s=LONGEST_GAP_S)
        yield _about(day, rule.code, (stay.starts_ms, ended_ms))


def _runs(day: VanDay, rule: Rule, which: Truths, *, bridge_s: float = BRIDGE_S) -> Found:
    for began_ms, ended_ms in spans_of(day.track.t_ms[which], bridge_s):
        yield _about(day, rule.code, (began_ms, _ends(day, ended_ms, open_for_s=bridge_s)))


def _far(day: VanDay, off_m: Floats, limit_m: float) -> Truths:
    """Fixes farther off than a limit, until one lies the margin nearer: who jitters about it strays once.

    A silence ends what is known: who is only near after it has not strayed.
    """
    after_gap = np.diff(day.track.t_ms, prepend=day.track.t_ms[:1]) > LONGEST_GAP_S * 1000
    return hold(off_m > limit_m, (off_m <= max(0.0, limit_m - MARGIN_M)) | after_gap)


def _strayed(day: VanDay, rules: Rules) -> Truths:
    """Fixes outside the van's beats and off its route: there nobody sent it."""
    if day.route_m is None:
        return np.zeros(len(day.track), bool)
    far = _far(day, day.route_m, rules["off_route"].threshold)
    return far if day.beat_m is None else far & _far(day, day.beat_m, MARGIN_M)


def _elsewhere(day: VanDay, which: Truths) -> Truths:
    """Those of some fixes that lie at no place of the van's, on no break."""
    which = which & _worked(day) & ~within(day.track.t_ms, day.pauses)
    at = np.flatnonzero(which)
    for lon, lat in day.places:
        at = at[apart_m(day.track.lon[at], day.track.lat[at], lon, lat) > PLACE_M]
    kept = np.zeros(len(which), bool)
    kept[at] = True
    return kept


def _off_route(day: VanDay, rule: Rule, rules: Rules) -> Found:
    yield from _runs(day, rule, _elsewhere(day, _strayed(day, rules)))


def _off_beat(day: VanDay, rule: Rule, rules: Rules) -> Found:
    """Outside its beats where its route does lead: driving there is right, staying there is no patrol."""
    if day.beat_m is None:
        return
    out = _far(day, day.beat_m, rule.threshold) & ~_strayed(day, rules)
    yield from _runs(day, rule, _elsewhere(day, out))


def _overspeed(day: VanDay, rule: Rule, _: Rules) -> Found:
    speed = driven_mps(day.track)
    for each in _runs(day, rule, speed > rule.threshold, bridge_s=OVERSPEED_BRIDGE_S):
        last_ms = day.until_ms if each.ended_ms is None else each.ended_ms
        during = (day.track.t_ms >= each.began_ms) & (day.track.t_ms <= last_ms)
        top_kmh = round(float(np.max(speed[during])) * 3.6)
        yield _about(day, rule.code, (each.began_ms, each.ended_ms), top_kmh=top_kmh)


def _long_driving(day: VanDay, rule: Rule, _: Rules) -> Found:
    """From when the allowed driving is used up, until the van has stood long enough."""
    for spell in alarm_driving.spells(day.track):
        over_ms = spell.over_at(rule.threshold)
        if over_ms is not None:
            ended_ms = _ends(day, spell.ends_ms, open_for_s=alarm_driving.REST_S)
            yield _about(day, rule.code, (over_ms, ended_ms), hours=round(spell.driven_s / 3600, 2))


def _shift_not_started(day: VanDay, rule: Rule, _: Rules) -> Found:
    if day.shift is None:
        return
    due_ms = day.due_ms if day.due_ms is not None else day.shift[0]
    signs = [] if day.tapped_ms is None else [day.tapped_ms]
    moving = np.flatnonzero(alarm_driving.moving(day.track) & (day.track.t_ms >= day.shift[0]))
    signs += [int(day.track.t_ms[moving[0]])] if len(moving) else []
    began = [each for each in signs if each <= day.until_ms]
    last_ms = min([*began, day.until_ms, day.shift[1]])
    if last_ms - due_ms < rule.threshold * 1000:
        return
    yield _about(day, rule.code, (due_ms, last_ms if began or day.until_ms >= day.shift[1] else None))


def _food_ends_ms(day: VanDay) -> int | None:
    """What is aboard when the shift is over is handed out no more."""
    return day.shift[1] if day.shift is not None and day.until_ms >= day.shift[1] else None


def _food(day: VanDay, code: str, span: tuple[int, int | None], clock: Clock | Spent) -> Found:
    if span[0] <= day.until_ms and (span[1] is None or span[1] > span[0]):
        part = f":container:{clock.container}"
        yield _about(
            day, code, span, part, container=clock.container, celsius=clock.celsius, since=clock.since_ms
        )


def _food_near(day: VanDay, rule: Rule, rules: Rules) -> Found:
    most_ms = int(rules["food_past"].threshold * 1000)
    near_ms = max(0, most_ms - int(rule.threshold * 1000))
    for clock in clocks(day.readings, _food_ends_ms(day)):
        ends = [
            each
            for each in (clock.ended_ms, clock.since_ms + most_ms)
            if each is not None and each <= day.until_ms
        ]
        first_ms = max(clock.began_ms, clock.since_ms + near_ms)
        yield from _food(day, rule.code, (first_ms, min(ends) if ends else None), clock)


def _food_past(day: VanDay, rule: Rule, _: Rules) -> Found:
    """A good reading does not end it: what was warm for too long stays so until it is thrown away."""
    for spent in used_up(day.readings, int(rule.threshold * 1000), _food_ends_ms(day)):
        yield from _food(day, rule.code, (spent.over_ms, spent.ended_ms), spent)


def _low_battery(day: VanDay, rule: Rule, _: Rules) -> Found:
    known = ~np.isnan(day.track.battery)
    share, t_ms = day.track.battery[known], day.track.t_ms[known]
    low = hold(share < rule.threshold, share > rule.threshold + BATTERY_BACK)
    for began_ms, ended_ms in spans_of(t_ms[low], LONGEST_GAP_S):
        least = round(float(np.min(share[(t_ms >= began_ms) & (t_ms <= ended_ms)])), 2)
        ends = _ends(day, ended_ms, open_for_s=LONGEST_GAP_S)
        # A later good value ends it at once, however soon it comes.
        is_last = len(t_ms) > 0 and ended_ms == int(t_ms[-1])
        yield _about(day, rule.code, (began_ms, ends if is_last else ended_ms), share=least)


def _device_alarm(day: VanDay, rule: Rule, _: Rules) -> Found:
    names: dict[str, list[int]] = {}
    for t_ms, name in day.alarms:
        names.setdefault(name, []).append(t_ms)
    for name, times in names.items():
        for began_ms, ended_ms in spans_of(_rising(times), rule.threshold):
            ends = _ends(day, ended_ms, open_for_s=rule.threshold)
            yield _about(day, rule.code, (began_ms, ends), f":alarm:{name}", alarm=name)


def _fence_enter(day: VanDay, rule: Rule, _: Rules) -> Found:
    yield from _crossed(day, rule, "enter")


def _fence_exit(day: VanDay, rule: Rule, _: Rules) -> Found:
    yield from _crossed(day, rule, "exit")


def _crossed(day: VanDay, rule: Rule, kind: Literal["enter", "exit"]) -> Found:
    """Entries or exits: who comes and goes is told once."""
    first_ms = int(day.track.t_ms[0]) if len(day.track) else 0
    for at in day.fenced:
        for began_ms, ended_ms in spans_of(_rising(news(at, kind, first_ms)), rule.threshold):
            ends = _ends(day, ended_ms, open_for_s=rule.threshold)
            yield _about(day, rule.code, (began_ms, ends), f":fence:{at.fence_id}", fence=at.fence_id)


def _fence_dwell(day: VanDay, rule: Rule, _: Rules) -> Found:
    for at in day.fenced:
        for began_ms, left_ms in dwells(at, rule.threshold):
            if left_ms is None:
                ends = _ends(day, int(day.track.t_ms[-1]), open_for_s=LONGEST_GAP_S)
            else:
                ends = _ends(day, left_ms, open_for_s=rule.threshold)
            yield _about(day, rule.code, (began_ms, ends), f":fence:{at.fence_id}", fence=at.fence_id)


def _rising(times: Sequence[int]) -> Ints:
    return np.unique(np.array(times, np.int64))


_FINDERS: Final = {
    "offline": _offline,
    "stationary": _stationary,
    "off_beat": _off_beat,
    "off_route": _off_route,
    "overspeed": _overspeed,
    "long_driving": _long_driving,
    "shift_not_started": _shift_not_started,
    "food_near": _food_near,
    "food_past": _food_past,
    "low_battery": _low_battery,
    "device_alarm": _device_alarm,
    "fence_enter": _fence_enter,
    "fence_exit": _fence_exit,
    "fence_dwell": _fence_dwell,
}
