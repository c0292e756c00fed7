"""Other services' tiles through the served product, from a real host on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa

from fleet import accounts, tables
from fleet.clock import wall_now
from maps import share_store
from maps.provider import Provider
from maps.scope import Scope
from maps.share_store import NewShare
from tests.maps.product import Product, product
from tests.maps.services import KEY, put_service, service
from tests.maps.tile_host import TileHost, tile_host


@pytest.fixture
def host() -> Iterator[TileHost]:
    with tile_host() as made:
        yield made


@pytest.fixture
def here(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Product]:
    monkeypatch.setenv("CAREVAN_TILE_NETWORKS", "127.0.0.1/32")
    with product(database, tmp_path) as made:
        yield made


def put(made: Product, provider: Provider) -> None:
    with made.context.engine.begin() as conn:
        put_service(conn, made.context.key, provider)


def asking(made: Product, login: str = "li") -> httpx2.Client:
    """Somebody logged in; an empty login: a stranger."""
    if not login:
        return httpx2.Client(base_url=made.address, trust_env=False)
    with made.context.engine.begin() as conn:
        account = conn.scalar(sa.select(tables.account.c.id).where(tables.account.c.login == login))
        assert account is not None
        token = accounts.open_session(conn, account, made.stage.district_id, wall_now(), timedelta(hours=1))
    return httpx2.Client(base_url=made.address, cookies={"carevan_session": token}, trust_env=False)


def guest(made: Product) -> httpx2.Client:
    with made.context.engine.begin() as conn:
        account = conn.scalar(sa.select(tables.account.c.id).limit(1))
        assert account is not None
        now = wall_now()
        wanted = NewShare(made.stage.district_id, "看", Scope(60), account, now + timedelta(hours=1))
        _, token = share_store.create(conn, wanted, now)
        _, cookie = share_store.admit(conn, token, now)
    return httpx2.Client(base_url=made.address, cookies={"carevan_guest": cookie}, trust_env=False)


def test_a_tile_is_fetched_once_and_kept(here: Product, host: TileHost) -> None:
    put(here, service(here.stage.district_id, host.address))
    with asking(here) as client:
        first = client.get("/tiles/provider/mine/12/3367/1596")
        again = client.get("/tiles/provider/mine/12/3367/1596")
        same = client.get(
            "/tiles/provider/mine/12/3367/1596", headers={"If-None-Match": first.headers["etag"]}
        )
    assert (first.status_code, first.content, first.headers["content-type"]) == (200, host.body, "image/png")
    assert first.headers["cache-control"] == "private, max-age=3600"
    assert again.content == first.content
    assert same.status_code == 304
    assert host.asked == [f"/12/3367/1596?tk={KEY}"]
    kept = [path for path in here.context.settings.provider_tiles_dir.rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [host.body]


def test_a_service_that_allows_no_keeping_is_asked_each_time(here: Product, host: TileHost) -> None:
    put(here, service(here.stage.district_id, host.address, keep_h=0))
    with asking(here) as client:
        for _ in range(2):
            assert client.get("/tiles/provider/mine/3/1/1").headers["cache-control"] == "no-store"
    assert len(host.asked) == 2
    assert not here.context.settings.provider_tiles_dir.exists()


def test_a_browser_is_told_neither_address_nor_key(here: Product, host: TileHost) -> None:
    put(here, service(here.stage.district_id, host.address))
    with asking(here) as client:
        told = client.get("/tiles/providers", headers={"Accept-Language": "en"})
        tile = client.get("/tiles/provider/mine/3/1/1")
    assert told.json() == [
        {
            "name": "mine", "title": "Outer map", "datum": "wgs84", "layers": 1,
            "min_zoom": 1, "max_zoom": 18, "attribution": "© Outer Maps", "approval": "GS(2026)0001号",
        }
    ]  # fmt: skip
    for answer in (told, tile):
        assert KEY not in str(answer.headers) and host.address not in str(answer.headers) + told.text


def test_strangers_and_guests_of_closed_services_see_nothing(here: Product, host: TileHost) -> None:
    put(here, service(here.stage.district_id, host.address))
    with asking(here, "") as stranger, guest(here) as somebody:
        assert stranger.get("/tiles/providers").json() == somebody.get("/tiles/providers").json() == []
        assert stranger.get("/tiles/provider/mine/3/1/1").status_code == 401
        assert somebody.get("/tiles/provider/mine/3/1/1").status_code == 404
    assert host.asked == []


def test_guests_see_a_service_that_allows_them(here: Product, host: TileHost) -> None:
    put(here, service(here.stage.district_id, host.address, guests=True))
    with guest(here) as somebody:
        assert [each["name"] for each in somebody.get("/tiles/providers").json()] == ["mine"]
        assert somebody.get("/tiles/provider/mine/3/1/1").content == host.body


def test_what_is_off_unknown_or_off_the_grid_is_not_there(here: Product, host: TileHost) -> None:
    put(here, service(here.stage.district_id, host.address, name="dark", enabled=False))
    put(here, service(here.stage.district_id, host.address))
    paths = ("dark/3/1/1", "none/3/1/1", "mine/0/0/0", "mine/3/8/1", "mine/3/1/1?layer=1", "mine/19/1/1")
    with asking(here) as client:
        assert [client.get(f"/tiles/provider/{path}").status_code for path in paths] == [404] * len(paths)
    assert host.asked == []


def test_a_failing_service_is_told_of_and_nothing_of_it_is_kept(here: Product, host: TileHost) -> None:
    put(here, service(here.stage.district_id, host.address))
    with asking(here) as client:
        host.status = 500
        failed = client.get("/tiles/provider/mine/3/1/1", headers={"Accept-Language": "zh"})
        assert (failed.status_code, failed.json()) == (503, {"error": "底图服务返回 500。"})
        host.status = 404
        empty = client.get("/tiles/provider/mine/3/1/2")
        assert (empty.status_code, empty.headers["content-type"]) == (200, "image/png")
        host.status = 200
        assert client.get("/tiles/provider/mine/3/1/1").content == host.body
