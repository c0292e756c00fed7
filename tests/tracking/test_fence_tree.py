"""Candidates: no step that touches a fence is missed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.fencing import fences, rows, track_of
from tracking.fence import MARGIN_M, Fence, Outline
from tracking.fence_tree import FenceTree


@given(st.lists(fences, min_size=1, max_size=5), rows)
def test_every_touching_step_meets_a_box(found: list[Fence], spots: list[tuple[float, float, float]]) -> None:
    if len(spots) < 2:
        return
    track = track_of(spots)
    outlines = [Outline(each) for each in found]
    tree = FenceTree(outlines, MARGIN_M)
    step, box = tree.near(track.lon[:-1], track.lat[:-1], track.lon[1:], track.lat[1:])
    met = set(zip(step.tolist(), tree.fence_of[box].tolist(), strict=True))
    for n, outline in enumerate(outlines):
        touch = outline.touch(track.lon, track.lat)
        touching = np.flatnonzero(touch.crosses | touch.is_near)
        assert {(step, n) for step in touching.tolist()} <= met
