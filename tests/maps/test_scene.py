"""Scenes as GeoJSON."""

from __future__ import annotations

from typing import Any

from maps import scene
from maps.scene import Scene


def features(found: dict[str, Any]) -> list[dict[str, Any]]:
    assert found["type"] == "FeatureCollection"
    kept: list[dict[str, Any]] = found["features"]
    return kept


def test_plan_features_have_lines_below_stops_and_ids_of_their_own() -> None:
    what = Scene(
        centre=(116.0, 36.4),
        routes=(scene.Route(1, "#fff", ((116.0, 36.4), (116.1, 36.5))), scene.Route(2, "#fff", ())),
        stops=(scene.Stop(1, 1, "#fff", "visit", "done", (116.0, 36.4)),),
    )
    found = features(scene.plan_features(what))
    assert [each["properties"]["id"] for each in found] == ["route:1:whole", "stop:1"]
    assert found[0]["geometry"]["coordinates"] == [[116.0, 36.4], [116.1, 36.5]]
    assert found[1]["properties"]["state"] == "done"


def test_places_beats_and_calls_are_drawn_as_what_they_are() -> None:
    ring = ((116.0, 36.4), (116.1, 36.4), (116.1, 36.5), (116.0, 36.4))
    what = Scene(
        centre=(116.0, 36.4),
        places=(scene.Place(4, "centre", "中心", (116.0, 36.4)),),
        beats=(scene.Beat(2, "网格2", ((ring,),)),),
        fences=(scene.Fence(5, "北门 · 区域", ((ring,),), False),),
        calls=(scene.Call(9, "滨河社区", (116.0, 36.4)),),
    )
    (fence,) = features(scene.fence_features(what))
    assert fence["geometry"]["coordinates"] == [[[list(point) for point in ring]]]
    assert fence["properties"] == {
        "id": "fence:5", "role": "fence", "label": "北门 · 区域", "in_force": False
    }  # fmt: skip
    assert features(scene.place_features(what))[0]["properties"]["label"] == "中心"
    assert features(scene.beat_features(what))[0]["geometry"]["type"] == "MultiPolygon"
    assert features(scene.call_features(what))[0]["properties"]["role"] == "sos"


def test_bounds_hold_every_point() -> None:
    assert scene.bounds_of([]) is None
    assert scene.bounds_of([(1.0, 2.0), (3.0, 1.0)], pad_deg=0) == ((1.0, 1.0), (3.0, 2.0))


def test_what_was_driven_lies_below_where_the_van_stood() -> None:
    legs = (scene.Leg(1, ((116.0, 36.4), (116.01, 36.41)), (1_000, 9_000)),)
    dwells = (scene.Dwell(1, (116.01, 36.41), 9_000, 99_000),)
    found = scene.driven_features(scene.Scene(centre=(116.0, 36.4), legs=legs, dwells=dwells))
    features = found["features"]
    assert isinstance(features, list)
    line, stay = features
    assert line["geometry"]["coordinates"] == [[116.0, 36.4], [116.01, 36.41]]
    assert line["properties"] == {
        "id": "leg:1",
        "role": "leg",
        "starts": 1_000,
        "ends": 9_000,
        "t": [1_000, 9_000],
    }
    assert stay["properties"] == {"id": "stay:1", "role": "stay", "n": 1, "starts": 9_000, "ends": 99_000}
