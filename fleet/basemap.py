"""The base map: an OpenStreetMap file brought into the schema `basemap` by osm2pgsql.

A new map is made in a schema of its own and takes the old one's place in one transaction, so tiles are drawn
from the one or the other, never from half of one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import conninfo as pg_conninfo
from psycopg.rows import TupleRow, class_row

from fleet import sql
from fleet.clock import wall_now
from fleet.db import conninfo
from fleet.errors import InvalidInput, Unavailable

STYLE = Path(__file__).with_name("basemap.lua")
ATTRIBUTION = "© OpenStreetMap contributors"
_NEW = "basemap_new"
# Above this osm2pgsql keeps its nodes in the database instead of in memory.
_LARGE_BYTES = 100_000_000
_SQL = sql.load(Path(__file__).with_name("basemap.sql"))


@dataclass(frozen=True, slots=True)
class Source:
    """Which extract the base map was made of.

    bounds : west, south, east, north of its roads, degrees
    attribution : what the map must say of its origin; empty for an invented town
    """

    name: str
    synthetic: bool
    bounds: tuple[float, float, float, float]
    roads: int
    areas: int
    imported_at: datetime
    attribution: str


def bring(database_url: str, file: Path, *, synthetic: bool) -> Source:
    """Make an OpenStreetMap file (.osm.pbf, .osm.gz) the base map. A failed import leaves the map as it was.

    Raises
    ------
    InvalidInput : no such file, damaged, or without a road.
    Unavailable : osm2pgsql or the database is missing, or the disk is full.
    """
    if not file.is_file():
        raise InvalidInput("There is no file {file}. Check its name.", file=file)
    tool = shutil.which("osm2pgsql")
    if tool is None:
        raise Unavailable(
            "osm2pgsql is not installed, so no base map can be made. "
            "Install it (Debian: apt-get install osm2pgsql) and try again."
        )
    try:
        with psycopg.connect(conninfo(database_url), autocommit=True) as conn:
            conn.execute(_SQL["one_at_a_time"])
            conn.execute(_SQL["begin_new"])
            try:
                _run_osm2pgsql(tool, database_url, file)
                return _swap(conn, file, synthetic=synthetic)
            finally:
                conn.execute(_SQL["drop_new"])
    except psycopg.errors.DiskFull:
        raise _disk_full() from None
    except psycopg.OperationalError as error:
        raise Unavailable(
            "The base map was not changed: the database does not answer. Start it and try again."
        ) from error


def source(database_url: str) -> Source | None:
    """Which extract is the base map, or None when there is none yet."""
    with psycopg.connect(conninfo(database_url)) as conn:
        try:
            return _source(conn)
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            return None


def _run_osm2pgsql(tool: str, database_url: str, file: Path) -> None:
    parts = pg_conninfo.conninfo_to_dict(conninfo(database_url))
    password = parts.pop("password", None)
    environment = {**os.environ, "CAREVAN_BASEMAP_SCHEMA": _NEW}
    if password is not None:
        # Never on the command line, where everybody on the machine could read it.
        environment["PGPASSWORD"] = str(password)
    slim = ["--slim", "--drop"] if file.stat().st_size > _LARGE_BYTES else []
    said = subprocess.run(
        [
            *(tool, "--create", "--output", "flex", "--style", str(STYLE), *slim),
            *("--middle-schema", _NEW, "--log-level", "warn", "--number-processes", "2"),
            *("--database", pg_conninfo.make_conninfo("", **parts), str(file)),
        ],
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if said.returncode:
        raise _refusal(file, said.stderr)


def _refusal(file: Path, said: str) -> InvalidInput | Unavailable:
    lines = [line for line in said.splitlines() if "ERROR" in line] or said.strip().splitlines()[-1:]
    why = lines[0].split("ERROR:")[-1].strip() if lines else ""
    if "No space left" in said:
        return _disk_full()
    if any(word in why for word in ("PBF error", "XML parsing", "EOF", "gzip", "bzip2", "file format")):
        return InvalidInput(
            "The file {file} is cut short or damaged ({why}). Download it again; the base map in use stays.",
            file=file.name,
            why=why,
        )
    return Unavailable("The base map was not changed: osm2pgsql stopped ({why}).", why=why)


def _disk_full() -> Unavailable:
    return Unavailable("The disk is full; the base map was not changed. Free some space and try again.")


def _swap(conn: psycopg.Connection[TupleRow], file: Path, *, synthetic: bool) -> Source:
    """Index the new map, write down where it comes from, and let it take the old one's place."""
    facts = {
        "name": file.name,
        "synthetic": synthetic,
        "imported_at": wall_now(),
        "attribution": "" if synthetic else ATTRIBUTION,
    }
    with conn.transaction():
        conn.execute(_SQL["finish_new"])
        if conn.execute(_SQL["write_source"], facts).rowcount == 0:
            raise InvalidInput(
                "No road was found in {file}. Choose an extract that covers the district; "
                "the base map in use stays.",
                file=file.name,
            )
        conn.execute(_SQL["take_place"])
        made = _source(conn)
    if made is None:
        raise Unavailable("The base map was not changed. Try again.")
    return made


def _source(conn: psycopg.Connection[TupleRow]) -> Source | None:
    with conn.cursor(row_factory=class_row(_Row)) as cursor:
        row = cursor.execute(_SQL["source"]).fetchone()
    if row is None:
        return None
    bounds = (row.west, row.south, row.east, row.north)
    return Source(row.name, row.synthetic, bounds, row.roads, row.areas, row.imported_at, row.attribution)


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    synthetic: bool
    west: float
    south: float
    east: float
    north: float
    roads: int
    areas: int
    imported_at: datetime
    attribution: str
