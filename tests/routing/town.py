"""The invented district, small, in a test's database; and a context on it without roads."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa

from fleet import tables
from fleet.clock import Clock
from fleet.context import Context
from fleet.db import make_engine
from fleet.roads import Roads
from fleet.settings import Settings
from fleet.synthetic import people

DAY = date(2026, 1, 14)
MORNING = datetime(2026, 1, 13, 23, 0, tzinfo=UTC)  # 07:00 in Shanghai


def seed(conn: sa.Connection, elders: int = 30) -> int:
    """Two vans, a few dozen elders, four weeks behind them, a winter's day ahead; the district's id."""
    size = people.Size(vans=2, elders=elders)
    return people.seed_district(conn, size, day=DAY, seed=7, now=MORNING)


def context_on(database: str, home: Path) -> Context:
    """A context on a fresh database; its clock stands on the morning of the day."""
    settings = Settings(home=home, database_url=database)
    engine = make_engine(database)
    return Context(settings, database, engine, Clock.opening(MORNING), Roads(""), secrets.token_bytes(32))


def add_account(conn: sa.Connection, login: str) -> int:
    """An account that logs in by a session made in the test."""
    return int(
        conn.execute(
            tables.account.insert()
            .values(login=login, password_hash="none", created_at=MORNING)
            .returning(tables.account.c.id)
        ).scalar_one()
    )
