"""The 15-minute circle over a day: minute by minute, how far help was, by road. Pure but for who is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from fleet.driving import Matrix
from fleet.geo import LonLat, haversine_m, snap_to_cell
from maps.circle import REACH_S
from maps.redact import CELL_M
from tracking.ledger import Stretch
from tracking.track import Track

MINUTE_MS: Final = 60_000
FRESH_MS: Final = 60_000
"""A van that was not heard for so long is not counted on."""
_MOST_CELLS: Final = 400
_SOURCES: Final = 200
_SAME_M: Final = 100.0
"""Vans so near to each other are asked for once."""
FAR: Final = 35
"""Minutes to a cell are told up to this; one that no van reaches has -1."""
_SIGNS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
Eta = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Series:
    """A day's circle.

    Parameters
    ----------
    minutes : epoch milliseconds, one a minute
    cells, side_m : where elders live, as squares
    eta_min : minutes x cells, whole minutes from the best van, rounded up; -1 where none was to be had
    share : of the elders that a van could reach within 15 minutes, by minute, 0..1
    static : of the elders that live within 1,000 m of a centre that is open then, by minute, 0..1
    basis : ``road``, or how the times were estimated
    """

    minutes: tuple[int, ...]
    cells: tuple[LonLat, ...]
    side_m: float
    eta_min: Eta
    share: tuple[float, ...]
    static: tuple[float, ...]
    basis: str

    def frames(self) -> list[str]:
        """The minutes to each cell as one sign each, 0 to z for 35 and more, - for none; a text a minute."""
        return [
            "".join("-" if eta < 0 else _SIGNS[min(int(eta), FAR)] for eta in row) for row in self.eta_min
        ]


def minutes_of(tracks: Iterable[Track]) -> tuple[int, ...]:
    """The whole minutes from the first fix of any van to the last of any."""
    ends = [(int(track.t_ms[0]), int(track.t_ms[-1])) for track in tracks if len(track)]
    if not ends:
        return ()
    first, last = min(a for a, _ in ends), max(b for _, b in ends)
    return tuple(range(-(-first // MINUTE_MS) * MINUTE_MS, last + 1, MINUTE_MS))


def places(track: Track, busy: Sequence[Stretch], minutes: Sequence[int]) -> list[LonLat | None]:
    """Where a van could set out from at each minute: its newest fix, unless it is old or the van is busy."""
    newest = np.searchsorted(track.t_ms, np.array(minutes, np.int64), side="right") - 1
    found: list[LonLat | None] = []
    for minute, n in zip(minutes, newest.tolist(), strict=True):
        fresh = n >= 0 and minute - int(track.t_ms[n]) <= FRESH_MS
        taken = any(each.starts_ms <= minute < each.ends_ms for each in busy)
        found.append((float(track.lon[n]), float(track.lat[n])) if fresh and not taken else None)
    return found


def gathered(homes: Iterable[tuple[LonLat, int]]) -> tuple[dict[LonLat, int], float]:
    """Elders by cell, and the cell's side: 300 m, or as much more as leaves 400 cells at most."""
    all_homes = list(homes)
    side_m = CELL_M
    while True:
        cells: dict[LonLat, int] = {}
        for at, n in all_homes:
            cell = snap_to_cell(at, side_m)
            cells[cell] = cells.get(cell, 0) + n
        if len(cells) <= _MOST_CELLS:
            return cells, side_m
        side_m *= 1.5


def series(
    minutes: Sequence[int],
    vans: Sequence[Sequence[LonLat | None]],
    homes: Iterable[tuple[LonLat, int]],
    static: Sequence[float],
    ask: Callable[[Sequence[LonLat]], Matrix],
) -> Series:
    """Ask the roads how far each cell is from each van, and keep the best of each minute.

    Parameters
    ----------
    vans : of each van its place at each minute, as `places` gives it
    ask : times between all of some points, `Roads.table`
    """
    cells, side_m = gathered(homes)
    targets = list(cells)
    stands = [[None if at is None else snap_to_cell(at, _SAME_M) for at in van] for van in vans]
    # On the road as a van was, not in the middle of a square.
    from_: dict[LonLat, LonLat] = {}
    for van, spots in zip(vans, stands, strict=True):
        for at, spot in zip(van, spots, strict=True):
            if at is not None and spot is not None:
                from_.setdefault(spot, at)
    rows, basis = _asked(from_, targets, ask)
    nobody = np.full(len(targets), -1, np.int32)
    seconds = np.array(
        [_best([rows[van[n]] for van in stands if van[n] is not None], nobody) for n in range(len(minutes))],
        np.int32,
    ).reshape(len(minutes), len(targets))
    weights = np.array(list(cells.values()), float)
    near = (seconds >= 0) & (seconds <= REACH_S)
    share = (near * weights).sum(axis=1) / weights.sum() if len(weights) else np.zeros(len(minutes))
    eta_min = np.where(seconds < 0, -1, np.minimum(-(-seconds // 60), np.iinfo(np.int16).max))
    return Series(
        tuple(minutes), tuple(targets), side_m, eta_min.astype(np.int16), tuple(share.tolist()),
        tuple(static), basis,
    )  # fmt: skip


def _best(rows: Sequence[npt.NDArray[np.int32]], nobody: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    if not rows:
        return nobody
    top = np.iinfo(np.int32).max
    best: npt.NDArray[np.int32] = np.min([np.where(row < 0, top, row) for row in rows], axis=0)
    return np.where(best == top, -1, best)


def _asked(
    from_: Mapping[LonLat, LonLat], targets: Sequence[LonLat], ask: Callable[[Sequence[LonLat]], Matrix]
) -> tuple[dict[LonLat | None, npt.NDArray[np.int32]], str]:
    rows: dict[LonLat | None, npt.NDArray[np.int32]] = {}
    basis = "none"
    spots = list(from_)
    for start in range(0, len(spots) if targets else 0, _SOURCES):
        part = spots[start : start + _SOURCES]
        matrix = ask([*(from_[spot] for spot in part), *targets])
        basis = matrix.basis if basis in ("none", "road") else basis
        for n, spot in enumerate(part):
            rows[spot] = matrix.seconds[n, len(part) :]
    return rows, basis


def static_shares(
    homes: Iterable[tuple[LonLat, int]],
    centres: Sequence[tuple[LonLat, int, int]],
    minutes_of_day: Sequence[int],
    radius_m: float,
) -> tuple[float, ...]:
    """Which share of the elders lives within a radius of a centre that is open, by minute.

    Parameters
    ----------
    centres : place, and the minutes of the day when it opens and closes
    """
    all_homes = list(homes)
    weights = np.array([n for _, n in all_homes], float)
    if not weights.size:
        return (0.0,) * len(minutes_of_day)
    near = np.array([[haversine_m(at, home) <= radius_m for home, _ in all_homes] for at, _, _ in centres])
    near = near.reshape(len(centres), len(all_homes))
    known: dict[tuple[bool, ...], float] = {}
    found = []
    for minute in minutes_of_day:
        is_open = tuple(opens <= minute < closes for _, opens, closes in centres)
        if is_open not in known:
            inside = near[np.array(is_open, bool)].any(axis=0)
            known[is_open] = float((inside * weights).sum() / weights.sum())
        found.append(known[is_open])
    return tuple(found)
