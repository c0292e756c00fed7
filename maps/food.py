"""The food clock of a container, by the crew's taps: the same as the van's own screen counts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from maps.day import Tap

LIMIT: Final = timedelta(hours=2)
HOT_C: Final = 60.0
COLD_C: Final = 5.0


@dataclass(frozen=True, slots=True)
class FoodClock:
    """The last reading since a container was filled, what is left of its two hours, whether they run now."""

    celsius: float | None
    left_s: int
    counting: bool


def food_clock(taps: Sequence[Tap], container: str, now: datetime) -> FoodClock:
    """How long food may still be served.

    At 60 degrees and above or 5 and below its clock stands; between them it has two hours in all since the
    container was filled.

    Parameters
    ----------
    taps : those of one van, in order of time
    """
    spent, warm_since, celsius = timedelta(0), None, None
    for tap in taps:
        if tap.t > now or not (tap.kind == "reload" or _reads(tap, container)):
            continue
        if warm_since is not None:
            spent += tap.t - warm_since
        warm_since = None
        if tap.kind == "reload":
            spent, celsius = timedelta(0), None
        else:
            celsius = float(tap.body["celsius"])
            warm_since = tap.t if COLD_C < celsius < HOT_C else None
    if warm_since is not None:
        spent += now - warm_since
    left_s = max(0, int((LIMIT - spent).total_seconds()))
    return FoodClock(celsius, left_s, warm_since is not None)


def _reads(tap: Tap, container: str) -> bool:
    return tap.body.get("container") == container and tap.body.get("celsius") is not None
