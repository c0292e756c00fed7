"""The dispatchers' list of shared maps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa

from fleet import accounts, tables
from fleet.clock import Clock, wall_now
from fleet.session import COOKIE, csrf_for
from maps import share_store
from maps.scope import Scope
from maps.share_store import Share
from maps.share_tries import MAX_OF_ADDRESS, address_key, settle
from maps.shares_page import FLASH
from tests.replay.seeding import DAY, MORNING, Seeded, add, seed
from tests.replay.serving import context_on, log_in, screens, serving


def test_a_new_link_is_shown_to_the_session_that_made_it_and_once(database: str, tmp_path: Path) -> None:
    with context_on(database, Clock.opening(MORNING), tmp_path) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
        own, other = (log_in(context.engine, here.account_id, here.district_id, "dispatcher") for _ in "ab")
        with serving(screens(context)) as url, httpx2.Client(base_url=url, trust_env=False) as client:
            client.cookies.set(COOKIE, own)
            form = {"title": "x", "hours": 2, "delay_s": 60, "csrf_token": csrf_for(context, own)}
            made = client.post("/shares", data=form, headers={"Origin": url})
            assert (made.status_code, made.headers["location"]) == (303, "/shares")
            assert "/s/" not in made.text
            flash = made.cookies[FLASH]
            # The client has kept the cookie, as a browser does; the page that shows the link takes it away.
            token = flash.partition(".")[0]
            assert f"{url}/s/{token}" in client.get("/shares").text
            assert 'id="link"' not in client.get("/shares").text
            for session, cookie in ((other, flash), (own, f"{token}.forged"), (own, "")):
                client.cookies = httpx2.Cookies({COOKIE: session, FLASH: cookie})
                page = client.get("/shares")
                assert (page.status_code, 'id="link"' in page.text) == (200, False)


class Office:
    """A dispatcher's client, and what it made."""

    def __init__(self, client: httpx2.Client, url: str, csrf: str, engine: sa.Engine, here: Seeded) -> None:
        self.here, self._client, self._url, self._csrf, self._engine = here, client, url, csrf, engine

    def make(self, **more: object) -> httpx2.Response:
        form = {"title": "x", "hours": 24, "delay_s": 60, "csrf_token": self._csrf, **more}
        return self._client.post("/shares", data=form, headers={"Origin": self._url, "Accept-Language": "en"})

    def shares(self) -> list[Share]:
        with self._engine.connect() as conn:
            return share_store.list_of(conn, self.here.district_id)

    def page(self) -> str:
        return self._client.get("/shares").text


@contextmanager
def office(database: str, home: Path) -> Iterator[tuple[Office, int]]:
    """An office, and a beat."""
    with context_on(database, Clock.opening(MORNING), home) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
            square = "MULTIPOLYGON(((115.9 36.4, 116 36.4, 116 36.5, 115.9 36.5, 115.9 36.4)))"
            beat = add(
                conn, tables.beat, district_id=here.district_id, code="B1", name="第一网格",
                geom=f"SRID=4326;{square}",
            )  # fmt: skip
        session = log_in(context.engine, here.account_id, here.district_id, "dispatcher")
        with serving(screens(context)) as url, httpx2.Client(base_url=url, trust_env=False) as client:
            client.cookies.set(COOKIE, session)
            yield Office(client, url, csrf_for(context, session), context.engine, here), beat


def test_a_link_is_made_for_vans_beats_a_day_hours_and_a_password(database: str, tmp_path: Path) -> None:
    with office(database, tmp_path) as (desk, beat):
        van = desk.here.vans[0]
        made = desk.make(
            vans=[van], beats=[beat], day=str(DAY), hour_from=8, hour_to=17, delay_s=900, password="Red-melon"
        )
        assert made.status_code == 303
        (share,) = desk.shares()
        assert share.scope == Scope(900, (van,), (beat,), DAY, 8, 17)
        assert share.guarded
        page = desk.page()
        for word in ("第一网格", "2026-07-22 08:00–17:00", "晚 15 分钟", "凭密码访问"):
            assert word in page
        assert desk.make().status_code == 303
        assert desk.shares()[0].scope == Scope(60)
        assert not desk.shares()[0].guarded


def test_the_list_tells_that_wrong_passwords_locked_a_link(database: str, tmp_path: Path) -> None:
    with office(database, tmp_path) as (desk, _):
        desk.make(password="Red-melon")
        (share,) = desk.shares()
        assert "输错密码" not in desk.page()
        with desk._engine.begin() as conn:
            for _ in range(MAX_OF_ADDRESS):
                until = settle(conn, share.id, address_key(b"k" * 32, "192.0.2.1"), wall_now(), right=False)
        page = desk.page()
        assert until is not None and "已锁定一个网络地址，至" in page and until.isoformat() in page
        assert "15 分钟内输错密码 10 次" in page


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("hour_from", 24, "The hours 24 to 24 are none. Let the first be before the second."),
        ("hours", 3, "This expiry or delay is not on offer. Choose one of the list."),
        ("password", "short", "The password has 5 characters; give at least 8, or none."),
        ("day", "someday", "The field day is no day. Write it as 2026-07-20."),
        (
            "day",
            date(2026, 8, 1),
            "The link would end before it shows anything of 2026-08-01. Let it last longer.",
        ),
        ("vans", [987], "There is no van 987 in this district."),
        ("beats", [987], "There is no beat 987 here. Choose another."),
        ("title", " ", "The title has 0 characters; give 1 to 80."),
    ],
)
def test_what_cannot_be_shared_is_said(
    database: str, tmp_path: Path, field: str, value: object, sentence: str
) -> None:
    with office(database, tmp_path) as (desk, _):
        answer = desk.make(**{field: value})
        assert answer.status_code in (404, 422)
        assert answer.json() == {"error": sentence}
        assert desk.shares() == []


def test_the_audit_keeps_what_was_shared_and_no_password(database: str, tmp_path: Path) -> None:
    with office(database, tmp_path) as (desk, beat):
        desk.make(beats=[beat], password="Red-melon")
        with desk._engine.connect() as conn:
            kept = conn.execute(sa.select(tables.audit)).mappings().all()
            stored = conn.scalar(sa.select(tables.share.c.password_hash))
        (line,) = (each for each in kept if each["action"] == "share.create")
        assert line["detail"]["beats"] == [beat] and line["detail"]["guarded"] is True
        assert "Red-melon" not in str(kept)
        assert stored is not None and "Red-melon" not in stored and accounts.matches(stored, "Red-melon")


def test_a_link_is_changed_and_the_audit_tells_before_and_after(database: str, tmp_path: Path) -> None:
    with office(database, tmp_path) as (desk, _):
        desk.make(password="Red-melon")
        (was,) = desk.shares()
        van, at = desk.here.vans[0], f"{desk._url}/shares/{was.id}"
        form = {"title": "y", "hours": 0, "delay_s": 900, "vans": [van], "password": "Green-melon"}
        assert desk._client.post(at, data=form, headers={"Origin": desk._url}).status_code == 403
        form["csrf_token"] = desk._csrf
        assert desk._client.post(at, data=form, headers={"Origin": desk._url}).status_code == 303
        (share,) = desk.shares()
        assert (share.title, share.scope, share.expires_at) == ("y", Scope(900, (van,)), was.expires_at)
        with desk._engine.connect() as conn:
            kept = conn.execute(sa.select(tables.audit)).mappings().all()
        (line,) = (each["detail"] for each in kept if each["action"] == "share.change")
        assert (line["before"]["vans"], line["after"]["vans"]) == (None, [van])
        assert line["new_title"] and line["new_password"] and "elon" not in str(kept)
        viewer = log_in(desk._engine, desk.here.account_id, desk.here.district_id, "viewer")
        desk._client.cookies.set(COOKIE, viewer)
        assert desk._client.get(at).status_code == 403
