"""A van's past from the database as columns: thousands of fixes at once, none of them an object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import psycopg
import sqlalchemy as sa

from fleet.units import ms_of
from tracking.statements import SQL, TEXTS
from tracking.track import Fixes, Ints

_KINDS: Final = (">i8", ">i4", ">i8", ">f8", ">f8", ">f4", ">f4", ">f4", ">f4", ">i2", ">i8")
"""Of the columns of `Fixes` as they travel, in its order."""
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

    Source: PostgreSQL's binary formats: numbers in network order, times in microseconds since 2000.
    """
    driver = conn.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    params = {
        "van_ids": list(van_ids),
        "starts": starts,
        "ends": ends,
        "received_after": received_after or _EVER,
    }
    with driver.cursor(binary=True) as cursor:
        rows = cursor.execute(SQL["fixes_of_vans"], params).fetchall()
    return {van_id: _fixes(columns) for van_id, *columns in rows}


def primary_terminals(conn: sa.Connection, van_ids: Iterable[int]) -> Mapping[int, int]:
    """The terminal that outranks a van's others, by van; vans without one are left out.

    A revoked one still does: what it sent before is as good as it was, so that no past day changes.
    """
    rows = conn.exec_driver_sql(TEXTS["primary_terminals"], {"van_ids": list(van_ids)})
    return {van_id: terminal_id for van_id, terminal_id in rows}


def _fixes(columns: Sequence[bytes]) -> Fixes:
    t, terminal_id, digest, lon, lat, speed, heading, accuracy, battery, flags, received = (
        np.frombuffer(column, kind) for column, kind in zip(columns, _KINDS, strict=True)
    )
    return Fixes(
        t_ms=_ms(t),
        terminal_id=terminal_id.astype(np.int64),
        digest=digest.astype(np.int64),
        lon=lon.astype(np.float64),
        lat=lat.astype(np.float64),
        speed_mps=speed.astype(np.float64),
        heading_deg=heading.astype(np.float64),
        accuracy_m=accuracy.astype(np.float64),
        battery=battery.astype(np.float64),
        flags=flags.astype(np.int64),
        received_ms=_ms(received),
    )


def _ms(since_2000_us: npt.NDArray[np.signedinteger]) -> Ints:
    """Epoch milliseconds of the database's own count."""
    return since_2000_us.astype(np.int64) // 1000 + _Y2000_MS


NONE: Final = _fixes([b""] * len(_KINDS))
"""Of a van that was not heard."""


def caught_up(held: Fixes, found: Fixes, since: datetime | None) -> Fixes:
    """What is held and what was found: all that was received after `since`, held already or not."""
    if since is None:
        return held.join(found)
    older = held.take(held.received_ms <= ms_of(since))
    # What is stored never changes: as many as before are the same.
    return held if len(older) + len(found) == len(held) else older.join(found)
