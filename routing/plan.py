"""A plan as a value: routes of stops, what is left unserved, and what each level of the objective came to."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Literal, TypeAlias

StopKind: TypeAlias = Literal["start", "visit", "dropoff", "reload", "break", "pass", "handover", "end"]


@dataclass(frozen=True, slots=True)
class Stop:
    """A planned call on a route: arrive, begin when the window opens, leave. All in the problem's seconds.

    `visit` is set for visits and drop-offs, `cell` for beat passes, `kitchen` for reloads; all are indexes
    into the problem.
    """

    kind: StopKind
    site: int
    arrives_s: int
    begins_s: int
    leaves_s: int
    visit: int | None = None
    cell: int | None = None
    kitchen: int | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One van's shift, from `start` to `end`, with what it adds up to.

    `drive_s` holds the hour's pace; `work_s` is all time but the break, from leaving to being back.
    """

    van: int
    stops: tuple[Stop, ...]
    drive_s: int
    drive_m: int
    patrol_s: int

    @property
    def work_s(self) -> int:
        """Seconds from leaving to being back, without the break."""
        rests = sum(stop.leaves_s - stop.begins_s for stop in self.stops if stop.kind == "break")
        return self.stops[-1].leaves_s - self.stops[0].leaves_s - rests


@dataclass(frozen=True, slots=True, order=True)
class Levels:
    """What a plan costs, highest level first: compared as a tuple, no lower level buys a higher one.

    The first six are coarse whole numbers. `cost` is the one weighted sum below them; what it is made of
    follows and is shown beside it, and is not compared by itself.

    Parameters
    ----------
    sos_missed : calls for help
    mandatory_missed : visits
    prize_missed : risk x overdue of the optional visits left out
    patrol_short_min : minutes missing from the vans' patrol targets, each van's rounded up, summed
    unseen_min : the longest time that any beat cell stays unseen between its vans' first start and last end,
        rounded up
    portions_missed : cups not handed out
    cost : seconds driven, and all below at the problem's rates
    naps : visits that begin in their no-knock window
    moved : published visits that changed their van, moved by more than `PROMISE_S` or are left out
    unfamiliar : visits by another crew than one that the person knows
    imbalance_s : seconds by which vans' weeks exceed the fleet's mean, summed
    overtime_s : seconds after the shifts' regular ends
    drive_s : seconds driven
    """

    sos_missed: int
    mandatory_missed: int
    prize_missed: int
    patrol_short_min: int
    unseen_min: int
    portions_missed: int
    cost: int
    naps: int = field(compare=False, default=0)
    moved: int = field(compare=False, default=0)
    unfamiliar: int = field(compare=False, default=0)
    imbalance_s: int = field(compare=False, default=0)
    overtime_s: int = field(compare=False, default=0)
    drive_s: int = field(compare=False, default=0)

    def figures(self) -> dict[str, int]:
        """The levels by name, in order."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Plan:
    """The day as intended. `unserved` holds indexes of the visits that no route calls on."""

    routes: tuple[Route, ...]
    unserved: tuple[int, ...]
    levels: Levels
