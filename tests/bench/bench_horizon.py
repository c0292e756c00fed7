"""Days looked ahead to, with duties and prizes, beside plans that only save driving: a month of the demo.

Both plan each day by the same means, drive what they planned, and go on from there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import sqlalchemy as sa

from routing import outlook
from tests.bench.figure import Case, Figure, Mode
from tests.bench.month import (
    FIRST,
    Crews,
    Outcome,
    Strategy,
    distance_only,
    distance_only_searched,
    district,
    ours,
    ours_searched,
    simulate,
)


@dataclass(frozen=True, slots=True)
class Month:
    """How many vans work, for how many days, and the seconds of search that a day has.

    Without any, routes are made by insertion alone, which comes to the same on any machine.
    """

    crews: Crews
    days: int = 28
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """Its vans on weekdays and on the weekend."""
        searched = f", {self.seconds:g} s" if self.seconds else ""
        return f"{self.crews.weekdays}+{self.crews.weekend} vans{searched}"

    @property
    def strategies(self) -> tuple[Strategy, Strategy]:
        """Theirs and ours."""
        if self.seconds:
            return distance_only_searched(self.seconds), ours_searched(self.seconds)
        return distance_only(), ours()


MONTHS: dict[Mode, tuple[Month, ...]] = {
    "quick": (Month(Crews(3, 1), 7),),
    "default": (Month(Crews(5, 2)), Month(Crews(3, 1))),
    "full": (Month(Crews(5, 5)), Month(Crews(5, 2)), Month(Crews(3, 1)), Month(Crews(5, 2), seconds=2.0)),
}


def cases(mode: Mode) -> Iterator[Case]:
    """A month of each size of the crews."""
    for month in MONTHS[mode]:
        yield Case(month.name, partial(_month, month))


def _month(month: Month) -> Iterator[Figure]:
    with district(month.crews, month.days) as (engine, district_id):
        yield from _looking(month, engine, district_id)
        found = {
            strategy.name: simulate(engine, district_id, strategy, month.days)
            for strategy in month.strategies
        }
    yield from _beside(month, found["ours"], found["distance only"])


def _looking(month: Month, engine: sa.Engine, district_id: int) -> Iterator[Figure]:
    """How long it takes to look ahead."""
    with engine.connect() as conn:
        for days in (7, 14, 28):
            began = time.monotonic()
            outlook.read(conn, district_id, FIRST, days)
            taken = round(time.monotonic() - began, 2)
            yield Figure(f"{month.name}: {days} days looked ahead", taken, "s")


def _beside(month: Month, we: Outcome, they: Outcome) -> Iterator[Figure]:
    def figure(name: str, unit: str, mine: float, theirs: float, *, less: bool | None = None) -> Figure:
        ratio = round(mine / theirs, 3) if theirs else None
        better = None if less is None else (mine < theirs if less else mine > theirs)
        expect = "" if less is None else ("< distance only" if less else "> distance only")
        return Figure(f"{month.name}: {name}", mine, unit, "distance only", theirs, ratio, expect, better)

    yield figure("largest overdue ratio", "", round(we.ratio, 2), round(they.ratio, 2), less=True)
    yield figure("mornings past a largest gap", "persons", we.overdue, they.overdue)
    mine, theirs = round(100 * we.monthly, 2), round(100 * they.monthly, 2)
    rate = figure("monthly visit rate", "%", mine, theirs)
    yield replace(rate, expect="> distance only, or all", ok=mine > theirs or mine == 100)
    yield figure("monthly hours kept", "%", round(100 * we.hours, 2), round(100 * they.hours, 2))
    yield figure("calls", "", we.calls, they.calls)
    yield figure("drop-offs", "", we.drop_offs, they.drop_offs)
    yield figure("driving", "h", round(we.drive_h, 1), round(they.drive_h, 1))
    broken = we.violations + they.violations
    yield Figure(f"{month.name}: violations", broken, "", expect="= 0", ok=broken == 0)
