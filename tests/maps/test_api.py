"""What a browser can ask `maps` for."""

from __future__ import annotations

from pathlib import Path

import httpx2

from tests.maps import staging
from tests.maps.product import product


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
