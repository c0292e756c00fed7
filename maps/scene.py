"""What is on a map, as plain data. No Folium here, no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

LonLat = tuple[float, float]
StopState = Literal["done", "next", "to_come"]
RoutePart = Literal["whole", "driven", "leg", "ahead"]
# GeoJSON leaves us as JSON, here it is only carried through.
Feature = dict[str, object]


@dataclass(frozen=True, slots=True)
class Van:
    """A van that may appear on the map; where it is comes by the feed."""

    id: int
    name: str
    colour: str


@dataclass(frozen=True, slots=True)
class Place:
    """A named place that is open to all: a centre, a kitchen, a stop point. Never a home."""

    id: int
    kind: str
    name: str
    at: LonLat


@dataclass(frozen=True, slots=True)
class Beat:
    """A patrol area; rings are closed, the first of each part is its outline."""

    id: int
    name: str
    parts: tuple[tuple[tuple[LonLat, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Fence:
    """A geofence: its ground as for `Beat`, and whether it counts at the time that is shown."""

    id: int
    label: str
    parts: tuple[tuple[tuple[LonLat, ...], ...], ...]
    in_force: bool


@dataclass(frozen=True, slots=True)
class Route:
    """The planned line of one van, or a part of it by how far the van is."""

    van_id: int
    colour: str
    points: tuple[LonLat, ...]
    part: RoutePart = "whole"


@dataclass(frozen=True, slots=True)
class Stop:
    """A planned call. `label` is empty for a doorstep."""

    id: int
    van_id: int
    colour: str
    kind: str
    state: StopState
    at: LonLat
    label: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """An open SOS."""

    id: int
    place: str
    at: LonLat


@dataclass(frozen=True, slots=True)
class Cell:
    """A place of a beat that nobody has passed yet."""

    id: int
    at: LonLat


@dataclass(frozen=True, slots=True)
class Dwell:
    """Where a van stood, numbered by time; epoch milliseconds."""

    n: int
    at: LonLat
    starts: int
    ends: int


@dataclass(frozen=True, slots=True)
class Leg:
    """How a van went between two stays or gaps, with the time at each point; epoch milliseconds."""

    n: int
    points: tuple[LonLat, ...]
    t_ms: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One of several plans on a map, all of it in one colour."""

    name: str
    routes: tuple[Route, ...]
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a map shows besides its base."""

    centre: LonLat
    zoom: int = 14
    vans: tuple[Van, ...] = ()
    places: tuple[Place, ...] = ()
    beats: tuple[Beat, ...] = ()
    fences: tuple[Fence, ...] = ()
    routes: tuple[Route, ...] = ()
    stops: tuple[Stop, ...] = ()
    calls: tuple[Call, ...] = ()
    unseen: tuple[Cell, ...] = ()
    legs: tuple[Leg, ...] = ()
    dwells: tuple[Dwell, ...] = ()
    plans: tuple[Drawn, ...] = ()
    bounds: tuple[LonLat, LonLat] | None = None
    """South-west and north-east; the view when given, else centre and zoom."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a map is drawn for one person.

    Parameters
    ----------
    layers : which of vans, plan, driven, calls, places, fences, beats stand on the map, the lowest first
    choices : layers that may be switched off and on, with the names they are shown by
    interactive : whether it can be dragged and zoomed
    """

    locale: Literal["zh", "en"] = "zh"
    theme: Literal["dark", "light"] = "dark"
    layers: tuple[str, ...] = ("beats", "places", "plan", "calls", "vans")
    interactive: bool = True
    choices: tuple[tuple[str, str], ...] = ()


def bounds_of(points: Iterable[LonLat], *, pad_deg: float = 0.002) -> tuple[LonLat, LonLat] | None:
    """The box around points, a little larger.

    Returns
    -------
    South-west and north-east, or None when there is no point.
    """
    all_points = list(points)
    if not all_points:
        return None
    lons, lats = zip(*all_points, strict=True)
    return (min(lons) - pad_deg, min(lats) - pad_deg), (max(lons) + pad_deg, max(lats) + pad_deg)


def collection(features: Iterable[Feature]) -> Feature:
    """A GeoJSON FeatureCollection."""
    return {"type": "FeatureCollection", "features": list(features)}


def _feature(geometry: Feature, **properties: object) -> Feature:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _point(at: LonLat) -> Feature:
    return {"type": "Point", "coordinates": [at[0], at[1]]}


def several_features(scene: Scene, n: int) -> Feature:
    """The n-th of several plans."""
    drawn = scene.plans[n]
    return plan_features(Scene(scene.centre, routes=drawn.routes, stops=drawn.stops))


def plan_features(scene: Scene) -> Feature:
    """Routes below, stops above; ids are unique over both."""
    lines = [
        _feature(
            {"type": "LineString", "coordinates": [list(point) for point in route.points]},
            id=f"route:{route.van_id}:{route.part}",
            role="route",
            van=route.van_id,
            colour=route.colour,
            part=route.part,
        )
        for route in scene.routes
        if len(route.points) > 1
    ]
    stops = [
        _feature(
            _point(stop.at),
            id=f"stop:{stop.id}",
            role="stop",
            van=stop.van_id,
            colour=stop.colour,
            kind=stop.kind,
            state=stop.state,
            label=stop.label,
        )
        for stop in scene.stops
    ]
    return collection([*lines, *stops])


def place_features(scene: Scene) -> Feature:
    """Places with their names."""
    return collection(
        _feature(_point(place.at), id=f"place:{place.id}", role="place", kind=place.kind, label=place.name)
        for place in scene.places
    )


def beat_features(scene: Scene) -> Feature:
    """Beats as areas."""
    return collection(
        _feature(_polygons(beat.parts), id=f"beat:{beat.id}", role="beat", label=beat.name)
        for beat in scene.beats
    )


def fence_features(scene: Scene) -> Feature:
    """Fences as areas, whatever they are drawn as."""
    return collection(
        _feature(
            _polygons(fence.parts),
            id=f"fence:{fence.id}",
            role="fence",
            label=fence.label,
            in_force=fence.in_force,
        )
        for fence in scene.fences
    )


def _polygons(parts: Sequence[Sequence[Sequence[LonLat]]]) -> Feature:
    rings = [[[list(point) for point in ring] for ring in part] for part in parts]
    return {"type": "MultiPolygon", "coordinates": rings}


def call_features(scene: Scene) -> Feature:
    """Open SOS calls."""
    return collection(
        _feature(_point(call.at), id=f"sos:{call.id}", role="sos", label=call.place) for call in scene.calls
    )


def unseen_features(scene: Scene) -> Feature:
    """Places of beats that nobody has passed yet."""
    return collection(_feature(_point(cell.at), id=f"cell:{cell.id}", role="cell") for cell in scene.unseen)


def driven_features(scene: Scene) -> Feature:
    """What was driven below, where the van stood above."""
    legs = [
        _feature(
            {"type": "LineString", "coordinates": [list(point) for point in leg.points]},
            id=f"leg:{leg.n}",
            role="leg",
            starts=leg.t_ms[0],
            ends=leg.t_ms[-1],
            t=list(leg.t_ms),
        )
        for leg in scene.legs
    ]
    dwells = [
        _feature(
            _point(dwell.at),
            id=f"stay:{dwell.n}",
            role="stay",
            n=dwell.n,
            starts=dwell.starts,
            ends=dwell.ends,
        )
        for dwell in scene.dwells
    ]
    return collection([*legs, *dwells])
