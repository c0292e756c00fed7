"""The invented town as an OpenStreetMap file, for OSRM and the base map. The only user of pyosmium."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import osmium
from osmium.osm import mutable

from fleet.synthetic.sheet import Town

# Says in the data itself that nothing here was surveyed.
_INVENTED = {"source": "synthetic"}


def write(town: Town, path: Path) -> None:
    """Write a town as `.osm.pbf`, replacing the file in one step. The same town gives the same bytes."""
    unfinished = path.with_name(f"new-{path.name}")
    header = osmium.io.Header()
    header.set("generator", "CareVan synthetic district")
    with osmium.SimpleWriter(str(unfinished), overwrite=True, header=header) as writer:
        for n, point in enumerate(town.nodes):
            tags = {"highway": "traffic_signals"} if n in town.signals else {}
            writer.add_node(_node(n + 1, point, tags))
        first = len(town.nodes) + 1
        for n, label in enumerate(town.labels):
            writer.add_node(_node(first + n, label.point, {**label.tags, **_INVENTED}))
        for n, way in enumerate(town.ways):
            nodes = [node + 1 for node in way.nodes]
            writer.add_way(mutable.Way(id=n + 1, version=1, nodes=nodes, tags={**way.tags, **_INVENTED}))
    unfinished.replace(path)


def _node(number: int, point: tuple[float, float], tags: Mapping[str, str]) -> mutable.Node:
    return mutable.Node(id=number, version=1, location=point, tags=dict(tags))
