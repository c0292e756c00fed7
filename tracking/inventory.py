"""What each day of the fix table holds and takes up: for an operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import sqlalchemy as sa

from tracking.closing import names_of
from tracking.days import Part, State, leaves_on, part_of
from tracking.statements import TEXTS


@dataclass(frozen=True, slots=True)
class Holding:
    """One partition.

    Parameters
    ----------
    rows_about : by the database's statistics
    newest_receipt : when the last of its rows was received; None when it is empty
    drops_on : the day on which retention drops it if it receives nothing more; None for the old one, of
        which rows are deleted
    """

    part: Part
    state: State
    rows_about: int
    table_bytes: int
    index_bytes: int
    newest_receipt: datetime | None
    drops_on: date | None


def inventory(conn: sa.Connection, now: datetime, retention_days: int) -> tuple[Holding, ...]:
    """All partitions, the oldest first.

    Parameters
    ----------
    now : domain time
    """
    born: datetime | None = conn.exec_driver_sql(TEXTS["database_born"]).scalar()
    holdings = []
    for name, bound, rows_about, table_bytes, index_bytes, valid, known in conn.exec_driver_sql(
        TEXTS["inventory"]
    ):
        part = part_of(name, bound)
        if part is None:
            continue
        newest = _newest_receipt(conn, part, known) if rows_about else None
        holdings.append(
            Holding(
                part,
                part.state(now, indexed=set(names_of(part)) <= set(valid)),
                rows_about,
                table_bytes,
                index_bytes,
                newest,
                leaves_on(part, newest, retention_days, born),
            )
        )
    return tuple(sorted(holdings, key=lambda holding: holding.part.end))


def _newest_receipt(conn: sa.Connection, part: Part, known: datetime | None) -> datetime | None:
    """By the BRIN from what statistics know on; by reading all where they know nothing, or what is gone."""
    for since in (known, datetime.min.replace(tzinfo=UTC)):
        if since is not None:
            told = {"starts": part.starts, "ends": part.ends, "since": since}
            newest: datetime | None = conn.exec_driver_sql(TEXTS["newest_receipt"], told).scalar()
            if newest is not None:
                return newest
    return None
