"""Refuses a problem that cannot be right before a solver sees it, naming the row and the mend."""

from __future__ import annotations

import numpy as np

from fleet.errors import InvalidInput
from routing.doubts import MISTAKES, doubts
from routing.problem import Kitchen, Problem, Relation
from routing.vetting_rows import Rules, are_vans, are_visits, is_site, van_rules, visit_rules


def vet(problem: Problem) -> None:
    """Look at every row of a problem. A wide day's tables and doubts are looked at part by part.

    Raises
    ------
    InvalidInput : the first row that cannot be right, or that no van on shift could serve by its hours, its
        cups or its place. Where a day must be planned in spite of it, `doubts.set_aside` goes before.
    """
    if problem.legs is None:
        _matrices(problem)
    _pace(problem)
    _day(problem)
    for van in problem.vans:
        _hold(van_rules(problem, van), van=van.name)
    for visit in problem.visits:
        _hold(visit_rules(problem, visit), visit=visit.name)
    _means(problem)
    for n, relation in enumerate(problem.relations, start=1):
        _hold(_relation(problem, relation), relation=n)
    _cells(problem)
    _prefixes(problem)
    for doubt in doubts(problem) if problem.legs is None else ():
        if doubt.kind in MISTAKES:
            raise InvalidInput(doubt.text, **doubt.params)


def vet_cadence(target: int, minimum: int, maximum: int, name: str) -> None:
    """Look at one cadence; gaps are in days, `name` says whose and by which channel.

    Raises
    ------
    InvalidInput : its gaps contradict each other.
    """
    if minimum > maximum:
        raise InvalidInput(
            "{name} has a minimum gap of {minimum} days above its maximum of {maximum}. Lower the minimum.",
            name=name,
            minimum=minimum,
            maximum=maximum,
        )
    if minimum < 0 or maximum < 1:
        raise InvalidInput(
            "{name} has gaps of {minimum} to {maximum} days. Give a minimum from 0 on, a maximum from 1 on.",
            name=name,
            minimum=minimum,
            maximum=maximum,
        )
    if not minimum <= target <= maximum:
        raise InvalidInput(
            "{name} has a target of {target} days outside {minimum} to {maximum}. Set it between the two.",
            name=name,
            target=target,
            minimum=minimum,
            maximum=maximum,
        )


def _hold(rules: Rules, **row: object) -> None:
    for holds, text in rules:
        if not holds():
            raise InvalidInput(text, **row)


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
    for origin, to in np.argwhere(problem.seconds < -1)[:1]:
        raise InvalidInput(
            "The road table has {seconds} s from {origin} to {to}. Give 0 s or more, or -1 without a road.",
            seconds=int(problem.seconds[origin, to]),
            origin=problem.sites[origin].name,
            to=problem.sites[to].name,
        )


def _day(problem: Problem) -> None:
    """Centres, rates and the target of patrol: what belongs to no single row."""
    for site in sorted(problem.centres):
        if not is_site(problem, site):
            raise InvalidInput(
                "Centre {site} is not among the sites. Add it to them, or take it off the centres.", site=site
            )
    for name in ("nap", "moved", "unfamiliar", "imbalance", "overtime"):
        rate = getattr(problem.rates, name)
        if rate < 0:
            raise InvalidInput("The rate of {name} is {rate}. Give 0 or more.", name=name, rate=rate)
    if problem.patrol_target_s < 0:
        raise InvalidInput(
            "The patrol target is {target} s. Give 0 s or more.", target=problem.patrol_target_s
        )


def _pace(problem: Problem) -> None:
    if len(problem.pace) not in (0, 24):
        raise InvalidInput(
            "The pace by the hour has {count} values. Give 24 of them, or none.", count=len(problem.pace)
        )
    for hour, pace in enumerate(problem.pace):
        if pace <= 0:
            raise InvalidInput(
                "The pace of hour {hour} is {pace} %. Give more than 0; 100 is the road table's own.",
                hour=hour,
                pace=pace,
            )


def _means(problem: Problem) -> None:
    """Menu, kitchens, equipment."""
    for item in problem.items:
        if item.hold_s < 0:
            raise InvalidInput(
                "The menu item {item} has a holding time of {seconds} s. Give a time of 0 s or more.",
                item=item.code,
                seconds=item.hold_s,
            )
    for kitchen in problem.kitchens:
        where = problem.sites[kitchen.site].name if is_site(problem, kitchen.site) else kitchen.site
        _hold(_kitchen(problem, kitchen), kitchen=where)
    codes = [thing.code for thing in problem.equipment]
    for thing in problem.equipment:
        if thing.units < 1 or codes.count(thing.code) > 1:
            raise InvalidInput(
                "The equipment {equipment} is listed twice, or with less than one unit. Give it one row.",
                equipment=thing.code,
            )


def _kitchen(problem: Problem, kitchen: Kitchen) -> Rules:
    return (
        (
            lambda: is_site(problem, kitchen.site) and kitchen.window.closes_s >= kitchen.from_s,
            "The kitchen {kitchen} is unknown or closes before its batch is ready. Mend its hours.",
        ),
        (
            lambda: kitchen.service_s >= 0,
            "A reload at the kitchen {kitchen} takes less than 0 s. Give 0 s or more.",
        ),
    )


def _relation(problem: Problem, relation: Relation) -> Rules:
    return (
        (
            lambda: are_visits(problem, relation.visits),
            "Relation {relation} names a visit that the problem does not hold. Take it out of the relation.",
        ),
        (
            lambda: len(set(relation.visits)) == len(relation.visits) >= 2,
            "Relation {relation} does not hold two or more visits, each once. Mend it or take it out.",
        ),
        (
            lambda: _can_hold(problem, relation),
            "Relation {relation} is broken by the visits that are locked to vans. Unlock one of them.",
        ),
    )


def _can_hold(problem: Problem, relation: Relation) -> bool:
    """Whether what is locked leaves the relation whole."""
    vans = [n for n, van in enumerate(problem.vans) for visit in van.prefix if visit in relation.visits]
    return len(vans) <= 1 if relation.kind == "not_same_day" else len(set(vans)) <= 1


def _cells(problem: Problem) -> None:
    for n, cell in enumerate(problem.cells):
        if not is_site(problem, cell.site) or not are_vans(problem, cell.vans):
            raise InvalidInput(
                "Beat cell {cell} refers to a place or van that the problem does not hold. Mend the beat.",
                cell=n,
            )
        if cell.tour_s < 0 or cell.passes < 0:
            raise InvalidInput(
                "Beat cell {cell} has a tour or a number of passes below 0. Give 0 or more.", cell=n
            )


def _prefixes(problem: Problem) -> None:
    """What is locked to a van's beginning is there, once, and may be served by it."""
    seen: set[int] = set()
    for n, van in enumerate(problem.vans):
        if not are_visits(problem, van.prefix):
            raise InvalidInput(
                "The van {van} is locked to a visit that the problem does not hold. Unlock it.", van=van.name
            )
        for which in van.prefix:
            visit = problem.visits[which]
            if which in seen:
                raise InvalidInput("{visit} is locked twice. Leave it with one van.", visit=visit.name)
            seen.add(which)
            if (visit.vans is not None and n not in visit.vans) or not visit.skills <= van.skills:
                raise InvalidInput(
                    "{visit} is locked to the van {van}, which may not or cannot serve it. Unlock it.",
                    visit=visit.name,
                    van=van.name,
                )
