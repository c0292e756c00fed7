"""Refuses a problem that cannot be right before a solver sees it, naming the row and the mend."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fleet.errors import InvalidInput
from routing.problem import Problem, Van, Visit

MAX_PRIZE = 10_000
"""Prizes are coarse whole numbers, so that the levels above and below them stay apart."""
MAX_S = 7 * 24 * 3600


def vet(problem: Problem) -> None:
    """Look at every row of a problem.

    Raises
    ------
    InvalidInput : the first row that cannot be right.
    """
    _matrices(problem)
    for van in problem.vans:
        _van(problem, van)
    for visit in problem.visits:
        _visit(problem, visit)
    for item in problem.items:
        if item.hold_s < 0:
            raise InvalidInput(
                "The menu item {item} has a holding time of {seconds} s. Give a time of 0 s or more.",
                item=item.code,
                seconds=item.hold_s,
            )
    _kitchens(problem)
    for n, cell in enumerate(problem.cells):
        if not _known(problem, cell.site) or not all(0 <= van < len(problem.vans) for van in cell.vans):
            raise InvalidInput(
                "Beat cell {cell} refers to a place or van that the problem does not hold. Mend the beat.",
                cell=n,
            )


def _kitchens(problem: Problem) -> None:
    for kitchen in problem.kitchens:
        if not _known(problem, kitchen.site) or kitchen.window.closes_s < kitchen.from_s:
            raise InvalidInput(
                "The kitchen {kitchen} is unknown or closes before its batch is ready. Mend its hours.",
                kitchen=problem.sites[kitchen.site].name if _known(problem, kitchen.site) else kitchen.site,
            )


def _matrices(problem: Problem) -> None:
    size = len(problem.sites)
    for matrix in (problem.seconds, problem.metres):
        if matrix.shape != (size, size):
            raise InvalidInput(
                "The road table has the shape {shape} for {size} sites. Ask for exactly these sites.",
                shape="x".join(str(n) for n in matrix.shape),
                size=size,
            )
    if size and np.diagonal(problem.seconds).any():
        site = int(np.flatnonzero(np.diagonal(problem.seconds))[0])
        raise InvalidInput(
            "The road table says that {site} is away from itself. Set the diagonal to 0.",
            site=problem.sites[site].name,
        )


def _known(problem: Problem, site: int) -> bool:
    return 0 <= site < len(problem.sites)


def _van(problem: Problem, van: Van) -> None:
    if not _known(problem, van.depot):
        raise InvalidInput(
            "The van {van} has no depot among the sites. Give it a centre as depot.", van=van.name
        )
    if van.ends_s <= van.starts_s:
        raise InvalidInput("The shift of van {van} ends before it starts. Mend its shift.", van=van.name)
    if van.hot_cups < 0 or van.cold_cups < 0:
        raise InvalidInput("The van {van} holds less than no cups. Give 0 or more.", van=van.name)
    rest = van.rest
    if rest and not (van.starts_s <= rest.earliest_s <= rest.latest_s and rest.duration_s > 0):
        raise InvalidInput(
            "The break of van {van} does not lie in its shift. Let it begin inside it and last above 0 s.",
            van=van.name,
        )


def _visit(problem: Problem, visit: Visit) -> None:
    rules: tuple[tuple[Callable[[], bool], str], ...] = (
        (lambda: _known(problem, visit.site), "{visit} has no place on the map. Give its site a position."),
        (lambda: visit.service_s >= 0, "{visit} has a service time below 0 s. Give 0 s or more."),
        (lambda: bool(visit.windows), "{visit} has no time window. Give the site opening hours."),
        (
            lambda: all(w.opens_s <= w.closes_s and abs(w.closes_s) <= MAX_S for w in visit.windows),
            "{visit} has a window that closes before it opens. Mend the site's opening hours.",
        ),
        (
            lambda: all(
                a.closes_s < b.opens_s for a, b in zip(visit.windows, visit.windows[1:], strict=False)
            ),
            "{visit} has windows that overlap or are out of order. Join or sort them.",
        ),
        (
            lambda: visit.mandatory or 1 <= visit.prize <= MAX_PRIZE,
            "{visit} has a prize outside 1 to 10000. Mend its risk or its cadence.",
        ),
        (
            lambda: all(0 <= p.item < len(problem.items) and p.cups > 0 for p in visit.portions),
            "{visit} hands out an item that is not on the menu, or no cups of it. Mend its portions.",
        ),
    )
    for holds, text in rules:
        if not holds():
            raise InvalidInput(text, visit=visit.name)
