"""A plan as a value: routes of stops, what is left unserved, and what each level of the objective came to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

StopKind: TypeAlias = Literal["start", "visit", "dropoff", "reload", "break", "pass", "end"]


@dataclass(frozen=True, slots=True)
class Stop:
    """A planned call on a route: arrive, begin when the window opens, leave. All in the problem's seconds.

    `visit` is set for visits and drop-offs, `cell` for beat passes; both are indexes into the problem.
    """

    kind: StopKind
    site: int
    arrives_s: int
    begins_s: int
    leaves_s: int
    visit: int | None = None
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One van's shift, from `start` to `end` at its depot, with what it adds up to."""

    van: int
    stops: tuple[Stop, ...]
    drive_s: int
    drive_m: int
    patrol_s: int


@dataclass(frozen=True, slots=True, order=True)
class Levels:
    """What a plan costs, highest level first: compared as a tuple, no lower level buys a higher one.

    Parameters
    ----------
    mandatory_missed : visits
    prize_missed : risk x overdue of the optional visits left out
    patrol_short_s : seconds missing from the vans' patrol targets, summed
    unseen_s : the longest time that any beat cell stays unseen during its vans' shifts
    portions_missed : cups not handed out
    naps : visits that begin in their no-knock window
    drive_s : seconds driven
    """

    mandatory_missed: int
    prize_missed: int
    patrol_short_s: int
    unseen_s: int
    portions_missed: int
    naps: int
    drive_s: int

    def figures(self) -> dict[str, int]:
        """The levels by name, in order."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Plan:
    """The day as intended. `unserved` holds indexes of the visits that no route calls on."""

    routes: tuple[Route, ...]
    unserved: tuple[int, ...]
    levels: Levels
