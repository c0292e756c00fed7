"""A flat earth about a point: metres east and north of it. Pure.

It is an affine picture of longitude and latitude, so that straight borders stay what they are: only radii,
widths and margins depend on it. On the ground they are off by at most 0.3 % (the earth is a sphere here, as
in `fleet.geo`), and by tan(lat) / 6,371 of themselves for each kilometre north or south of the point: 0.012 %
at 36 degrees. The line of 180 degrees is not crossed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from fleet.geo import M_PER_DEG
from tracking.track import Floats


@dataclass(frozen=True, slots=True)
class Plane:
    """Metres east and north of a point.

    Parameters
    ----------
    lon, lat : degrees, the point
    """

    lon: float
    lat: float

    @property
    def east_m(self) -> float:
        """Metres of a degree of longitude."""
        return M_PER_DEG * math.cos(math.radians(self.lat))

    def metres(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Metres east and north, of degrees."""
        return (lon - self.lon) * self.east_m, (lat - self.lat) * M_PER_DEG

    def flat(self, shape: BaseGeometry) -> BaseGeometry:
        """A shape in metres, of one in degrees."""

        def onto(lonlat: Floats) -> Floats:
            return np.column_stack(self.metres(lonlat[:, 0], lonlat[:, 1]))

        return shapely.transform(shape, onto)

    def round(self, shape: BaseGeometry) -> BaseGeometry:
        """A shape in degrees, of one in metres."""

        def back(metres: Floats) -> Floats:
            return metres / (self.east_m, M_PER_DEG) + (self.lon, self.lat)

        return shapely.transform(shape, back)


def plane_of(shape: BaseGeometry) -> Plane:
    """The plane about the middle of a shape's bounds, degrees in."""
    west, south, east, north = shape.bounds
    return Plane((west + east) / 2, (south + north) / 2)
