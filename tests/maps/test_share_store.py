"""Shared maps in the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.clock import wall_now
from fleet.errors import NotFound
from maps import share_store
from maps.scope import Scope
from maps.share_store import NewShare, Share
from tests.replay.seeding import Seeded, seed

NOW = wall_now()


@pytest.fixture
def here(conn: sa.Connection) -> Seeded:
    """A small district."""
    return seed(conn)


def make(conn: sa.Connection, here: Seeded, vans: tuple[int, ...] | None = None) -> tuple[Share, str]:
    """A share of an hour, and its token."""
    wanted = NewShare(here.district_id, "车辆", Scope(60, vans), here.account_id, NOW + timedelta(hours=1))
    share_id, token = share_store.create(conn, wanted, NOW)
    return next(each for each in share_store.list_of(conn, here.district_id) if each.id == share_id), token


def test_a_token_lets_guests_in_until_it_is_revoked(conn: sa.Connection, here: Seeded) -> None:
    share, token = make(conn, here)
    _, cookie = share_store.admit(conn, token, NOW)
    share_store.admit(conn, token, NOW)
    assert share_store.list_of(conn, here.district_id)[0].views == 2
    assert share_store.of_guest(conn, cookie, NOW) is not None
    share_store.revoke(conn, here.district_id, share.id, NOW)
    assert share_store.of_guest(conn, cookie, NOW) is None
    with pytest.raises(NotFound, match="taken back"):
        share_store.admit(conn, token, NOW)


def test_a_share_expires(conn: sa.Connection, here: Seeded) -> None:
    _, token = make(conn, here)
    _, cookie = share_store.admit(conn, token, NOW)
    later = NOW + timedelta(hours=2)
    assert share_store.of_guest(conn, cookie, later) is None
    with pytest.raises(NotFound):
        share_store.admit(conn, token, later)


def test_nothing_readable_is_stored(conn: sa.Connection, here: Seeded) -> None:
    _, token = make(conn, here)
    _, cookie = share_store.admit(conn, token, NOW)
    kept = [*conn.execute(sa.select(tables.share)), *conn.execute(sa.select(tables.guest))]
    assert token not in str(kept)
    assert cookie not in str(kept)
    assert share_store.of_guest(conn, None, NOW) is None
    assert share_store.of_guest(conn, token, NOW) is None


def test_only_the_districts_own_can_be_revoked(conn: sa.Connection, here: Seeded) -> None:
    share, _ = make(conn, here)
    other = seed(conn, "另一区")
    with pytest.raises(NotFound):
        share_store.revoke(conn, other.district_id, share.id, NOW)


def test_a_link_is_changed_and_keeps_its_address(conn: sa.Connection, here: Seeded) -> None:
    share, token = make(conn, here)
    _, cookie = share_store.admit(conn, token, NOW)
    narrow = Scope(900, (here.vans[0],), None, None, 8, 17)
    ends = NOW + timedelta(hours=9)

    def change(password: str | None = None, *, unguarded: bool = False) -> None:
        was = share_store.of(conn, here.district_id, share.id, NOW)
        wanted = NewShare(here.district_id, "new", narrow, here.account_id, ends, password)
        share_store.change(conn, was, wanted, unguarded=unguarded)

    change()
    kept = share_store.of_guest(conn, cookie, NOW)
    assert kept is not None and (kept.title, kept.scope, kept.expires_at) == ("new", narrow, ends)
    # Who has been let in must enter anew, by the new password; one looked at before the change is none.
    change("hash")
    assert share_store.of_guest(conn, cookie, NOW) is None
    with pytest.raises(NotFound):
        share_store.admit(conn, token, NOW)
    _, cookie = share_store.admit(conn, token, NOW, "hash")
    change()
    assert share_store.find(conn, token, NOW)[1] == "hash"
    change(unguarded=True)
    assert share_store.find(conn, token, NOW)[1] is None
    assert share_store.of_guest(conn, cookie, NOW) is not None
    with pytest.raises(NotFound):
        share_store.of(conn, here.district_id + 1, share.id, NOW)
    share_store.revoke(conn, here.district_id, share.id, NOW)
    with pytest.raises(NotFound):
        change()
