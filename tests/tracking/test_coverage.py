"""When cells were seen, worked out by hand."""

from __future__ import annotations

import numpy as np

from tests.tracking.proving import CELLS, DOOR, Drive, at, facts, minutes_after, told
from tracking.coverage import cover
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
