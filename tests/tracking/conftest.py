"""A cluster that may be killed: as durable as the product's own, and brought back as the product does it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from fleet import migrate
from fleet.cluster import Cluster
from fleet.main.assembly import HeldCluster
from fleet.main.keeping import kept

_numbers = count(1)


@pytest.fixture(scope="session")
def mortal() -> Iterator[Cluster]:
    """A cluster of these tests' own; whatever ends it, it is started again by itself."""
    folder = Path(tempfile.mkdtemp(prefix="carevan-mortal-"))
    folder.chmod(0o755)
    cluster = Cluster(folder / "pg")
    try:
        with kept(HeldCluster(folder, cluster), "database", look_s=0.05):
            yield cluster
    finally:
        cluster.wipe()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def mortal_database(mortal: Cluster) -> str:
    """The address of a fresh migrated database in it."""
    url = migrate.prepare_cluster(mortal, f"mortal_{next(_numbers)}")
    migrate.upgrade(url)
    return url
