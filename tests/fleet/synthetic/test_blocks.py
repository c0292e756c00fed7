"""What stands in a block stays in it."""

import numpy as np
import pytest

from fleet import geo
from fleet.synthetic import blocks, streets
from fleet.synthetic.sheet import Sheet

BLOCK = next(block for block in streets.frame()[1] if (block.column, block.row) == (3, 3))


@pytest.mark.parametrize("build", [blocks.estate, blocks.village])
@pytest.mark.parametrize("seed", range(3))
def test_buildings_stand_inside_their_quarter(build: type, seed: int) -> None:
    sheet = Sheet()
    box = blocks.inside(BLOCK, canal_bank_m=0)
    quarter = build(sheet, BLOCK, box, "滨河小区", np.random.default_rng(seed))
    assert len(quarter.doors) > 20
    assert all(geo.point_in_ring(door, quarter.ring) for door in quarter.doors)
    assert any(way.tags.get("highway") == "service" for way in sheet.ways)
    # The gate lies on the street in the south, and the street knows it.
    assert quarter.gate in sheet.nodes
    assert (quarter.column, quarter.row) == (3, 3)


def test_other_land_is_drawn_with_its_use() -> None:
    sheet, rng = Sheet(), np.random.default_rng(1)
    box = (0.0, 0.0, 300.0, 260.0)
    blocks.school(sheet, box, "实验学校")
    blocks.hospital(sheet, box, "滨河中医院")
    blocks.park(sheet, box, rng, name="东湖公园")
    blocks.wetland(sheet, box, rng, name="星洲湿地公园")
    blocks.halls(sheet, box, rng, kind="industrial", name="食品厂")
    blocks.field(sheet, box, "wood")
    seen = {value for way in sheet.ways for value in way.tags.values()}
    assert {"school", "hospital", "park", "water", "industrial", "wood", "东湖湖", "footway"} & seen >= {
        "school",
        "hospital",
        "park",
        "water",
        "industrial",
        "wood",
    }


def test_land_by_the_canal_keeps_its_bank() -> None:
    assert blocks.inside(BLOCK, canal_bank_m=84)[0] == BLOCK.west.at + 84
