"""What the tests of one module share: a browser, and a product for those that leave it as they found it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count

import psycopg
import pytest
from playwright.sync_api import Browser

from fleet.cluster import ADMIN, APP, Cluster
from fleet.db import conninfo
from fleet.settings import Settings
from maps import assets
from tests.maps import staging
from tests.maps.product import Product, product
from tests.replay.serving import chromium

_numbers = count(1)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """The machine's Chromium; each test opens windows of its own."""
    if not assets.installed(Settings().vendor_dir):
        pytest.skip(f"the browser assets are not in {Settings().vendor_dir}: run ./carevan setup")
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def shared(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The staged product with its base map, for tests that do not change what another looks at."""
    name = f"carevan_maps_{os.getpid()}_{next(_numbers)}"
    source = psycopg.conninfo.conninfo_to_dict(conninfo(template))["dbname"]
    with psycopg.connect(cluster.url(ADMIN, "postgres"), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" STRATEGY file_copy TEMPLATE "{source}" OWNER {APP}')
    browser = assets.installed(Settings().vendor_dir)
    with product(cluster.url(APP, name), tmp_path_factory.mktemp("home"), browser=browser) as made:
        with made.context.engine.begin() as conn:
            staging.put_base_map(conn)
        yield made
    with psycopg.connect(cluster.url(ADMIN, "postgres"), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
