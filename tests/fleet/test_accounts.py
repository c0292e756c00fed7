from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from fleet import accounts, tables
from fleet.accounts import Account, Refusal
from fleet.errors import InvalidInput
from tests.fleet.test_journal import a_district

NOW = datetime(2026, 7, 20, 2, tzinfo=UTC)
GOOD = "Mungbean-2026"
IDLE = timedelta(minutes=30)


def somebody(conn: sa.Connection, login: str = "li") -> Account:
    return accounts.create(conn, login, GOOD, "李", NOW)


@pytest.mark.parametrize("weak", ["", "short1A!", "alllowercase", "lower1234567", "1234567890"])
def test_weak_passwords_are_refused(conn: sa.Connection, weak: str) -> None:
    with pytest.raises(InvalidInput, match="too weak"):
        accounts.create(conn, "li", weak, "", NOW)


def test_a_password_is_kept_as_argon2_only(conn: sa.Connection) -> None:
    somebody(conn)
    kept = conn.scalar(sa.select(tables.account.c.password_hash))
    assert kept is not None
    assert kept.startswith("$argon2id$")
    assert GOOD not in kept


def test_five_wrong_passwords_lock_for_a_quarter_of_an_hour(conn: sa.Connection) -> None:
    who = somebody(conn)
    for _ in range(4):
        assert accounts.log_in(conn, "li", "wrong", NOW) == Refusal("wrong")
    assert accounts.log_in(conn, "li", "wrong", NOW) == Refusal("locked", NOW + accounts.LOCK)
    assert accounts.log_in(conn, "li", GOOD, NOW) == Refusal("locked", NOW + accounts.LOCK)
    assert accounts.log_in(conn, "li", GOOD, NOW + accounts.LOCK) == who


def test_an_unknown_login_reads_like_a_wrong_password(conn: sa.Connection) -> None:
    assert accounts.log_in(conn, "nobody", GOOD, NOW) == Refusal("wrong")


def test_a_session_ends_by_idleness_by_age_and_by_logging_out(conn: sa.Connection) -> None:
    district_id, who = a_district(conn), somebody(conn)
    accounts.grant(conn, who.id, district_id, "planner")
    token = accounts.open_session(conn, who.id, district_id, NOW, timedelta(hours=1))
    found = accounts.find_session(conn, token, NOW, IDLE)
    assert found is not None
    assert (found.account, found.district_id, found.role) == (who, district_id, "planner")
    assert accounts.find_session(conn, token, NOW + timedelta(minutes=31), IDLE) is None
    assert accounts.find_session(conn, token, NOW + timedelta(minutes=25), IDLE) is not None
    assert accounts.find_session(conn, token, NOW + timedelta(minutes=50), IDLE) is not None
    assert accounts.find_session(conn, token, NOW + timedelta(minutes=61), IDLE) is None
    accounts.close_session(conn, token)
    assert accounts.find_session(conn, token, NOW, IDLE) is None
    assert accounts.find_session(conn, "made up", NOW, IDLE) is None


def test_a_new_password_ends_the_sessions(conn: sa.Connection) -> None:
    district_id, who = a_district(conn), somebody(conn)
    accounts.grant(conn, who.id, district_id, "viewer")
    token = accounts.open_session(conn, who.id, district_id, NOW, timedelta(hours=1))
    assert accounts.set_password(conn, "li", GOOD + "x")
    assert accounts.find_session(conn, token, NOW, IDLE) is None
    assert accounts.log_in(conn, "li", GOOD + "x", NOW) == who
    assert not accounts.set_password(conn, "nobody", GOOD)
