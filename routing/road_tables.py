"""A day laid out is given its tables: the roads between its sites, and each van's beats against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fleet.registry import Beat
from fleet.roads import Roads
from routing import beats
from routing.problem import IntMatrix, Problem, frozen_matrix


def with_tables(problem: Problem, roads: Roads, own: Sequence[Sequence[Beat]]) -> Problem:
    """A problem with tables that are square over its sites.

    Parameters
    ----------
    own : the beats of each van; vans with the same beats share one table
    """
    points = [(site.lon, site.lat) for site in problem.sites]
    matrix = roads.table(points)
    known: dict[tuple[int, ...], IntMatrix] = {}
    vans = []
    for van, each in zip(problem.vans, own, strict=True):
        if van.inside is not None:
            ids = tuple(beat.id for beat in each)
            if ids not in known:
                known[ids] = beats.in_beat_s(each, points, matrix.seconds)
            van = replace(van, in_beat_s=known[ids])
        vans.append(van)
    return replace(
        problem,
        seconds=frozen_matrix(matrix.seconds),
        metres=frozen_matrix(matrix.metres),
        vans=tuple(vans),
        basis=matrix.basis,
        legs=None,
    )
