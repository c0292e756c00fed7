"""Fences from a GeoJSON file: each feature read, or refused with a sentence that says what to mend. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shapely.geometry import shape as shape_of
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from fleet.errors import FleetError, InvalidInput
from fleet.geo import LonLat, haversine_m
from tracking.fence import Kind
from tracking.fence_terms import Draft, draft_of, unused

MAX_BYTES: Final = 20_000_000
_KINDS: Final[Mapping[str, Kind]] = {
    "Polygon": "area",
    "MultiPolygon": "area",
    "Point": "circle",
    "LineString": "corridor",
    "MultiLineString": "corridor",
}
_WGS84: Final = ("CRS84", "EPSG::4326", "EPSG:4326")
_DEEPEST: Final = 4
_FAR_M: Final = 300_000.0
"""No district's fence lies so far from its middle."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A feature that cannot be a fence. `number` is its place in the file, from 1; `code` may be empty."""

    number: int
    code: str
    why: FleetError


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds."""

    drafts: tuple[Draft, ...]
    refused: tuple[Refused, ...]
    ignored: tuple[str, ...]
    """Properties that mean nothing here."""


def read(data: bytes, van_ids: Mapping[str, int], centre: LonLat) -> Read:
    """Read a file of fences.

    Parameters
    ----------
    van_ids : the district's vans by code
    centre : the district's middle

    Raises
    ------
    InvalidInput : the file as a whole cannot be read.
    """
    drafts, refused = list[Draft](), list[Refused]()
    codes, ignored = set[str](), set[str]()
    for number, feature in enumerate(_features(data), 1):
        terms = _mapping(_mapping(feature).get("properties"))
        code = str(terms.get("code") or "").strip()
        ignored |= unused(terms)
        try:
            kind, shape = _shape(_mapping(feature).get("geometry"), centre)
            draft = draft_of(terms, kind, shape, van_ids)
            if code in codes:
                raise InvalidInput(
                    "There is another feature with the code {code!r}. Give each its own.", code=code
                )
        except InvalidInput as why:
            refused.append(Refused(number, code, why))
        else:
            codes.add(code)
            drafts.append(draft)
    return Read(tuple(drafts), tuple(refused), tuple(sorted(ignored)))


def _features(data: bytes) -> Sequence[object]:
    if len(data) > MAX_BYTES:
        raise InvalidInput("The file is larger than {most} MB. Split it.", most=MAX_BYTES // 1_000_000)
    try:
        told = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise InvalidInput("The file is no JSON ({why}). Export it as GeoJSON.", why=error) from None
    told = _mapping(told)
    _check_crs(told.get("crs"))
    features = [told] if told.get("type") == "Feature" else told.get("features")
    if (
        told.get("type") not in ("FeatureCollection", "Feature")
        or not isinstance(features, list)
        or not features
    ):
        raise InvalidInput("The file is no GeoJSON FeatureCollection with features. Export it as GeoJSON.")
    return features


def _check_crs(crs: object) -> None:
    """GeoJSON is WGS-84; older files may say so, or something else."""
    name = str(_mapping(_mapping(crs).get("properties")).get("name") or "")
    if crs is not None and not name.endswith(_WGS84):
        raise InvalidInput(
            "The file's coordinates are in {crs}. Export it in longitude and latitude, WGS-84 (EPSG:4326).",
            crs=name or "?",
        )


def _shape(geometry: object, centre: LonLat) -> tuple[Kind, BaseGeometry]:
    told = _mapping(geometry)
    kind = _KINDS.get(str(told.get("type")))
    if kind is None:
        raise InvalidInput(
            "A fence cannot be drawn as {type}. Draw a Polygon, a Point with radius_m, or a LineString with "
            "half_width_m.",
            type=told.get("type") or "nothing",
        )
    places = _places(told.get("coordinates"))
    if not places:
        raise InvalidInput("Its geometry has no coordinates. Draw it again.")
    _check_places(places, centre)
    if kind == "area":
        _check_rings(told)
    try:
        shape = shape_of(dict(told))
    except (ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
        raise InvalidInput("Its coordinates cannot be read ({why}). Draw it again.", why=error) from None
    _check_validity(shape)
    return kind, shape


def _places(coordinates: object, depth: int = _DEEPEST) -> list[LonLat]:
    """All positions in coordinates, as deep as those of a MultiPolygon at most."""
    if not isinstance(coordinates, list) or not depth:
        return []
    if len(coordinates) >= 2 and all(isinstance(each, (int, float)) for each in coordinates):
        return [(float(coordinates[0]), float(coordinates[1]))]
    return [place for each in coordinates for place in _places(each, depth - 1)]


def _check_places(places: Sequence[LonLat], centre: LonLat) -> None:
    for lon, lat in places:
        if not (math.isfinite(lon) and math.isfinite(lat)) or max(abs(lon), abs(lat)) > 360:
            raise InvalidInput(
                "The position {lon}, {lat} is not in degrees. Export the file in longitude and latitude, "
                "WGS-84 (EPSG:4326).",
                lon=lon, lat=lat,
            )  # fmt: skip
        is_there = abs(lon) <= 180 and abs(lat) <= 90
        if is_there and haversine_m((lon, lat), centre) <= _FAR_M:
            continue
        if abs(lat) <= 180 and abs(lon) <= 90 and haversine_m((lat, lon), centre) <= _FAR_M:
            raise InvalidInput(
                "The position {lon}, {lat} has latitude first. Put longitude first: {lat}, {lon}.",
                lon=lon, lat=lat,
            )  # fmt: skip
        if not is_there:
            raise InvalidInput(
                "There is no place {lon}, {lat}. Longitude goes to 180 degrees, latitude to 90.",
                lon=lon,
                lat=lat,
            )
        raise InvalidInput(
            "The position {lon}, {lat} is {km} km from the district. Check coordinates and district.",
            lon=lon, lat=lat, km=round(haversine_m((lon, lat), centre) / 1000),
        )  # fmt: skip


def _check_rings(told: Mapping[str, Any]) -> None:
    polygons = [told["coordinates"]] if told["type"] == "Polygon" else told["coordinates"]
    for ring in (ring for polygon in polygons if isinstance(polygon, list) for ring in polygon):
        if not isinstance(ring, list) or len(ring) < 4:
            raise InvalidInput(
                "A ring has fewer than four positions. Draw three corners and the first again."
            )
        if ring[0] != ring[-1]:
            first = _places(ring[0])
            lon, lat = first[0] if first else ("?", "?")
            raise InvalidInput(
                "The ring that begins at {lon}, {lat} is not closed. Repeat its first position at its end.",
                lon=lon, lat=lat,
            )  # fmt: skip


def _check_validity(shape: BaseGeometry) -> None:
    why = explain_validity(shape)
    if shape.is_empty:
        raise InvalidInput("Its geometry has no coordinates. Draw it again.")
    if why.startswith("Self-intersection") or why.startswith("Ring Self-intersection"):
        lon, lat = why[why.index("[") + 1 : -1].split()[:2]
        raise InvalidInput(
            "Its border crosses itself at {lon}, {lat}. Draw it so that it does not.", lon=lon, lat=lat
        )
    if why != "Valid Geometry":
        raise InvalidInput("Its shape is not valid ({why}). Draw it again.", why=why)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
