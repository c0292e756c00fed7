"""People who log in: passwords, lockout, roles by district, sessions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy.dialects.postgresql import insert

from fleet import tables
from fleet.errors import InvalidInput
from fleet.keys import new_token, token_hash

Role = Literal["viewer", "dispatcher", "planner", "administrator"]
ROLES: tuple[Role, ...] = ("viewer", "dispatcher", "planner", "administrator")
MAX_FAILURES = 5
LOCK = timedelta(minutes=15)
MIN_PASSWORD = 10
_SEEN_EVERY = timedelta(seconds=60)
_hasher = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may log in."""

    id: int
    login: str
    display: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a log-in was not granted; until when, where it is locked."""

    why: Literal["wrong", "locked"]
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A live session: who, in which district, as what."""

    account: Account
    district_id: int
    role: Role


def check_strength(password: str) -> None:
    """Refuse a password that is easy to guess.

    Raises
    ------
    InvalidInput : under 10 characters, or of fewer than three kinds of them.
    """
    signs = [c for c in password if not c.isalnum()]
    used = sum(any(map(kind, password)) for kind in (str.islower, str.isupper, str.isdigit)) + bool(signs)
    if len(password) < MIN_PASSWORD or used < 3:
        raise InvalidInput(
            "The password is too weak. Take at least {n} characters of three kinds: "
            "small letters, capitals, digits, signs.",
            n=MIN_PASSWORD,
        )


def create(conn: sa.Connection, login: str, password: str, display: str, now: datetime) -> Account:
    """Add an account.

    Raises
    ------
    InvalidInput : an empty login or a weak password.
    """
    if not login.strip() or login != login.strip():
        raise InvalidInput(
            "The login {login!r} is empty or has blanks around it. Give a plain name.", login=login
        )
    check_strength(password)
    values = {
        "login": login,
        "display": display or login,
        "password_hash": hash_password(password),
        "created_at": now,
    }
    account_id = conn.scalar(tables.account.insert().values(values).returning(tables.account.c.id))
    assert account_id is not None
    return Account(account_id, login, display or login)


def set_password(conn: sa.Connection, login: str, password: str) -> bool:
    """Give an account a new password, unlock it and end its sessions; False when there is no such login."""
    check_strength(password)
    t = tables.account
    account_id = conn.scalar(
        t.update()
        .where(t.c.login == login)
        .values(password_hash=hash_password(password), failures=0, locked_until=None)
        .returning(t.c.id)
    )
    if account_id is None:
        return False
    conn.execute(tables.session.delete().where(tables.session.c.account_id == account_id))
    return True


def grant(conn: sa.Connection, account_id: int, district_id: int, role: Role) -> None:
    """Let an account into a district, in a role; a second call changes the role."""
    t = tables.membership
    statement = insert(t).values(account_id=account_id, district_id=district_id, role=role)
    conn.execute(
        statement.on_conflict_do_update(index_elements=[t.c.account_id, t.c.district_id], set_={"role": role})
    )


def log_in(conn: sa.Connection, login: str, password: str, now: datetime) -> Account | Refusal:
    """Check a password and count failures; the caller commits either way.

    Returns
    -------
    The account, or why not. An unknown login and a wrong password are told apart to nobody.
    """
    t, nobody = tables.account, _of_nobody()
    row = conn.execute(
        sa.select(t).where(t.c.login == login, t.c.disabled_at.is_(None)).with_for_update()
    ).first()
    if row is None:
        matches(nobody, password)
        return Refusal("wrong")
    if row.locked_until is not None and row.locked_until > now:
        return Refusal("locked", row.locked_until)
    if not matches(row.password_hash, password):
        failures = row.failures + 1
        locked = now + LOCK if failures >= MAX_FAILURES else None
        values = {"failures": 0 if locked else failures, "locked_until": locked}
        conn.execute(t.update().where(t.c.id == row.id).values(values))
        return Refusal("locked", locked) if locked else Refusal("wrong")
    conn.execute(t.update().where(t.c.id == row.id).values(failures=0, locked_until=None))
    return Account(row.id, row.login, row.display)


def hash_password(password: str) -> str:
    """What is stored of a password."""
    return _hasher.hash(password)


def matches(stored: str, password: str) -> bool:
    """Whether a password is the one of which this is stored."""
    try:
        return _hasher.verify(stored, password)
    except VerifyMismatchError:
        return False


@cache
def _of_nobody() -> str:
    """Verified when the login is unknown, so that the answer takes as long as for a known one.

    Made at the first login of a process, whoever it is: programs that log nobody in need not wait for it.
    """
    return hash_password("an unknown login")


def districts_of(conn: sa.Connection, account_id: int) -> dict[int, Role]:
    """The role in each district an account was given, by district id."""
    t = tables.membership
    rows = conn.execute(
        sa.select(t.c.district_id, t.c.role).where(t.c.account_id == account_id).order_by(t.c.district_id)
    )
    return {district_id: _role(role) for district_id, role in rows}


def _role(text: str) -> Role:
    return next(role for role in ROLES if role == text)


def open_session(
    conn: sa.Connection, account_id: int, district_id: int, now: datetime, lasts: timedelta
) -> str:
    """Start a session and return its token, of which only the hash is kept."""
    token = new_token()
    conn.execute(
        tables.session.insert().values(
            token_hash=token_hash(token),
            account_id=account_id,
            district_id=district_id,
            created_at=now,
            seen_at=now,
            expires_at=now + lasts,
        )
    )
    return token


def find_session(conn: sa.Connection, token: str, now: datetime, idle: timedelta) -> Session | None:
    """The session of a token, if it is alive; notes that it was seen."""
    return find_sessions(conn, [token], now, idle).get(token)


def find_sessions(
    conn: sa.Connection, tokens: Collection[str], now: datetime, idle: timedelta
) -> dict[str, Session]:
    """The sessions of these tokens that are alive, by token; notes that they were seen."""
    s, a, m = tables.session, tables.account, tables.membership
    by_hash = {token_hash(token): token for token in tokens}
    rows = conn.execute(
        sa.select(s.c.token_hash, s.c.district_id, s.c.seen_at, a.c.id, a.c.login, a.c.display, m.c.role)
        .join(a, a.c.id == s.c.account_id)
        .join(m, sa.and_(m.c.account_id == a.c.id, m.c.district_id == s.c.district_id))
        .where(
            s.c.token_hash.in_(by_hash),
            s.c.expires_at > now,
            s.c.seen_at > now - idle,
            a.c.disabled_at.is_(None),
        )
    ).all()
    late = [row.token_hash for row in rows if row.seen_at < now - _SEEN_EVERY]
    if late:
        conn.execute(s.update().where(s.c.token_hash.in_(late)).values(seen_at=now))
    return {
        by_hash[bytes(row.token_hash)]: Session(
            Account(row.id, row.login, row.display), row.district_id, _role(row.role)
        )
        for row in rows
    }


def close_session(conn: sa.Connection, token: str) -> None:
    """End a session."""
    conn.execute(tables.session.delete().where(tables.session.c.token_hash == token_hash(token)))
