"""Logs are JSON lines, and a whole scene leaves no person, place or secret in them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx2
import psycopg
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from fleet.clock import Clock
from fleet.db import make_engine
from fleet.main.check import ROOT
from fleet.main.children import Child, Children
from fleet.session import COOKIE
from tests.world import HOME, OPENS, PASSWORD, log_in, people
from tracking.protocol import SUBPROTOCOL

PROGRAM = """
from pathlib import Path
from fleet.main import logs
logs.configure(Path({home!r}))
raise RuntimeError("the inner reason")
"""
LIBRARY = """
import logging, warnings
from pathlib import Path
from fleet.main import logs
logs.configure(Path("/nowhere"))
logging.getLogger("some.library").warning("a %s at 116.0212345\\nDETAIL: 刘淑珍", "place")
try:
    raise ValueError("刘淑珍")
except ValueError:
    logging.getLogger("some.library").exception("it broke")
logging.getLogger("some.library").info("not told")
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_our_mistake_is_kept_in_a_file_and_told_in_a_sentence(tmp_path: Path) -> None:
    done = run(PROGRAM.format(home=str(tmp_path)))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr and "the inner reason" not in done.stderr
    assert str(tmp_path / "logs/errors.log") in done.stderr
    assert "the inner reason" in (tmp_path / "logs/errors.log").read_text()


def test_libraries_speak_json_too_and_as_discreetly() -> None:
    told = [json.loads(line) for line in run(LIBRARY).stderr.splitlines()]
    assert [(line["event"], line["level"], line["logger"]) for line in told] == [
        ("a place at ...", "warning", "some.library"),
        ("it broke", "error", "some.library"),
    ]
    assert told[1]["exception"][0] == "builtins.ValueError"
    assert all(line["timestamp"].endswith("Z") for line in told)
    assert "刘淑珍" not in json.dumps(told, ensure_ascii=False)


@pytest.fixture
def server(database: str, tmp_path: Path) -> Iterator[tuple[Child, str]]:
    """The product's own server process on this test's database, with its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {
        "CAREVAN_HOME": str(tmp_path),
        "CAREVAN_DATABASE_URL": database,
        "CAREVAN_OSRM_URL": "http://localhost:9",
        "CAREVAN_CLOCK": str(Clock.opening(OPENS)),
    }
    children = Children(tmp_path / "logs", environ)
    with ExitStack() as stack:
        stack.callback(children.stop_all)
        yield children.start("server", "serve", "--port", str(port)), f"http://127.0.0.1:{port}"


def ready(client: httpx2.Client) -> None:
    """Wait until the server can serve, half a minute at most."""
    over = time.monotonic() + 30
    while time.monotonic() < over:
        with suppress(httpx2.TransportError):
            if client.get("/readyz").status_code == 200:
                return
    raise AssertionError("the server is not ready")


@contextmanager
def dialled(url: str, token: str) -> Iterator[ClientConnection]:
    """A terminal that has said hello."""
    address = url.replace("http", "ws", 1) + "/terminal/ws"
    with connect(address, subprotocols=[Subprotocol(SUBPROTOCOL)], proxy=None) as ws:
        ws.send(json.dumps({"hello": {"token": token, "app": "test"}}))
        yield ws


def drive(url: str, token: str) -> None:
    """A van's minute: a fix, a refused one, garbage with a place in it, a call that names somebody."""
    t, (lon, lat) = round(OPENS.timestamp() * 1000), HOME
    lon, lat = lon + 0.0012345, lat + 0.0054321
    event = {
        "id": "01981f6e-5c5a-7d4e-9c3b-2f1de2a4a001", "t": t, "kind": "sos", "lon": lon, "lat": lat,
        "note": "刘淑珍摔倒了",
    }  # fmt: skip
    with dialled(url, token) as ws:
        ws.send(json.dumps({"n": 1, "fix": {"t": t, "lon": lon, "lat": lat}}))
        ws.send(json.dumps({"n": 2, "fixes": [{"t": t, "lon": lon, "lat": 99.1234567}]}))
        ws.send(f"garbage {lon} 刘淑珍")
        ws.send(json.dumps({"n": 4, "event": event}))
        while json.loads(ws.recv(timeout=20)).get("ack", 0) < 4:
            pass


def test_a_scene_leaves_nobody_no_place_and_no_secret_in_the_log(
    database: str, server: tuple[Child, str]
) -> None:
    child, url = server
    engine = make_engine(database)
    with engine.begin() as conn:
        world = people(conn)
        session = log_in(conn, world.district_id, "dispatcher")
    engine.dispose()
    wrong_token = "Wrong0Token1Wrong2Token3Wrong4Token5Wrong6"
    with httpx2.Client(base_url=url, trust_env=False, timeout=20) as client:
        ready(client)
        drive(url, world.tokens[0])
        with dialled(url, wrong_token) as ws, suppress(ConnectionClosed):
            ws.recv(timeout=20)
        client.post("/login", data={"login": "dispatcher", "password": PASSWORD}, headers={"Origin": url})
        client.get(f"/s/{wrong_token}")
        client.cookies.set(COOKIE, session)
        assert client.get("/api/board", params={"q": "刘淑珍"}).status_code == 200
        # Everything at once loses its connection: each part says so in its own words.
        with psycopg.connect(database, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            admin.execute("ALTER TABLE beat RENAME TO gone")
        assert client.get("/plan", params={"name": "刘淑珍"}).status_code == 503
        with psycopg.connect(database, autocommit=True) as admin:
            admin.execute("ALTER TABLE gone RENAME TO beat")
        drive(url, world.tokens[1])
    os.kill(child.process.pid, signal.SIGTERM)
    child.process.wait(20)
    # What is printed for whoever typed the command stands first; the log follows.
    printed, _, text = child.log.read_text().partition("\n")
    assert printed == url
    told = [json.loads(line) for line in text.splitlines()]
    assert {"terminal welcomed", "terminal gone", "request failed"} <= {line["event"] for line in told}
    assert {line["terminal"] for line in told if line["event"] == "terminal welcomed"} == set(world.terminals)
    (failed,) = [line for line in told if line["event"] == "request failed"]
    assert failed["route"] == "/plan" and "UndefinedTable 42P01" in "".join(failed["exception"])
    for secret in (
        *world.tokens, wrong_token, session, PASSWORD, "刘淑珍", "116.02", "36.46", "99.123", "127.0.0.1",
        "?q", "?name",
    ):  # fmt: skip
        assert secret not in text, secret
