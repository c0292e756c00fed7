"""The invented town: all its parts drawn on one sheet. The same seed gives the same town."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np

from fleet.geo import bounds
from fleet.synthetic import blocks, names, osm, streets
from fleet.synthetic.blocks import Box
from fleet.synthetic.plane import HALF_HEIGHT_M, HALF_WIDTH_M, RIVER_V, Plan, box_ring
from fleet.synthetic.sheet import Label, Quarter, Sheet, Town
from fleet.synthetic.streets import AVENUES_U, CANAL_BANK_M, CANAL_U, CROSSWAYS_V, Block, Street

SEED = 2026

# (column, row) of the large blocks that are not dwelt in; all others are.
_USES: Mapping[tuple[int, int], str] = MappingProxyType(
    {
        (4, 1): "wetland",
        (2, 2): "city park",
        (5, 4): "works",
        (5, 3): "works",
        (4, 4): "works",
        (0, 0): "fields",
        (5, 0): "fields",
        (0, 4): "fringe",
        (0, 3): "fringe",
        (1, 0): "fringe",
        (4, 0): "fringe",
        (3, 2): "centre",
        (3, 1): "centre",
        (2, 1): "centre",
    }
)

_SUB_DISTRICTS: tuple[tuple[str, Plan], ...] = (
    ("北城街道", (-1900.0, 1900.0)),
    ("东昌街道", (500.0, 1250.0)),
    ("滨河街道", (-1900.0, -700.0)),
    ("河南街道", (0.0, -2350.0)),
    ("高新街道", (3000.0, 100.0)),
)
_SMALLEST_M: Mapping[str, float] = MappingProxyType({"works": 260.0, "fringe": 250.0, "centre": 165.0})


@cache
def town(seed: int = SEED) -> Town:
    """Draw the town."""
    rng = np.random.default_rng(seed)
    sheet = Sheet()
    main, large = streets.frame()
    cut_streets, parts = _parcel(large, rng)
    every = [*main, *cut_streets]
    streets.christen(every, rng)
    streets.bridge_canal(every)
    _water(sheet)
    quarters = _Builder(sheet, rng).fill(parts)
    _fringe(sheet, rng)
    for street in every:
        sheet.street(street)
    _signals(sheet, main)
    _labels(sheet, quarters)
    return Town(
        tuple(sheet.nodes), tuple(sheet.ways), tuple(sheet.labels), frozenset(sheet.signals), tuple(quarters)
    )


def write(path: Path, *, seed: int = SEED) -> None:
    """Draw the town and write it as an OpenStreetMap file."""
    osm.write(town(seed), path)


def _parcel(large: list[Block], rng: np.random.Generator) -> tuple[list[Street], list[tuple[Block, str]]]:
    """Cut the large blocks by their use; the parts come in no order, so that what is rare is spread."""
    made: list[Street] = []
    parts: list[tuple[Block, str]] = []
    for block in large:
        use = _USES.get((block.column, block.row), "homes")
        whole = [block]
        if use in ("wetland", "fields"):
            parts.append((block, use))
            continue
        if use == "city park":
            # Its corner by the town's middle is the park, the rest is dwelt in.
            streets_made, whole = streets.cut(block, rng, smallest_m=400.0)
            made += streets_made
            corner = max(whole, key=lambda part: part.box[2] - part.box[3])
            parts.append((corner, "city park"))
            whole.remove(corner)
            use = "homes"
        for part in whole:
            streets_made, small = streets.cut(part, rng, smallest_m=_SMALLEST_M.get(use, 195.0))
            made += streets_made
            parts += [(each, use) for each in small]
    return made, [parts[n] for n in rng.permutation(len(parts))]


class _Builder:
    """Decides what stands in each block, and gives each quarter a name of its own."""

    def __init__(self, sheet: Sheet, rng: np.random.Generator) -> None:
        self._sheet = sheet
        self._rng = rng
        estates = [first + last for last in names.QUARTER_LAST for first in names.QUARTER_FIRST]
        self._estates = [estates[n] for n in rng.permutation(len(estates))]
        self._villages = list(names.VILLAGES)
        self._schools = list(names.SCHOOLS)
        self._works = list(names.WORKS)
        self._hospitals = ["滨河新区人民医院", "滨河中医院"]
        self._parks = ["育才公园", "东湖公园", "凤凰公园", "百花园", "健身公园", "儿童公园"]

    def fill(self, parts: list[tuple[Block, str]]) -> list[Quarter]:
        quarters: list[Quarter] = []
        for block, use in parts:
            by_canal = block.west.at == AVENUES_U[2] and block.row > 0
            box = blocks.inside(block, canal_bank_m=CANAL_BANK_M if by_canal else 0.0)
            quarter = self._fill_one(block, box, use)
            if quarter is not None and quarter.doors:
                quarters.append(quarter)
        return sorted(quarters, key=lambda q: (q.row, q.column))

    def _fill_one(self, block: Block, box: Box, use: str) -> Quarter | None:
        chance = float(self._rng.random())
        if use in ("wetland", "fields", "works", "city park"):
            self._open_land(box, use, chance)
            return None
        if use == "fringe" and chance < 0.65 and self._villages:
            if chance < 0.35:
                blocks.field(self._sheet, box, "farmland" if chance < 0.22 else "grass")
                return None
            return blocks.village(self._sheet, block, box, self._villages.pop(0), self._rng)
        if use == "centre" and chance < 0.34:
            kind = "commercial" if chance < 0.2 else "retail"
            blocks.halls(self._sheet, box, self._rng, kind=kind, name="")
            return None
        if chance > 0.915 and self._for_all(box, chance):
            return None
        return blocks.estate(self._sheet, block, box, self._estates.pop(), self._rng)

    def _open_land(self, box: Box, use: str, chance: float) -> None:
        if use == "wetland":
            blocks.wetland(self._sheet, box, self._rng, name=names.WETLAND[0])
        elif use == "fields":
            _strips(self._sheet, box, self._rng)
        elif use == "city park":
            blocks.park(self._sheet, box, self._rng, name=names.CITY_PARK[0], lake=0.45)
        else:
            self._works_or(box, chance)

    def _for_all(self, box: Box, chance: float) -> bool:
        """A hospital, a school or a small park, while there are some left to build."""
        small = min(box[2] - box[0], box[3] - box[1]) < 110
        if not small and chance > 0.985 and self._hospitals:
            blocks.hospital(self._sheet, box, self._hospitals.pop(0))
        elif not small and chance > 0.94 and self._schools:
            blocks.school(self._sheet, box, self._schools.pop(0) + "学校")
        elif self._parks:
            blocks.park(self._sheet, box, self._rng, name=self._parks.pop(), lake=0.3)
        else:
            return False
        return True

    def _works_or(self, box: Box, chance: float) -> None:
        if chance < 0.16:
            blocks.field(self._sheet, box, "grass")
            return
        name = self._works.pop(0) + "厂" if chance > 0.5 and self._works else ""
        blocks.halls(self._sheet, box, self._rng, kind="industrial", name=name)


def _water(sheet: Sheet) -> None:
    """The river with its green banks, and the canal that runs into it."""
    us = np.linspace(-HALF_WIDTH_M, HALF_WIDTH_M, 121)
    band: list[Plan] = box_ring(
        -HALF_WIDTH_M, streets.SOUTH_BANK_V + 14, HALF_WIDTH_M, streets.NORTH_BANK_V - 14
    )
    sheet.wide_area(band, leisure="park", name="清漪河滨河公园")
    south: list[Plan] = [(float(u), RIVER_V - 54 - 13 * math.sin(u / 390)) for u in us]
    north: list[Plan] = [(float(u), RIVER_V + 56 + 12 * math.sin(u / 310 + 2)) for u in us]
    river = {"name": names.RIVER[0], "name__en": names.RIVER[1]}
    sheet.area([*south, *reversed(north)], natural="water", water="river", **river)
    sheet.line([(float(u), RIVER_V) for u in us], waterway="river", **river)
    for side in (-1, 1):
        walk: list[Plan] = [(float(u), RIVER_V + side * (98 + 10 * math.sin(u / 240 + side))) for u in us]
        sheet.line(walk, highway="footway")
    west, east = CANAL_U
    sheet.wide_area(box_ring(west - 8, streets.NORTH_BANK_V + 20, east + 14, HALF_HEIGHT_M), landuse="grass")
    course = box_ring(west, RIVER_V + 40, east, HALF_HEIGHT_M)
    sheet.wide_area(course, natural="water", water="canal", name=names.CANAL[0], name__en=names.CANAL[1])


def _fringe(sheet: Sheet, rng: np.random.Generator) -> None:
    """Fields and woods between the ring road and the edge of the map."""
    us = [-HALF_WIDTH_M, *AVENUES_U, HALF_WIDTH_M]
    vs = [-HALF_HEIGHT_M, *CROSSWAYS_V, HALF_HEIGHT_M]
    for i in range(len(us) - 1):
        for j in range(len(vs) - 1):
            if i not in (0, len(us) - 2) and j not in (0, len(vs) - 2):
                continue
            if vs[j] == streets.SOUTH_BANK_V:
                continue
            box = (us[i] + 30, vs[j] + 30, us[i + 1] - 30, vs[j + 1] - 30)
            _strips(sheet, box, rng)


def _strips(sheet: Sheet, box: Box, rng: np.random.Generator) -> None:
    """Long fields side by side, some of them lying fallow or wooded."""
    west, south, east, north = box
    u = west
    while u < east - 60:
        right = min(east, u + float(rng.uniform(140, 330)))
        v = south
        while v < north - 60:
            top = min(north, v + float(rng.uniform(180, 420)))
            kind = ("farmland", "farmland", "farmland", "grass", "wood")[int(rng.integers(5))]
            if right - u > 50 and top - v > 50:
                blocks.field(sheet, (u, v, right - 10, top - 10), kind)
            v = top
        u = right


def _signals(sheet: Sheet, main: list[Street]) -> None:
    for way in main:
        if way.axis == "ew":
            for u in way.meets & set(AVENUES_U):
                sheet.signals.add(sheet.node((u, way.at)))


def _labels(sheet: Sheet, quarters: list[Quarter]) -> None:
    """Sub-districts, communities and their health posts."""
    for name, point in _SUB_DISTRICTS:
        sheet.label(point, place="suburb", name=name)
    seats = quarters[:: max(1, len(quarters) // len(names.COMMUNITIES))]
    for n, (name, quarter) in enumerate(zip(names.COMMUNITIES, seats, strict=False)):
        west, south, east, north = bounds(quarter.ring)
        tags = {"place": "neighbourhood", "name": f"{name}社区"}
        sheet.labels.append(Label(((west + east) / 2, (south + north) / 2), tags))
        if n % 3 == 0:
            # Not beside the community's own name: the two would cover each other.
            post = quarters[(quarters.index(quarter) + 4) % len(quarters)]
            tags = {"amenity": "clinic", "name": f"{name}社区卫生服务站"}
            sheet.labels.append(Label(post.gate, tags))
