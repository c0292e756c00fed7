"""Streets and the blocks between them."""

import numpy as np
import pytest

from fleet.synthetic import streets
from fleet.synthetic.plane import RIVER_V


def test_main_streets_cross_and_the_river_is_spanned_by_bridges() -> None:
    main, large = streets.frame()
    assert len(large) == 30
    bridges = [street for street in main if street.axis == "ns" and street.bridges]
    assert len(bridges) == 5
    for block in large:
        assert block.west.at < block.east.at
        assert block.west.at in block.south.meets
        assert block.south.at in block.west.meets


@pytest.mark.parametrize("seed", range(5))
def test_a_cut_block_is_tiled_by_its_parts(seed: int) -> None:
    _, large = streets.frame()
    block = large[17]
    made, parts = streets.cut(block, np.random.default_rng(seed), smallest_m=190)
    assert sum(_area(part) for part in parts) == pytest.approx(_area(block))
    assert len(parts) == len(made) + 1
    for part in parts:
        west, south, east, north = part.box
        assert max(east - west, north - south) < 2.6 * 190
    # Every street made begins and ends on a street that knows of it.
    for street in made:
        assert {street.lo, street.hi} <= street.meets


def test_names_are_given_once_and_the_canal_is_bridged() -> None:
    main, large = streets.frame()
    rng = np.random.default_rng(1)
    made = [street for block in large for street in streets.cut(block, rng, smallest_m=190)[0]]
    streets.christen([*main, *made], rng)
    through = [street.name for street in made if street.kind == "tertiary"]
    assert len(set(through)) == len(through)
    assert all(through)
    streets.bridge_canal([*main, *made])
    crossing = [s for s in [*main, *made] if s.axis == "ew" and s.lo < streets.CANAL_U[0] < s.hi]
    assert all(s.bridges for s in crossing if s.at > RIVER_V)


def _area(block: streets.Block) -> float:
    west, south, east, north = block.box
    return (east - west) * (north - south)
