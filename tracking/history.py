"""A van's past from the database as columns: thousands of fixes at once, none of them an object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Final

import numpy as np
import psycopg
import sqlalchemy as sa

from tracking.statements import SQL, TEXTS
from tracking.track import Fixes

_COLUMNS: Final = (
    ("van_id", ">i4"), ("t", ">i8"), ("terminal_id", ">i4"), ("digest", ">i8"),
    ("lon", ">f8"), ("lat", ">f8"), ("speed_mps", ">f4"), ("heading_deg", ">f4"),
    ("accuracy_m", ">f4"), ("battery", ">f4"), ("flags", ">i2"), ("received", ">i8"),
)  # fmt: skip
_ROW: Final = np.dtype(
    [
        ("columns", ">i2"),
        *chain.from_iterable(((f"{name}_bytes", ">i4"), (name, kind)) for name, kind in _COLUMNS),
    ]
)
_HEADER_BYTES: Final = 19
_TRAILER_BYTES: Final = 2
_Y2000_MS: Final = 946_684_800_000
_EVER: Final = datetime.min.replace(tzinfo=UTC)


def fixes_of(conn: sa.Connection, van_id: int, starts: datetime, ends: datetime) -> Fixes:
    """All that is stored of a van with starts <= t < ends, in no order; flags and conflicts among it."""
    return fixes_of_vans(conn, [van_id], starts, ends).get(van_id, NONE)


def fixes_of_vans(
    conn: sa.Connection,
    van_ids: Iterable[int],
    starts: datetime,
    ends: datetime,
    received_after: datetime | None = None,
) -> Mapping[int, Fixes]:
    """The same of several vans, by van; those without any are left out.

    Parameters
    ----------
    received_after : only what came after it; None for all

    Source: the binary format of COPY, PostgreSQL's manual.
    """
    driver = conn.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    params = {
        "van_ids": list(van_ids),
        "starts": starts,
        "ends": ends,
        "received_after": received_after or _EVER,
    }
    with driver.cursor() as cursor, cursor.copy(SQL["fixes_of_vans"], params) as copy:
        data = b"".join(copy)
    count = (len(data) - _HEADER_BYTES - _TRAILER_BYTES) // _ROW.itemsize
    rows = np.frombuffer(data, _ROW, count, _HEADER_BYTES)
    order = np.argsort(rows["van_id"], kind="stable")
    vans, firsts = np.unique(rows["van_id"][order], return_index=True)
    parts = np.split(order, firsts[1:])
    return {int(van): _fixes(rows[part]) for van, part in zip(vans, parts, strict=False)}


def primary_terminals(conn: sa.Connection, van_ids: Iterable[int]) -> Mapping[int, int]:
    """The terminal that outranks a van's others, by van; vans without one are left out."""
    rows = conn.exec_driver_sql(TEXTS["primary_terminals"], {"van_ids": list(van_ids)})
    return {van_id: terminal_id for van_id, terminal_id in rows}


def _fixes(rows: np.ndarray[tuple[int], np.dtype[np.void]]) -> Fixes:
    ints, floats = np.int64, np.float64
    return Fixes(
        t_ms=rows["t"].astype(ints) // 1000 + _Y2000_MS,
        terminal_id=rows["terminal_id"].astype(ints),
        digest=rows["digest"].astype(ints),
        lon=rows["lon"].astype(floats),
        lat=rows["lat"].astype(floats),
        speed_mps=rows["speed_mps"].astype(floats),
        heading_deg=rows["heading_deg"].astype(floats),
        accuracy_m=rows["accuracy_m"].astype(floats),
        battery=rows["battery"].astype(floats),
        flags=rows["flags"].astype(ints),
        received_ms=rows["received"].astype(ints) // 1000 + _Y2000_MS,
    )


NONE: Final = _fixes(np.empty(0, _ROW))
"""Of a van that was not heard."""
