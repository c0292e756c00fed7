from __future__ import annotations

import json
from dataclasses import replace

from routing import plan_geojson
from tests.routing.test_sheaf import sheaf


def test_a_map_reads_routes_and_stops_back() -> None:
    what = sheaf()
    told = json.loads(b"".join(plan_geojson.write(what)))
    assert told["type"] == "FeatureCollection"
    lines = [f for f in told["features"] if f["geometry"]["type"] == "LineString"]
    points = [f for f in told["features"] if f["geometry"]["type"] == "Point"]
    assert [f["geometry"]["coordinates"] for f in lines] == [[list(p) for p in r.line] for r in what.routes]
    assert [f["geometry"]["coordinates"] for f in points] == [[s.lon, s.lat] for s in what.stops]
    assert points[2]["properties"]["portions"] == {"绿豆汤": 30, "西瓜": 12, "old": 1}
    assert lines[0]["properties"]["patrol_s"] == what.routes[0].patrol_s


def test_a_plan_without_a_van_is_still_a_collection() -> None:
    assert json.loads(b"".join(plan_geojson.write(replace(sheaf(), routes=()))))["features"] == []
