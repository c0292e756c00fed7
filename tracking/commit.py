"""Writes one lot of parcels into the database; the caller owns the transaction and its retries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg

from tracking.allowance import Allowance, Kept
from tracking.cargo import Cargo, Tap
from tracking.copying import COLUMNS, copy_body
from tracking.fix import AHEAD_FLAGGED_MS
from tracking.lot import OPTIONAL, Lot, newest_by_van
from tracking.parcel import Parcel
from tracking.statements import SQL

_COPY_FIX: Final = f"COPY fix ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)".encode()
_COPY_STAGE: Final = f"COPY fix_stage ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)".encode()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a lot is to be written.

    Parameters
    ----------
    now : domain time
    allowance : what terminals may still leave in quarantine
    meanwhile : called once the database has rows to work on, and so this process has time
    """

    now: datetime
    allowance: Allowance = field(default_factory=Allowance)
    meanwhile: Callable[[], None] = lambda: None


async def write(
    conn: psycopg.AsyncConnection, parcels: Sequence[Parcel], cargo: Cargo, attempt: Attempt
) -> None:
    """Store the cargo, quarantine the refusals, raise the vans' states and note what terminals have drawn.

    Raises
    ------
    psycopg.errors.UniqueViolation : one of the fresh fixes is stored already.
    psycopg.Error : whatever else the database says; nothing is kept then.
    """
    await write_cargo(conn, cargo, attempt.meanwhile)
    newest = newest_by_van(cargo.lot)
    if len(newest):
        await conn.execute(SQL["raise_van_state"], _states(newest, attempt.now))
    if kept := attempt.allowance.sift(parcels):
        await conn.execute(SQL["quarantine"], _refusals(kept))
    if telling := [parcel for parcel in parcels if parcel.have is not None]:
        await conn.execute(SQL["note_seen"], _seen(telling))
    if alarmed := [parcel for parcel in parcels if parcel.alarms is not None]:
        await conn.execute(SQL["note_alarms"], _alarms(alarmed))


async def write_cargo(
    conn: psycopg.AsyncConnection, cargo: Cargo, meanwhile: Callable[[], None] = lambda: None
) -> None:
    """Store fixes and events: the fresh ones by COPY, possible repeats so that a conflict does no harm."""
    lot, careful = cargo.lot, cargo.lot.careful
    some, every = bool(careful.any()), bool(careful.all())
    if not every:
        await _copy(conn, _COPY_FIX, lot.take(~careful) if some else lot, meanwhile)
    if some:
        await _copy(conn, _COPY_STAGE, lot if every else lot.take(careful), meanwhile)
        await conn.execute(SQL["store_staged"])
    if cargo.taps:
        await conn.execute(SQL["store_taps"], _taps(cargo.taps))


async def _copy(
    conn: psycopg.AsyncConnection, statement: bytes, lot: Lot, meanwhile: Callable[[], None]
) -> None:
    async with conn.cursor() as cursor, cursor.copy(statement) as copy:
        await copy.write(copy_body(lot))
        meanwhile()


def instant(t_ms: int) -> datetime:
    """Epoch milliseconds as an aware datetime."""
    return _EPOCH + timedelta(milliseconds=t_ms)


def _columns(names: str, records: Iterable[tuple[Any, ...]]) -> dict[str, Any]:
    """Records turned into one array a column, as unnest wants them."""
    columns = [list(column) for column in zip(*records, strict=True)]
    return dict(zip(names.split(), columns, strict=True))


def _taps(taps: Sequence[Tap]) -> dict[str, Any]:
    return _columns(
        "terminal_id id district_id van_id t kind stop_id body received_at",
        (
            (
                tap.source.terminal_id, tap.event.id, tap.source.district_id, tap.source.van_id,
                instant(tap.event.t), tap.event.kind, tap.event.stop, json.dumps(tap.event.body()),
                instant(tap.received_ms),
            )
            for tap in taps
        ),
    )  # fmt: skip


def _states(newest: Lot, now: datetime) -> dict[str, Any]:
    columns = {
        "van_id": newest.van_id,
        "district_id": newest.district_id,
        "t": newest.t_ms,
        "terminal_id": newest.terminal_id,
        "digest": newest.digest,
        "lon": newest.lon,
        "lat": newest.lat,
        "received_at": newest.received_ms,
        **{
            name: newest.optional[:, OPTIONAL.index(name)] for name in ("speed_mps", "heading_deg", "battery")
        },
    }
    ahead = now + timedelta(milliseconds=AHEAD_FLAGGED_MS)
    return {**{name: _array(column.tolist()) for name, column in columns.items()}, "ahead": ahead}


def _array(numbers: Iterable[float]) -> str:
    """Numbers as one of PostgreSQL's array literals: a tenth of what adapting them one by one costs."""
    return "{" + ",".join(["NULL" if each != each else repr(each) for each in numbers]) + "}"


def _refusals(kept: Sequence[Kept]) -> dict[str, Any]:
    return _columns(
        "terminal_id van_id received_at n index why raw",
        (
            (
                each.parcel.source.terminal_id, each.parcel.source.van_id, instant(each.parcel.received_ms),
                each.refused.n, each.refused.index, each.refused.why, each.refused.raw,
            )
            for each in kept
        ),
    )  # fmt: skip


def _seen(parcels: Sequence[Parcel]) -> dict[str, Any]:
    """The last word of each terminal, with the application's name where it was given."""
    last: dict[int, tuple[Any, ...]] = {}
    apps: dict[int, str] = {}
    for parcel in parcels:
        if parcel.have is not None:
            have, terminal_id = parcel.have, parcel.source.terminal_id
            apps[terminal_id] = parcel.app or apps.get(terminal_id, "")
            at = instant(parcel.received_ms)
            last[terminal_id] = (terminal_id, have.plan, have.seq, have.state, apps[terminal_id], at)
    return _columns("terminal_id plan seq state app at", (last[key] for key in sorted(last)))


def _alarms(parcels: Sequence[Parcel]) -> dict[str, Any]:
    """What is to be remembered of terminals' alarm bits; of one instant the last word."""
    steps: dict[tuple[int, int], int] = {}
    for parcel in parcels:
        if parcel.alarms is not None:
            t, bits = parcel.alarms
            steps[parcel.source.terminal_id, t] = bits
    records = ((key[0], instant(key[1]), steps[key]) for key in sorted(steps))
    return _columns("terminal_id t bits", records)
