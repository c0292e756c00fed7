"""What of the beats was seen: when each cell was passed, by whom, and how long it was not. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from fleet.geo import M_PER_DEG
from tracking.ledger import Stretch
from tracking.track import Floats, Ints, Track, Truths

SEEN_M: Final = 150.0
"""A cell is seen by a van that has a fix so near."""
APART_S: Final = 60.0
"""Away from a cell for no longer than this, a van is still on the same pass."""
_CHUNK: Final = 512
"""Fixes in a row, which lie near each other."""
_PAIRS: Final = 250_000
"""Fixes times cells that are looked at in one go."""


class Pass(NamedTuple):
    """A van near a cell: from its first fix within reach to its last, epoch milliseconds."""

    starts_ms: int
    ends_ms: int
    van_id: int


class BeatCells(NamedTuple):
    """How many cells in a row are a beat's."""

    beat_id: int
    cells: int


class BeatSeen(NamedTuple):
    """What of one beat was seen within a stretch of time.

    Parameters
    ----------
    passes : of all its cells together
    longest_unseen_s : the longest that any of its cells was not seen
    longest_revisit_s, median_revisit_s : of all times from a cell's pass to its next; None without any
    """

    beat_id: int
    cells: int
    cells_seen: int
    passes: int
    longest_unseen_s: int
    longest_revisit_s: int | None
    median_revisit_s: int | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of some cells was seen within a stretch of time; one value a cell, in the order given.

    Parameters
    ----------
    passes : by time
    unseen_s : the longest time that the cell was not seen; the whole stretch where it never was
    revisit_s : the longest from one pass to the next, None for fewer than two
    """

    within: Stretch
    passes: tuple[tuple[Pass, ...], ...]
    unseen_s: tuple[int, ...]
    revisit_s: tuple[int | None, ...]

    @property
    def cells_seen(self) -> int:
        """How many were seen at all."""
        return sum(1 for each in self.passes if each)

    @property
    def longest_unseen_s(self) -> int:
        """The longest that any cell was not seen."""
        return max(self.unseen_s, default=0)


def by_beat(coverage: Coverage, beats: Sequence[BeatCells]) -> tuple[BeatSeen, ...]:
    """Sum up what was seen of cells by the beats that they are of.

    Parameters
    ----------
    beats : in the order of the cells, which they share out among them
    """
    found, first = [], 0
    for beat in beats:
        found.append(_beat_seen(coverage, beat, slice(first, first + beat.cells)))
        first += beat.cells
    return tuple(found)


def _beat_seen(coverage: Coverage, beat: BeatCells, own: slice) -> BeatSeen:
    passes = coverage.passes[own]
    gaps_s = [gap_ms // 1000 for each in passes for gap_ms in _silences_ms(each, coverage.within)[1:-1]]
    return BeatSeen(
        beat.beat_id,
        beat.cells,
        sum(1 for each in passes if each),
        sum(len(each) for each in passes),
        max(coverage.unseen_s[own], default=0),
        max(gaps_s, default=None),
        int(np.median(gaps_s)) if gaps_s else None,
    )


def cover(cells: Floats, tracks: Mapping[int, Track], within: Stretch) -> Coverage:
    """Find when each cell was passed.

    Parameters
    ----------
    cells : k x 2, lon, lat
    tracks : by van; sound
    within : passes outside are left out, those across its ends are cut

    Returns
    -------
    The same whatever the order of the vans; memory grows with what was seen, not with fixes times cells.
    """
    found: list[list[Pass]] = [[] for _ in range(len(cells))]
    for van_id, track in tracks.items():
        inside = (track.t_ms >= within.starts_ms) & (track.t_ms <= within.ends_ms)
        for cell, each in _passes_of(cells, track.take(inside), van_id):
            found[cell].append(each)
    passes = tuple(tuple(sorted(each)) for each in found)
    silences = [_silences_ms(each, within) for each in passes]
    return Coverage(
        within,
        passes,
        tuple(max(each) // 1000 for each in silences),
        tuple(max(each[1:-1]) // 1000 if len(each) > 2 else None for each in silences),
    )


def _passes_of(cells: Floats, track: Track, van_id: int) -> list[tuple[int, Pass]]:
    fix, cell = _seen(cells, track)
    order = np.lexsort((fix, cell))
    cell, t_ms = cell[order], track.t_ms[fix[order]]
    begins = np.ones(len(cell), bool)
    begins[1:] = (cell[1:] != cell[:-1]) | (np.diff(t_ms) > APART_S * 1000)
    firsts = np.flatnonzero(begins)
    lasts = np.append(firsts[1:], len(cell)) - 1 if len(firsts) else firsts
    columns = (cell[firsts].tolist(), t_ms[firsts].tolist(), t_ms[lasts].tolist())
    return [(which, Pass(start, end, van_id)) for which, start, end in zip(*columns, strict=True)]


def _seen(cells: Floats, track: Track) -> tuple[Ints, Ints]:
    """Which fix is within reach of which cell, as two columns."""
    fixes, seen = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    if not len(cells):
        return fixes[0], seen[0]
    chunk = max(1, min(_CHUNK, _PAIRS // len(cells)))
    for start in range(0, len(track), chunk):
        part = slice(start, start + chunk)
        lon, lat = track.lon[part], track.lat[part]
        about = np.flatnonzero(_in_box(cells, lon, lat))
        fix, cell = np.nonzero(_near(lon[:, None], lat[:, None], cells[about]))
        fixes.append(fix + start)
        seen.append(about[cell])
    return np.concatenate(fixes), np.concatenate(seen)


def _in_box(cells: Floats, lon: Floats, lat: Floats) -> Truths:
    """Which cells lie so near the box about some fixes that one of these may be near."""
    reach_lat = SEEN_M / M_PER_DEG
    reach_lon = reach_lat / np.cos(np.radians(cells[:, 1]))
    is_in: Truths = (
        (cells[:, 0] >= lon.min() - reach_lon)
        & (cells[:, 0] <= lon.max() + reach_lon)
        & (cells[:, 1] >= lat.min() - reach_lat)
        & (cells[:, 1] <= lat.max() + reach_lat)
    )
    return is_in


def _near(lon: Floats, lat: Floats, cells: Floats) -> Truths:
    east = (lon - cells[:, 0]) * np.cos(np.radians(cells[:, 1]))
    near: Truths = np.square(east) + np.square(lat - cells[:, 1]) <= (SEEN_M / M_PER_DEG) ** 2
    return near


def _silences_ms(passes: Sequence[Pass], within: Stretch) -> list[int]:
    """How long a cell was not seen: before its first pass, between each two, and after its last."""
    found, seen_until = [], within.starts_ms
    for each in passes:
        found.append(max(0, each.starts_ms - seen_until))
        seen_until = max(seen_until, each.ends_ms)
    found.append(within.ends_ms - seen_until)
    return found
