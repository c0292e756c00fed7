"""What people and terminals do wrong, against the product as it runs: one sentence, in their language."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.tracking.platform import NOON_MS, context_on, dialled, fix, register, rows, running

# Each case starts the command, which takes a second: not for the quick part.
pytestmark = pytest.mark.database
ROOT = Path(__file__).resolve().parents[3]
_LOCALES = {"en": "C.UTF-8", "zh": "zh_CN.UTF-8"}


def say(home: Path, *arguments: str, **environ: str) -> dict[str, str]:
    """Run a command in both languages; what it says on its error output."""

    def run(locale: str) -> str:
        mine = {"PYTHONPATH": str(ROOT), "CAREVAN_HOME": str(home), "LC_ALL": _LOCALES[locale], **environ}
        done = subprocess.run(
            [sys.executable, "-P", "-m", "fleet.main", *arguments],
            env={**os.environ, **mine}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 1, done.stderr
        return done.stderr

    with ThreadPoolExecutor(2) as both:
        return dict(zip(_LOCALES, both.map(run, _LOCALES), strict=True))


def is_one_sentence(said: dict[str, str], *values: str) -> None:
    """Whether both are one line, each in its language and with the value that was wrong."""
    for text in said.values():
        assert text.startswith("carevan: ")
        assert text.count("\n") == 1
        assert "Traceback" not in text
        for value in values:
            assert value in text
    assert said["en"].isascii()
    assert any("\u4e00" <= character <= "\u9fff" for character in said["zh"])


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        is_one_sentence(say(tmp_path, "serve", "--port", port), port, "--port")


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    home = tmp_path / "file"
    home.touch()
    is_one_sentence(
        say(tmp_path, "worker", "--home", str(home), CAREVAN_DATABASE_URL=""), str(home), "--home"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_a_home_where_postgres_cannot_enter(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    is_one_sentence(say(tmp_path, "worker", CAREVAN_DATABASE_URL=""), str(tmp_path), "postgres", "--home")


def test_a_database_that_is_none(tmp_path: Path) -> None:
    address = "postgresql://carevan@127.0.0.1:9/carevan"
    is_one_sentence(say(tmp_path, "migrate", CAREVAN_DATABASE_URL=address))
    is_one_sentence(say(tmp_path, "migrate", CAREVAN_DATABASE_URL="mysql://x"), "CAREVAN_DATABASE_URL")


def test_roads_without_osrm(database: str, tmp_path: Path) -> None:
    file = tmp_path / "town.osm"
    file.write_text("<osm/>")
    said = say(tmp_path, "roads", "import", str(file), CAREVAN_DATABASE_URL=database)
    is_one_sentence(said, str(tmp_path / "osrm"), "./carevan")


@pytest.mark.parametrize("size", [70_000, 10_000_000])
def test_a_huge_message_ends_its_socket_and_nothing_else(database: str, tmp_path: Path, size: int) -> None:
    async def scene() -> None:
        async with running(context) as platform:
            async with dialled(platform, fleet.tokens[0]) as ws:
                await ws.send(f'{{"n": 1, "fix": {_json(0)}}}')
                await _acked(ws)
                with pytest.raises(ConnectionClosed) as closed:
                    await _ask(ws, f'{{"n": 2, "junk": "{"x" * size}"}}')
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == 1009
                assert "bytes" in closed.value.rcvd.reason
            async with dialled(platform, fleet.tokens[0]) as ws:
                await ws.send(f'{{"n": 1, "fix": {_json(1)}}}')
                await _acked(ws)

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    asyncio.run(scene())
    assert rows(database, "SELECT count(*) FROM fix") == [(2,)]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"lon": 181}, "181"),
        ({"lat": -91}, "-91"),
        ({"t": NOON_MS + 90_000_000}, "in the future"),
        ({"t": 946_684_800_000 - 1}, "2000"),
        ({"t": "noon"}, "t"),
    ],
)
def test_a_fix_that_cannot_be_is_kept_aside_with_its_reason(
    database: str, tmp_path: Path, value: dict[str, object], why: str
) -> None:
    async def scene() -> None:
        async with running(context) as platform, dialled(platform, fleet.tokens[0]) as ws:
            await ws.send(json.dumps({"n": 1, "fix": fix(0, **value)}))
            while "ack" not in str(await ws.recv()):
                pass

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    asyncio.run(scene())
    with psycopg.connect(database) as conn:
        ((told, raw),) = conn.execute("SELECT why, raw FROM quarantine").fetchall()
    assert why in told
    assert raw
    assert rows(database, "SELECT count(*) FROM fix") == [(0,)]


async def _ask(ws: ClientConnection, text: str) -> None:
    """Say something and hear what comes, until the socket ends."""
    await ws.send(text)
    while True:
        await ws.recv()


async def _acked(ws: ClientConnection) -> None:
    """The first message is acknowledged; the district's state may be told before."""
    async with asyncio.timeout(20):
        while '"ack":1' not in str(await ws.recv()):
            pass


def _json(k: int) -> str:
    return json.dumps(fix(k))
