"""Vector tiles out of a real PostGIS."""

from __future__ import annotations

import math

import pytest
import sqlalchemy as sa

from fleet.errors import NotFound
from maps.tiles import Tile, TileCache, cut
from tests.maps import staging


def tile_of(z: int, lon: float, lat: float) -> tuple[int, int, int]:
    """The tile that holds a place."""
    across = 1 << z
    north = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return z, int((lon + 180) / 360 * across), int(north * across)


def test_a_tile_holds_roads_areas_and_labels(conn: sa.Connection) -> None:
    staging.put_base_map(conn)
    found = cut(conn, *tile_of(14, *staging.CENTRE))
    assert b"road" in found.body
    assert "东昌路".encode() in found.body
    west = cut(conn, *tile_of(13, staging.CENTRE[0] - 0.04, staging.CENTRE[1] - 0.023))
    assert "徒骇河".encode() in west.body
    assert found.etag != west.etag
    assert cut(conn, *tile_of(14, *staging.CENTRE)) == found


def test_where_nothing_is_the_tile_is_empty(conn: sa.Connection) -> None:
    staging.put_base_map(conn)
    assert cut(conn, *tile_of(14, 0.0, 0.0)).body == b""


def test_without_a_base_map_tiles_are_empty(conn: sa.Connection) -> None:
    assert cut(conn, 14, 1, 1).body == b""


@pytest.mark.parametrize("zxy", [(5, 0, 0), (17, 0, 0), (10, 1024, 0), (10, 0, -1)])
def test_tiles_off_the_grid_do_not_exist(conn: sa.Connection, zxy: tuple[int, int, int]) -> None:
    with pytest.raises(NotFound):
        cut(conn, *zxy)


def test_the_cache_forgets_the_old_and_the_unused() -> None:
    cache = TileCache(size=2, fresh_s=10)
    one, two, three = (Tile(bytes([n]), str(n)) for n in range(3))
    cache.put((1, 0, 0), one, 0)
    cache.put((2, 0, 0), two, 0)
    assert cache.get((1, 0, 0), 5) == one
    cache.put((3, 0, 0), three, 5)
    assert cache.get((2, 0, 0), 5) is None
    assert cache.get((1, 0, 0), 11) is None
    assert cache.get((3, 0, 0), 11) == three
