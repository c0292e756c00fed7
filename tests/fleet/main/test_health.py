"""Health tells the truth: with the database stopped, frozen, locked, without its schema or its day."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from fleet import migrate
from fleet.cluster import Cluster
from fleet.context import Context
from fleet.main import health
from fleet.main.app import create_app
from tests.replay.serving import serving
from tests.world import HOME, OPENS, World, context_on, people
from tracking.protocol import SUBPROTOCOL

EN = {"Accept-Language": "en"}


@pytest.fixture
def mortal() -> Iterator[tuple[Cluster, str]]:
    """A cluster of this test's own with a migrated database."""
    folder = Path(tempfile.mkdtemp(prefix="carevan-health-"))
    folder.chmod(0o755)
    cluster = Cluster(folder / "pg")
    try:
        cluster.up()
        url = migrate.prepare_cluster(cluster)
        migrate.upgrade(url)
        yield cluster, url
    finally:
        cluster.wipe()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def served(context: Context) -> Iterator[tuple[httpx2.Client, World]]:
    """The application with all that runs beside it."""
    with context.engine.begin() as conn:
        world = people(conn)
    with (
        serving(create_app(context)) as url,
        httpx2.Client(base_url=url, headers=EN, trust_env=False, timeout=20) as client,
    ):
        yield client, world


@contextmanager
def terminal(client: httpx2.Client, world: World) -> Iterator[ClientConnection]:
    """A welcomed one."""
    url = str(client.base_url).replace("http", "ws", 1).rstrip("/") + "/terminal/ws"
    with connect(url, subprotocols=[Subprotocol(SUBPROTOCOL)], compression=None, proxy=None) as ws:
        ws.send(json.dumps({"hello": {"token": world.tokens[0]}}))
        assert "welcome" in json.loads(ws.recv(timeout=20))
        yield ws


def send_fix(ws: ClientConnection, n: int) -> None:
    t = round(OPENS.timestamp() * 1000) + n
    ws.send(json.dumps({"n": n, "fix": {"t": t, "lon": HOME[0], "lat": HOME[1]}}))


def heard_ack(ws: ClientConnection, n: int) -> None:
    """Read on until message `n` is acknowledged."""
    while json.loads(ws.recv(timeout=20)).get("ack", 0) < n:
        pass


def until(client: httpx2.Client, wanted: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
    """Ask until the answer is as wanted, and for half a minute at most."""
    over = time.monotonic() + 30
    while True:
        answer = client.get("/readyz")
        told: Mapping[str, Any] = answer.json()
        assert answer.status_code == (200 if told["ready"] else 503)
        assert told["ready"] == all(check["ok"] for check in told["checks"].values())
        if wanted(told):
            return told
        assert time.monotonic() < over, told


def failing(told: Mapping[str, Any]) -> set[str]:
    return {name for name, check in told["checks"].items() if not check["ok"]}


def test_all_is_well_soon_after_the_start(database: str, tmp_path: Path) -> None:
    with context_on(database, tmp_path) as context, served(context) as (client, _):
        assert client.get("/healthz").text == "ok\n"
        told = until(client, lambda told: told["ready"])
        names = {"database", "schema", "partitions", "ingest", "notifications", "promise"}
        assert set(told["checks"]) == names
        chinese = client.get("/readyz", headers={"Accept-Language": "zh"}).json()
        assert chinese["checks"]["database"]["said"] == "数据库正常应答。"
        assert client.get("/api/trouble").json() == {"trouble": ""}


@pytest.mark.database
def test_a_stopped_database_is_told_and_so_is_its_return(mortal: tuple[Cluster, str], tmp_path: Path) -> None:
    cluster, url = mortal
    with (
        context_on(url, tmp_path) as context,
        served(context) as (client, world),
        terminal(client, world) as ws,
    ):
        until(client, lambda told: told["ready"])
        send_fix(ws, 1)
        heard_ack(ws, 1)
        cluster.down("immediate")
        send_fix(ws, 2)
        until(client, lambda told: failing(told) >= {"database", "schema", "partitions", "ingest"})
        began = time.monotonic()
        assert client.get("/healthz").text == "ok\n"
        assert time.monotonic() - began < 0.5, "who lives says so without asking the database"
        said = client.get("/api/trouble", headers={"Accept-Language": "zh"}).json()["trouble"]
        assert said == "数据库写入受阻，车辆数据暂存在内存，恢复后自动入库。"
        page = client.get("/", headers={"Accept": "text/html", "Cookie": "carevan_session=x"})
        assert page.status_code == 503 and "database does not answer" in page.text
        cluster.up()
        heard_ack(ws, 2)
        until(client, lambda told: told["ready"])
        assert client.get("/api/trouble").json() == {"trouble": ""}


@pytest.mark.database
def test_a_database_that_hangs_is_given_a_second(mortal: tuple[Cluster, str], tmp_path: Path) -> None:
    cluster, url = mortal
    pid = cluster.pid()
    assert pid is not None
    with context_on(url, tmp_path) as context, served(context) as (client, _):
        until(client, lambda told: told["ready"])
        os.kill(pid, signal.SIGSTOP)
        try:
            until(client, lambda told: failing(told) >= {"database"})
            began = time.monotonic()
            assert client.get("/readyz").status_code == 503
            assert time.monotonic() - began < health.WITHIN_S + 1
            assert client.get("/healthz").status_code == 200
        finally:
            os.kill(pid, signal.SIGCONT)
        until(client, lambda told: told["ready"])


def test_a_table_that_somebody_holds_is_trouble_though_the_database_answers(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "STALLED_S", 0.3)
    with (
        context_on(database, tmp_path) as context,
        served(context) as (client, world),
        terminal(client, world) as ws,
    ):
        send_fix(ws, 1)
        heard_ack(ws, 1)
        until(client, lambda told: told["ready"])
        with psycopg.connect(database) as somebody:
            # Only its day: the whole table could be waited for crosswise with the keeper's work on old days.
            somebody.execute(f"LOCK TABLE fix_{OPENS:%Y%m%d} IN ACCESS EXCLUSIVE MODE".encode())
            send_fix(ws, 2)
            told = until(client, lambda told: not told["ready"])
            assert failing(told) == {"ingest"}
            assert client.get("/api/trouble").json()["trouble"] == health.TROUBLE
            somebody.rollback()
        heard_ack(ws, 2)
        until(client, lambda told: told["ready"])


def test_an_old_schema_and_a_day_without_partition_are_told(database: str, tmp_path: Path) -> None:
    with context_on(database, tmp_path) as context, served(context) as (client, _):
        until(client, lambda told: told["ready"])
        with psycopg.connect(database) as admin:
            admin.execute(f"DROP TABLE fix_{OPENS:%Y%m%d}".encode())
            admin.execute("UPDATE alembic_version SET version_num = '0001'")
        told = until(client, lambda told: not told["ready"])
        assert failing(told) == {"schema", "partitions"}
        assert "carevan migrate" in told["checks"]["schema"]["said"]
        with psycopg.connect(database) as admin:
            admin.execute("DROP TABLE alembic_version")
        told = until(client, lambda told: failing(told) == {"schema", "partitions"})
        assert told["checks"]["database"]["ok"]


def test_a_cut_listener_is_told_until_it_hears_again(database: str, tmp_path: Path) -> None:
    with context_on(database, tmp_path) as context, served(context) as (client, _):
        until(client, lambda told: told["ready"])
        with psycopg.connect(database, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'carevan listener' AND datname = current_database()"
            )
            until(client, lambda told: failing(told) == {"notifications"})
        until(client, lambda told: told["ready"])


def test_many_who_ask_at_once_cost_the_database_one_question(database: str, tmp_path: Path) -> None:
    with context_on(database, tmp_path) as context, served(context) as (client, _):
        until(client, lambda told: told["ready"])
        with psycopg.connect(database, autocommit=True) as admin:

            def sessions() -> int:
                admin.execute("SELECT pg_stat_force_next_flush()")
                row = admin.execute(
                    "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"
                ).fetchone()
                assert row is not None
                return int(row[0])

            before, began = sessions(), time.monotonic()
            for _ in range(40):
                assert client.get("/readyz").status_code == 200
            assert sessions() - before <= 2 + (time.monotonic() - began)
