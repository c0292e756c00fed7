"""The base map's vector tiles, cut by PostGIS from the tables of `fleet/basemap.lua`."""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response
from psycopg import errors as pg_errors

from fleet import sql
from fleet.context import Context, get_context
from fleet.errors import NotFound, Unavailable
from fleet.words import translate
from maps.pages import locale_of

MIN_ZOOM, MAX_ZOOM = 6, 16
_TIMEOUT_MS = 3000
_LOOK_S = 1.0
_FRESH_S = 300  # a browser shows a new import after so long
_CACHE_BYTES = 64 << 20
_KEEPING_BYTES = 300  # what Python needs around a tile, empty ones too
_MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
_NO_MAP = (pg_errors.UndefinedTable, pg_errors.InvalidSchemaName)
_SQL = sql.load(Path(__file__).with_name("queries.sql"))

router = APIRouter()
Place = tuple[int, int, int]
"""Zoom, column, row of the usual web grid."""


@dataclass(frozen=True, slots=True)
class Tile:
    """An encoded tile; an empty body where there is nothing."""

    body: bytes
    etag: str


class TileCache:
    """The tiles asked for last, so many bytes, of one edition of the base map; safe between threads."""

    def __init__(self, most_bytes: int = _CACHE_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._edition = 0
        self._looked_s = -math.inf
        self._tiles: OrderedDict[Place, Tile] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, place: Place) -> Tile | None:
        """The tile, unless it is absent."""
        with self._lock:
            found = self._tiles.get(place)
            if found is not None:
                self._tiles.move_to_end(place)
            return found

    def put(self, place: Place, tile: Tile, edition: int) -> None:
        """Keep a tile of `edition`, unless another is in use by now; those unused longest give way."""
        with self._lock:
            if edition != self._edition or _weight(tile) > self._most_bytes:
                return
            before = self._tiles.pop(place, None)
            self._bytes += _weight(tile) - (_weight(before) if before else 0)
            self._tiles[place] = tile
            while self._bytes > self._most_bytes:
                self._bytes -= _weight(self._tiles.popitem(last=False)[1])

    def turn(self, look: Callable[[], int], now_s: float) -> int:
        """The edition in use, looked up once a second at most; all tiles are forgotten when it is another."""
        with self._lock:
            if now_s - self._looked_s < _LOOK_S:
                return self._edition
            self._looked_s = now_s
        edition = look()
        with self._lock:
            if edition != self._edition:
                self._tiles.clear()
                self._bytes, self._edition = 0, edition
            return self._edition


def _weight(tile: Tile) -> int:
    return len(tile.body) + _KEEPING_BYTES


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
    _check(z, x, y)
    conn.exec_driver_sql(f"SET LOCAL statement_timeout = {_TIMEOUT_MS:d}")
    try:
        found = conn.exec_driver_sql(_SQL["tile"], {"z": z, "x": x, "y": y}).scalar_one()
    except sa.exc.DBAPIError as error:
        if isinstance(error.orig, _NO_MAP):
            return Tile(b"", '"none"')  # no base map was imported yet: vans still show, on plain ground
        if isinstance(error.orig, pg_errors.QueryCanceled):
            raise Unavailable(
                "This part of the map took too long to draw. It is tried again by itself."
            ) from error
        raise
    body = bytes(found)
    return Tile(body, f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"')


def _check(z: int, x: int, y: int) -> None:
    if not (MIN_ZOOM <= z <= MAX_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise NotFound("There is no map tile {z}/{x}/{y}.", z=z, x=x, y=y)


def _edition(engine: sa.Engine) -> int:
    with engine.connect() as conn:
        return int(conn.exec_driver_sql(_SQL["edition"]).scalar_one())


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
    _check(z, x, y)
    cache = _cache_of(request)
    edition = cache.turn(lambda: _edition(context.engine), time.monotonic())
    found = cache.get((z, x, y))
    if found is None:
        with context.engine.begin() as conn:
            found = cut(conn, z, x, y)
        cache.put((z, x, y), found, edition)
    headers = {"Cache-Control": f"public, max-age={_FRESH_S}", "ETag": found.etag}
    if request.headers.get("if-none-match") == found.etag:
        return Response(status_code=304, headers=headers)
    if not found.body:
        return Response(status_code=204, headers={"Cache-Control": "public, max-age=60"})
    return Response(found.body, media_type=_MEDIA_TYPE, headers=headers)


@router.get("/tiles/source")
def source(request: Request, context: Context = Depends(get_context)) -> dict[str, str]:
    """What a map must say of its streets' origin; empty for an invented town and without a map."""
    with context.engine.connect() as conn:
        try:
            found = conn.exec_driver_sql(_SQL["attribution"]).scalar()
        except sa.exc.DBAPIError as error:
            if isinstance(error.orig, _NO_MAP):
                return {"attribution": ""}
            raise
    return {"attribution": translate(locale_of(request), found) if found else ""}
