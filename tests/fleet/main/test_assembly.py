import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fleet import migrate
from fleet.cluster import Cluster
from fleet.errors import Unavailable
from fleet.main import assembly
from fleet.settings import Settings


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="carevan-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.database
def test_the_private_cluster_runs_as_long_as_somebody_holds_it(home: Path) -> None:
    settings = Settings(home=home, database_url="")
    with assembly.open_context(settings) as first:
        with assembly.open_database(settings) as second:
            assert second == first.database_url
        with first.engine.connect() as conn:
            assert conn.exec_driver_sql("SELECT 1").scalar() == 1
        assert first.roads.route([(116.0, 36.4), (116.1, 36.4)]).basis == "great-circle"
    pid_file = home / "pg/data/postmaster.pid"
    assert not pid_file.exists()


@pytest.mark.database
def test_a_killed_database_comes_back_by_itself(home: Path) -> None:
    settings = Settings(home=home, database_url="")
    with assembly.open_database(settings) as url:
        cluster = Cluster(settings.cluster_dir)
        pid = cluster.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        with _once_up(url) as conn:
            assert conn.execute("SELECT 1").fetchone() == (1,)
        assert cluster.pid() != pid
    assert not cluster.running()


def _once_up(url: str) -> psycopg.Connection:
    """Connect as soon as somebody listens, as the product's own connections do."""
    until = time.monotonic() + 40
    while True:
        try:
            return psycopg.connect(url)
        except psycopg.OperationalError:
            assert time.monotonic() < until


def test_a_home_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for home, why in ((tmp_path / "file/home", "Not a directory"), (tmp_path / ("x" * 300), "name too long")):
        settings = Settings(home=home, database_url="")
        with pytest.raises(Unavailable, match=why) as caught, assembly.open_database(settings):
            pass
        assert "--home" in str(caught.value)


def test_another_database_with_an_old_schema_is_refused(database: str, home: Path) -> None:
    migrate.downgrade(database, "base")
    settings = Settings(home=home, database_url=database)
    with pytest.raises(Unavailable, match="carevan migrate"), assembly.open_context(settings):
        pass
