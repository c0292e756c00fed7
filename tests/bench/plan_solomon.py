"""Solomon's instances of routing with windows, measured as VROOM's own benchmark measures them.

VROOM rounds a distance times 1,000 to the nearest whole number and compares with best known values of two
decimals. A problem's windows lie within a week of seconds, in which thousandths of the longest instances
have no room: the problem has hundredths, rounded up, so that what is in time for it is so in thousandths too.

The best known values are those with the fewest vans. With the 25 that the files allow, a plan may drive less
with more of them; with no more vans than the best known has, both can be compared.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from routing.problem import (
    Item,
    Portion,
    Problem,
    Rates,
    Site,
    TimeWindow,
    Van,
    Visit,
    frozen_matrix,
)

DATA: Final = Path(__file__).parents[3] / "shared/data/vrp/solomon"
DOUBTFUL: Final = frozenset({"R101"})
"""Its best known value is lower than what the literature has."""
_SCALE: Final = 100


@dataclass(frozen=True, slots=True)
class Customer:
    """A row of the file, in its own units; the first one is the depot."""

    x: int
    y: int
    demand: int
    opens: int
    closes: int
    stay: int


@dataclass(frozen=True, slots=True)
class Fleet:
    """An instance: vans alike, from one depot."""

    name: str
    vans: int
    capacity: int
    customers: tuple[Customer, ...]


@dataclass(frozen=True, slots=True)
class BestKnown:
    """The published value with the fewest vans: thousandths of distance, and how many vans."""

    distance: int
    vans: int


def read(text: str) -> Fleet:
    """An instance as its file has it.

    Raises
    ------
    ValueError : the file lacks the vans or the customers.
    """
    rows = [line.split() for line in text.splitlines() if line.strip()]
    numbers = [[int(field) for field in row] for row in rows if all(each.isdigit() for each in row)]
    fleets = [row for row in numbers if len(row) == 2]
    customers = [row for row in numbers if len(row) == 7]
    if len(fleets) != 1 or [row[0] for row in customers] != list(range(len(customers))) or not customers:
        raise ValueError(f"{rows[0][0]} has no vans or no customers in their order")
    vans, capacity = fleets[0]
    return Fleet(rows[0][0], vans, capacity, tuple(Customer(*row[1:]) for row in customers))


def instances() -> dict[str, Fleet]:
    """All instances of the data folder by name, without the doubtful one; empty where it is missing."""
    files = sorted(DATA.glob("*.txt")) if DATA.exists() else []
    return {path.stem: read(path.read_text(encoding="ascii")) for path in files if path.stem not in DOUBTFUL}


def best_known() -> dict[str, BestKnown]:
    """The published values."""
    told = json.loads((DATA / "BKS.json").read_text(encoding="utf-8"))
    return {
        name: BestKnown(round(1000 * row["best_known_cost"]), row["solved_with_vehicles"])
        for name, row in told.items()
    }


def thousandths(a: Customer, b: Customer) -> int:
    """A distance as VROOM's benchmark rounds it: thousandths, a half up."""
    return (math.isqrt(4_000_000 * _squared(a, b)) + 1) // 2


def hundredths_up(a: Customer, b: Customer) -> int:
    """A distance in hundredths, rounded up."""
    squared = _SCALE**2 * _squared(a, b)
    root = math.isqrt(squared)
    return root + (root * root < squared)


def _squared(a: Customer, b: Customer) -> int:
    return (a.x - b.x) ** 2 + (a.y - b.y) ** 2


def problem_of(instance: Fleet, vans: int | None = None) -> Problem:
    """The instance with so many vans, those of the file where None: all mandatory, demand as cold cups."""
    depot, *others = instance.customers
    away = frozen_matrix([[hundredths_up(a, b) for b in instance.customers] for a in instance.customers])
    back = _SCALE * depot.closes
    return Problem(
        sites=tuple(Site(f"customer {n}", float(c.x), float(c.y)) for n, c in enumerate(instance.customers)),
        seconds=away,
        metres=away,
        vans=tuple(
            Van(f"van {n + 1}", 0, _SCALE * depot.opens, back, cold_cups=instance.capacity)
            for n in range(instance.vans if vans is None else vans)
        ),
        visits=tuple(_visit(n, customer) for n, customer in enumerate(others, start=1)),
        items=(Item("load", "cold", back),),
        patrol_target_s=0,
        rates=Rates(imbalance=0),
    )


def _visit(n: int, customer: Customer) -> Visit:
    return Visit(
        name=f"customer {n}",
        kind="visit",
        site=n,
        service_s=_SCALE * customer.stay,
        windows=(TimeWindow(_SCALE * customer.opens, _SCALE * customer.closes),),
        mandatory=True,
        portions=(Portion(0, customer.demand),) if customer.demand else (),
    )


def distance(instance: Fleet, routes: Sequence[Sequence[int]]) -> int:
    """What routes over customers drive, in VROOM's thousandths, walked here once more by the instance itself.

    Raises
    ------
    ValueError : a route is late or overloaded, or a customer is served twice.
    """
    called = [customer for route in routes for customer in route]
    if len(set(called)) != len(called) or 0 in called:
        raise ValueError(f"{instance.name}: a customer is served twice, or the depot is")
    return sum(_route(instance, route) for route in routes)


def _route(instance: Fleet, route: Sequence[int]) -> int:
    if sum(instance.customers[n].demand for n in route) > instance.capacity:
        raise ValueError(f"{instance.name}: a route is overloaded")
    driven, here = 0, instance.customers[0]
    now = 1000 * here.opens
    for n in (*route, 0):
        there = instance.customers[n]
        leg = thousandths(here, there)
        driven, now = driven + leg, now + leg
        if now > 1000 * there.closes:
            raise ValueError(f"{instance.name}: customer {n} is reached at {now}, after {there.closes}")
        now = max(now, 1000 * there.opens) + 1000 * there.stay
        here = there
    return driven
