"""The sheet that the invented town is drawn on: nodes, ways and labels, as OpenStreetMap keeps them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fleet.geo import LonLat
from fleet.synthetic.plane import Plan, place, softened
from fleet.synthetic.streets import MAX_SPEED_KMH, Street

_SHAPE_STEP_M = 60.0


@dataclass(frozen=True, slots=True)
class Way:
    """A line, or an area when its last node is its first. Nodes count from 0."""

    nodes: tuple[int, ...]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Label:
    """A named place."""

    point: LonLat
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Quarter:
    """A housing estate or a village: where people live.

    gate : where a van stands to serve it
    doors : middles of its buildings
    """

    name: str
    ring: tuple[LonLat, ...]
    gate: LonLat
    doors: tuple[LonLat, ...]
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Town:
    """A drawn town.

    nodes : places, numbered from 0 by the ways
    signals : nodes with traffic lights
    quarters : where people live, from west to east and south to north by large block
    """

    nodes: tuple[LonLat, ...]
    ways: tuple[Way, ...]
    labels: tuple[Label, ...]
    signals: frozenset[int]
    quarters: tuple[Quarter, ...]


@dataclass(slots=True)
class Sheet:
    """Grows while the town is drawn. One place of the plan is one node, so streets that meet are joined."""

    nodes: list[LonLat] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    signals: set[int] = field(default_factory=set)
    _by_plan: dict[tuple[float, float], int] = field(default_factory=dict)

    def node(self, point: Plan) -> int:
        """The node of a place, made when it is new."""
        key = (round(point[0], 1), round(point[1], 1))
        if key not in self._by_plan:
            self._by_plan[key] = len(self.nodes)
            self.nodes.append(place(key))
        return self._by_plan[key]

    def line(self, points: Sequence[Plan], **tags: str) -> None:
        """Draw an open line."""
        self.ways.append(Way(tuple(self.node(p) for p in points), _coloned(tags)))

    def area(self, ring: Sequence[Plan], **tags: str) -> tuple[LonLat, ...]:
        """Draw an area; returns its open ring."""
        corners = [self.node(p) for p in ring]
        self.ways.append(Way((*corners, corners[0]), _coloned(tags)))
        return tuple(self.nodes[n] for n in corners)

    def wide_area(self, ring: Sequence[Plan], **tags: str) -> tuple[LonLat, ...]:
        """Draw an area whose long sides follow the town's bend; returns its open ring."""
        return self.area(softened(ring), **tags)

    def label(self, point: Plan, **tags: str) -> None:
        """Name a place."""
        self.labels.append(Label(place(point), _coloned(tags)))

    def street(self, street: Street) -> None:
        """Draw a street with all that meets it; its bridges are ways of their own."""
        spans = sorted((max(a, street.lo), min(b, street.hi)) for a, b in street.bridges)
        edges = [street.lo, *(edge for span in spans for edge in span), street.hi]
        places = sorted({*street.meets, *edges, *_shape(street)})
        for n in range(len(edges) - 1):
            part = [at for at in places if edges[n] <= at <= edges[n + 1]]
            if len(part) > 1:
                tags = _street_tags(street)
                if n % 2:
                    tags |= {"bridge": "yes", "layer": "1"}
                self.line(
                    [(street.at, at) if street.axis == "ns" else (at, street.at) for at in part], **tags
                )


def _shape(street: Street) -> list[float]:
    n = math.ceil((street.hi - street.lo) / _SHAPE_STEP_M)
    return [round(street.lo + (street.hi - street.lo) * k / n, 1) for k in range(n + 1)]


def _street_tags(street: Street) -> dict[str, str]:
    tags = {"highway": street.kind, "maxspeed": str(MAX_SPEED_KMH.get(street.kind, 20))}
    if street.name:
        tags["name"] = street.name
    if street.name_en:
        tags["name__en"] = street.name_en
    if street.one_way:
        tags["oneway"] = "yes"
    if street.kind in ("primary", "secondary"):
        tags["lanes"] = "6" if street.kind == "primary" else "4"
    return tags


def _coloned(tags: dict[str, str]) -> dict[str, str]:
    return {key.replace("__", ":"): value for key, value in tags.items()}
