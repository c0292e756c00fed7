"""When cells were seen, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.proving import CELLS, DOOR, Drive, at, facts, minutes_after, told
from tracking.coverage import BeatCells, BeatSeen, by_beat, cover
from tracking.ledger import Stretch
from tracking.proof import prove


def test_cells_are_seen_within_reach_and_revisited() -> None:
    # 1,000 m in ten minutes past the door and back: within 150 m from 208.8 s to 388.8 s, and from 811.2 s to
    # 991.2 s; a fix each five seconds.
    drive = Drive(at(1000, 502)).go(at(1000, 1502), 10).go(at(1000, 502), 10)
    found = prove(facts(drive.fixes(), told())).coverage
    (door, far) = found.passes
    assert far == ()
    assert [(each.van_id, each.starts_ms, each.ends_ms) for each in door] == [
        (1, minutes_after(210 / 60), minutes_after(385 / 60)),
        (1, minutes_after(815 / 60), minutes_after(990 / 60)),
    ]
    assert (found.cells_seen, found.longest_unseen_s, found.unseen_s) == (1, 1200, (430, 1200))
    assert found.revisit_s == (430, None)


def test_a_cell_is_seen_by_whichever_van_comes() -> None:
    early = prove(facts(Drive(DOOR).stand(2).fixes(), told())).track
    late = prove(facts(Drive(DOOR, at_ms=minutes_after(30)).stand(2).fixes(), told())).track
    within = Stretch(minutes_after(0), minutes_after(60))
    found = cover(CELLS, {2: late, 1: early}, within)
    assert [each.van_id for each in found.passes[0]] == [1, 2]
    assert (found.unseen_s, found.revisit_s) == ((1680, 3600), (1680, None))
    assert cover(CELLS[:0], {1: early}, within).longest_unseen_s == 0


def test_many_cells_are_looked_at_in_parts() -> None:
    rng = np.random.default_rng(3)
    cells = np.array([at(*place) for place in rng.uniform(0, 2000, (400, 2))])
    track = prove(facts(Drive(at(0, 0)).go(at(2000, 2000), 120).go(at(0, 2000), 60).fixes(), told())).track
    within = Stretch(int(track.t_ms[0]), int(track.t_ms[-1]))
    together = cover(cells, {1: track}, within)
    alone = [cover(cells[n : n + 1], {1: track}, within) for n in range(0, 400, 40)]
    assert [each.passes[0] for each in alone] == list(together.passes[::40])


def test_beats_share_out_their_cells() -> None:
    # The door is passed three times, ten minutes and then twenty apart; the second beat's far cell never.
    near, far = at(1000, 502), at(1000, 1502)
    drive = Drive(near).go(far, 10).go(near, 10).stand(10).go(far, 10)
    beats = (BeatCells(7, 1), BeatCells(8, 1), BeatCells(9, 0))
    proof = prove(replace(facts(drive.fixes(), told()), beats=beats))
    gaps_s = (430, 1020)
    assert proof.beats == (
        BeatSeen(7, 1, 1, 3, 1020, max(gaps_s), sum(gaps_s) // 2),
        BeatSeen(8, 1, 0, 0, 2400, None, None),
        BeatSeen(9, 0, 0, 0, 0, None, None),
    )
    together = by_beat(proof.coverage, [BeatCells(7, 2)])
    assert together == (BeatSeen(7, 2, 1, 3, 2400, 1020, 725),)


@given(st.lists(st.integers(0, 6), max_size=6), st.integers(0, 2**32 - 1))
def test_what_beats_saw_together_is_what_was_seen(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = np.array([at(*place) for place in rng.uniform(0, 2000, (sum(sizes), 2))]).reshape(-1, 2)
    drive = Drive(at(0, 0), every_s=30)
    for place in rng.uniform(0, 2000, (8, 2)):
        drive.go(at(*place), 10)
    track = prove(facts(drive.fixes(), told())).track
    coverage = cover(cells, {1: track}, Stretch(int(track.t_ms[0]), int(track.t_ms[-1])))
    seen = by_beat(coverage, [BeatCells(n, size) for n, size in enumerate(sizes)])
    assert [each.cells for each in seen] == sizes
    assert sum(each.cells_seen for each in seen) == coverage.cells_seen
    assert sum(each.passes for each in seen) == sum(len(each) for each in coverage.passes)
    assert max((each.longest_unseen_s for each in seen), default=0) == coverage.longest_unseen_s
    gaps_s = [each.longest_revisit_s for each in seen if each.longest_revisit_s is not None]
    assert max(gaps_s, default=None) == max((g for g in coverage.revisit_s if g is not None), default=None)
    assert all(
        each.median_revisit_s is None or each.median_revisit_s <= (each.longest_revisit_s or 0)
        for each in seen
    )
