"""A closed bridge of the invented town on a real road server: what is promised and drawn goes round it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from fleet import osrm
from fleet.geo import M_PER_DEG, LonLat
from fleet.main import closing
from fleet.roads import Roads
from fleet.synthetic import town
from fleet.synthetic.plane import RIVER_V, place
from routing.closure import Closure

PLACES: Final = tuple(
    place((u, v)) for u in range(-4000, 4001, 2000) for v in (-2900, -2100, -900, 600, 2100)
)
BANKS: Final = (place((2400.0, -1780.0)), place((2400.0, -1420.0)))
"""Both banks of the river, far from its bridges."""


@pytest.fixture(scope="module")
def roads(road_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roads]:
    source = tmp_path_factory.mktemp("closed") / "town.osm.pbf"
    town.write(source)
    osrm.build(road_home, source)
    with osrm.Router(road_home) as router:
        client = Roads(router.url)
        yield client
        client.close()


def passes(line: Sequence[LonLat], closure: Closure) -> bool:
    """Whether a driven line enters the circle, on a flat earth round its middle."""
    east = M_PER_DEG * math.cos(math.radians(closure.lat))
    at = [((lon - closure.lon) * east, (lat - closure.lat) * M_PER_DEG) for lon, lat in line]
    return any(_off(a, b) < closure.radius_m for a, b in itertools.pairwise(at))


def _off(a: tuple[float, float], b: tuple[float, float]) -> float:
    way = b[0] - a[0], b[1] - a[1]
    length = way[0] ** 2 + way[1] ** 2
    share = 0.0 if not length else min(1.0, max(0.0, -(a[0] * way[0] + a[1] * way[1]) / length))
    return math.hypot(a[0] + share * way[0], a[1] + share * way[1])


def bridge(roads: Roads) -> Closure:
    """The middle of the bridge over which the road leads from bank to bank."""
    river = [place((u, RIVER_V)) for u in range(-4400, 4401, 20)]
    line = roads.route(BANKS).points
    _, at = min((math.dist(point, each), point) for point in line for each in river)
    return Closure(*at, 60.0)


def test_nobody_is_led_over_a_closed_bridge_and_each_way_round_takes_what_is_promised(roads: Roads) -> None:
    closure = bridge(roads)
    points = [*PLACES, *BANKS]
    pairs = list(itertools.permutations(range(len(points)), 2))
    plain, ways = roads.table(points), closing.ways(roads, points, [closure])
    over = {p for p in pairs if passes(roads.route([points[n] for n in p]).points, closure)}
    assert (len(points) - 2, len(points) - 1) in over
    for pair in pairs:
        told = int(ways.matrix.seconds[pair])
        assert told >= 0, "another bridge leads over the river"
        driven = roads.route(ways.line([points[n] for n in pair]))
        assert not passes(driven.points, closure), pair
        assert abs(driven.seconds - told) <= 3, pair
    needless = [p for p in pairs if p not in over and ways.matrix.seconds[p] != plain.seconds[p]]
    assert len(needless) * 100 <= len(pairs), "who does not drive over it drives as ever"
