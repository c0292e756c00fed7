"""A track as GeoJSON, held to RFC 7946."""

from __future__ import annotations

import json
from typing import Any

import pytest

from replay import export_geojson
from tests.replay.taking import leaf, order, two_days


def read(text: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


def test_lines_are_cut_at_gaps_and_every_fix_is_a_point() -> None:
    whole = read(b"".join(export_geojson.write(order(), iter([leaf()]))))
    assert set(whole) == {"type", "features"} and whole["type"] == "FeatureCollection"
    lines = [each for each in whole["features"] if each["properties"]["role"] == "track"]
    points = [each for each in whole["features"] if each["properties"]["role"] == "fix"]
    assert [len(line["geometry"]["coordinates"]) for line in lines] == [3, 2]
    assert len(points) == 7
    assert points[0]["geometry"]["coordinates"] == [115.98, 36.45, 31.25], "lon, lat, altitude"
    assert points[1]["geometry"]["coordinates"] == [115.9801, 36.45]
    first, odd = points[0]["properties"], points[4]["properties"]
    assert first["time"] == "2026-07-22T00:30:00.125Z" and first["flags"] == [] and first["chosen"] is True
    assert first["heading_deg"] is None and first["satellites"] == 11
    assert odd["flags"] == ["jump"] and points[3]["properties"]["chosen"] is False


@pytest.mark.parametrize("days", [0, 1, 2])
def test_features_are_what_the_standard_asks_for(days: int) -> None:
    leaves = list(two_days())[:days]
    whole = read(b"".join(export_geojson.write(order(), iter(leaves))))
    assert "crs" not in whole, "the standard knows WGS-84 alone"
    assert len(whole["features"]) == 9 * days
    for each in whole["features"]:
        assert set(each) == {"type", "geometry", "properties"} and each["type"] == "Feature"
        kind, places = each["geometry"]["type"], each["geometry"]["coordinates"]
        assert kind in {"Point", "LineString"}
        assert kind == "Point" or len(places) >= 2
        for lon, lat, *_ in [places] if kind == "Point" else places:
            assert -180 <= lon <= 180 and -90 <= lat <= 90
