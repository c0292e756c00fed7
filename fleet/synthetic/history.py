"""What was done before the demo's day: four weeks of verified visits, a little late now and then."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from fleet.synthetic.elders import Due, Elder

DAYS = 28
TIMEZONE = ZoneInfo("Asia/Shanghai")
# Done on the day it is due; otherwise it slips to the next.
_PUNCTUAL = 0.95


@dataclass(frozen=True, slots=True)
class Done:
    """A visit that was made. `elder` counts from 0."""

    elder: int
    channel: str
    began: datetime
    service_s: int


def visits(
    elders: Sequence[Elder], day: date, *, seed: int, on: Collection[date] | None = None
) -> Iterator[Done]:
    """The visits of the four weeks before a day, or of those of its days that are in `on`."""
    rng = np.random.default_rng([seed, day.toordinal()])
    for n, elder in enumerate(elders):
        for due in elder.dues:
            for made in _days(due, day, rng):
                began = _moment(made, elder, due, rng)
                if on is None or made in on:
                    yield Done(n, due.channel, began, due.service_s)


def _days(due: Due, day: date, rng: np.random.Generator) -> list[date]:
    """The days on which a cadence was kept: as often as wanted, some a day late, at any phase."""
    made: list[date] = []
    # Before the four weeks it was kept too, at a time nobody knows.
    next_due = -DAYS - 1 + float(rng.uniform(0, due.target_days))
    for ago in range(-DAYS, 0):
        if next_due <= ago + 0.5 and rng.random() < _PUNCTUAL:
            made.append(day + timedelta(days=ago))
            next_due = ago + due.target_days
    return made


def _moment(made: date, elder: Elder, due: Due, rng: np.random.Generator) -> datetime:
    """A time between 08:40 and 16:00, out of the nap."""
    minute = int(rng.integers(8 * 60 + 40, 16 * 60))
    nap_from, nap_to = (t.hour * 60 + t.minute for t in elder.nap)
    if nap_from - due.service_s // 60 < minute < nap_to:
        minute = nap_to + int(rng.integers(0, 90))
    return datetime.combine(made, time(minute // 60, minute % 60), TIMEZONE)
