"""Which vans' days were touched by what was committed. Pure; on the hot path, it counts quarters of an hour.

A day begins where its district lies, and no zone's midnight is off a quarter of an hour.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from fleet.units import moment_of
from tracking.batch import Batch

QUARTER_MS: Final = 900_000


class Van(NamedTuple):
    """A van and its district."""

    van_id: int
    district_id: int


class Touched:
    """Quarters of an hour with new fixes, by van, since they were last taken."""

    def __init__(self) -> None:
        self._quarters: dict[Van, set[int]] = {}

    def committed(self, batch: Batch) -> None:
        """Note what a batch has touched."""
        quarters = self._quarters
        for parcel in batch.parcels:
            if parcel.fixes:
                van = Van(parcel.source.van_id, parcel.source.district_id)
                touched = quarters.get(van)
                if touched is None:
                    touched = quarters[van] = set()
                touched.update([fix.t // QUARTER_MS for _, fix in parcel.fixes])

    def take(self) -> dict[Van, set[int]]:
        """All of them; new ones begin."""
        taken, self._quarters = self._quarters, {}
        return taken

    def put_back(self, taken: dict[Van, set[int]]) -> None:
        """They could not be written down: keep them beside what came since."""
        for van, quarters in taken.items():
            self._quarters.setdefault(van, set()).update(quarters)


def days_of(quarters: Iterable[int], zone: ZoneInfo) -> set[date]:
    """The days of a zone's calendar in which these quarters lie."""
    return {moment_of(quarter * QUARTER_MS).astimezone(zone).date() for quarter in quarters}
