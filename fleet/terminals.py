"""Tokens and pairing codes of terminals."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa

from fleet import tables
from fleet.errors import NotFound
from fleet.keys import new_token, token_hash
from fleet.registry import Terminal

PAIRING_LASTS = timedelta(minutes=10)
_DIGITS = 8


def issue_token(conn: sa.Connection, terminal_id: int) -> str:
    """Give a terminal a new token; the old one ends. Only the hash is kept."""
    token = new_token()
    t = tables.terminal
    conn.execute(
        t.update().where(t.c.id == terminal_id).values(token_hash=token_hash(token), revoked_at=None)
    )
    return token


def register(
    conn: sa.Connection, district_id: int, van_id: int, code: str, *, kind: str, now: datetime
) -> int:
    """Add a terminal to a van, the van's primary one if it is the first. Returns its id."""
    t = tables.terminal
    first = conn.scalar(sa.select(sa.func.count()).where(t.c.van_id == van_id)) == 0
    values = {"district_id": district_id, "van_id": van_id, "code": code, "kind": kind, "created_at": now}
    terminal_id: int = conn.execute(
        t.insert().values(**values, is_primary=first).returning(t.c.id)
    ).scalar_one()
    return terminal_id


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
