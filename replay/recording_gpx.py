"""Recorded tracks in GPX."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import gpxpy
import gpxpy.gpx

from fleet.errors import InvalidInput
from fleet.units import ms_of
from replay.entry import Entry, Reading, Recorded, Unreadable
from tracking.fix import Fix

MAX_BYTES = 200_000_000


def read(file: io.BufferedReader, reading: Reading, name: str) -> Iterator[Entry]:
    """Read the track points of a GPX file; its routes and waypoints were never driven.

    Raises
    ------
    InvalidInput : it is no GPX, is larger than 200 MB, or no track point has a time.
    """
    try:
        text = file.read(MAX_BYTES + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise InvalidInput("The file ends too early or is damaged: {why}.", why=error) from None
    if len(text) > MAX_BYTES:
        raise InvalidInput("The GPX file is larger than 200 MB. Split it, or give the track as CSV.")
    points = _points(text)
    if not points:
        raise InvalidInput("The GPX file holds no track point. Routes and waypoints are not driven tracks.")
    if all(point.time is None for point in points):
        raise InvalidInput(
            "None of the GPX file's {n} track points has a time; it cannot be replayed.", n=len(points)
        )
    vehicle = reading.vehicle or name
    for n, point in enumerate(points, 1):
        yield _entry(n, point, reading, vehicle)


def _points(text: bytes) -> list[Any]:
    try:
        gpx = gpxpy.parse(text.decode("utf-8-sig"))
    except (gpxpy.gpx.GPXException, ValueError, LookupError) as error:
        raise InvalidInput("The GPX file cannot be read: {why}.", why=error) from None
    return [point for track in gpx.tracks for segment in track.segments for point in segment.points]


def _entry(n: int, point: Any, reading: Reading, vehicle: str) -> Entry:
    if point.time is None:
        return Unreadable(n, "it has no time")
    moment = point.time if point.time.tzinfo else point.time.replace(tzinfo=reading.zone)
    return Recorded(
        vehicle,
        Fix(
            ms_of(moment.astimezone(UTC)),
            float(point.longitude),
            float(point.latitude),
            speed_mps=_number(point.speed),
            altitude_m=_number(point.elevation),
            hdop=_number(point.horizontal_dilution),
        ),
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
