import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet import migrate
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


def test_another_database_with_an_old_schema_is_refused(database: str, home: Path) -> None:
    migrate.downgrade(database, "base")
    settings = Settings(home=home, database_url=database)
    with pytest.raises(Unavailable, match="carevan migrate"), assembly.open_context(settings):
        pass
