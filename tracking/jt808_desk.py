"""Asks the registry about JT/T 808 devices: who may register, whose a code is. Functions for threads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from fleet import audit, tables, terminals
from fleet.keys import token_hash
from fleet.units import ms_of
from tracking.adapters.jt808_alarms import MOST_STEPS, Alarms, Step
from tracking.adapters.jt808_judge import Known
from tracking.jt808_line import Admitted
from tracking.protocol import Have
from tracking.source import Source
from tracking.statements import TEXTS


def register(engine: sa.Engine, number: str, now: datetime) -> str | None:
    """A new code for the device of this number; None unless an administrator has opened its window.

    Parameters
    ----------
    now : wall time
    """
    if not number:
        return None
    with engine.begin() as conn:
        code = terminals.enrol(conn, number, now)
        found = None if code is None else terminals.by_token(conn, code)
        if found is not None:
            actor = f"terminal:{found.id}"
            audit.record(conn, actor, "terminal.enrol", actor, found.district_id)
    return code


def admit(engine: sa.Engine, number: str, code: str, now: datetime) -> Admitted | None:
    """The terminal of this number and code; None when they do not belong together or it was revoked.

    Parameters
    ----------
    now : the clock's
    """
    digest = token_hash(code)
    with engine.begin() as conn:
        given = {"number": number, "token_hash": digest}
        row = conn.exec_driver_sql(TEXTS["admit_device"], given).mappings().first()
        if row is None:
            return None
        until = row["stored_until"]
        until_ms = None if until is None else ms_of(until)
        alarms = Alarms(_steps(conn, row["id"]), until_ms)
        # A new device hears what is said from now on, not the van's whole past; so does one that was moved.
        last_seq: int = row["last_seq"]
        seq = last_seq if row["seq"] is None or row["seq"] > last_seq else row["seq"]
        if row["seq"] is None:
            first = insert(tables.terminal_seen).values(terminal_id=row["id"], seq=seq, at=now)
            conn.execute(first.on_conflict_do_nothing())
    source = Source(row["id"], row["van_id"], row["district_id"], row["datum"], "jt808")
    have = Have(row["plan"] or 0, seq, row["state"] or 0)
    return Admitted(Known(source, alarms), digest, have, until_ms)


def still_known(engine: sa.Engine, terminal_ids: Iterable[int]) -> dict[tuple[int, bytes], int]:
    """The van of each of these terminals that is not revoked, by terminal and its code's hash."""
    with engine.connect() as conn:
        rows = conn.exec_driver_sql(TEXTS["still_known"], {"ids": list(terminal_ids)}).mappings().all()
    return {(row["id"], bytes(row["token_hash"] or b"")): row["van_id"] for row in rows}


def _steps(conn: sa.Connection, terminal_id: int) -> list[Step]:
    """What is remembered of a terminal's alarm bits; beyond the newest few hundred it is forgotten."""
    given = {"terminal_id": terminal_id, "most": MOST_STEPS}
    rows = conn.exec_driver_sql(TEXTS["alarm_steps"], given).all()
    if len(rows) == MOST_STEPS:
        oldest = {"terminal_id": terminal_id, "oldest": rows[-1][0]}
        conn.exec_driver_sql(TEXTS["forget_alarm_steps"], oldest)
    return [Step(ms_of(t), bits) for t, bits in rows]
