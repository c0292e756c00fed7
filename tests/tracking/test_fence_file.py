"""Fences from GeoJSON: read, or refused with what to mend."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from fleet.errors import InvalidInput
from tracking.fence_file import Read, read

CENTRE = (116.0, 36.45)
RING = [[116.0, 36.4], [116.1, 36.4], [116.1, 36.5], [116.0, 36.4]]
VANS = {"v1": 7}


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def feature(geometry: dict[str, Any] | None, **terms: object) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": "f1", **terms}, "geometry": geometry}


def collection(*features: dict[str, Any], **more: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}).encode()


def _read(*features: dict[str, Any]) -> Read:
    return read(collection(*features), VANS, CENTRE)


def test_each_shape_makes_its_kind() -> None:
    spot = {"type": "Point", "coordinates": [116.0, 36.45, 12.0]}
    line = {"type": "LineString", "coordinates": [[116.0, 36.45], [116.1, 36.45]]}
    parts = {"type": "MultiPolygon", "coordinates": [[RING]]}
    found = _read(
        feature(polygon(RING), name="东区"),
        feature(spot, code="f2", radius_m=80),
        feature(line, code="f3", half_width_m=40.5),
        feature(parts, code="f4"),
    )
    assert found.refused == ()
    kinds = [(each.code, each.kind, each.radius_m) for each in found.drafts]
    assert kinds == [
        ("f1", "area", None),
        ("f2", "circle", 80.0),
        ("f3", "corridor", 40.5),
        ("f4", "area", None),
    ]
    assert [each.name for each in found.drafts] == ["东区", "f2", "f3", "f4"]


def test_one_feature_alone_is_a_file_too() -> None:
    assert len(read(json.dumps(feature(polygon(RING))).encode(), VANS, CENTRE).drafts) == 1


_OPEN = [*RING[:3], [116.0, 36.41]]
_BOW = [[116.0, 36.4], [116.1, 36.5], [116.1, 36.4], [116.0, 36.5], [116.0, 36.4]]


def _swapped(ring: list[list[float]]) -> list[list[float]]:
    return [[lat, lon] for lon, lat in ring]


def _mercator(ring: list[list[float]]) -> list[list[float]]:
    return [[lon * 111_319.49, lat * 118_000.0] for lon, lat in ring]


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        (None, "cannot be drawn as nothing"),
        ({"type": "GeometryCollection"}, "cannot be drawn as GeometryCollection"),
        (polygon(), "no coordinates"),
        (polygon(RING[:3]), "fewer than four"),
        (polygon(_OPEN), "begins at 116.0, 36.4 is not closed"),
        (polygon(_BOW), "crosses itself at 116.05"),
        (polygon(RING, [[lon - 1, lat] for lon, lat in RING]), "not valid .Hole lies outside"),
        (polygon(_swapped(RING)), "latitude first. Put longitude first: 116.0, 36.4"),
        (polygon(_mercator(RING)), "not in degrees"),
        (polygon([[200.0, 36.4], *RING[1:]]), "no place 200.0"),
        (polygon([[116.0, -36.4], *RING[1:]]), "km from the district"),
        ({"type": "Polygon", "coordinates": [[["a", 1], ["b", 2], ["c", 3], ["a", 1]]]}, "no coordinates"),
        ({"type": "LineString", "coordinates": [116.0, 36.4]}, "cannot be read"),
        ({"type": "Polygon", "coordinates": [116.0, 36.4]}, "fewer than four"),
        ({"type": "Polygon", "coordinates": [[[[[[116.0, 36.4]]]]]]}, "no coordinates"),
    ],
)  # fmt: skip
def test_a_shape_that_cannot_be_right_is_named(geometry: dict[str, Any] | None, said: str) -> None:
    good = feature(polygon(RING), code="good")
    found = _read(good, feature(geometry))
    assert [each.code for each in found.drafts] == ["good"]
    (refused,) = found.refused
    assert (refused.number, refused.code) == (2, "f1")
    assert re.search(said, str(refused.why)), refused.why


def test_a_code_stands_once() -> None:
    (refused,) = _read(feature(polygon(RING)), feature(polygon(RING))).refused
    assert "another feature with the code 'f1'" in str(refused.why)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[]", "no GeoJSON"),
        (collection(), "no GeoJSON"),
        (
            collection(feature(polygon(RING)), crs={"properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}),
            "EPSG::3857",
        ),
        (b" " * 20_000_001, "larger than 20 MB"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(data: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read(data, VANS, CENTRE)


def test_wgs84_may_be_named_and_what_means_nothing_is_told() -> None:
    crs = {"properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    found = read(collection(feature(polygon(RING), colour="red"), crs=crs), VANS, CENTRE)
    assert len(found.drafts) == 1 and found.ignored == ("colour",)
