from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

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


def test_outside_tests_a_password_costs_what_argon2s_authors_advise(products_hasher: PasswordHasher) -> None:
    """RFC 9106's second choice: 64 MiB, three passes, four lanes."""
    assert products_hasher.hash(GOOD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


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


def test_sessions_are_found_in_one_question_and_kept_alive_by_it(conn: sa.Connection) -> None:
    district_id, who, other = a_district(conn), somebody(conn), somebody(conn, "wang")
    for account in (who, other):
        accounts.grant(conn, account.id, district_id, "planner")
    hour = timedelta(hours=1)
    tokens = [accounts.open_session(conn, each.id, district_id, NOW, hour) for each in (who, other, who)]
    found = accounts.find_sessions(conn, [*tokens, "made up"], NOW, IDLE)
    assert {token: each.account for token, each in found.items()} == dict(
        zip(tokens, (who, other, who), strict=True)
    )
    assert accounts.find_sessions(conn, [], NOW, IDLE) == {}
    # Being watched is being seen, for those that were asked about.
    assert set(accounts.find_sessions(conn, tokens[:2], NOW + timedelta(minutes=25), IDLE)) == set(tokens[:2])
    assert set(accounts.find_sessions(conn, tokens, NOW + timedelta(minutes=50), IDLE)) == set(tokens[:2])
    conn.execute(
        tables.membership.update().where(tables.membership.c.account_id == who.id).values(role="viewer")
    )
    conn.execute(tables.account.update().where(tables.account.c.id == other.id).values(disabled_at=NOW))
    left = accounts.find_sessions(conn, tokens[:2], NOW + timedelta(minutes=51), IDLE)
    assert {token: each.role for token, each in left.items()} == {tokens[0]: "viewer"}


def test_a_new_password_ends_the_sessions(conn: sa.Connection) -> None:
    district_id, who = a_district(conn), somebody(conn)
    accounts.grant(conn, who.id, district_id, "viewer")
    token = accounts.open_session(conn, who.id, district_id, NOW, timedelta(hours=1))
    assert accounts.set_password(conn, "li", GOOD + "x")
    assert accounts.find_session(conn, token, NOW, IDLE) is None
    assert accounts.log_in(conn, "li", GOOD + "x", NOW) == who
    assert not accounts.set_password(conn, "nobody", GOOD)
