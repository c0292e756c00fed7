"""One day's planning problem: who must be served, by which vans, within which limits.

Immutable and pure. Every time is in whole seconds from the problem's origin (the store uses local midnight),
every index points into a tuple of the same problem. A running day is a problem too: its vans begin where
they are, with what they have aboard, and what is done or being driven to is no longer asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

IntMatrix: TypeAlias = npt.NDArray[np.int32]
"""Rows are origins, columns destinations; -1 where no road leads."""
Container: TypeAlias = Literal["hot", "cold"]
CONTAINERS: tuple[Container, ...] = ("hot", "cold")

DANGER_S = 2 * 3600
"""Seconds food may spend outside its safe temperatures. Source: GB 31654, 2 h."""
PATROL_TARGET_S = 360 * 60
"""Patrol that each van owes a day."""
PROMISE_S = 15 * 60
"""A published visit keeps its promise when its begin moves by no more than this, on the same van."""
NOON_S = 12 * 3600
"""Where the two half-days of portable equipment meet."""
HANDOVER_S = 5 * 60


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """When service may begin: `opens_s <= begin <= closes_s`."""

    opens_s: int
    closes_s: int


@dataclass(frozen=True, slots=True)
class Site:
    """A place of the problem; its index is its row and column in the matrices."""

    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Item:
    """A seasonal drink or fruit. A closed container keeps it safe for `hold_s` after its batch was ready."""

    code: str
    container: Container
    hold_s: int


@dataclass(frozen=True, slots=True)
class Portion:
    """Cups of one item to be handed out."""

    item: int
    cups: int


@dataclass(frozen=True, slots=True)
class Promise:
    """What a published plan told a person: by which van, and when service begins."""

    van: int
    begins_s: int


@dataclass(frozen=True, slots=True)
class Visit:
    """Service demanded at a site: a call on a person, or a drop-off at a stop point.

    Parameters
    ----------
    name : how a person would find the row again; error messages name it
    windows : service may begin inside any one of them; at least one, in time order, disjoint
    nap : begin inside `[opens_s, closes_s)` is avoided, at a price, and never forbidden
    skills : what the van (crew and fittings together) must have
    mandatory : to be served before any prize is looked at
    prize : what is lost when an optional visit is left out, > 0
    portions : what is handed out; their cups count as the drop-off's own level of the objective
    sos : a call for help: served before all else, nap or not
    equipment : portable things that must be aboard; see `Equipment`
    vans : the only vans that may serve it; None is any, an empty set nobody, so that it is set aside. A
        planner's lock or ban on a van stands here
    service_by_van : service seconds by van where crews differ; `service_s` for all where it is empty
    familiar : vans whose crew knows the person; another's visit costs a little
    promise : what was published, where it was; breaking it costs a little
    """

    name: str
    kind: Literal["visit", "dropoff"]
    site: int
    service_s: int
    windows: tuple[TimeWindow, ...]
    nap: TimeWindow | None = None
    skills: frozenset[str] = frozenset()
    mandatory: bool = False
    prize: int = 1
    portions: tuple[Portion, ...] = ()
    sos: bool = False
    equipment: frozenset[str] = frozenset()
    vans: frozenset[int] | None = None
    service_by_van: tuple[int, ...] = ()
    familiar: frozenset[int] = frozenset()
    promise: Promise | None = None

    @property
    def cups(self) -> int:
        """All cups handed out here."""
        return sum(portion.cups for portion in self.portions)

    def service_on(self, van: int) -> int:
        """Seconds of service when this van's crew does it."""
        return self.service_by_van[van] if self.service_by_van else self.service_s


@dataclass(frozen=True, slots=True)
class Break:
    """The crew's rest: begins inside `[earliest_s, latest_s]` and lasts `duration_s`, between two stops."""

    earliest_s: int
    latest_s: int
    duration_s: int


@dataclass(frozen=True, slots=True)
class Kitchen:
    """One batch of a kitchen: any van may reload from it, beginning inside the window and once it is ready.

    What is left aboard is discarded; everything aboard is then of this batch. A kitchen with several batches
    a day stands here once for each.
    """

    site: int
    window: TimeWindow
    service_s: int
    ready_s: int

    @property
    def from_s(self) -> int:
        """The earliest begin of a reload."""
        return max(self.window.opens_s, self.ready_s)


@dataclass(frozen=True, slots=True)
class Equipment:
    """A portable thing, such as a stair climber, of which the fleet has `units`.

    A visit that asks for it uses it in the half of the day in which its service begins: before
    `Problem.noon_s`, or not. In each half no more vans use it than there are units. A unit is aboard its
    first van from the start, and changes vans once at most: from one that uses it before noon only to one
    that uses it after noon only. So it must for each van by which the vans of both halves together exceed
    the units. The giver's stop at one of `Problem.centres`, after its last use, then ends no later than the
    taker's at the same centre, before its first use. Such a stop is a `handover`; the giver's end and the
    taker's start will do where they are at a centre.
    """

    code: str
    units: int = 1


@dataclass(frozen=True, slots=True)
class Relation:
    """What several visits have to do with each other.

    `same_van`: those that are served are served by one van. `not_same_day`: one of them is served at most.
    """

    kind: Literal["same_van", "not_same_day"]
    visits: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Van:
    """A van with its crew on its shift.

    Parameters
    ----------
    depot : where it starts
    starts_s, ends_s : it leaves no earlier and is regularly back no later
    hot_cups, cold_cups : what its containers hold
    batch_s : when the food that it starts with was ready
    inside : for each site, whether it lies in a beat assigned to this van
    in_beat_s : of each leg's seconds, those driven inside its beats
    home : where it ends; its depot where None
    leaves_by_s : it may wait at its depot until then to meet its first call's window; `starts_s` where None
    overtime_s : it may be back so much later than `ends_s`, at a price
    span_s : the longest time from leaving to being back, without break and reloads; None is the shift
    hot_aboard, cold_aboard : cups it starts with; full where None
    patrolled_s : patrol already done when the problem begins
    worked_s : work of this week before this day, for the balance between crews
    prefix : its first visits, in this order: locked, or already being driven to
    """

    name: str
    depot: int
    starts_s: int
    ends_s: int
    hot_cups: int = 0
    cold_cups: int = 0
    skills: frozenset[str] = frozenset()
    rest: Break | None = None
    batch_s: int = 0
    inside: npt.NDArray[np.bool_] | None = None
    in_beat_s: IntMatrix | None = None
    home: int | None = None
    leaves_by_s: int | None = None
    overtime_s: int = 0
    span_s: int | None = None
    hot_aboard: int | None = None
    cold_aboard: int | None = None
    patrolled_s: int = 0
    worked_s: int = 0
    prefix: tuple[int, ...] = ()

    @property
    def ends_at(self) -> int:
        """The site where its route ends."""
        return self.depot if self.home is None else self.home

    def cups(self, container: Container) -> int:
        """Cups that one container of this van holds."""
        return self.hot_cups if container == "hot" else self.cold_cups

    def aboard(self, container: Container) -> int:
        """Cups in one container before the first reload."""
        held = self.hot_aboard if container == "hot" else self.cold_aboard
        return self.cups(container) if held is None else held


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a beat to be driven through slowly, `tour_s` each time, by one of `vans`, `passes` times."""

    site: int
    vans: frozenset[int]
    tour_s: int = 300
    passes: int = 1


@dataclass(frozen=True, slots=True)
class Rates:
    """The exchange rates of the weighted sum: what each thing costs in seconds of driving.

    Parameters
    ----------
    nap : a visit that begins in its no-knock window
    moved : a published visit whose promise is broken
    unfamiliar : a visit to somebody whom another crew knows
    imbalance : a second by which a van's week exceeds the mean of the fleet's
    overtime : a second after the shift's regular end
    """

    nap: int = 900
    moved: int = 600
    unfamiliar: int = 300
    imbalance: float = 0.1
    overtime: int = 3


@dataclass(frozen=True, slots=True, eq=False)
class Legs:
    """What is known of the roads on a day that is too large for one table: the drives of its plan.

    Parameters
    ----------
    drives : seconds and metres of the legs from one site to another; no road leads where there is none
    in_beat_s : by van, origin and destination the seconds driven inside the van's beats
    near : by cell, metres from the sites near to it
    """

    drives: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    in_beat_s: Mapping[tuple[int, int, int], int] = field(default_factory=dict)
    near: Mapping[int, Mapping[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """All that a plan of one day depends on.

    `seconds` and `metres` are square over `sites` and need not be symmetric; `basis` says what they rest on.
    `pace` holds, for each hour of the day, the percentage of `seconds` that a drive begun in it takes; empty
    is 100 throughout. Hours past the 24th begin again.

    A wide day, too large for one table, has `legs` instead: both tables are empty, and so are its vans' beat
    tables. It is searched in parts that have tables of their own; see `routing.parts`.
    """

    sites: tuple[Site, ...]
    seconds: IntMatrix
    metres: IntMatrix
    vans: tuple[Van, ...]
    visits: tuple[Visit, ...]
    items: tuple[Item, ...] = ()
    cells: tuple[Cell, ...] = ()
    basis: str = "road"
    patrol_target_s: int = field(default=PATROL_TARGET_S)
    kitchens: tuple[Kitchen, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    centres: frozenset[int] = frozenset()
    relations: tuple[Relation, ...] = ()
    pace: tuple[int, ...] = ()
    noon_s: int = NOON_S
    rates: Rates = field(default_factory=Rates)
    legs: Legs | None = None

    def drive_s(self, origin: int, to: int, leaves_s: int) -> int:
        """Seconds of a drive begun then; -1 where no road leads."""
        seconds: int = self.seconds.item(origin, to)
        if seconds <= 0 or not self.pace:
            return seconds
        return -(-seconds * self.pace[leaves_s // 3600 % 24] // 100)

    def least_s(self, origin: int, to: int) -> int:
        """Seconds of a drive in the best hour; -1 where no road leads."""
        seconds = int(self.seconds[origin, to])
        return -(-seconds * min(self.pace) // 100) if seconds > 0 and self.pace else seconds

    def serve_by_s(self, visit: Visit, batch_s: int) -> int | None:
        """Latest end of service for the food of a batch; None when nothing with a clock is handed out."""
        holds = [self.items[portion.item].hold_s for portion in visit.portions]
        return batch_s + min(holds) + DANGER_S if holds else None

    def cups_of(self, visit: Visit, container: Container) -> int:
        """Cups that a visit takes out of one container."""
        return sum(p.cups for p in visit.portions if self.items[p.item].container == container)


def frozen_matrix(values: npt.ArrayLike) -> IntMatrix:
    """A read-only matrix of 32-bit integers."""
    matrix = np.array(values, dtype=np.int32)
    matrix.flags.writeable = False
    return matrix
