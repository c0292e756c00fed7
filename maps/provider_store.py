"""Tile services in the database; their keys are sealed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from fleet import tables
from fleet.errors import NotFound
from maps.provider import Provider

_T = tables.tile_provider


def list_of(conn: sa.Connection, district_id: int) -> list[Provider]:
    """A district's, by name."""
    rows = conn.execute(sa.select(_T).where(_T.c.district_id == district_id).order_by(_T.c.name)).mappings()
    return [_provider(row) for row in rows]


def find(conn: sa.Connection, district_id: int, name: str) -> Provider | None:
    """The one of a name, locked until the transaction ends."""
    wanted = sa.select(_T).where(_T.c.district_id == district_id, _T.c.name == name).with_for_update()
    row = conn.execute(wanted).mappings().one_or_none()
    return None if row is None else _provider(row)


def get(conn: sa.Connection, district_id: int, name: str) -> Provider:
    """The same.

    Raises
    ------
    NotFound : the district has none of this name.
    """
    found = find(conn, district_id, name)
    if found is None:
        raise NotFound("There is no map service {name} in this district. Load the page again.", name=name)
    return found


def save(conn: sa.Connection, wanted: Provider) -> None:
    """Store one, in place of the one of its name."""
    values = asdict(wanted)
    del values["id"]
    values["urls"] = list(wanted.urls)
    known = (_T.c.district_id == wanted.district_id) & (_T.c.name == wanted.name)
    if conn.execute(_T.update().where(known).values(values)).rowcount == 0:
        conn.execute(_T.insert().values(values))


def remove(conn: sa.Connection, district_id: int, name: str) -> None:
    """Forget one and its key.

    Raises
    ------
    NotFound : the district has none of this name.
    """
    get(conn, district_id, name)
    conn.execute(_T.delete().where(_T.c.district_id == district_id, _T.c.name == name))


def _provider(row: Any) -> Provider:
    return Provider(**{**row, "urls": tuple(row["urls"])})
