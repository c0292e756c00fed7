"""A phone and the product's own processes: added by command, served, revoked, and its secret in no log."""

from __future__ import annotations

import asyncio
import base64
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from fleet.clock import Clock
from fleet.db import make_engine
from fleet.main.check import ROOT
from fleet.main.children import Child, Children
from tests.tracking.platform import LAT, LON, NOON, NOON_MS, register, rows

pytestmark = [pytest.mark.database, pytest.mark.process]


@pytest.fixture
def children(database: str, tmp_path: Path) -> Iterator[Children]:
    """The product's processes on this test's database."""
    environ = {
        "CAREVAN_HOME": str(tmp_path),
        "CAREVAN_DATABASE_URL": database,
        "CAREVAN_OSRM_URL": "http://127.0.0.1:9",
        "CAREVAN_CLOCK": str(Clock.opening(NOON)),
    }
    made = Children(tmp_path / "logs", environ)
    with ExitStack() as stack:
        stack.callback(made.stop_all)
        yield made


def _said(children: Children, name: str, *words: str) -> str:
    child = children.start(name, *words)
    assert child.process.wait(60) == 0, child.log.read_text()
    return child.log.read_text()


async def _listening(server: Child, port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            assert server.process.poll() is None, server.log.read_text()
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


async def _raw(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


def test_a_phone_from_its_registration_to_its_end_leaves_its_secret_in_no_log(
    database: str, children: Children, tmp_path: Path
) -> None:
    engine = make_engine(database)
    register(engine)
    engine.dispose()
    told = _said(children, "add", "terminal", "add", "V1", "p1", "--kind", "phone", "--datum", "gcj02")
    found = re.search(r"Device identifier\s+(\S+)", told)
    assert found is not None
    secret = found[1]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    async def scene() -> None:
        server = children.start("server", "serve", "--port", str(port))
        await _listening(server, port)
        asked = {"id": secret, "timestamp": NOON_MS // 1000, "lat": LAT, "lon": LON}
        basic = "Basic " + base64.b64encode(f"p1:{secret}".encode()).decode()
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            assert (await client.get("/osmand", params=asked)).status_code == 200
            assert (await client.post("/osmand", data={**asked, "lat": 400})).status_code == 200
            message = {"_type": "location", "tst": NOON_MS // 1000 - 1, "lat": LAT, "lon": LON}
            headers = {"Authorization": basic}
            assert (await client.post("/owntracks", json=message, headers=headers)).status_code == 200
            # Where the wrong is said, and where nobody thought of phones.
            odd = [
                await client.get(
                    "/osmand", params={**asked, "id": secret + "x"}, headers={"Accept": "text/html"}
                ),
                await client.put("/osmand", params=asked),
                await client.get("/osmand/more", params=asked),
                await client.get("/owntracks", params=asked, headers=headers),
                await client.post("/osmand", params=asked, content=b"x" * 70_000),
                await client.post("/osmand", params=asked, headers={"Origin": "https://evil.example"}),
            ]
            assert [answer.status_code for answer in odd] == [401, 405, 404, 405, 413, 403]
            assert not any(secret in f"{answer.text} {answer.headers}" for answer in odd)
            broken = f"GET /osmand?id={secret} HTTP/9.9\r\nHost: x\r\nContent-Length: -\r\n\r\n"
            assert b"400" in (await _raw(port, broken.encode())).partition(b"\r\n")[0]
            revoked = await asyncio.to_thread(_said, children, "revoke", "terminal", "revoke", "p1")
            assert "refused" in revoked
            began_s = time.monotonic()
            while (await client.get("/osmand", params=asked)).status_code != 401:
                assert time.monotonic() - began_s < 5
        children.stop(server)

    asyncio.run(scene())
    assert rows(database, "SELECT count(*) FROM fix WHERE abs(ST_X(geom) - 115.98) > 0.001") == [(2,)]
    kept = rows(database, "SELECT why, raw FROM quarantine") + rows(database, "SELECT * FROM audit")
    assert len(kept) == 3
    # Of all that was written, only what `terminal add` printed to its caller holds it.
    logs = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "add.log"]
    assert (tmp_path / "logs/server.log") in logs
    told = str(kept) + "".join(path.read_text(errors="replace") for path in logs)
    basic = base64.b64encode(f"p1:{secret}".encode()).decode()
    assert [each for each in (secret, secret.replace("-", ""), basic) if each in told] == []


_PROGRAM = """
import sys
from pathlib import Path
from starlette.testclient import TestClient
from fleet.main import logs
from fleet.main.app import create_app
from tests.world import context_on
from tracking import phones

def broken(*_):
    raise KeyError("a mistake of ours")

phones.osmand.read = broken
database, home, secret = sys.argv[1:]
logs.configure(Path(home))
with context_on(database, Path(home)) as context:
    with TestClient(create_app(context), raise_server_exceptions=False) as client:
        print(client.get("/osmand", params={"id": secret, "lat": 1}).status_code)
"""


def test_a_mistake_of_ours_is_logged_without_the_address_that_was_asked(
    database: str, tmp_path: Path
) -> None:
    secret = "k7m2-9qxr-3v5t-w8yz-b4cd-fghj-n6pa"
    done = subprocess.run(
        [sys.executable, "-P", "-c", _PROGRAM, database, str(tmp_path), secret],
        env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.stdout.strip() == "503", done.stderr
    assert "builtins.KeyError" in done.stderr and '"route": "/osmand"' in done.stderr
    assert "a mistake of ours" not in done.stderr, "an error's own words may quote what was asked"
    kept = [path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file()]
    assert secret not in done.stdout + done.stderr + "".join(kept)
