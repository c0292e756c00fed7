"""The base map's vector tiles, cut by PostGIS from the tables of `fleet/basemap.lua`."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response
from psycopg import errors as pg_errors

from fleet import sql
from fleet.context import Context, get_context
from fleet.errors import NotFound, Unavailable

MIN_ZOOM, MAX_ZOOM = 6, 16
_TIMEOUT_MS = 3000
_FRESH_S = 300.0
_MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
_SQL = sql.load(Path(__file__).with_name("queries.sql"))

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Tile:
    """An encoded tile; an empty body where there is nothing."""

    body: bytes
    etag: str


class TileCache:
    """The tiles asked for last, a bounded number, each for some minutes; safe between threads."""

    def __init__(self, size: int = 1024, fresh_s: float = _FRESH_S) -> None:
        self._size = size
        self._fresh_s = fresh_s
        self._tiles: OrderedDict[tuple[int, int, int], tuple[float, Tile]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[int, int, int], now_s: float) -> Tile | None:
        """The tile, unless it is absent or old."""
        with self._lock:
            found = self._tiles.get(key)
            if found is None or now_s - found[0] > self._fresh_s:
                return None
            self._tiles.move_to_end(key)
            return found[1]

    def put(self, key: tuple[int, int, int], tile: Tile, now_s: float) -> None:
        """Keep the tile; the one unused longest gives way."""
        with self._lock:
            self._tiles[key] = (now_s, tile)
            self._tiles.move_to_end(key)
            while len(self._tiles) > self._size:
                self._tiles.popitem(last=False)


def cut(conn: sa.Connection, z: int, x: int, y: int) -> Tile:
    """Cut one tile.

    Parameters
    ----------
    z, x, y : of the usual web grid

    Raises
    ------
    NotFound : there is no such tile.
    Unavailable : it took longer than three seconds.
    """
    if not (MIN_ZOOM <= z <= MAX_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise NotFound("There is no map tile {z}/{x}/{y}.", z=z, x=x, y=y)
    conn.exec_driver_sql(f"SET LOCAL statement_timeout = {_TIMEOUT_MS:d}")
    try:
        found = conn.exec_driver_sql(_SQL["tile"], {"z": z, "x": x, "y": y}).scalar_one()
    except sa.exc.DBAPIError as error:
        if isinstance(error.orig, pg_errors.UndefinedTable | pg_errors.InvalidSchemaName):
            return Tile(b"", '"none"')  # no base map was imported yet: vans still show, on plain ground
        if isinstance(error.orig, pg_errors.QueryCanceled):
            raise Unavailable(
                "This part of the map took too long to draw. It is tried again by itself."
            ) from error
        raise
    body = bytes(found)
    return Tile(body, f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"')


def _cache_of(request: Request) -> TileCache:
    state = request.app.state
    if not hasattr(state, "tile_cache"):
        state.tile_cache = TileCache()
    cache = state.tile_cache
    assert isinstance(cache, TileCache)
    return cache


@router.get("/tiles/{z}/{x}/{y}.mvt")
def tile(z: int, x: int, y: int, request: Request, context: Context = Depends(get_context)) -> Response:
    """One tile: public geography, without a session, out of the cache mostly."""
    cache = _cache_of(request)
    found = cache.get((z, x, y), time.monotonic())
    if found is None:
        with context.engine.begin() as conn:
            found = cut(conn, z, x, y)
        cache.put((z, x, y), found, time.monotonic())
    headers = {"Cache-Control": "public, max-age=3600", "ETag": found.etag}
    if request.headers.get("if-none-match") == found.etag:
        return Response(status_code=304, headers=headers)
    if not found.body:
        return Response(status_code=204, headers={"Cache-Control": "public, max-age=60"})
    return Response(found.body, media_type=_MEDIA_TYPE, headers=headers)
