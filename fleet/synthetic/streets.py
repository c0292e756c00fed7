"""The invented town's streets: rings and axes, then blocks cut in two until they are blocks of a town."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from fleet.synthetic import names
from fleet.synthetic.plane import HALF_HEIGHT_M, HALF_WIDTH_M, RIVER_V

Axis: TypeAlias = Literal["ns", "ew"]

AVENUES_U = (-3750.0, -2610.0, -1330.0, -90.0, 960.0, 2330.0, 3750.0)
SOUTH_BANK_V, NORTH_BANK_V = RIVER_V - 150, RIVER_V + 150
CROSSWAYS_V = (-2950.0, SOUTH_BANK_V, NORTH_BANK_V, -420.0, 630.0, 1840.0, 2900.0)
CANAL_U = (AVENUES_U[2] + 34, AVENUES_U[2] + 58)
CANAL_BANK_M = 84.0
_BRIDGELESS = (1, 5)
_RIVER_BRIDGE = (RIVER_V - 82, RIVER_V + 82)

MAX_SPEED_KMH = {"primary": 60, "secondary": 50, "tertiary": 40, "residential": 30}


@dataclass(slots=True)
class Street:
    """A straight line of the plan. It gathers the places where others meet it while the town is drawn.

    at : its fixed coordinate; lo, hi : where it begins and ends along the other
    """

    axis: Axis
    at: float
    lo: float
    hi: float
    kind: str
    name: str = ""
    name_en: str = ""
    one_way: bool = False
    bridges: list[tuple[float, float]] = field(default_factory=list)
    meets: set[float] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Block:
    """What lies between four streets.

    column, row : of the large block it was cut from; south of the river is row 0
    """

    west: Street
    south: Street
    east: Street
    north: Street
    column: int
    row: int

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in the plan, up to the middle of its streets."""
        return self.west.at, self.south.at, self.east.at, self.north.at


def frame() -> tuple[list[Street], list[Block]]:
    """The main streets, out to the town's edge, and the large blocks between them."""
    avenues_n: list[Street] = []
    avenues_s: list[Street] = []
    streets: list[Street] = []
    for n, u in enumerate(AVENUES_U):
        name, name_en = names.AVENUES[n]
        kind = "primary" if n in (0, 3, 6) else "secondary"
        if n in _BRIDGELESS:
            north = Street("ns", u, NORTH_BANK_V, HALF_HEIGHT_M, kind, name, name_en)
            south = Street("ns", u, -HALF_HEIGHT_M, SOUTH_BANK_V, kind, name, name_en)
            streets += [north, south]
        else:
            north = south = Street("ns", u, -HALF_HEIGHT_M, HALF_HEIGHT_M, kind, name, name_en)
            north.bridges.append(_RIVER_BRIDGE)
            streets.append(north)
        avenues_n.append(north)
        avenues_s.append(south)
    crossways: list[Street] = []
    for n, v in enumerate(CROSSWAYS_V):
        name, name_en = names.CROSSWAYS[n]
        kind = "primary" if n in (0, 3, 6) else "secondary"
        crossways.append(Street("ew", v, -HALF_WIDTH_M, HALF_WIDTH_M, kind, name, name_en))
    streets += crossways
    for way in crossways:
        for avenue in avenues_s if way.at <= SOUTH_BANK_V else avenues_n:
            meet(way, avenue)
    return streets, _large_blocks(avenues_n, avenues_s, crossways)


def cut(block: Block, rng: np.random.Generator, *, smallest_m: float) -> tuple[list[Street], list[Block]]:
    """Cut a large block by streets until its parts are a town's blocks.

    Parameters
    ----------
    smallest_m : a side shorter than twice this is not cut any more
    """
    streets: list[Street] = []
    done: list[Block] = []
    left = [(block, 0)]
    while left:
        part, depth = left.pop()
        west, south, east, north = part.box
        width, height = east - west, north - south
        longer = max(width, height)
        if longer < 2 * smallest_m or (depth > 2 and longer < 2.6 * smallest_m and rng.random() < 0.3):
            done.append(part)
            continue
        axis: Axis = "ns" if width * rng.uniform(0.85, 1.15) > height else "ew"
        street, halves = _halve(part, axis, depth, rng)
        streets.append(street)
        left += [(half, depth + 1) for half in halves]
    return streets, done


def meet(a: Street, b: Street) -> None:
    """Let two streets of different axes share a crossing."""
    a.meets.add(b.at)
    b.meets.add(a.at)


def christen(streets: list[Street], rng: np.random.Generator) -> None:
    """Name the nameless: through streets after mountains and rivers, half of the lanes after trees."""
    ready: dict[Axis, list[str]] = {
        "ns": _street_names(names.STREETS_NS, "北南", rng),
        "ew": _street_names(names.STREETS_EW, "东西", rng),
    }
    lanes = [first + last for first in names.LANE_FIRST for last in names.LANE_LAST]
    lanes = [lanes[n] for n in rng.permutation(len(lanes))]
    for street in streets:
        if street.name:
            continue
        if street.kind == "tertiary" and ready[street.axis]:
            street.name = ready[street.axis].pop()
        elif lanes and rng.random() < 0.5:
            street.name = lanes.pop()


def bridge_canal(streets: list[Street]) -> None:
    """Carry every street that crosses the canal over it."""
    for street in streets:
        if street.axis == "ew" and street.lo < CANAL_U[0] and street.hi > CANAL_U[1] and street.at > RIVER_V:
            street.bridges.append((CANAL_U[0] - 14, CANAL_U[1] + 14))


def _large_blocks(avenues_n: list[Street], avenues_s: list[Street], ways: list[Street]) -> list[Block]:
    blocks: list[Block] = []
    # The band between the two banks is the river's own.
    rows = [(ways[0], ways[1], avenues_s), *((ways[n], ways[n + 1], avenues_n) for n in range(2, 6))]
    for row, (south, north, avenues) in enumerate(rows):
        for column in range(len(avenues) - 1):
            blocks.append(Block(avenues[column], south, avenues[column + 1], north, column, row))
    return blocks


def _halve(part: Block, axis: Axis, depth: int, rng: np.random.Generator) -> tuple[Street, list[Block]]:
    west, south, east, north = part.box
    share = rng.uniform(0.38, 0.62)
    kind = "tertiary" if depth < 2 else "residential"
    # A one-way street starts and ends on older streets, so everything on it stays reachable.
    one_way = bool(depth >= 2 and rng.random() < 0.12)
    if axis == "ns":
        at = float(west + (east - west) * share)
        street = Street(axis, at, south, north, kind, one_way=one_way)
        meet(street, part.south)
        meet(street, part.north)
        halves = [
            Block(part.west, part.south, street, part.north, part.column, part.row),
            Block(street, part.south, part.east, part.north, part.column, part.row),
        ]
    else:
        at = float(south + (north - south) * share)
        street = Street(axis, at, west, east, kind, one_way=one_way)
        meet(street, part.west)
        meet(street, part.east)
        halves = [
            Block(part.west, part.south, part.east, street, part.column, part.row),
            Block(part.west, street, part.east, part.north, part.column, part.row),
        ]
    return street, halves


def _street_names(of: tuple[str, ...], ends: str, rng: np.random.Generator) -> list[str]:
    """Every name, then every name with a direction, the first to be used last in the list."""
    first = [of[n] for n in rng.permutation(len(of))]
    return [*first, *(name[:-1] + end + "路" for end in ends for name in first)][::-1]
