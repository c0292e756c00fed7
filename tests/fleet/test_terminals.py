from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from fleet import tables, terminals
from fleet.errors import NotFound
from tests.fleet.test_journal import a_district
from tests.fleet.test_outbox import a_van

NOW = datetime(2026, 7, 20, 2, tzinfo=UTC)


@pytest.fixture
def terminal_id(conn: sa.Connection) -> int:
    district_id = a_district(conn)
    return terminals.register(
        conn, district_id, a_van(conn, district_id), "v1-screen", kind="screen", now=NOW
    )


def test_a_token_is_known_until_the_next_one(conn: sa.Connection, terminal_id: int) -> None:
    first = terminals.issue_token(conn, terminal_id)
    found = terminals.by_token(conn, first)
    assert found is not None
    assert (found.id, found.is_primary) == (terminal_id, True)
    second = terminals.issue_token(conn, terminal_id)
    assert terminals.by_token(conn, first) is None
    assert terminals.by_token(conn, second) is not None
    kept = conn.scalar(sa.select(tables.terminal.c.token_hash))
    assert kept is not None and second.encode() not in kept


def test_a_revoked_terminal_is_unknown(conn: sa.Connection, terminal_id: int) -> None:
    token = terminals.issue_token(conn, terminal_id)
    conn.execute(tables.terminal.update().values(revoked_at=NOW))
    assert terminals.by_token(conn, token) is None


def test_a_pairing_code_works_once_and_for_ten_minutes(conn: sa.Connection, terminal_id: int) -> None:
    code = terminals.pairing_code(conn, terminal_id, NOW)
    with pytest.raises(NotFound):
        terminals.pair(conn, code, NOW + timedelta(minutes=11))
    paired, token = terminals.pair(conn, code, NOW + timedelta(minutes=9))
    assert paired == terminal_id
    assert terminals.by_token(conn, token) is not None
    with pytest.raises(NotFound, match="wrong, used or older"):
        terminals.pair(conn, code, NOW)


def test_only_a_vans_first_terminal_is_primary(conn: sa.Connection, terminal_id: int) -> None:
    row = conn.execute(sa.select(tables.terminal.c.district_id, tables.terminal.c.van_id)).one()
    other = terminals.register(conn, row.district_id, row.van_id, "v1-sim", kind="simulator", now=NOW)
    primary = sa.select(tables.terminal.c.is_primary).where(tables.terminal.c.id == other)
    assert conn.scalar(primary) is False
