"""How long a filling of a container spent between 5 and 60 degrees. Pure.

Between the two it may be handed out for two hours at most (GB 31654 and its 60 degree line).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

HOT_C: Final = 60.0
COLD_C: Final = 5.0


@dataclass(frozen=True, slots=True)
class Reading:
    """A temperature that a crew or a sensor told of a container; no degrees for a container filled anew."""

    t_ms: int
    container: str
    celsius: float | None


class Clock(NamedTuple):
    """A spell between 5 and 60 degrees; `since_ms` is earlier by what the same filling had spent before."""

    container: str
    began_ms: int
    since_ms: int
    ended_ms: int | None
    celsius: float


class Spent(NamedTuple):
    """A filling whose time is used up, from then until its container is filled anew, whatever is read of it.

    `since_ms` is when its time would have begun in one piece, `celsius` what it was when it was used up.
    """

    container: str
    since_ms: int
    over_ms: int
    ended_ms: int | None
    celsius: float


def clocks(readings: Sequence[Reading], ends_ms: int | None) -> Iterator[Clock]:
    """Each food clock that ran, with the degrees that started it; only a reload gives the time back.

    Parameters
    ----------
    readings : of all containers of a van, by time
    ends_ms : when those that still run end; None while they go on
    """
    running: dict[str, tuple[int, float]] = {}
    spent_ms: dict[str, int] = defaultdict(int)
    for each in readings:
        box = each.container
        if each.celsius is not None and COLD_C < each.celsius < HOT_C:
            running.setdefault(box, (each.t_ms, each.celsius))
            continue
        if box in running:
            began_ms, celsius = running.pop(box)
            yield Clock(box, began_ms, began_ms - spent_ms[box], each.t_ms, celsius)
            spent_ms[box] += each.t_ms - began_ms
        if each.celsius is None:
            spent_ms[box] = 0
    for box, (began_ms, celsius) in running.items():
        yield Clock(box, began_ms, began_ms - spent_ms[box], ends_ms, celsius)


def used_up(readings: Sequence[Reading], most_ms: int, ends_ms: int | None) -> Iterator[Spent]:
    """Each filling that was warm for as long as it may be. Cooling or heating it again mends nothing.

    Parameters
    ----------
    most_ms : how long a filling may be warm in all, > 0
    ends_ms : when the last fillings end; None while they are aboard
    """
    told: set[tuple[str, int | None]] = set()
    for clock in clocks(readings, ends_ms):
        over_ms = clock.since_ms + most_ms
        if clock.ended_ms is not None and over_ms > clock.ended_ms:
            continue
        filled = (
            each.t_ms for each in readings if each.container == clock.container and each.celsius is None
        )
        filled_ms = next((t_ms for t_ms in filled if t_ms > clock.began_ms), ends_ms)
        if (clock.container, filled_ms) not in told:
            told.add((clock.container, filled_ms))
            yield Spent(clock.container, clock.since_ms, over_ms, filled_ms, clock.celsius)
