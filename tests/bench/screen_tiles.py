"""Base map tiles of a city: importing its extract, cutting a tile, finding it again, dragging the map."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa

from fleet import basemap
from fleet.db import make_engine
from maps.tiles import MAX_ZOOM, MIN_ZOOM, TileCache, cut
from tests.bench import screen_pans
from tests.bench.figure import Figure
from tests.bench.rig import rigged
from tests.bench.screen_pans import limited, p95

CITY = Path(__file__).parents[3] / "shared/data/osm/beijing_sparsetaxi_derived.osm.gz"
_SIDE = 6
_IMPORT_S, _CUT_MS, _FOUND_MS = 120.0, 60.0, 5.0
Place = tuple[int, int, int]


def figures(file: Path = CITY) -> Iterator[Figure]:
    """Import the extract into a database of its own; cut up to 6 x 6 tiles of its middle at every zoom."""
    if not file.exists():
        return
    with rigged(1) as rig:
        began = perf_counter()
        source = basemap.bring(rig.url, file, synthetic=False)
        yield limited("base map import of a city", perf_counter() - began, "s", _IMPORT_S)
        engine = make_engine(rig.url)
        try:
            yield from _tiles(engine, source.bounds)
        finally:
            engine.dispose()
        yield from screen_pans.figures(rig.url, _middles(source.bounds), source.bounds)


def _tiles(engine: sa.Engine, bounds: tuple[float, float, float, float]) -> Iterator[Figure]:
    cache = TileCache()
    cold: list[float] = []
    heaviest = 0
    places = _middles(bounds)

    def fresh(place: Place) -> None:
        nonlocal heaviest
        with engine.begin() as conn:
            found = cut(conn, *place)
        heaviest = max(heaviest, len(found.body))
        cache.put(place, found, 0)

    for place in places:
        cold.append(_timed_ms(fresh, place))
    warm = [_timed_ms(lambda at: cache.get(at), place) for place in places]
    yield limited("base map tile, cut, p95", p95(cold), "ms", _CUT_MS)
    yield limited("base map tile, cached, p95", p95(warm), "ms", _FOUND_MS)
    yield Figure("base map tile, the slowest", max(cold), "ms")
    yield Figure("base map tile, the heaviest", heaviest / 1024, "KiB")


def _middles(bounds: tuple[float, float, float, float]) -> list[Place]:
    return [place for z in range(MIN_ZOOM, MAX_ZOOM + 1) for place in _middle(z, bounds)]


def _middle(z: int, bounds: tuple[float, float, float, float]) -> Iterator[Place]:
    west, south, east, north = bounds
    left, top = _tile(z, west, north)
    right, bottom = _tile(z, east, south)
    for x in _around(left, right):
        for y in _around(top, bottom):
            yield z, x, y


def _around(first: int, last: int) -> range:
    start = max(first, (first + last + 1 - _SIDE) // 2)
    return range(start, min(last, start + _SIDE - 1) + 1)


def _tile(z: int, lon: float, lat: float) -> tuple[int, int]:
    across = 1 << z
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lon + 180) / 360 * across), int(down * across)


def _timed_ms(act: Callable[[Place], object], place: Place) -> float:
    began = perf_counter()
    act(place)
    return 1000 * (perf_counter() - began)
