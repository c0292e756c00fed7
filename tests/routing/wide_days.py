"""Wide days whose whole tables are known, so that what is made in parts can be held against the whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from routing.parts_cut import Part
from routing.parts_search import Lay
from routing.problem import Legs, Problem, Site, frozen_matrix

LON, LAT, DEGREE_M = 116.0, 36.5, 111_195.0


def on_earth(problem: Problem) -> Problem:
    """A problem whose sites stand in metres on a plane, with them in degrees."""
    narrow = DEGREE_M * np.cos(np.radians(LAT))
    sites = tuple(
        Site(each.name, LON + each.lon / narrow, LAT + each.lat / DEGREE_M) for each in problem.sites
    )
    return replace(problem, sites=sites)


def wide(problem: Problem) -> Problem:
    """The same day without its tables."""
    none = frozen_matrix(np.zeros((0, 0)))
    vans = tuple(replace(van, in_beat_s=None) for van in problem.vans)
    return replace(problem, seconds=none, metres=none, vans=vans, legs=Legs())


def laid_from(problem: Problem) -> Lay:
    """Gives parts their tables out of the whole ones."""

    def lay(part: Part) -> Problem:
        area = np.ix_(part.sites, part.sites)
        tables = [problem.vans[n].in_beat_s for n in part.vans]
        vans = tuple(
            replace(van, in_beat_s=None if table is None else frozen_matrix(table[area]))
            for van, table in zip(part.problem.vans, tables, strict=True)
        )
        seconds, metres = frozen_matrix(problem.seconds[area]), frozen_matrix(problem.metres[area])
        return replace(part.problem, seconds=seconds, metres=metres, vans=vans)

    return lay
