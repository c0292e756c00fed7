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
        lot = batch.lot
        columns = (lot.van_id, lot.district_id, lot.t_ms // QUARTER_MS)
        for van_id, district_id, quarter in set(zip(*(each.tolist() for each in columns), strict=True)):
            self._quarters.setdefault(Van(van_id, district_id), set()).add(quarter)

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
