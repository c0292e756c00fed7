from __future__ import annotations

from dataclasses import replace

import numpy as np

from fleet.registry import Beat
from fleet.roads import Roads
from routing.problem import Legs
from routing.road_tables import with_tables
from routing.vetting import vet
from tests.routing.instances import district
from tests.routing.wide_days import on_earth, wide


def test_a_laid_out_day_gets_its_roads_and_its_vans_their_beats() -> None:
    bare = wide(on_earth(district(vans=3, visits=6, dropoffs=0, cells=3)))
    ring = ((115.9, 36.4), (116.2, 36.4), (116.2, 36.7), (115.9, 36.7), (115.9, 36.4))
    every, none = (
        Beat(n, f"B{n}", "", "", False, (shape,), ()) for n, shape in ((1, (ring,)), (2, (ring[:0],)))
    )
    small = tuple((x - 50, y) for x, y in ring)
    none = replace(none, polygons=((small,),))
    vans = (*bare.vans[:2], replace(bare.vans[2], inside=None))
    made = with_tables(replace(bare, vans=vans, legs=Legs()), Roads(""), [(every,), (every,), (none,)])
    vet(made)
    assert made.basis == "great-circle" and made.legs is None
    assert made.vans[0].in_beat_s is made.vans[1].in_beat_s, "the same beats, one table"
    assert made.vans[0].in_beat_s is not None
    assert np.array_equal(made.vans[0].in_beat_s, made.seconds), "all of it is inside"
    assert made.vans[2].in_beat_s is None
