"""What stands in the invented town's blocks: quarters with their buildings, schools, works, parks, fields."""

from __future__ import annotations

import math

import numpy as np

from fleet.geo import LonLat
from fleet.synthetic.plane import Plan, box_ring
from fleet.synthetic.sheet import Quarter, Sheet
from fleet.synthetic.streets import Block, Street, meet

Box = tuple[float, float, float, float]

# From the middle of a street to the fence beside it.
_VERGE_M = {"primary": 34.0, "secondary": 27.0, "tertiary": 19.0, "residential": 13.0}


def inside(block: Block, *, canal_bank_m: float) -> Box:
    """The block's land: without half its streets, and without the canal."""
    west, south, east, north = block.box
    sides = [_VERGE_M[side.kind] for side in (block.west, block.south, block.east, block.north)]
    if canal_bank_m:
        sides[0] = canal_bank_m
    return west + sides[0], south + sides[1], east - sides[2], north - sides[3]


def estate(sheet: Sheet, block: Block, box: Box, name: str, rng: np.random.Generator) -> Quarter:
    """A walled estate: slabs in rows facing south, or towers, around the lanes between its gates."""
    ring = sheet.wide_area(box_ring(*box), landuse="residential", name=name)
    plots, gate = _lanes(sheet, block, box, rng)
    towers = rng.random() < 0.28
    deep, between = (24.0, 34.0) if towers else (13.0, float(rng.uniform(22, 27)))
    wide, beside = (26.0, 26.0) if towers else (float(rng.uniform(44, 62)), 11.0)
    doors: list[LonLat] = []
    for west, south, east, north in plots:
        v = south + 5
        while v + deep <= north - 4:
            u = west + 4 + float(rng.uniform(0, 5))
            while u + wide * 0.55 <= east - 3:
                right = min(u + wide, east - 3)
                if rng.random() < 0.95:
                    doors.append(_building(sheet, (u, v, right, v + deep), "apartments"))
                u = right + beside
            v += deep + between
    return Quarter(name, ring, gate, tuple(doors), block.column, block.row)


def village(sheet: Sheet, block: Block, box: Box, name: str, rng: np.random.Generator) -> Quarter:
    """An old village that the town grew round: small houses along narrow lanes."""
    ring = sheet.wide_area(box_ring(*box), landuse="residential", name=name)
    plots, gate = _lanes(sheet, block, box, rng)
    doors: list[LonLat] = []
    for west, south, east, north in plots:
        v = south + 3
        while v + 13 <= north - 3:
            u = west + 3 + float(rng.uniform(0, 6))
            while u + 15 <= east - 3:
                wide, lift = float(rng.uniform(9, 15)), float(rng.uniform(0, 3))
                if rng.random() < 0.88:
                    doors.append(_building(sheet, (u, v + lift, u + wide, v + lift + 10), "house"))
                u += wide + float(rng.uniform(2, 6))
            v += 21.0
    return Quarter(name, ring, gate, tuple(doors), block.column, block.row)


def halls(sheet: Sheet, box: Box, rng: np.random.Generator, *, kind: str, name: str) -> None:
    """Works, markets and offices: few, large buildings."""
    tags = {"name": name} if name else {}
    sheet.wide_area(box_ring(*box), landuse=kind, **tags)
    west, south, east, north = box
    deep = float(rng.uniform(38, 60)) if kind == "industrial" else float(rng.uniform(28, 40))
    v = south + 16
    while v + deep <= north - 12:
        u = west + 16
        while u + 30 <= east - 12:
            right = min(u + float(rng.uniform(50, 110)), east - 12)
            if rng.random() < 0.85:
                _building(sheet, (u, v, right, v + deep), kind)
            u = right + 18
        v += deep + 26


def school(sheet: Sheet, box: Box, name: str) -> None:
    """A school: buildings in the north, the sports ground in the south."""
    west, south, east, north = box
    sheet.wide_area(box_ring(*box), amenity="school", name=name)
    height, width = north - south, east - west
    middle: Plan = ((west + east) / 2, south + height * 0.3)
    oval = _blob(middle, min(80.0, width * 0.36), min(44.0, height * 0.2), wobble=0.0)
    sheet.area(oval, leisure="pitch")
    for k in range(3):
        v = south + height * (0.56 + 0.14 * k)
        _building(sheet, (west + 24, v, east - 24 - 20 * k, v + min(16.0, height * 0.07)), "school")


def hospital(sheet: Sheet, box: Box, name: str) -> None:
    """A hospital in its grounds."""
    west, south, east, north = box
    sheet.wide_area(box_ring(*box), amenity="hospital", name=name)
    width, height = east - west, north - south
    _building(
        sheet,
        (west + width * 0.2, south + height * 0.3, east - width * 0.2, south + height * 0.45),
        "hospital",
    )
    _building(
        sheet,
        (west + width * 0.3, south + height * 0.55, east - width * 0.3, south + height * 0.85),
        "hospital",
    )


def park(sheet: Sheet, box: Box, rng: np.random.Generator, *, name: str, lake: float = 0.5) -> None:
    """A park with paths, and a lake as large as `lake` of it."""
    tags = {"name": name} if name else {}
    sheet.wide_area(box_ring(*box), leisure="park", **tags)
    west, south, east, north = box
    middle: Plan = ((west + east) / 2, (south + north) / 2)
    reach_u, reach_v = (east - west) / 2, (north - south) / 2
    phase = float(rng.uniform(0, 6))
    if lake:
        water = _blob(middle, reach_u * lake, reach_v * lake, wobble=0.2, phase=phase)
        sheet.area(water, natural="water", **({"name": name.replace("公园", "湖")} if name else {}))
    walk = _blob(middle, reach_u * 0.82, reach_v * 0.82, wobble=0.08, phase=phase)
    sheet.line([*walk, walk[0]], highway="footway")
    for n in (0, len(walk) // 4, len(walk) // 2, 3 * len(walk) // 4):
        u, v = walk[n]
        ends = ((east, v), (u, north), (west, v), (u, south))
        sheet.line([walk[n], ends[n * 4 // len(walk)]], highway="footway")


def wetland(sheet: Sheet, box: Box, rng: np.random.Generator, *, name: str) -> None:
    """A wetland: one wide water, small ones round it, reeds and paths between."""
    sheet.wide_area(box_ring(*box), leisure="park", name=name)
    west, south, east, north = box
    width, height = east - west, north - south
    large = _blob(
        (west + width * 0.52, south + height * 0.5), width * 0.27, height * 0.3, wobble=0.34, phase=0.9
    )
    sheet.area(large, natural="water", name=name.replace("湿地公园", "湖"))
    for n in range(9):
        turn = n * math.tau / 9 + float(rng.uniform(-0.2, 0.2))
        reach = float(rng.uniform(0.37, 0.43))
        middle = (
            west + width * (0.5 + reach * math.cos(turn)),
            south + height * (0.5 + reach * math.sin(turn)),
        )
        size = float(rng.uniform(32, 74))
        kind = {"natural": "water"} if n % 3 else {"natural": "wood"}
        sheet.area(_blob(middle, size * 1.3, size * 0.8, wobble=0.3, phase=float(n)), **kind)
    for share in (0.66, 0.95):
        walk = _blob(
            (west + width / 2, south + height / 2),
            width * share / 2,
            height * share / 2,
            wobble=0.12,
            phase=2.0,
        )
        sheet.line([*walk, walk[0]], highway="footway")


def field(sheet: Sheet, box: Box, kind: str) -> None:
    """Open land."""
    key = "natural" if kind == "wood" else "landuse"
    sheet.wide_area(box_ring(*box), **{key: kind})


def _lanes(sheet: Sheet, block: Block, box: Box, rng: np.random.Generator) -> tuple[list[Box], LonLat]:
    """Service lanes from gate to gate; returns the four plots between them and the main gate."""
    west, south, east, north = box
    u = round(float(west + (east - west) * rng.uniform(0.38, 0.62)), 1)
    v = round(float(south + (north - south) * rng.uniform(0.4, 0.6)), 1)
    ns = Street("ns", u, block.south.at, north - 8, "service")
    ew = Street("ew", v, west + 8, east - 8, "service")
    meet(ns, ew)
    block.south.meets.add(u)
    if rng.random() < 0.75:
        ns.hi = block.north.at
        block.north.meets.add(u)
    if rng.random() < 0.5:
        # Never to the west: there the canal may lie.
        ew.hi = block.east.at
        block.east.meets.add(v)
    sheet.street(ns)
    sheet.street(ew)
    plots = [
        (left, low, right, high)
        for left, right in ((west + 6, u - 6), (u + 6, east - 6))
        for low, high in ((south + 6, v - 6), (v + 6, north - 6))
    ]
    return plots, sheet.nodes[sheet.node((u, south))]


def _building(sheet: Sheet, house: Box, kind: str) -> LonLat:
    ring = sheet.area(box_ring(*house), building=kind)
    return sum(p[0] for p in ring) / 4, sum(p[1] for p in ring) / 4


def _blob(middle: Plan, reach_u: float, reach_v: float, *, wobble: float, phase: float = 0.0) -> list[Plan]:
    """A closed, smooth, uneven round."""
    ring: list[Plan] = []
    for n in range(28):
        turn = n * math.tau / 28
        reach = (
            1
            - wobble
            + wobble * math.sin(2 * turn + phase) * 0.6
            + wobble * math.sin(3 * turn + 2 * phase) * 0.4
        )
        ring.append(
            (middle[0] + reach_u * reach * math.cos(turn), middle[1] + reach_v * reach * math.sin(turn))
        )
    return ring
