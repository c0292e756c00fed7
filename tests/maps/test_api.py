"""What a browser can ask `maps` for."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from fleet import basemap
from fleet.words import translate
from tests.maps import staging
from tests.maps.product import opened, product

STREETS = """<?xml version='1.0'?><osm version="0.6">
<node id="1" version="1" lat="36.45" lon="115.98"/><node id="2" version="1" lat="36.46" lon="115.98"/>
<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way></osm>
"""


def test_tiles_and_files_are_served_with_their_freshness(database: str, tmp_path: Path) -> None:
    with product(database, tmp_path) as here, httpx2.Client(base_url=here.address, trust_env=False) as client:
        with here.context.engine.begin() as conn:
            staging.put_base_map(conn)
        tile = client.get("/tiles/14/13470/6408.mvt")
        assert tile.status_code == 200
        assert client.get("/tiles/14/1/1.mvt").status_code == 204
        assert client.get("/tiles/3/1/1.mvt").status_code == 404
        again = client.get("/tiles/14/13470/6408.mvt", headers={"if-none-match": tile.headers["etag"]})
        assert again.status_code == 304
        theme = client.get("/static/theme.css")
        assert theme.headers["cache-control"] == "no-cache"
        assert "--ground" in theme.text
        assert client.get("/api/board").status_code == 401
        assert client.get("/api/map").status_code == 401


def test_a_map_of_real_streets_says_where_they_are_from(database: str, tmp_path: Path) -> None:
    with product(database, tmp_path) as here, httpx2.Client(base_url=here.address, trust_env=False) as client:
        assert client.get("/tiles/source").json() == {"attribution": ""}
        (tmp_path / "small.osm").write_text(STREETS)
        basemap.bring(database, tmp_path / "small.osm", synthetic=True)
        assert client.get("/tiles/source").json() == {"attribution": ""}
        basemap.bring(database, tmp_path / "small.osm", synthetic=False)
        assert client.get("/tiles/source").json() == {"attribution": translate("zh", basemap.ATTRIBUTION)}


@pytest.mark.browser
def test_the_origin_of_streets_stands_on_the_map(database: str, tmp_path: Path, chrome: Browser) -> None:
    (tmp_path / "small.osm").write_text(STREETS)
    basemap.bring(database, tmp_path / "small.osm", synthetic=False)
    with product(database, tmp_path, browser=True) as here, opened(chrome, here, "li") as page:
        expect(page.locator(".leaflet-control-attribution")).to_have_text("© OpenStreetMap 贡献者")
