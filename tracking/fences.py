"""Many fences at once: the live index, asked once for all fixes of some batches. Memory only.

A tree of boxes finds what a step may touch, columns of numbers tell what it touches, and only where a van
enters or leaves is anything done one by one. What is told is what `tracking.passage` tells of the same track.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from tracking.fence import MARGIN_M, Fence, Outline
from tracking.fence_tree import FenceTree, Pairs, Steps
from tracking.lot import OPTIONAL, Lot
from tracking.passage import GAP_MS, How, Moment, Passage, Standing, Step, Walk, advance
from tracking.track import Floats, Ints, Track, Truths
from tracking.trail import Trail

_EVER_MS: Final = 2**62
_Row: TypeAlias = tuple[int, bool, Moment, Moment]
"""A step: its number, a gap or not, its start, its end."""
_Side: TypeAlias = tuple[int, bool, bool, bool, bool]
"""How a step lies to a fence: its number, touches, lies in, is out, has turned."""


class Sighting(NamedTuple):
    """What a van did at a fence."""

    van_id: int
    passage: Passage


class Fences:
    """All fences of a process's districts, and how each van stands to them.

    Parameters
    ----------
    margin_m : as for `tracking.passage.passages`
    """

    def __init__(self, fences: Iterable[Fence], margin_m: float = MARGIN_M) -> None:
        self._margin_m = margin_m
        self._tree = FenceTree([Outline(each, margin_m) for each in fences], margin_m)
        self._count = len(self._tree.outlines)
        self._slots: dict[int, int] = {}
        self._last = _Last()
        self._standings: dict[int, Standing] = {}
        self._keys: Ints = np.empty(0, np.int64)
        """Of all that are inside, sorted: van's slot times the number of fences, plus the fence's."""
        self._due_ms: Ints = np.empty(0, np.int64)
        """From when on each of them has to be looked at though the van only stays inside."""

    def __len__(self) -> int:
        return self._count

    def holds(self, fences: Sequence[Fence]) -> bool:
        """Whether these are its fences, in this order."""
        ours = [each.fence for each in self._tree.outlines]
        return len(ours) == len(fences) and all(map(Fence.is_like, ours, fences))

    def replaced(self, fences: Iterable[Fence]) -> Fences:
        """An index of other fences that knows what this one knows of the vans; of a changed fence nothing."""
        index = Fences(fences, self._margin_m)
        index._slots, index._last = self._slots, self._last
        place = {each.fence.id: n for n, each in enumerate(index._tree.outlines)}
        for key, standing in self._standings.items():
            slot, n = divmod(key, self._count)
            fence = self._tree.outlines[n].fence
            now = place.get(fence.id)
            if now is not None and fence.is_like(index._tree.outlines[now].fence):
                index._standings[slot * index._count + now] = standing
        index._file(np.array(sorted(index._standings), np.int64))
        return index

    def past(self, van_id: int, district_id: int, track: Track) -> tuple[Passage, ...]:
        """What a van did at all fences, from its whole track, in time order.

        Parameters
        ----------
        track : n >= 0
        """
        return self.follow(van_id, district_id, track).told

    def follow(self, van_id: int, district_id: int, track: Track, trail: Trail | None = None) -> Trail:
        """A van's whole track past all fences, as far as it goes.

        Parameters
        ----------
        track : n >= 0
        trail : how far it was followed before: only what is new is looked at, if the track begins as it did
        """
        if trail is None or not trail.leads_into(track):
            trail = Trail(track.take(slice(0, 0)))
        first = len(trail.track)
        new = track.take(slice(first, None))
        if not len(new) or not self._count:
            return Trail(track, trail.standings, trail.told)
        before = np.maximum(np.arange(first, len(track)) - 1, 0)
        found = self._tree.near(track.lon[before], track.lat[before], new.lon, new.lat)[1]
        standings, told = {}, list(trail.told)
        for n in sorted({*np.unique(self._tree.fence_of[found]).tolist(), *trail.standings}):
            outline = self._tree.outlines[n]
            if outline.fence.district_id == district_id and outline.fence.concerns(van_id):
                start = trail.standings.get(n, Standing(trail.last))
                standing, passages = advance(start, new, outline)
                told += passages
                if standing.inside:
                    standings[n] = standing
        return Trail(track, standings, tuple(sorted(told, key=lambda each: (each.t_ms, each.fence_id))))

    def look(self, lot: Lot) -> list[Sighting]:
        """What the vans did with some more fixes.

        A fix that is not newer than its van's newest is left out: what it shows is found with the day's
        recomputation, and is no news.

        Parameters
        ----------
        lot : n >= 0; flagged fixes are left out
        """
        steps = self._steps_of(lot)
        if not len(steps.slot) or not self._count:
            self._last.note(steps)
            return []
        pairs = self._tree.pairs(steps, self._last.van_id)
        sightings = self._walk(steps, pairs)
        self._last.note(steps)
        return sightings

    def _steps_of(self, lot: Lot) -> Steps:
        """The steps that new fixes make."""
        lot = lot.take(lot.flags == 0)
        slot = self._slots_of(lot.van_id)
        is_new = lot.t_ms > self._last.t_ms[slot]
        is_new[1:] &= (lot.t_ms[1:] != lot.t_ms[:-1]) | (slot[1:] != slot[:-1])
        lot, slot = lot.take(is_new), slot[is_new]
        is_first = np.ones(len(slot), bool)
        is_first[1:] = slot[1:] != slot[:-1]
        before = np.arange(-1, len(slot) - 1)  # of the first, whatever
        columns = []
        for now, last in ((lot.t_ms, self._last.t_ms), (lot.lon, self._last.lon), (lot.lat, self._last.lat)):
            columns.append(np.where(is_first, last[slot], now[before]))
        is_gap = np.isnan(columns[1]) | (lot.t_ms - columns[0] > GAP_MS)
        from_lon, from_lat = np.where(is_gap, lot.lon, columns[1]), np.where(is_gap, lot.lat, columns[2])
        from_ms = np.where(is_gap, lot.t_ms, columns[0])
        return Steps(slot, from_ms, from_lon, from_lat, lot.t_ms, lot.lon, lot.lat, is_gap, lot.district_id)

    def _slots_of(self, van_id: Ints) -> Ints:
        """Each van's place in the index, of sorted ids; new ones get one."""
        is_first = np.ones(len(van_id), bool)
        is_first[1:] = van_id[1:] != van_id[:-1]
        slots = []
        for each in van_id[is_first].tolist():
            slot = self._slots.get(each)
            if slot is None:
                slot = self._slots[each] = len(self._slots)
                self._last.grow(len(self._slots))
                self._last.van_id[slot] = each
            slots.append(slot)
        found: Ints = np.array(slots, np.int64)[np.cumsum(is_first) - 1]
        return found

    def _walk(self, steps: Steps, pairs: Pairs) -> list[Sighting]:
        keys = steps.slot[pairs.step] * self._count + pairs.fence
        at, is_known = np.searchsorted(self._keys, keys), _among(keys, self._keys)
        is_odd = steps.is_gap[pairs.step] | pairs.has_turned
        moving = self._unsettled(steps, at[is_known & pairs.lies_in & ~is_odd])
        entering = np.unique(keys[pairs.touches & ~is_known])
        changed = np.concatenate([moving, entering])
        if not len(changed):
            return []
        changed.sort()
        rows = _rows_of(steps, np.unique(changed // self._count))
        sides = _sides_of(pairs, keys, changed)
        told: list[Sighting] = []
        for key in changed.tolist():
            told += self._walk_one(key, rows[key // self._count], sides.get(key, ()))
        self._file(changed)
        return told

    def _walk_one(self, key: int, rows: Sequence[_Row], sides: Sequence[_Side]) -> list[Sighting]:
        """Take one van's steps past one fence.

        Parameters
        ----------
        sides : how those of the steps lie to the fence that may touch it
        """
        outline = self._tree.outlines[key % self._count]
        walk = Walk(self._standings.pop(key, Standing()), outline)
        near = {side[0]: side[1:] for side in sides}
        for n, is_gap, start, end in rows:
            found = near.get(n)
            if found is None:
                unseen = _unseen(is_gap, _turns(outline.fence, start, end))
                walk.take(Step(start, end, unseen, touches=False, lies_in=False, is_out=True))
            else:
                touches, lies_in, is_out, has_turned = found
                walk.take(Step(start, end, _unseen(is_gap, has_turned), touches, lies_in, is_out))
        if walk.standing.inside:
            self._standings[key] = walk.standing
        van_id = int(self._last.van_id[key // self._count])
        return [Sighting(van_id, each) for each in walk.told]

    def _unsettled(self, steps: Steps, settled: Ints) -> Ints:
        """Of all that are inside, those of which more is to be said than that they stayed there.

        Parameters
        ----------
        settled : their places in `_keys`, once for each step to a fix inside with nothing odd about it
        """
        if not len(self._keys):
            return self._keys
        count = len(self._slots)
        slots = self._keys // self._count
        taken = np.bincount(steps.slot, minlength=count)[slots]
        newest = np.zeros(count, np.int64)
        newest[steps.slot] = steps.t_ms  # by time, so that the newest stays
        stays = np.bincount(settled, minlength=len(self._keys)) == taken
        moves = (taken > 0) & (~stays | (newest[slots] >= self._due_ms))
        moving: Ints = self._keys[moves]
        return moving

    def _file(self, changed: Ints) -> None:
        """Keep the sorted list of who is inside as the standings say."""
        kept = ~_among(self._keys, changed)
        inside = np.array([each for each in changed.tolist() if each in self._standings], np.int64)
        due_ms = np.array([self._due(each) for each in inside.tolist()], np.int64)
        keys = np.concatenate([self._keys[kept], inside])
        order = np.argsort(keys, kind="stable")
        self._keys, self._due_ms = keys[order], np.concatenate([self._due_ms[kept], due_ms])[order]

    def _due(self, key: int) -> int:
        standing, fence = self._standings[key], self._tree.outlines[key % self._count].fence
        if standing.counted_from is None or not standing.by_fix:
            return 0
        if not fence.dwell_s or standing.has_dwelt:
            return _EVER_MS
        return standing.counted_from.t_ms + fence.dwell_s * 1000


class _Last:
    """Each van and its last fix, by its place in the index; not a number before the first."""

    def __init__(self) -> None:
        self.van_id: Ints = np.empty(0, np.int64)
        self.t_ms: Ints = np.empty(0, np.int64)
        self.lon: Floats = np.empty(0)
        self.lat: Floats = np.empty(0)

    def grow(self, count: int) -> None:
        """Hold so many vans."""
        more = max(0, count - len(self.t_ms))
        if more:
            more = max(more, len(self.t_ms))
            self.van_id = np.concatenate([self.van_id, np.zeros(more, np.int64)])
            self.t_ms = np.concatenate([self.t_ms, np.full(more, -_EVER_MS, np.int64)])
            self.lon = np.concatenate([self.lon, np.full(more, np.nan)])
            self.lat = np.concatenate([self.lat, np.full(more, np.nan)])

    def note(self, steps: Steps) -> None:
        """Take over the end of each van's last step."""
        is_last = np.ones(len(steps.slot), bool)
        is_last[:-1] = steps.slot[1:] != steps.slot[:-1]
        slot = steps.slot[is_last]
        self.t_ms[slot], self.lon[slot], self.lat[slot] = (
            column[is_last] for column in (steps.t_ms, steps.lon, steps.lat)
        )


def _among(values: Ints, known: Ints) -> Truths:
    """Which values are known; those are sorted."""
    if not len(known):
        return np.zeros(len(values), bool)
    at = np.minimum(np.searchsorted(known, values), len(known) - 1)
    among: Truths = known[at] == values
    return among


def _rows_of(steps: Steps, slots: Ints) -> dict[int, list[_Row]]:
    """The steps of some vans as plain values, by van."""
    at = np.flatnonzero(_among(steps.slot, slots))
    starts = zip(
        *(column[at].tolist() for column in (steps.from_ms, steps.from_lon, steps.from_lat)), strict=True
    )
    ends = zip(*(column[at].tolist() for column in (steps.t_ms, steps.lon, steps.lat)), strict=True)
    whose = (column.tolist() for column in (steps.slot[at], at, steps.is_gap[at]))
    rows: dict[int, list[_Row]] = {}
    for slot, n, is_gap, start, end in zip(*whose, starts, ends, strict=True):
        rows.setdefault(slot, []).append((n, is_gap, Moment(*start), Moment(*end)))
    return rows


def _sides_of(pairs: Pairs, keys: Ints, changed: Ints) -> dict[int, list[_Side]]:
    """How the steps of some vans lie to some fences, as plain values, by key."""
    at = np.flatnonzero(_among(keys, changed))
    columns = (keys, pairs.step, pairs.touches, pairs.lies_in, pairs.is_out, pairs.has_turned)
    sides: dict[int, list[_Side]] = {}
    for key, *side in zip(*(column[at].tolist() for column in columns), strict=True):
        sides.setdefault(key, []).append(tuple(side))
    return sides


def _unseen(is_gap: bool, has_turned: bool) -> How | None:
    return "gap" if is_gap else "hours" if has_turned else None


def _turns(fence: Fence, start: Moment, end: Moment) -> bool:
    """Whether a fence comes into force or goes out of it between two moments."""
    if not fence.is_timed:
        return False
    before, after = fence.in_force(np.array((start.t_ms, end.t_ms), np.int64)).tolist()
    return bool(before != after)


def lot_of_track(van_id: int, district_id: int, track: Track) -> Lot:
    """A track as a lot of one van."""
    van, district = (np.full(len(track), each, np.int64) for each in (van_id, district_id))
    return plain_lot(van, district, track.t_ms, track.lon, track.lat)


def plain_lot(van_id: Ints, district_id: Ints, t_ms: Ints, lon: Floats, lat: Floats) -> Lot:
    """Places of vans as a lot, by van and time, nothing else known of them."""
    nothing, unknown = np.zeros(len(t_ms), np.int64), np.full((len(t_ms), len(OPTIONAL)), np.nan)
    careful = np.zeros(len(t_ms), bool)
    return Lot(van_id, t_ms, nothing, nothing, district_id, lon, lat, unknown, nothing, t_ms, careful)
