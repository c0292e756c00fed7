from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from fleet import tables, terminals
from fleet.errors import InvalidInput, NotFound
from fleet.keys import secret_as_typed
from fleet.terminals import Device
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


def test_a_secret_is_known_as_typed_until_it_is_revoked(conn: sa.Connection, terminal_id: int) -> None:
    secret = terminals.issue_secret(conn, terminal_id)
    found = terminals.by_token(conn, secret_as_typed(secret.upper()))
    assert found is not None and found.id == terminal_id
    kept = conn.scalar(sa.select(tables.terminal.c.token_hash))
    assert kept is not None and secret.replace("-", "").encode() not in kept
    terminals.revoke(conn, terminal_id, NOW)
    terminals.revoke(conn, terminal_id, NOW + timedelta(days=1))
    assert terminals.by_token(conn, secret_as_typed(secret)) is None
    assert conn.scalar(sa.select(tables.terminal.c.revoked_at)) == NOW
    terminals.issue_secret(conn, terminal_id)
    assert conn.scalar(sa.select(tables.terminal.c.revoked_at)) is None


def test_the_list_of_terminals_tells_what_is_in_use(conn: sa.Connection, terminal_id: int) -> None:
    row = conn.execute(sa.select(tables.terminal.c.district_id, tables.terminal.c.van_id)).one()
    device = Device("gcj02", "55123142556")
    terminals.register(conn, row.district_id, row.van_id, "box", kind="jt808", now=NOW, device=device)
    terminals.issue_token(conn, terminal_id)
    box, screen = terminals.entries(conn, row.district_id)
    assert (box.code, box.kind, box.datum, box.has_token, box.revoked_at) == (
        "box", "jt808", "gcj02", False, None
    )  # fmt: skip
    assert (screen.id, screen.van_code, screen.has_token) == (terminal_id, box.van_code, True)
    kept = sa.select(tables.terminal.c.hardware_id).where(tables.terminal.c.code == "box")
    assert conn.scalar(kept) == "55123142556"


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


@pytest.fixture
def box(conn: sa.Connection) -> int:
    district_id = a_district(conn)
    made = terminals.register(conn, district_id, a_van(conn, district_id), "v1-box", kind="jt808", now=NOW)
    conn.execute(tables.terminal.update().values(hardware_id="13912345678"))
    return made


def test_a_device_is_enrolled_once_in_its_window(conn: sa.Connection, box: int) -> None:
    assert terminals.enrol(conn, "13912345678", NOW) is None
    until = terminals.open_enrolment(conn, box, NOW)
    assert until == NOW + timedelta(minutes=10)
    assert terminals.enrol(conn, "13912345678", until) is None
    assert terminals.enrol(conn, "13900000000", NOW) is None
    code = terminals.enrol(conn, "13912345678", until - timedelta(seconds=1))
    assert code is not None and len(code) == 22 and code.isascii()
    found = terminals.by_token(conn, code)
    assert found is not None and found.id == box
    assert terminals.enrol(conn, "13912345678", NOW) is None
    terminals.open_enrolment(conn, box, NOW)
    again = terminals.enrol(conn, "13912345678", NOW)
    assert again != code and terminals.by_token(conn, code) is None


def test_only_a_device_with_a_number_has_a_window(conn: sa.Connection, terminal_id: int) -> None:
    with pytest.raises(InvalidInput, match="no JT/T 808 device"):
        terminals.open_enrolment(conn, terminal_id, NOW)


def test_a_revoked_device_comes_back_by_registering_anew(conn: sa.Connection, box: int) -> None:
    conn.execute(tables.terminal.update().values(revoked_at=NOW))
    terminals.open_enrolment(conn, box, NOW)
    code = terminals.enrol(conn, "13912345678", NOW)
    assert code is not None and terminals.by_token(conn, code) is not None
