"""Tile services in a real database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from fleet.errors import NotFound
from fleet.sealing import unseal
from maps import provider_store
from tests.maps import staging
from tests.maps.services import KEY, put_service, service


def test_what_is_saved_is_read_replaced_and_removed(conn: sa.Connection) -> None:
    here = staging.stage(conn).district_id
    made = service(here, "https://a.org")
    put_service(conn, bytes(32), made)
    (found,) = provider_store.list_of(conn, here)
    assert (found.urls, found.approval, found.enabled) == (made.urls, made.approval, True)
    assert found.sealed is not None and unseal(bytes(32), found.purpose, found.sealed) == KEY
    put_service(conn, bytes(32), service(here, "https://b.org", title="别的"))
    (again,) = provider_store.list_of(conn, here)
    assert (again.id, again.title) == (found.id, "别的")
    provider_store.remove(conn, here, "mine")
    assert provider_store.list_of(conn, here) == []
    with pytest.raises(NotFound):
        provider_store.remove(conn, here, "mine")


def test_a_district_sees_its_own_only(conn: sa.Connection) -> None:
    here = staging.stage(conn).district_id
    put_service(conn, bytes(32), service(here, "https://a.org"))
    assert provider_store.list_of(conn, here + 1) == []
    with pytest.raises(NotFound):
        provider_store.get(conn, here + 1, "mine")
