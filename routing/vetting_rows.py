"""What must hold of a van's and of a visit's row, each with the sentence when it does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeAlias

from routing.problem import CONTAINERS, Problem, Van, Visit

MAX_PRIZE = 10_000
"""Prizes are coarse whole numbers, so that the levels above and below them stay apart."""
MAX_S = 7 * 24 * 3600

Rules: TypeAlias = Sequence[tuple[Callable[[], bool], str]]
"""What is tested in this order, later ones only where the earlier hold; the sentence names the row."""


def is_site(problem: Problem, site: int) -> bool:
    """Whether the problem holds such a site."""
    return 0 <= site < len(problem.sites)


def are_vans(problem: Problem, vans: frozenset[int]) -> bool:
    """Whether the problem holds all these vans."""
    return all(0 <= van < len(problem.vans) for van in vans)


def are_visits(problem: Problem, visits: Sequence[int]) -> bool:
    """Whether the problem holds all these visits."""
    return all(0 <= visit < len(problem.visits) for visit in visits)


def van_rules(problem: Problem, van: Van) -> Rules:
    """A van's row; the sentences name `van`."""
    leaves_by_s = van.starts_s if van.leaves_by_s is None else van.leaves_by_s
    back_s = van.ends_s + van.overtime_s
    return (
        (
            lambda: [each.name for each in problem.vans].count(van.name) == 1,
            "Two vans are called {van}. Give each a name of its own.",
        ),
        (
            lambda: is_site(problem, van.depot),
            "The van {van} has no depot among the sites. Give it a centre as depot.",
        ),
        (
            lambda: is_site(problem, van.ends_at),
            "The van {van} ends its day at a place that is not among the sites. Give it a centre to end at.",
        ),
        (lambda: van.overtime_s >= 0, "The van {van} has overtime below 0 s. Give 0 s or more."),
        (lambda: back_s > van.starts_s, "The shift of van {van} ends before it starts. Mend its shift."),
        (
            lambda: van.starts_s <= leaves_by_s <= back_s,
            "The van {van} would have to leave outside its shift. Mend the time until which it may wait.",
        ),
        (
            lambda: van.span_s is None or van.span_s > 0,
            "The van {van} has a longest span of no time. Give it more than 0 s, or none.",
        ),
        (
            lambda: van.hot_cups >= 0 and van.cold_cups >= 0,
            "The van {van} holds less than no cups. Give 0 or more.",
        ),
        (
            lambda: all(0 <= van.aboard(each) <= van.cups(each) for each in CONTAINERS),
            "The van {van} starts with more cups than it holds, or less than none. Mend what it has aboard.",
        ),
        (
            lambda: van.patrolled_s >= 0 and van.worked_s >= 0,
            "The van {van} has patrolled or worked less than 0 s before. Give 0 s or more.",
        ),
        (
            lambda: _is_beat(problem, van),
            "The beat table of van {van} does not fit its sites. Measure its beats for exactly these sites.",
        ),
        (
            lambda: _is_break(van),
            "The break of van {van} does not lie in its shift. Let it begin inside it and last above 0 s.",
        ),
    )


def _is_beat(problem: Problem, van: Van) -> bool:
    """Both tables or none, as large as the sites are many, nothing driven inside for less than no time."""
    size = len(problem.sites)
    if van.inside is None or van.in_beat_s is None:
        return problem.legs is not None or (van.inside is None and van.in_beat_s is None)
    fits = van.inside.shape == (size,) and van.in_beat_s.shape == (size, size)
    return bool(fits and (van.in_beat_s >= 0).all())


def _is_break(van: Van) -> bool:
    """Its window may open before the problem begins, of a day under way, and close after the van is back."""
    rest = van.rest
    return rest is None or (max(rest.earliest_s, van.starts_s) <= rest.latest_s and rest.duration_s > 0)


def visit_rules(problem: Problem, visit: Visit) -> Rules:
    """A visit's row; the sentences name `visit`."""
    return (
        (lambda: is_site(problem, visit.site), "{visit} has no place on the map. Give its site a position."),
        (lambda: visit.service_s >= 0, "{visit} has a service time below 0 s. Give 0 s or more."),
        (lambda: bool(visit.windows), "{visit} has no time window. Give the site opening hours."),
        (
            lambda: all(w.opens_s <= w.closes_s and abs(w.closes_s) <= MAX_S for w in visit.windows),
            "{visit} has a window that closes before it opens. Mend the site's opening hours.",
        ),
        (
            lambda: all(a.closes_s < b.opens_s for a, b in pairwise(visit.windows)),
            "{visit} has windows that overlap or are out of order. Join or sort them.",
        ),
        (
            lambda: (0 if visit.mandatory or visit.sos else 1) <= visit.prize <= MAX_PRIZE,
            "{visit} has a prize outside 1 to 10000. Mend its risk or its cadence.",
        ),
        (
            lambda: visit.nap is None or visit.nap.opens_s <= visit.nap.closes_s,
            "{visit} has a nap that ends before it begins. Mend the nap's times.",
        ),
        (
            lambda: all(0 <= p.item < len(problem.items) and p.cups > 0 for p in visit.portions),
            "{visit} hands out an item that is not on the menu, or no cups of it. Mend its portions.",
        ),
        (
            lambda: visit.equipment <= {thing.code for thing in problem.equipment},
            "{visit} asks for equipment that the fleet does not have. Add the equipment, or mend the visit.",
        ),
        (
            lambda: are_vans(problem, (visit.vans or frozenset()) | visit.familiar | _promised(visit)),
            "{visit} names a van that is not on shift. Mend its locks, the crews it knows or its promise.",
        ),
        (
            lambda: (
                len(visit.service_by_van) in (0, len(problem.vans))
                and min(visit.service_by_van, default=0) >= 0
            ),
            "{visit} has service times by van that are not one for each, of 0 s or more. Mend them.",
        ),
    )


def _promised(visit: Visit) -> frozenset[int]:
    return frozenset[int]() if visit.promise is None else frozenset({visit.promise.van})
