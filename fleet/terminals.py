"""Terminals: how they are registered, their tokens and pairing codes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from fleet import tables
from fleet.errors import InvalidInput, NotFound
from fleet.geo import Datum
from fleet.keys import new_secret, new_token, secret_as_typed, token_hash
from fleet.registry import Terminal

PAIRING_LASTS = timedelta(minutes=10)
ENROLMENT_LASTS = timedelta(minutes=10)
_DIGITS = 8
_CODE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Device:
    """What is particular to the device behind a terminal.

    Parameters
    ----------
    datum : in which it reports
    hardware_id : of a JT/T 808 device, its phone number without leading zeros
    """

    datum: Datum = "wgs84"
    hardware_id: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list of terminals; it holds no secret.

    Parameters
    ----------
    has_token : whether it was ever given one
    """

    id: int
    code: str
    van_code: str
    kind: str
    datum: str
    has_token: bool
    revoked_at: datetime | None


def issue_token(conn: sa.Connection, terminal_id: int) -> str:
    """Give a terminal a new token; the old one ends. Only the hash is kept."""
    token = new_token()
    _set_token(conn, terminal_id, token)
    return token


def issue_secret(conn: sa.Connection, terminal_id: int) -> str:
    """Give a phone a new secret, to be typed into its app; the old one ends. Only the hash is kept."""
    secret = new_secret()
    _set_token(conn, terminal_id, secret_as_typed(secret))
    return secret


def _set_token(conn: sa.Connection, terminal_id: int, token: str) -> None:
    t = tables.terminal
    conn.execute(
        t.update().where(t.c.id == terminal_id).values(token_hash=token_hash(token), revoked_at=None)
    )


def revoke(conn: sa.Connection, terminal_id: int, at: datetime) -> None:
    """Refuse a terminal from now on, `at` wall time; a new token lets it in again."""
    t = tables.terminal
    conn.execute(t.update().where(t.c.id == terminal_id, t.c.revoked_at.is_(None)).values(revoked_at=at))


def register(
    conn: sa.Connection,
    district_id: int,
    van_id: int,
    code: str,
    *,
    kind: str,
    now: datetime,
    device: Device = Device(),
) -> int:
    """Add a terminal to a van, the van's primary one if it is the first. Returns its id."""
    t = tables.terminal
    first = conn.scalar(sa.select(sa.func.count()).where(t.c.van_id == van_id)) == 0
    values = {"district_id": district_id, "van_id": van_id, "code": code, "kind": kind, "created_at": now}
    values |= {"is_primary": first, "datum": device.datum, "hardware_id": device.hardware_id}
    terminal_id: int = conn.execute(t.insert().values(values).returning(t.c.id)).scalar_one()
    return terminal_id


def entries(conn: sa.Connection, district_id: int) -> list[Entry]:
    """All terminals of a district, by van and code."""
    t, v = tables.terminal, tables.van
    has_token = t.c.token_hash.is_not(None)
    query = (
        sa.select(t.c.id, t.c.code, v.c.code, t.c.kind, t.c.datum, has_token, t.c.revoked_at)
        .join(v, v.c.id == t.c.van_id)
        .where(t.c.district_id == district_id)
        .order_by(v.c.code, t.c.code)
    )
    return [Entry(*row) for row in conn.execute(query)]


def by_token(conn: sa.Connection, token: str) -> Terminal | None:
    """The terminal of a token, unless it was revoked."""
    t = tables.terminal
    row = conn.execute(
        sa.select(
            t.c.id, t.c.district_id, t.c.van_id, t.c.code, t.c.kind, t.c.is_primary, t.c.datum, t.c.revoked_at
        ).where(t.c.token_hash == token_hash(token), t.c.revoked_at.is_(None))
    ).first()
    return Terminal(*row) if row else None


def pairing_code(conn: sa.Connection, terminal_id: int, now: datetime) -> str:
    """A code of eight digits that pairs a screen once, within ten minutes (wall time)."""
    code = "".join(secrets.choice("0123456789") for _ in range(_DIGITS))
    conn.execute(
        tables.pairing.insert().values(
            code_hash=token_hash(code), terminal_id=terminal_id, expires_at=now + PAIRING_LASTS
        )
    )
    return code


def pair(conn: sa.Connection, code: str, now: datetime) -> tuple[int, str]:
    """Use up a pairing code. Returns terminal id and its new token.

    Raises
    ------
    NotFound : the code is unknown, used or too old.
    """
    t = tables.pairing
    terminal_id = conn.scalar(
        t.update()
        .where(t.c.code_hash == token_hash(code), t.c.used_at.is_(None), t.c.expires_at > now)
        .values(used_at=now)
        .returning(t.c.terminal_id)
    )
    if terminal_id is None:
        raise NotFound(
            "This pairing code is wrong, used or older than ten minutes. Ask the office for a new one."
        )
    return terminal_id, issue_token(conn, terminal_id)


def open_enrolment(conn: sa.Connection, terminal_id: int, now: datetime) -> datetime:
    """Let a JT/T 808 device register itself as this terminal, once; returns until when (wall time).

    Raises
    ------
    InvalidInput : the terminal is of another kind, or its device's number is not known.
    """
    t = tables.terminal
    until = now + ENROLMENT_LASTS
    opened = conn.scalar(
        t.update()
        .where(t.c.id == terminal_id, t.c.kind == "jt808", t.c.hardware_id.is_not(None))
        .values(enrol_until=until)
        .returning(t.c.id)
    )
    if opened is None:
        raise InvalidInput(
            "Terminal {terminal} is no JT/T 808 device with a number. Add the device with its number first.",
            terminal=terminal_id,
        )
    return until


def enrol(conn: sa.Connection, hardware_id: str, now: datetime) -> str | None:
    """Use up a terminal's enrolment window: its new code, or None while no window is open for that number.

    The code has 128 random bits in 22 characters, since some devices keep no longer one. Only its hash is
    kept, and the code before it ends.
    """
    t = tables.terminal
    code = secrets.token_urlsafe(_CODE_BYTES)
    enrolled = conn.scalar(
        t.update()
        .where(t.c.hardware_id == hardware_id, t.c.kind == "jt808", t.c.enrol_until > now)
        .values(token_hash=token_hash(code), enrol_until=None, revoked_at=None)
        .returning(t.c.id)
    )
    return None if enrolled is None else code
