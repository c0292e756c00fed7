"""One day's planning problem: who must be served, by which vans, within which limits.

Immutable and pure. Every time is in whole seconds from the problem's origin (the store uses local midnight),
every index points into a tuple of the same problem.
"""

from __future__ import annotations

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

    @property
    def cups(self) -> int:
        """All cups handed out here."""
        return sum(portion.cups for portion in self.portions)


@dataclass(frozen=True, slots=True)
class Break:
    """The crew's rest: begins inside `[earliest_s, latest_s]` and lasts `duration_s`, between two stops."""

    earliest_s: int
    latest_s: int
    duration_s: int


@dataclass(frozen=True, slots=True)
class Kitchen:
    """Where a van may reload once: what is left is discarded, everything aboard is then of this batch."""

    site: int
    window: TimeWindow
    service_s: int
    ready_s: int


@dataclass(frozen=True, slots=True, eq=False)
class Van:
    """A van with its crew on its shift.

    Parameters
    ----------
    starts_s, ends_s : it leaves its depot no earlier and is back no later
    hot_cups, cold_cups : what its containers hold
    batch_s : when the food that it leaves the depot with was ready
    inside : for each site, whether it lies in a beat assigned to this van
    in_beat_s : of each leg's seconds, those driven inside its beats
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
    kitchen: Kitchen | None = None
    inside: npt.NDArray[np.bool_] | None = None
    in_beat_s: IntMatrix | None = None

    def cups(self, container: Container) -> int:
        """Cups that one container of this van holds."""
        return self.hot_cups if container == "hot" else self.cold_cups


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a beat to be driven through slowly, `tour_s` each time, by one of `vans`, `passes` times."""

    site: int
    vans: frozenset[int]
    tour_s: int = 300
    passes: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """All that a plan of one day depends on.

    `seconds` and `metres` are square over `sites` and need not be symmetric; `basis` says what they rest on.
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
