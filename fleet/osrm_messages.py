"""What OSRM answers, as far as it is read here."""

from __future__ import annotations

from typing import TypeVar

import msgspec


class Waypoint(msgspec.Struct):
    location: tuple[float, float]
    distance: float = 0.0
    name: str = ""


class Table(msgspec.Struct):
    durations: list[list[float | None]]
    distances: list[list[float | None]]
    sources: list[Waypoint]


class Annotation(msgspec.Struct):
    duration: list[float]


class RouteLeg(msgspec.Struct):
    duration: float
    distance: float
    annotation: Annotation


class Shape(msgspec.Struct):
    coordinates: list[tuple[float, float]]


class Route(msgspec.Struct):
    legs: list[RouteLeg]
    geometry: Shape


class Routes(msgspec.Struct):
    routes: list[Route]
    waypoints: list[Waypoint]


class Waypoints(msgspec.Struct):
    waypoints: list[Waypoint]


class Tracepoint(msgspec.Struct):
    location: tuple[float, float]
    matchings_index: int
    waypoint_index: int


class Steps(msgspec.Struct):
    distance: list[float]


class TraceLeg(msgspec.Struct):
    annotation: Steps


class Trace(msgspec.Struct):
    legs: list[TraceLeg]
    geometry: Shape


class Traces(msgspec.Struct):
    tracepoints: list[Tracepoint | None]
    matchings: list[Trace]


class Refusal(msgspec.Struct):
    code: str = ""


Answer = TypeVar("Answer", Table, Routes, Waypoints, Traces)
