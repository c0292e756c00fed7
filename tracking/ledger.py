"""The ledger of a van's day: what it did at every moment, and for how long it proves patrol. Pure.

The day is cut at every fix, tap and call. Each piece has one kind; pieces of one kind that follow each other
are one span; spans cover the day without overlap. It is a function of what is known, never of its order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np
import shapely

from fleet.geo import M_PER_DEG, LonLat
from tracking.stays import Stay
from tracking.track import LONGEST_GAP_S, Floats, Ints, Track, Truths

Kind: TypeAlias = Literal[
    "patrol", "service", "sos", "idle", "off_beat", "depot", "reload", "break", "gap", "offline"
]
KINDS: Final[tuple[Kind, ...]] = (
    "patrol", "service", "sos", "idle", "off_beat", "depot", "reload", "break", "gap", "offline",
)  # fmt: skip
"""What a van can be doing. The later outranks the earlier, but a call for help yields to silence only."""
COUNTED: Final[frozenset[Kind]] = frozenset({"patrol", "service", "sos"})
"""What proves patrol."""
DEPOT_M: Final = 60.0
"""So near a depot or kitchen a van is at it."""
PLACE_M: Final = 100.0
"""So near a planned stop, stop point or home a standing van serves there; evidence looks as far for it."""
IDLE_S: Final = 300.0
"""Standing for longer anywhere else is idle, from its first second on."""
_GAP_MS: Final = int(LONGEST_GAP_S * 1000)
_PATROL, _SERVICE, _SOS, _IDLE, _OFF_BEAT, _DEPOT, _RELOAD, _BREAK, _GAP, _OFFLINE = range(len(KINDS))
_RESTS: Final = {"reload": _RELOAD, "break": _BREAK}
WORK: Final = frozenset(
    {"departed", "arrived", "started", "done", "no_answer", "declined", "reload", "break", "accepted"}
)
"""Taps by which a crew says what it does now; other events end no break."""


class Tap(NamedTuple):
    """What a crew tapped, and when, epoch milliseconds."""

    t_ms: int
    kind: str
    stop_id: int | None = None


class Stretch(NamedTuple):
    """From when to when, epoch milliseconds."""

    starts_ms: int
    ends_ms: int


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Where a van's time counts.

    Parameters
    ----------
    beats : areas assigned to it, prepared
    depots : centres that are depots or kitchens, k x 2, lon, lat
    places : planned stops, stop points and homes, k x 2
    """

    beats: tuple[shapely.MultiPolygon, ...]
    depots: Floats
    places: Floats


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a van's day beside its track.

    Parameters
    ----------
    until_ms : the clock, or the day's end where that has passed
    shift : its crew's hours, None where none are planned
    taps : in any order
    calls : when it was on calls for help, from acceptance to closing
    """

    until_ms: int
    shift: Stretch | None = None
    taps: Sequence[Tap] = ()
    calls: Sequence[Stretch] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the day with what the van did.

    Parameters
    ----------
    first, last : the fixes that say so, their places in the track, both included; -1 where there are none
    """

    kind: Kind
    starts_ms: int
    ends_ms: int
    first: int
    last: int

    @property
    def counts(self) -> bool:
        """Whether it proves patrol."""
        return self.kind in COUNTED


@dataclass(frozen=True, slots=True)
class Ledger:
    """A van's day in spans, one after another without a hole.

    Parameters
    ----------
    proved_s : of patrol by the track, calls for help included
    claimed_s : of patrol by the crew's taps
    sos_s : on calls for help, of the proved
    """

    spans: tuple[Span, ...]
    proved_s: int
    claimed_s: int
    sos_s: int

    def seconds(self, kind: Kind) -> int:
        """How long the van did this."""
        return sum(span.ends_ms - span.starts_ms for span in self.spans if span.kind == kind) // 1000


def ledger_of(track: Track, stays: Sequence[Stay], ground: Ground, told: Told) -> Ledger:
    """Keep the ledger of a van's day.

    Parameters
    ----------
    track : sound, n >= 0, within the day
    stays : of this track, of a minute and more
    """
    rests = rests_of(told)
    bounds = _bounds(track, told)
    spans: tuple[Span, ...] = ()
    if bounds is not None:
        overlays = [(_RESTS[kind], each) for kind, each in rests]
        overlays += [(_SOS, each) for each in told.calls]
        edges, kinds = _pieces(track, _of_steps(track, stays, ground), bounds, overlays)
        spans = _spans(track, edges, kinds)
    proved_ms = sum(span.ends_ms - span.starts_ms for span in spans if span.counts)
    sos_ms = sum(span.ends_ms - span.starts_ms for span in spans if span.kind == "sos")
    return Ledger(spans, proved_ms // 1000, claimed_s(told), sos_ms // 1000)


def claimed_s(told: Told) -> int:
    """Seconds on patrol by the crew's word: from its first tap to the shift's end, less breaks and reloads.

    Where no shift is planned, and after a shift, to its last tap.
    """
    work = _work_of(told)
    if not work:
        return 0
    starts_ms, last_ms = work[0].t_ms, work[-1].t_ms
    ends_ms = min(told.until_ms, last_ms if told.shift is None else max(told.shift.ends_ms, last_ms))
    rested_ms = sum(max(0, min(ends_ms, rest.ends_ms) - rest.starts_ms) for _, rest in rests_of(told))
    return max(0, ends_ms - starts_ms - rested_ms) // 1000


def rests_of(told: Told) -> list[tuple[str, Stretch]]:
    """Breaks and reloads: each from its tap to the crew's next one, the last as long as the day is known."""
    work = _work_of(told)
    nexts = [tap.t_ms for tap in work[1:]] + [told.until_ms]
    return [
        (tap.kind, Stretch(tap.t_ms, end))
        for tap, end in zip(work, nexts, strict=False)
        if tap.kind in _RESTS and end > tap.t_ms
    ]


def _work_of(told: Told) -> list[Tap]:
    work = (tap for tap in told.taps if tap.kind in WORK and tap.t_ms <= told.until_ms)
    return sorted(work, key=lambda tap: (tap.t_ms, tap.kind))


def _bounds(track: Track, told: Told) -> Stretch | None:
    """What a ledger covers: the shift as far as it has come, and all of the track."""
    times = [] if not len(track) else [int(track.t_ms[0]), int(track.t_ms[-1])]
    shift = told.shift
    if shift is not None and shift.starts_ms < told.until_ms:
        # The next fix of a van that was just heard is on its way: its silence is not told yet.
        is_live = bool(times) and told.until_ms <= shift.ends_ms and told.until_ms - times[-1] <= _GAP_MS
        times += [shift.starts_ms] if is_live else [shift.starts_ms, min(shift.ends_ms, told.until_ms)]
    if not times or min(times) == max(times):
        return None
    return Stretch(min(times), max(times))


def _of_steps(track: Track, stays: Sequence[Stay], ground: Ground) -> Ints:
    """Of each step from a fix to the next what it is by the track alone: n - 1 values."""
    inside = in_beats(track.lon, track.lat, ground)
    at_depot = near_any(track.lon, track.lat, ground.depots, DEPOT_M)
    kinds = np.full(max(0, len(track) - 1), _PATROL, np.int64)
    for stay in stays:
        place = np.array([stay.lon]), np.array([stay.lat])
        if near_any(*place, ground.places, PLACE_M)[0]:
            kinds[stay.first : stay.last] = _SERVICE
        elif stay.dwell_s > IDLE_S:
            kinds[stay.first : stay.last] = _IDLE
    kinds[~(inside[:-1] & inside[1:])] = _OFF_BEAT
    kinds[at_depot[:-1] | at_depot[1:]] = _DEPOT
    kinds[np.diff(track.t_ms) > _GAP_MS] = _GAP
    return kinds


def _pieces(
    track: Track, of_steps: Ints, bounds: Stretch, overlays: Sequence[tuple[int, Stretch]]
) -> tuple[Ints, Ints]:
    """The day cut at everything that happened: edges, and the kind between each two of them."""
    cuts = np.array([time for _, each in overlays for time in each], np.int64)
    edges = np.unique(np.concatenate([track.t_ms, cuts, np.array(bounds, np.int64)]))
    edges = edges[(edges >= bounds.starts_ms) & (edges <= bounds.ends_ms)]
    step = np.searchsorted(track.t_ms, edges[:-1], side="right") - 1
    known = (step >= 0) & (step < len(of_steps))
    kinds = np.full(len(step), _OFFLINE, np.int64)
    kinds[known] = of_steps[step[known]]
    online = known & (kinds != _GAP)
    for kind, each in sorted(overlays, key=lambda overlay: (overlay[0] == _SOS, overlay)):
        kinds[online & (edges[:-1] >= each.starts_ms) & (edges[1:] <= each.ends_ms)] = kind
    return edges, kinds


def _spans(track: Track, edges: Ints, kinds: Ints) -> tuple[Span, ...]:
    firsts = np.flatnonzero(np.diff(kinds, prepend=-1))
    borders = np.append(edges[firsts], edges[-1])
    from_fix = np.searchsorted(track.t_ms, borders[:-1], side="right") - 1
    to_fix = np.searchsorted(track.t_ms, borders[1:], side="left")
    columns = (kinds[firsts], borders[:-1], borders[1:], from_fix, to_fix)
    return tuple(
        Span(KINDS[kind], start, end, *((-1, -1) if kind == _OFFLINE else (first, last)))
        for kind, start, end, first, last in zip(*(column.tolist() for column in columns), strict=True)
    )


def in_beats(lon: Floats, lat: Floats, ground: Ground) -> Truths:
    """Which of these places lie in a beat of the van's."""
    inside = np.zeros(len(lon), bool)
    for area in ground.beats:
        inside |= shapely.contains_xy(area, lon, lat)
    return inside


def near_any(lon: Floats, lat: Floats, points: Floats, reach_m: float) -> Truths:
    """Which of these places lie within so many metres of any point, on a flat earth: centimetres off."""
    near = np.zeros(len(lon), bool)
    for point_lon, point_lat in points.tolist():
        east = (lon - point_lon) * np.cos(np.radians(point_lat))
        near |= (np.square(east) + np.square(lat - point_lat)) * M_PER_DEG**2 <= reach_m**2
    return near


def area_of(polygons: Sequence[Sequence[Sequence[LonLat]]]) -> shapely.MultiPolygon:
    """An area of several parts, each its outer ring and its holes, prepared."""
    area = shapely.MultiPolygon([(part[0], list(part[1:])) for part in polygons])
    shapely.prepare(area)
    return area


def columns_of(points: Sequence[LonLat]) -> Floats:
    """Points as `Ground` holds them."""
    return np.array(points, np.float64).reshape(-1, 2)
