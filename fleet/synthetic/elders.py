"""The invented elders: who they are, where they live, how often they are due. Nobody here exists.

The shares are those of the demo scenario: of 241, 116 in special difficulty and 125 aged 70 and over, 47 of
these aged 80 and over; 18 have a plan of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

import numpy as np

from fleet import geo
from fleet.geo import LonLat
from fleet.synthetic import names
from fleet.synthetic.places import Spot
from fleet.synthetic.sheet import Quarter, Town

_QUARTERS = 120
_NAPS = (
    (time(12, 0), time(14, 0)),
    (time(12, 0), time(14, 0)),
    (time(12, 0), time(14, 0)),
    (time(12, 30), time(14, 30)),
    (time(11, 30), time(13, 0)),
)


@dataclass(frozen=True, slots=True)
class Due:
    """How often, by one channel; gaps in days, service in seconds."""

    channel: str
    target_days: float
    min_days: float
    max_days: float
    service_s: int
    skills: tuple[str, ...] = ()
    mandatory: bool = False
    own: bool = False


@dataclass(frozen=True, slots=True)
class Elder:
    """One elder. `stop` is the code of the stop point, for those whose door is not called at."""

    code: str
    name: str
    birth_year: int
    home: str
    door: LonLat
    stop: str | None
    risk: int
    sugar_free: bool
    nap: tuple[time, time]
    dues: tuple[Due, ...]


CALL_EVERY_SECOND_DAY = Due("call", 2, 1, 3, 180)
CALL_DAILY = Due("call", 1, 0.5, 2, 180, own=True)
CALL_WEEKLY = Due("call", 7, 4, 10, 180)
CHECK_DAILY = Due("check", 1, 0.5, 1.5, 300, mandatory=True)
CHECK_DAILY_LONG = Due("check", 1, 0.5, 1.5, 600, mandatory=True, own=True)
VISIT_WEEKLY = Due("visit", 7, 5, 9, 1200)
VISIT_TWICE_A_WEEK = Due("visit", 3.5, 2, 5, 1200, own=True)
_MONTHLY_SKILLS: tuple[tuple[str, ...], ...] = (
    *((),) * 8,
    ("haircut",),
    ("haircut",),
    ("nursing",),
    ("footbath",),
)
_CLIMBER_EVERY = 40


def elders(town: Town, stops: tuple[Spot, ...], n: int, *, year: int, seed: int) -> tuple[Elder, ...]:
    """`n` elders, the same for the same seed and year."""
    rng = np.random.default_rng([seed, 241])
    special = round(n * 116 / 241)
    eighty = round((n - special) * 47 / 125)
    quarters = [town.quarters[k] for k in rng.permutation(len(town.quarters))[:_QUARTERS]]
    made: list[Elder] = []
    for k in range(n):
        kind = "special" if k < special else ("eighty" if k < special + eighty else "seventy")
        stop = stops[k % len(stops)] if kind == "seventy" else None
        near = quarters if stop is None else _round(town, stop)
        quarter = near[int(rng.integers(len(near)))]
        house = int(rng.integers(len(quarter.doors)))
        made.append(
            Elder(
                code=f"E{k + 1:04}",
                name=_name(rng),
                birth_year=year - _age(kind, rng),
                home=f"{quarter.name}{house + 1}号楼",
                door=_doorstep(quarter, house, rng),
                stop=stop.code if stop else None,
                risk=_risk(kind, k),
                sugar_free=bool(rng.random() < 0.18),
                nap=_NAPS[int(rng.integers(len(_NAPS)))],
                dues=_dues(kind, k, special),
            )
        )
    return tuple(made)


def _dues(kind: str, k: int, special: int) -> tuple[Due, ...]:
    """What a person is due. Every 12th of the first group and every 6th of the second is an exception."""
    if kind == "seventy":
        return (CALL_WEEKLY,)
    if kind == "eighty":
        own = (k - special) % 6 == 0
        return (CHECK_DAILY_LONG if own else CHECK_DAILY, CALL_EVERY_SECOND_DAY)
    own = k % 12 == 0
    skills = _MONTHLY_SKILLS[k % len(_MONTHLY_SKILLS)]
    if k % _CLIMBER_EVERY == 7:
        skills = ("stair_climber",)
    dues = (
        VISIT_TWICE_A_WEEK if own else VISIT_WEEKLY,
        Due("monthly", 28, 21, 31, 3600, skills),
        CALL_DAILY if own else CALL_EVERY_SECOND_DAY,
    )
    # One in eight lives alone, and is looked after every day.
    return (*dues, CHECK_DAILY) if k % 8 == 3 else dues


def _risk(kind: str, k: int) -> int:
    if kind == "seventy":
        return 1 + (k % 5 == 0)
    if kind == "eighty":
        return 3 + (k % 3 == 0) + (k % 9 == 0)
    return 2 + (k % 3 == 0) + (k % 8 == 3)


def _age(kind: str, rng: np.random.Generator) -> int:
    low, high = {"special": (61, 70), "seventy": (70, 80), "eighty": (80, 97)}[kind]
    return int(rng.integers(low, high))


def _name(rng: np.random.Generator) -> str:
    surname = names.SURNAMES[int(rng.integers(len(names.SURNAMES)))]
    woman = rng.random() < 0.56
    first, last = (
        (names.GIVEN_FIRST_F, names.GIVEN_LAST_F) if woman else (names.GIVEN_FIRST_M, names.GIVEN_LAST_M)
    )
    given = first[int(rng.integers(len(first)))] + last[int(rng.integers(len(last)))]
    return surname + (given[1] if rng.random() < 0.12 else given)


def _doorstep(quarter: Quarter, house: int, rng: np.random.Generator) -> LonLat:
    return geo.destination(quarter.doors[house], float(rng.uniform(0, 360)), float(rng.uniform(2, 9)))


def _round(town: Town, stop: Spot) -> list[Quarter]:
    """The quarters round a stop point, whose people walk to it."""
    return sorted(town.quarters, key=lambda quarter: geo.haversine_m(stop.point, quarter.gate))[:4]
