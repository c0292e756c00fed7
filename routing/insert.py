"""The best van for a call for help, by road time, from positions given as values.

Every van is weighed and each refusal says why, so that the decision can be kept as it was made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from fleet.driving import Matrix
from fleet.geo import LonLat

STALE_AFTER = timedelta(seconds=60)
"""A position older than this says nothing about where the van is now."""


@dataclass(frozen=True, slots=True)
class Position:
    """What is known of a van when the call comes: where it was seen, and whether it is free."""

    van_id: int
    at: LonLat | None
    seen_at: datetime | None
    on_shift: bool = True
    busy: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Weighed:
    """A van that was weighed. `why` is empty for one that could go; `eta_s` is None without a known road."""

    van_id: int
    eta_s: int | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """All vans, the nearest free ones first, and the one chosen, if any."""

    candidates: tuple[Weighed, ...]
    chosen: int | None
    basis: str


def choose(
    where: LonLat, vans: Sequence[Position], now: datetime, table: Callable[[Sequence[LonLat]], Matrix]
) -> Receipt:
    """Weigh every van for a call at `where` and choose the free one that is there first.

    Refused are vans that are off shift, already on a call, that handed this call back, not heard of for a
    minute, or that no road leads from; a refused van's road time is still told where known. Of two equally
    near vans the smaller id goes.
    """
    seen = [van for van in vans if van.at is not None]
    matrix = table([where, *(van.at for van in seen if van.at is not None)]) if seen else None
    etas: dict[int, int | None] = {}
    for row, van in enumerate(seen, start=1):
        seconds = int(matrix.seconds[row, 0]) if matrix is not None else -1
        etas[van.van_id] = seconds if seconds >= 0 else None
    weighed = [
        Weighed(van.van_id, etas.get(van.van_id), _why(van, etas.get(van.van_id), now)) for van in vans
    ]
    weighed.sort(key=lambda each: (bool(each.why), each.eta_s is None, each.eta_s or 0, each.van_id))
    free = [each.van_id for each in weighed if not each.why]
    return Receipt(tuple(weighed), free[0] if free else None, matrix.basis if matrix else "great-circle")


def _why(van: Position, eta_s: int | None, now: datetime) -> str:
    reasons = (
        (not van.on_shift, "off_shift"),
        (van.busy, "busy"),
        (van.refused, "handed_back"),
        (van.at is None or van.seen_at is None or now - van.seen_at > STALE_AFTER, "stale"),
        (eta_s is None, "unreachable"),
    )
    return next((why for holds, why in reasons if holds), "")


@cache
def zone_of(name: str) -> ZoneInfo:
    """A district's time zone."""
    return ZoneInfo(name)
