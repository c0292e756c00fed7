"""Logging in and out, and the choices that are a person's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa

from fleet import accounts, session, tables
from tests.maps import staging
from tests.maps.product import Product, product
from tests.maps.staging import PASSWORD


@pytest.fixture
def here(database: str, tmp_path: Path) -> Iterator[Product]:
    with product(database, tmp_path) as made:
        yield made


HEADERS = {"accept": "text/html", "accept-language": "zh-CN"}


@pytest.fixture
def visitor(here: Product) -> Iterator[httpx2.Client]:
    """Somebody before a product of their own."""
    with httpx2.Client(base_url=here.address, headers=HEADERS, trust_env=False) as client:
        yield client


@pytest.fixture
def guest(shared: Product) -> Iterator[httpx2.Client]:
    """Somebody before the module's product, who changes nothing in it."""
    with httpx2.Client(base_url=shared.address, headers=HEADERS, trust_env=False) as client:
        yield client


def log_in(client: httpx2.Client, password: str, onward: str = "/") -> httpx2.Response:
    origin = {"origin": str(client.base_url).rstrip("/")}
    form = {"login": "li", "password": password, "next": onward}
    return client.post("/login", data=form, headers=origin)


def test_a_stranger_is_led_to_the_log_in_page_and_back(guest: httpx2.Client) -> None:
    led = guest.get("/plan?day=2026-07-24")
    assert led.status_code == 303
    page = guest.get(led.headers["location"])
    assert 'value="/plan?day=2026-07-24"' in page.text
    done = log_in(guest, PASSWORD, "/plan?day=2026-07-24")
    assert (done.status_code, done.headers["location"]) == (303, "/plan?day=2026-07-24")
    assert re.search(r"httponly", done.headers["set-cookie"], re.I)


def test_nobody_is_led_off_the_house(guest: httpx2.Client) -> None:
    assert log_in(guest, PASSWORD, "//evil.example/").headers["location"] == "/"


def test_a_wrong_password_is_told_and_the_fifth_locks(visitor: httpx2.Client, here: Product) -> None:
    first = log_in(visitor, "wrong")
    assert first.status_code == 401
    assert "账号或密码不正确" in first.text
    for _ in range(4):
        last = log_in(visitor, "wrong")
    assert "账号已锁定" in last.text
    assert "账号已锁定" in log_in(visitor, PASSWORD).text
    with here.context.engine.connect() as conn:
        told = conn.scalars(sa.select(tables.audit.c.result)).all()
    assert told == ["refused"] * 6


def test_logging_out_ends_the_session(guest: httpx2.Client, shared: Product) -> None:
    log_in(guest, PASSWORD)
    page = guest.get("/plan")
    assert page.status_code == 200
    token = re.search(r'name="csrf" content="([^"]+)"', page.text)
    assert token is not None
    origin = {"origin": shared.address}
    assert guest.post("/logout", headers=origin).status_code == 403
    out = guest.post("/logout", data={"csrf_token": token[1]}, headers=origin)
    assert out.headers["location"] == "/login"
    guest.cookies.set(session.COOKIE, "a token that is no more")
    assert guest.get("/plan").status_code == 303


def test_language_and_theme_are_remembered(guest: httpx2.Client) -> None:
    assert "登录" in guest.get("/login").text
    back = guest.get("/language/en?next=/login")
    assert back.headers["location"] == "/login"
    guest.get("/theme/light?next=/login")
    page = guest.get("/login").text
    assert "Log in" in page
    assert 'data-theme="light"' in page
    assert guest.get("/language/fr").status_code == 404


def test_a_person_goes_on_only_in_districts_that_they_were_given(
    visitor: httpx2.Client, here: Product
) -> None:
    with here.context.engine.begin() as conn:
        own = staging.put(conn, tables.district, name="北区", centre=staging.point(*staging.CENTRE))
        strange = staging.put(conn, tables.district, name="南区", centre=staging.point(*staging.CENTRE))
        account_id = conn.scalar(sa.select(tables.account.c.id).where(tables.account.c.login == "li"))
        assert account_id is not None
        accounts.grant(conn, account_id, own, "viewer")
    log_in(visitor, PASSWORD)
    token = re.search(r'name="csrf" content="([^"]+)"', visitor.get("/").text)
    assert token is not None
    form = {"csrf_token": token[1], "district": str(strange)}
    assert visitor.post("/district", data=form, headers={"origin": here.address}).status_code == 403
    assert "切换辖区" in visitor.get("/").text
    form["district"] = str(own)
    assert visitor.post("/district", data=form, headers={"origin": here.address}).status_code == 303
    assert "北区" in visitor.get("/").text
