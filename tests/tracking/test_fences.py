"""The live index tells of many vans and fences at once what each track tells of each fence."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.fencing import T0_MS, fence_of, fences, rows, square, track_of
from tracking.fence import Fence, Hours
from tracking.fences import Fences, lot_of_track
from tracking.lot import Lot
from tracking.passage import Passage, passages
from tracking.track import Track

Rows = list[tuple[float, float, float]]
_NOON_S = 12 * 3600


def _joined(lots: Sequence[Lot]) -> Lot:
    """Lots of several vans as one commit's."""
    names = Lot.__dataclass_fields__
    return Lot(*(np.concatenate([getattr(lot, name) for lot in lots]) for name in names))


def _heard(index: Fences, tracks: dict[int, Track], cuts: list[float]) -> dict[int, list[Passage]]:
    """Hand tracks to the index in parts, all vans' at once; what it tells, by van."""
    told: dict[int, list[Passage]] = {van: [] for van in tracks}
    borders = [0.0, *sorted(cuts), 1.0]
    for first, last in itertools.pairwise(borders):
        lots = []
        for van, track in tracks.items():
            some = track.take(slice(round(first * len(track)), round(last * len(track))))
            lots.append(lot_of_track(van, 1, some))
        for sighting in index.look(_joined(lots)):
            told[sighting.van_id].append(sighting.passage)
    return told


@st.composite
def _many(draw: st.DrawFn) -> list[Fence]:
    found = []
    for n, fence in enumerate(draw(st.lists(fences, min_size=1, max_size=6))):
        hours = draw(st.sampled_from((None, None, Hours(_NOON_S + 60, _NOON_S + 900, "Asia/Shanghai"))))
        members = draw(st.sampled_from((None, None, frozenset((2,)))))
        district = draw(st.sampled_from((1, 1, 1, 9)))
        found.append(replace(fence, id=n, hours=hours, van_ids=members, district_id=district))
    return found


@given(_many(), rows, st.lists(st.floats(0, 1), max_size=6), st.booleans())
def test_followed_in_parts_is_what_the_whole_tells(
    found: list[Fence], spots: Rows, cuts: list[float], turns_out_else: bool
) -> None:
    """Also where what was taken for its beginning turns out to have been another."""
    whole, index = track_of(spots), Fences(found)
    trail = None
    for share in sorted(cuts):
        part = whole.take(slice(0, round(share * len(whole))))
        if turns_out_else and len(part) > 1:
            part = part.take(np.arange(len(part)) != len(part) // 2)
        trail = index.follow(2, 1, part, trail)
        assert trail.told == index.past(2, 1, part)
    trail = index.follow(2, 1, whole, trail)
    assert trail.told == index.past(2, 1, whole)
    again = index.follow(2, 1, whole, trail)
    assert (again.told, again.standings) == (trail.told, trail.standings)


def _expected(found: Sequence[Fence], van: int, track: Track) -> list[Passage]:
    told = [
        each
        for fence in found
        if fence.district_id == 1 and fence.concerns(van)
        for each in passages(track, fence)
    ]
    return sorted(told, key=lambda each: (each.fence_id, each.t_ms, each.kind))


@given(_many(), st.lists(rows, min_size=1, max_size=3), st.lists(st.floats(0, 1), max_size=8))
def test_live_in_batches_is_what_the_tracks_tell(
    found: list[Fence], drives: list[Rows], cuts: list[float]
) -> None:
    tracks = {van: track_of(spots) for van, spots in enumerate(drives, 1)}
    index = Fences(found)
    told = _heard(index, tracks, cuts)
    for van, track in tracks.items():
        by_fence = sorted(told[van], key=lambda each: (each.fence_id, each.t_ms, each.kind))
        assert by_fence == _expected(found, van, track)
        past = sorted(index.past(van, 1, track), key=lambda each: (each.fence_id, each.t_ms, each.kind))
        assert past == _expected(found, van, track)


def test_late_fixes_are_no_news() -> None:
    index = Fences([replace(fence_of(square(100)), district_id=1)])
    on_time = track_of([(0, -300, 0), (60, -200, 0)])
    assert index.look(lot_of_track(1, 1, on_time)) == []
    late = track_of([(20, 0, 0), (30, 0, 0), (60, 0, 0)])
    assert index.look(lot_of_track(1, 1, late)) == []
    (enter,) = index.look(lot_of_track(1, 1, track_of([(80, 0, 0)])))
    assert (enter.van_id, enter.passage.kind, enter.passage.t_ms) == (1, "enter", T0_MS + 70_000)


def test_flagged_fixes_show_nothing() -> None:
    index = Fences([replace(fence_of(square(100)), district_id=1)])
    lot = lot_of_track(1, 1, track_of([(0, -300, 0), (60, 0, 0)]))
    flagged = replace(lot, flags=np.array([0, 2], np.int64))
    assert index.look(flagged) == []


def test_without_fences_nothing_is_told() -> None:
    index = Fences([])
    assert len(index) == 0
    assert index.look(lot_of_track(1, 1, track_of([(0, 0, 0)]))) == []
    assert index.past(1, 1, track_of([(0, 0, 0)])) == ()


@pytest.mark.parametrize("keeps", [True, False])
def test_new_fences_leave_the_standing_of_old_ones(keeps: bool) -> None:
    fence = replace(fence_of(square(100)), district_id=1)
    index = Fences([fence])
    index.look(lot_of_track(1, 1, track_of([(0, -200, 0), (20, 0, 0)])))
    other = replace(fence_of(shapely.Point(1000, 0), 50), id=2, district_id=1)
    assert index.holds([replace(fence)]) and not index.holds([fence, other])
    again = replace(fence) if keeps else replace(fence, dwell_s=7)
    grown = index.replaced([other, again])
    told = grown.look(lot_of_track(1, 1, track_of([(40, 0, 0), (60, 200, 0)])))
    assert [each.passage.kind for each in told][-1] == "exit"
    assert len(told) == (1 if keeps else 3)
