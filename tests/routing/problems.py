"""Random problems of all rules at once, each with orders that keep every rule of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple, TypeVar

import numpy as np
from hypothesis import strategies as st

from routing.checker import violations
from routing.levels import plan_of
from routing.place import Orders
from routing.plan import Plan
from routing.problem import (
    Break,
    Cell,
    Equipment,
    Item,
    Kitchen,
    Portion,
    Problem,
    Promise,
    Relation,
    Site,
    TimeWindow,
    Van,
    Visit,
    frozen_matrix,
)
from routing.timetable import Call, route_of, timetable
from tests.routing.instances import HOUR_S, SPEED_MPS, roads

T = TypeVar("T")
_SKILLS = ("care", "bathing")
_THINGS = ("climber", "chair")


class Sample(NamedTuple):
    """A problem, and calls for its vans that break none of its rules."""

    problem: Problem
    orders: Orders


def samples() -> st.SearchStrategy[Sample]:
    """Problems of all rules, with a witness each that they can be kept."""
    return st.integers(0, 10**6).map(random_sample)


def problems() -> st.SearchStrategy[Problem]:
    """Problems of all rules at once."""
    return samples().map(lambda sample: sample.problem)


def random_problem(seed: int) -> Problem:
    """2 to 4 vans, 4 to 14 visits, every optional field in use with some probability; the same for a seed."""
    return random_sample(seed).problem


@lru_cache(maxsize=256)
def random_sample(seed: int) -> Sample:
    """As `random_problem`. What is locked and promised is taken from orders that can be kept."""
    dice = _Dice(seed)
    problem = _bare(dice)
    orders = _sound_orders(dice, problem)
    return Sample(_published(dice, _locked(dice, problem, orders), orders), orders)


def planned(problem: Problem, orders: Orders) -> Plan:
    """What the timetable makes of calls in these orders, sound or not."""
    tables = [timetable(problem, van, calls).stops for van, calls in enumerate(orders)]
    return plan_of(problem, [route_of(problem, van, stops) for van, stops in enumerate(tables)])


def random_orders(problem: Problem, seed: int) -> Orders:
    """Calls in any order on any van, few of them in keeping with the rules; no visit twice."""
    dice = _Dice(seed)
    orders: list[list[Call]] = [[] for _ in problem.vans]
    for n in dice.mixed(range(len(problem.visits))):
        if dice.maybe(0.6):
            calls = orders[dice.below(len(orders))]
            if dice.maybe(0.2):
                calls.append(dice.one(tuple(_others(problem))))
            calls.append(Call(problem.visits[n].kind, n, in_nap=dice.maybe(0.5)))
    return tuple(tuple(calls) for calls in orders)


def _others(problem: Problem) -> Iterator[Call]:
    yield from (Call("pass", n) for n in range(len(problem.cells)))
    yield from (Call("reload", n) for n in range(len(problem.kitchens)))
    yield from (Call("handover", site) for site in sorted(problem.centres))


class _Dice:
    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def maybe(self, chance: float) -> bool:
        return bool(self.rng.random() < chance)

    def below(self, end: int) -> int:
        return int(self.rng.integers(end))

    def between(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))

    def one(self, choices: tuple[T, ...]) -> T:
        return choices[self.below(len(choices))]

    def some(self, choices: tuple[T, ...], chance: float) -> frozenset[T]:
        return frozenset(each for each in choices if self.maybe(chance))

    def mixed(self, choices: range) -> list[int]:
        return [int(n) for n in self.rng.permutation(len(choices))]


def _bare(dice: _Dice) -> Problem:
    """Everything but what rests on a plan: locked visits and promises."""
    vans, visits, cells = dice.between(2, 4), dice.between(4, 14), dice.below(4)
    depots = dice.between(1, vans)
    points_m = dice.rng.uniform(0, 5000, (depots + visits + cells, 2))
    for n in range(cells):
        if dice.maybe(0.5):  # a cell that is seen from a visit's stop
            points_m[depots + visits + n] = points_m[depots + dice.below(visits)] + dice.rng.uniform(
                -70, 70, 2
            )
    seconds = roads(points_m, dice.rng)
    metres = frozen_matrix(seconds * SPEED_MPS)
    if dice.maybe(0.3):
        seconds = _with_gaps(dice, seconds, depots)
    crews = tuple(_van(dice, n, depots, seconds) for n in range(vans))
    items = (
        Item("soup", "cold", dice.between(0, 4) * HOUR_S),
        Item("tea", "hot", dice.between(0, 4) * HOUR_S),
    )
    return Problem(
        sites=tuple(Site(f"site {n}", float(x), float(y)) for n, (x, y) in enumerate(points_m)),
        seconds=seconds,
        metres=metres,
        vans=crews,
        visits=tuple(_visit(dice, n, depots, crews) for n in range(visits)),
        items=items,
        cells=tuple(
            Cell(
                depots + visits + n,
                dice.some(tuple(range(vans)), 0.5),
                tour_s=dice.between(0, 400),
                passes=dice.below(3),
            )
            for n in range(cells)
        ),
        patrol_target_s=dice.between(0, 3) * HOUR_S,
        kitchens=tuple(_kitchens(dice, depots)),
        equipment=tuple(Equipment(code, dice.between(1, 2)) for code in _THINGS),
        centres=frozenset(range(depots)),
        relations=tuple(_relations(dice, visits)),
        pace=tuple(dice.between(60, 180) for _ in range(24)) if dice.maybe(0.5) else (),
        noon_s=dice.between(11, 13) * HOUR_S,
    )


def _with_gaps(
    dice: _Dice, seconds: np.ndarray[tuple[int, int], np.dtype[np.int32]], depots: int
) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
    """Some pairs of homes without a road; depots reach all and are reached."""
    gaps = dice.rng.random(seconds.shape) < 0.1
    gaps[:depots] = gaps[:, :depots] = False
    np.fill_diagonal(gaps, val=False)
    return frozen_matrix(np.where(gaps, -1, seconds))


def _van(dice: _Dice, n: int, depots: int, seconds: np.ndarray[tuple[int, int], np.dtype[np.int32]]) -> Van:
    starts_s = dice.between(28, 36) * 900
    ends_s = dice.between(13 * 4, 17 * 4) * 900
    hot, cold = dice.between(8, 20), dice.between(8, 20)
    inside = dice.rng.random(len(seconds)) < 0.5 if dice.maybe(0.7) else None
    earliest_s = dice.between(starts_s, 12 * HOUR_S)
    return Van(
        name=f"V{n}",
        depot=dice.below(depots),
        starts_s=starts_s,
        ends_s=ends_s,
        hot_cups=hot,
        cold_cups=cold,
        skills=dice.some(_SKILLS, 0.8),
        rest=Break(earliest_s, earliest_s + dice.between(0, 3600), dice.between(600, 2700))
        if dice.maybe(0.5)
        else None,
        batch_s=starts_s - dice.between(0, 7200),
        inside=inside,
        in_beat_s=None if inside is None else frozen_matrix(np.maximum(seconds, 0) // dice.between(1, 4)),
        home=dice.below(depots) if dice.maybe(0.3) else None,
        leaves_by_s=starts_s + dice.between(0, 7200) if dice.maybe(0.4) else None,
        overtime_s=dice.between(1, 3600) if dice.maybe(0.4) else 0,
        span_s=dice.between(2 * HOUR_S, ends_s - starts_s) if dice.maybe(0.4) else None,
        hot_aboard=dice.between(0, hot) if dice.maybe(0.3) else None,
        cold_aboard=dice.between(0, cold) if dice.maybe(0.3) else None,
        patrolled_s=dice.between(0, HOUR_S) if dice.maybe(0.3) else 0,
        worked_s=dice.between(0, 30 * HOUR_S) if dice.maybe(0.5) else 0,
    )


def _visit(dice: _Dice, n: int, depots: int, crews: tuple[Van, ...]) -> Visit:
    dropoff = dice.maybe(0.35)
    vans = tuple(range(len(crews)))
    service_s = dice.between(60, 1800)
    only = dice.some(vans, 0.6)
    return Visit(
        name=f"visit {n}",
        kind="dropoff" if dropoff else "visit",
        site=depots + n,
        service_s=service_s,
        windows=_windows(dice),
        nap=TimeWindow(11 * HOUR_S, 13 * HOUR_S) if dice.maybe(0.4) else None,
        skills=frozenset({dice.one(_SKILLS)}) if dice.maybe(0.3) else frozenset(),
        mandatory=dice.maybe(0.3),
        prize=dice.between(1, 100),
        portions=tuple(_portions(dice)) if dropoff or dice.maybe(0.1) else (),
        sos=dice.maybe(0.05),
        equipment=frozenset({dice.one(_THINGS)}) if dice.maybe(0.3) else frozenset(),
        vans=only if only and dice.maybe(0.3) else None,
        service_by_van=tuple(dice.between(60, 1800) for _ in vans) if dice.maybe(0.3) else (),
        familiar=dice.some(vans, 0.4) if dice.maybe(0.5) else frozenset(),
    )


def _windows(dice: _Dice) -> tuple[TimeWindow, ...]:
    """One to three parts of the day, the first of them in every shift."""
    opens_s = dice.between(9 * 4, 12 * 4) * 900
    found = [TimeWindow(opens_s, opens_s + dice.between(0, 16) * 900)]
    while len(found) < 3 and dice.maybe(0.4):
        opens_s = found[-1].closes_s + dice.between(1, 8) * 900
        found.append(TimeWindow(opens_s, opens_s + dice.between(0, 8) * 900))
    return tuple(found)


def _portions(dice: _Dice) -> Iterator[Portion]:
    for item in sorted(dice.some((0, 1), 0.7) or {0}):
        yield Portion(item, dice.between(1, 8))


def _kitchens(dice: _Dice, depots: int) -> Iterator[Kitchen]:
    """Up to three batches in each."""
    for site in range(depots):
        for batch in range(dice.below(4)):
            opens_s = 8 * HOUR_S + batch * 2 * HOUR_S
            ready_s = opens_s + dice.between(-3600, 3600)
            yield Kitchen(
                site, TimeWindow(opens_s, opens_s + dice.between(4, 24) * 900), dice.between(60, 900), ready_s
            )


def _relations(dice: _Dice, visits: int) -> Iterator[Relation]:
    for kind in ("same_van", "not_same_day"):
        if dice.maybe(0.5):
            some = dice.mixed(range(visits))[: dice.between(2, 3)]
            yield Relation("same_van" if kind == "same_van" else "not_same_day", tuple(some))


def _sound_orders(dice: _Dice, problem: Problem) -> Orders:
    """Calls put at the ends of routes, each where the checker has nothing against it."""
    orders: Orders = tuple(() for _ in problem.vans)
    for n in dice.mixed(range(len(problem.visits))):
        call = Call(problem.visits[n].kind, n, in_nap=dice.maybe(0.7))
        for van in dice.mixed(range(len(problem.vans)))[:2]:
            kept = next(
                (each for each in _endings(dice, problem, (orders, van, call)) if _keeps(problem, each, van)),
                None,
            )
            if kept is not None:
                orders = kept
                break
    return orders


def _endings(dice: _Dice, problem: Problem, to_do: tuple[Orders, int, Call]) -> Iterator[Orders]:
    """The call put last on a van: as it is, after a reload, after a thing was handed over, before a pass."""
    orders, van, call = to_do

    def ending(*calls: Call, giver: int | None = None) -> Orders:
        more = {van: calls, giver: calls[:1]}
        return tuple((*calls_before, *more.get(n, ())) for n, calls_before in enumerate(orders))

    if problem.cells and dice.maybe(0.4):
        yield ending(call, Call("pass", dice.below(len(problem.cells))))
    yield ending(call)
    if problem.kitchens:
        yield ending(Call("reload", dice.below(len(problem.kitchens))), call)
    if problem.visits[call.index].equipment:
        giver = dice.one(tuple(n for n in range(len(orders)) if n != van))
        yield ending(Call("handover", dice.one(tuple(sorted(problem.centres)))), call, giver=giver)


def _keeps(problem: Problem, orders: Orders, van: int) -> bool:
    return not timetable(problem, van, orders[van]).breaches and not violations(
        problem, planned(problem, orders)
    )


def _locked(dice: _Dice, problem: Problem, orders: Orders) -> Problem:
    """Some vans' first visits locked."""
    vans = []
    for van, calls in zip(problem.vans, orders, strict=True):
        visits = [call.index for call in calls if call.kind in ("visit", "dropoff")]
        length = dice.between(1, 3) if dice.maybe(0.4) else 0
        vans.append(replace(van, prefix=tuple(visits[:length])))
    return replace(problem, vans=tuple(vans))


def _published(dice: _Dice, problem: Problem, orders: Orders) -> Problem:
    """Some visits promised, as the orders have them or otherwise."""
    begins = {
        stop.visit: (route.van, stop.begins_s)
        for route in planned(problem, orders).routes
        for stop in route.stops
        if stop.visit is not None
    }
    visits = list(problem.visits)
    for n, visit in enumerate(visits):
        if dice.maybe(0.4):
            other = dice.below(len(problem.vans)), 10 * HOUR_S
            van, begins_s = begins.get(n, other) if dice.maybe(0.7) else other
            visits[n] = replace(visit, promise=Promise(van, begins_s + dice.between(-1000, 1000)))
    return replace(problem, visits=tuple(visits))
