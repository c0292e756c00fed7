"""Vector tiles out of a real PostGIS."""

from __future__ import annotations

import math

import pytest
import sqlalchemy as sa

from fleet.errors import NotFound
from maps import tiles
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


def test_the_cache_holds_so_many_bytes_and_lets_the_unused_go() -> None:
    cache = TileCache(most_bytes=3000)
    one, two, three = (Tile(bytes(1000), str(n)) for n in range(3))
    cache.put((1, 0, 0), one, 0)
    cache.put((2, 0, 0), two, 0)
    cache.put((2, 0, 0), two, 0)
    assert cache.get((1, 0, 0)) == one
    cache.put((3, 0, 0), three, 0)
    assert cache.get((2, 0, 0)) is None
    assert (cache.get((1, 0, 0)), cache.get((3, 0, 0))) == (one, three)
    cache.put((4, 0, 0), Tile(bytes(3000), "too large"), 0)
    assert cache.get((4, 0, 0)) is None
    assert cache.get((1, 0, 0)) == one


def test_another_edition_forgets_all_and_takes_nothing_of_the_one_before() -> None:
    cache = TileCache()
    tile = Tile(b"old", "old")
    assert cache.turn(lambda: 7, 100.0) == 7
    cache.put((1, 0, 0), tile, 7)
    assert cache.turn(lambda: 8, 100.5) == 7  # looked up half a second ago
    assert cache.get((1, 0, 0)) == tile
    assert cache.turn(lambda: 8, 101.5) == 8
    assert cache.get((1, 0, 0)) is None
    cache.put((1, 0, 0), tile, 7)
    assert cache.get((1, 0, 0)) is None


def test_an_import_makes_another_edition(conn: sa.Connection) -> None:
    def edition() -> int:
        return int(conn.exec_driver_sql(tiles._SQL["edition"]).scalar_one())

    assert edition() == 0
    staging.put_base_map(conn)
    first = edition()
    conn.exec_driver_sql("DROP SCHEMA basemap CASCADE")
    staging.put_base_map(conn)
    assert 0 != first != edition() != 0


def test_far_out_small_roads_and_dots_are_left_out(conn: sa.Connection) -> None:
    staging.put_base_map(conn)
    lon, lat = staging.CENTRE
    conn.exec_driver_sql(
        "INSERT INTO basemap.area SELECT 'building', 'house', NULL,"
        " ST_Buffer(ST_Transform(ST_SetSRID(ST_MakePoint(%s, %s), 4326), 3857), 10)",
        (lon, lat),
    )
    far, near = (cut(conn, *tile_of(z, lon, lat)).body for z in (9, 12))
    assert b"primary" in far
    assert b"residential" not in far
    assert b"residential" in near
    assert b"building" not in cut(conn, *tile_of(13, lon, lat)).body
    assert b"building" in cut(conn, *tile_of(14, lon, lat)).body
