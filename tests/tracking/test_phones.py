"""Phones over real HTTP, from the request to the database and back."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
import sqlalchemy as sa

from fleet import geo, tables, terminals
from fleet.clock import wall_now
from fleet.cluster import Cluster
from fleet.context import Context
from fleet.geo import Datum
from fleet.keys import new_secret
from tests.tracking.platform import LAT, LON, NOON_MS, Fleet, context_on, register, rows, running
from tests.tracking.test_ingest import mortal
from tracking import phones
from tracking.protocol import MAX_BYTES

__all__ = ["mortal"]
_T = NOON_MS // 1000 - 60
_ENGLISH = {"Accept-Language": "en"}
_GCJ02 = Path(__file__).parents[3] / "shared/data/protocol/gcj02_vectors.json"


def _phone(context: Context, fleet: Fleet, code: str = "p1", datum: Datum = "wgs84") -> str:
    """Register a phone in the first van; its secret."""
    with context.engine.begin() as conn:
        terminal_id = terminals.register(
            conn,
            fleet.district_id,
            fleet.vans[0],
            code,
            kind="phone",
            now=context.clock.now(),
            device=terminals.Device(datum),
        )
        return terminals.issue_secret(conn, terminal_id)


@asynccontextmanager
async def _served(context: Context) -> AsyncIterator[httpx2.AsyncClient]:
    async with (
        running(context) as platform,
        httpx2.AsyncClient(
            base_url=f"http://{platform.address}", trust_env=False, headers=_ENGLISH, timeout=30
        ) as client,
    ):
        yield client


def _told(secret: str, k: int = 0, **more: object) -> dict[str, Any]:
    return {"id": secret, "timestamp": _T - k, "lat": LAT, "lon": LON + k * 1e-5, "speed": 10, **more}


def _basic(secret: str, user: str = "anybody") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}


def _location(k: int = 0, **more: object) -> dict[str, object]:
    return {"_type": "location", "tst": _T - k, "lat": LAT, "lon": LON + k * 1e-5, "vel": 36, **more}


def _scene(
    database: str, home: Path, play: Callable[[Context, httpx2.AsyncClient, str], Coroutine[Any, Any, None]]
) -> None:
    """Play a scene with one phone on a running platform."""
    context = context_on(database, home)
    secret = _phone(context, register(context.engine))

    async def scene() -> None:
        async with _served(context) as client:
            await play(context, client, secret)

    asyncio.run(scene())


def test_an_osmand_request_is_stored_before_it_is_answered_and_stored_once(
    database: str, tmp_path: Path
) -> None:
    async def play(_: Context, client: httpx2.AsyncClient, secret: str) -> None:
        nested = {"timestamp": _T - 3, "coords": {"latitude": LAT, "longitude": LON, "speed": 5}}
        asked: list[tuple[str, str, dict[str, Any]]] = [
            ("GET", "/osmand", {"params": _told(secret, 0)}),
            ("GET", "/osmand/", {"params": _told(secret.upper().replace("-", ""), 1)}),
            ("POST", "/osmand", {"data": _told(secret, 2)}),
            ("POST", "/osmand/", {"json": {"location": nested, "device_id": secret}}),
        ]
        for k, (method, path, told) in enumerate(asked, 1):
            answer = await client.request(method, path, **told)
            assert (answer.status_code, answer.json()) == (200, {"refused": []})
            assert rows(database, "SELECT count(*) FROM fix") == [(k,)]
        for method, path, told in asked:
            assert (await client.request(method, path, **told)).status_code == 200
        assert rows(database, "SELECT count(*) FROM fix") == [(4,)]

    _scene(database, tmp_path, play)
    stored = rows(database, "SELECT DISTINCT speed_mps, f.van_id = t.van_id, t.code FROM fix f"
                            " JOIN terminal t ON t.id = f.terminal_id ORDER BY 1")  # fmt: skip
    assert stored == [(5.0, True, "p1"), (pytest.approx(5.14444), True, "p1")]
    assert rows(database, "SELECT count(*) FROM van_state") == [(1,)]


def test_owntracks_is_let_in_by_its_password_and_answered_with_an_array(
    database: str, tmp_path: Path
) -> None:
    async def play(_: Context, client: httpx2.AsyncClient, secret: str) -> None:
        for path, message in (("/owntracks", _location()), ("/owntracks/", _location()), ("/owntracks", {})):
            body = message or {"_type": "lwt", "tst": _T}
            answer = await client.post(path, json=body, headers=_basic(secret))
            assert (answer.status_code, answer.json()) == (200, [])
        assert (await client.post("/owntracks", headers=_basic(secret))).json() == []
        for headers in ({}, _basic("x"), {"Authorization": "Basic ?"}, {"Authorization": f"Bearer {secret}"}):
            refused = await client.post("/owntracks", json=_location(), headers=headers)
            assert refused.status_code == 401 and "Basic" in refused.headers["www-authenticate"]

    _scene(database, tmp_path, play)
    assert rows(database, "SELECT speed_mps FROM fix") == [(10.0,)]
    assert rows(database, "SELECT count(*) FROM quarantine") == [(0,)]


def test_what_cannot_be_kept_goes_into_quarantine_without_the_secret_and_is_not_sent_again(
    database: str, tmp_path: Path
) -> None:
    async def play(_: Context, client: httpx2.AsyncClient, secret: str) -> None:
        answer = await client.get("/osmand", params=_told(secret, lat=400))
        assert answer.status_code == 200 and "400" in answer.json()["refused"][0]
        garbage = await client.post(
            "/osmand", params={"id": secret}, content=f'{{"device_id": "{secret}'.encode()
        )
        assert garbage.status_code == 200 and "JSON" in garbage.json()["refused"][0]
        early = await client.post("/owntracks", json=_location(tst=1), headers=_basic(secret))
        assert (early.status_code, early.json()) == (200, [])
        kept = rows(database, "SELECT why, raw FROM quarantine ORDER BY id")
        assert len(kept) == 3
        assert secret not in str(kept) and secret.replace("-", "") not in str(kept)

    _scene(database, tmp_path, play)
    assert rows(database, "SELECT count(*) FROM fix") == [(0,)]


def test_an_alarm_sent_twice_is_one_event(database: str, tmp_path: Path) -> None:
    async def play(_: Context, client: httpx2.AsyncClient, secret: str) -> None:
        for _again in range(2):
            assert (await client.get("/osmand", params=_told(secret, alarm="sos"))).status_code == 200
        locations = [{"timestamp": _T - k, "coords": {"latitude": LAT, "longitude": LON}, "alarm": "tow"}
                     for k in range(3)]  # fmt: skip
        answer = await client.post("/osmand", json={"location": locations, "device_id": secret})
        assert answer.json() == {"refused": []}

    _scene(database, tmp_path, play)
    told = rows(database, "SELECT kind, body->>'alarm', count(*) FROM event GROUP BY 1, 2 ORDER BY 1")
    assert told == [("alarm", "tow", 3), ("sos", "sos", 1)]


def test_who_is_unknown_guesses_or_sends_too_much_is_told_so(database: str, tmp_path: Path) -> None:
    async def play(_: Context, client: httpx2.AsyncClient, secret: str) -> None:
        assert (await client.get("/osmand", params=_told(secret))).status_code == 200
        large = await client.post("/osmand", content=b" " * (MAX_BYTES + 1))
        assert large.status_code == 413 and "64 KiB" in large.json()["error"]

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(20):
                yield b" " * 10_000

        assert (await client.post("/osmand", content=endless())).status_code == 413
        codes: list[int] = []
        while 429 not in codes:
            # The bucket of an address fills again by one a second.
            assert len(codes) < 500
            wrong = {"id": new_secret() if len(codes) % 2 else "123456"} if len(codes) % 3 else {}
            answer = await client.get("/osmand", params={**_told(""), **wrong})
            codes.append(answer.status_code)
        assert len(codes) > 30 and set(codes[:-1]) == {401}
        assert "Too many unknown" in answer.json()["error"] and answer.headers["retry-after"]
        assert (await client.get("/osmand", params=_told(secret, 1))).status_code == 200, "known before"

    _scene(database, tmp_path, play)
    assert rows(database, "SELECT count(*) FROM fix") == [(2,)]


def test_a_revoked_secret_is_refused_within_five_seconds(database: str, tmp_path: Path) -> None:
    def revoke(context: Context) -> None:
        with context.engine.begin() as conn:
            conn.execute(sa.update(tables.terminal).values(revoked_at=wall_now()))

    async def play(context: Context, client: httpx2.AsyncClient, secret: str) -> None:
        async def status(k: int) -> int:
            return (await client.get("/osmand", params=_told(secret, k))).status_code

        assert await status(0) == 200
        await asyncio.to_thread(revoke, context)
        revoked_s, k = time.monotonic(), 1
        while await status(k) == 200:
            assert time.monotonic() - revoked_s < 5
            k += 1
        assert time.monotonic() - revoked_s < 5
        assert await status(k) == 401

    _scene(database, tmp_path, play)


def test_while_the_database_is_held_back_no_one_hears_200_and_all_is_stored_once(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phones, "ANSWER_WITHIN_S", 20.0)

    async def play(_: Context, client: httpx2.AsyncClient, secret: str) -> None:
        assert (await client.get("/osmand", params=_told(secret, 0))).status_code == 200
        monkeypatch.setattr(phones, "ANSWER_WITHIN_S", 1.0)
        async with await psycopg.AsyncConnection.connect(database) as holder:
            await holder.execute("LOCK TABLE fix_20260722 IN ACCESS EXCLUSIVE MODE")
            for _again in range(2):
                late = await client.get("/osmand", params=_told(secret, 1))
                assert late.status_code == 503 and late.headers["retry-after"]
            await holder.rollback()
        monkeypatch.setattr(phones, "ANSWER_WITHIN_S", 20.0)
        assert (await client.get("/osmand", params=_told(secret, 1))).status_code == 200
        assert (await client.get("/osmand", params=_told(secret, 2))).status_code == 200

    _scene(database, tmp_path, play)
    assert rows(database, "SELECT count(*) FROM fix") == [(3,)]


@pytest.mark.database
def test_when_the_database_is_killed_what_was_answered_is_stored_and_the_rest_is_sent_again(
    mortal: tuple[Cluster, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster, url = mortal
    monkeypatch.setattr(phones, "ANSWER_WITHIN_S", 20.0)
    answered: set[int] = set()

    async def play(_: Context, client: httpx2.AsyncClient, secret: str) -> None:
        async def send(k: int) -> int:
            status = (await client.get("/osmand", params=_told(secret, k))).status_code
            if status == 200:
                answered.add(k)
            return status

        for k in range(20):
            assert await send(k) == 200
        monkeypatch.setattr(phones, "ANSWER_WITHIN_S", 1.0)
        pid = cluster.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        while await asyncio.to_thread(cluster.running):
            pass  # until the dead postmaster is buried
        assert await send(20) == 503
        await asyncio.to_thread(cluster.up)
        monkeypatch.setattr(phones, "ANSWER_WITHIN_S", 20.0)
        for k in range(20, 40):
            while await send(k) != 200:
                assert k not in answered
        assert len(answered) == 40

    _scene(url, tmp_path, play)
    assert rows(url, "SELECT count(*), count(DISTINCT t) FROM fix") == [(40, 40)]


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@pytest.mark.skipif(not _GCJ02.exists(), reason="the shared data folder is not beside the project")
def test_what_a_phone_tells_in_another_datum_is_stored_as_wgs84(
    database: str, tmp_path: Path, datum: Datum
) -> None:
    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    secret = _phone(context, fleet, "chinese", datum)
    vectors = json.loads(_GCJ02.read_text())["wgs_to_gcj"]

    async def scene() -> None:
        async with _served(context) as client:
            for k, each in enumerate(vectors):
                lat, lon = each["gcj"]
                if datum == "bd09":
                    lon, lat = geo.gcj02_to_bd09((lon, lat))
                told = _told(secret, 2 * k, lat=lat, lon=lon, alarm="sos")
                assert (await client.get("/osmand", params=told)).status_code == 200
                message = _location(2 * k + 1, lat=lat, lon=lon)
                answer = await client.post("/owntracks", json=message, headers=_basic(secret))
                assert answer.status_code == 200

    asyncio.run(scene())
    stored = rows(database, "SELECT ST_X(geom), ST_Y(geom) FROM fix ORDER BY t DESC")
    wanted = [(lon, lat) for each in vectors for lat, lon in [each["wgs"]] * 2]
    assert len(stored) == len(wanted) == 6
    for found, truth in zip(stored, wanted, strict=True):
        # One longitude of the file stands a whole 1e-6 beside its publisher's own.
        assert found == pytest.approx(truth, abs=1.001e-6)
    events = rows(
        database, "SELECT (body->>'lon')::float8, (body->>'lat')::float8 FROM event ORDER BY t DESC"
    )
    assert events == stored[::2]


def test_one_terminals_requests_at_once_are_few(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phones, "ANSWER_WITHIN_S", 20.0)

    async def play(_: Context, client: httpx2.AsyncClient, secret: str) -> None:
        assert (await client.get("/osmand", params=_told(secret, 0))).status_code == 200
        monkeypatch.setattr(phones, "ANSWER_WITHIN_S", 3.0)
        async with await psycopg.AsyncConnection.connect(database) as holder:
            await holder.execute("LOCK TABLE fix_20260722 IN ACCESS EXCLUSIVE MODE")
            sent = [client.get("/osmand", params=_told(secret, k)) for k in range(1, 8)]
            codes = [answer.status_code for answer in await asyncio.gather(*sent)]
            await holder.rollback()
        assert sorted(codes) == [429, 429, 429, 503, 503, 503, 503]
        monkeypatch.setattr(phones, "ANSWER_WITHIN_S", 20.0)
        assert (await client.get("/osmand", params=_told(secret, 9))).status_code == 200

    _scene(database, tmp_path, play)
