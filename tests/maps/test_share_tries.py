"""How many wrong passwords a shared map bears."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.clock import wall_now
from maps import share_store
from maps.scope import Scope
from maps.share_store import NewShare
from maps.share_tries import (
    LOCK,
    LOCK_ACTION,
    MAX_OF_ADDRESS,
    MAX_OF_ALL,
    Tries,
    address_key,
    locked_since,
    locked_until,
    settle,
    tries_of,
)
from tests.replay.seeding import seed

NOW = wall_now()
HERE, THERE = (address_key(b"k" * 32, address) for address in ("192.0.2.1", "192.0.2.2"))


@pytest.fixture
def share_id(conn: sa.Connection) -> int:
    """A shared map."""
    here = seed(conn)
    wanted = NewShare(here.district_id, "x", Scope(60), here.account_id, NOW + timedelta(hours=1), "stored")
    return share_store.create(conn, wanted, NOW)[0]


def wrong(conn: sa.Connection, share_id: int, address: bytes, now: datetime = NOW) -> datetime | None:
    return settle(conn, share_id, address, now, right=False)


def test_after_ten_from_one_address_it_is_locked_for_that_address(conn: sa.Connection, share_id: int) -> None:
    told = [wrong(conn, share_id, HERE) for _ in range(MAX_OF_ADDRESS)]
    assert told[:-1] == [None] * (MAX_OF_ADDRESS - 1)
    assert told[-1] == NOW + LOCK == locked_until(conn, share_id, HERE, NOW)
    # Then the right one counts for nothing either: whoever asks learns nothing.
    assert settle(conn, share_id, HERE, NOW, right=True) == NOW + LOCK
    assert settle(conn, share_id, THERE, NOW, right=True) is None
    assert locked_until(conn, share_id, HERE, NOW + LOCK) is None
    assert settle(conn, share_id, HERE, NOW + LOCK, right=True) is None


def test_right_ones_are_no_tries_and_forgive_none(conn: sa.Connection, share_id: int) -> None:
    for n in range(MAX_OF_ADDRESS - 1):
        assert wrong(conn, share_id, HERE) is None, n
        for _ in range(20):
            assert settle(conn, share_id, HERE, NOW, right=True) is None
    assert wrong(conn, share_id, HERE) is not None


def test_from_many_addresses_it_is_locked_for_all_that_are_not_yet_in(
    conn: sa.Connection, share_id: int
) -> None:
    for n in range(MAX_OF_ALL):
        wrong(conn, share_id, address_key(b"k" * 32, f"198.51.100.{n}"))
    assert locked_until(conn, share_id, HERE, NOW) == NOW + LOCK
    assert settle(conn, share_id, HERE, NOW, right=True) == NOW + LOCK


def test_no_address_can_be_read_from_what_is_kept(conn: sa.Connection, share_id: int) -> None:
    wrong(conn, share_id, HERE)
    assert "192.0.2" not in str(conn.execute(sa.select(tables.share_try)).all())
    assert address_key(b"j" * 32, "192.0.2.1") != HERE
    assert len(HERE) == 16


def test_dispatchers_are_told_of_locks_and_of_how_many_tries_they_were(
    conn: sa.Connection, share_id: int
) -> None:
    assert tries_of(conn, [share_id], NOW) == {}
    wrong(conn, share_id, THERE)
    assert tries_of(conn, [share_id], NOW) == {share_id: Tries(wrong=1)}
    for _ in range(MAX_OF_ADDRESS + 5):
        wrong(conn, share_id, HERE)
    told = tries_of(conn, [share_id], NOW)[share_id]
    assert (told.wrong, told.until, told.addresses, told.for_all) == (11, NOW + LOCK, 1, False)
    # A lock is one line of the audit, however often it is knocked at; hours later it is still told.
    a = tables.audit.c
    (line,) = conn.execute(sa.select(a.detail, a.object).where(a.action == LOCK_ACTION)).all()
    assert (line.object, line.detail) == (f"share:{share_id}", {"until": (NOW + LOCK).isoformat()})
    later = tries_of(conn, [share_id], NOW + timedelta(hours=9))[share_id]
    assert later == Tries(locked_at=told.locked_at) and told.locked_at is not None
    assert tries_of(conn, [share_id], NOW + timedelta(hours=25)) == {}
    for n in range(MAX_OF_ALL):
        wrong(conn, share_id, address_key(b"k" * 32, f"198.51.100.{n}"))
    told = tries_of(conn, [share_id], NOW)[share_id]
    assert (told.wrong, told.for_all) == (MAX_OF_ALL, True)


def test_links_that_are_locked_are_known_by_district_while_a_lock_holds_them(
    conn: sa.Connection, share_id: int
) -> None:
    district_id = conn.scalar(sa.select(tables.share.c.district_id)) or 0
    for n in range(MAX_OF_ADDRESS - 1):
        wrong(conn, share_id, HERE, NOW + timedelta(seconds=n))
    wrong(conn, share_id, THERE)
    assert locked_since(conn, district_id, NOW) == {}, "ten from two addresses are no lock"
    wrong(conn, share_id, HERE, NOW + timedelta(minutes=3))
    assert locked_since(conn, district_id, NOW + timedelta(minutes=3)) == {share_id: NOW}
    assert locked_since(conn, district_id + 1, NOW) == {}
    assert locked_since(conn, district_id, NOW + LOCK) == {}
    for ended in ({"revoked_at": NOW}, {"expires_at": NOW}, {"password_hash": None}):
        with conn.begin_nested() as savepoint:
            conn.execute(sa.update(tables.share).values(**ended))
            assert locked_since(conn, district_id, NOW) == {}, ended
            savepoint.rollback()
    assert locked_since(conn, district_id, NOW) == {share_id: NOW}
