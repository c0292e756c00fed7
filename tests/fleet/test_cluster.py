import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fleet import migrate
from fleet.cluster import ADMIN, Cluster
from fleet.errors import Unavailable

pytestmark = pytest.mark.database


@pytest.fixture
def private() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="carevan-") as folder:
        Path(folder).chmod(0o755)
        made = Cluster(Path(folder) / "pg")
        yield made
        made.wipe()


def settings_of(url: str) -> dict[str, str]:
    names = ["data_checksums", "listen_addresses", "fsync", "synchronous_commit", "full_page_writes"]
    with psycopg.connect(url) as conn:
        return dict(
            conn.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [names]).fetchall()
        )


def test_made_started_killed_and_started_again(private: Cluster) -> None:
    private.up()
    url = migrate.prepare_cluster(private)
    with psycopg.connect(url) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    assert settings_of(url) == {
        "data_checksums": "on",
        "listen_addresses": "",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
    }
    pid = private.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    private.up()
    assert private.pid() != pid
    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT answer FROM kept").fetchone() == (42,)
    private.down()
    assert not private.running()


def test_the_product_is_no_superuser_and_nobody_else_gets_in(cluster: Cluster, template: str) -> None:
    with psycopg.connect(template) as conn:
        assert conn.execute("SELECT usesuper FROM pg_user WHERE usename = current_user").fetchone() == (
            False,
        )
    assert cluster.socket.stat().st_mode & 0o077 == 0
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cluster.url("postgres", "postgres"))
    with psycopg.connect(cluster.url(ADMIN, "postgres")) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_the_log_of_changes_leaves_room_on_a_small_disk(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url(ADMIN, "postgres")) as conn:
        (most,) = conn.execute(
            "SELECT setting::int FROM pg_settings WHERE name = 'max_wal_size'"
        ).fetchone() or (0,)
    free_mb = shutil.disk_usage(cluster.folder).free / 1e6
    assert 48 <= most <= 2_000
    assert most == 2_000 or most < free_mb / 4


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_where_postgres_cannot_enter_it_says_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(Unavailable, match=f"postgres cannot enter {tmp_path}/pg.*--home"):
        Cluster(tmp_path / "pg").up()


def test_a_machine_without_postgis_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fleet.cluster._BIN_FOLDERS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match=r"apt-get install .*postgis.*CAREVAN_DATABASE_URL"):
        Cluster(tmp_path / "pg").up()


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match=r"cannot be used \(Not a directory\).*--home"):
        Cluster(tmp_path / "file/pg").up()


def test_a_long_path_moves_the_socket() -> None:
    assert len(str(Cluster(Path("/srv") / ("x" * 120)).socket)) < 90
