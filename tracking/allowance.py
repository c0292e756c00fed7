"""How much of what it sends wrongly one terminal may leave with us. No I/O.

A broken terminal repeats its mistake all day. The first refusals of an hour are kept whole, so that its maker
can see them; of those beyond only the 1st, 2nd, 4th, 8th ... are, without what was sent, and each says how
many there were.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from tracking.parcel import Parcel
from tracking.protocol import Rejected

RAW_BYTES: Final = 4096
"""Most bytes kept of one refused message."""
AN_HOUR: Final = 500
"""Refusals of one terminal that are kept whole, in an hour of the clock."""
_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A refusal that goes into quarantine, with the parcel that it came in."""

    parcel: Parcel
    refused: Rejected


class Allowance:
    """Counts what each terminal has left here this hour.

    Parameters
    ----------
    an_hour : refusals of one terminal that are kept whole
    """

    def __init__(self, an_hour: int = AN_HOUR) -> None:
        self._an_hour = an_hour
        self._counts: dict[int, tuple[int, int]] = {}

    def sift(self, parcels: Iterable[Parcel]) -> list[Kept]:
        """What is to be kept of these parcels' refusals. Asked again, it answers the same."""
        return self._walk(parcels, dict(self._counts))

    def spend(self, parcels: Iterable[Parcel]) -> None:
        """Count these parcels' refusals: they are committed."""
        self._walk(parcels, self._counts)

    def _walk(self, parcels: Iterable[Parcel], counts: dict[int, tuple[int, int]]) -> list[Kept]:
        kept = []
        for parcel in parcels:
            if not parcel.refused:
                continue
            hour, terminal_id = parcel.received_ms // _HOUR_MS, parcel.source.terminal_id
            for refused in parcel.refused:
                of_hour, count = counts.get(terminal_id, (hour, 0))
                count = count + 1 if of_hour == hour else 1
                counts[terminal_id] = hour, count
                shortened = self._shortened(refused, count - self._an_hour)
                if shortened is not None:
                    kept.append(Kept(parcel, shortened))
        return kept

    def _shortened(self, refused: Rejected, beyond: int) -> Rejected | None:
        if beyond <= 0:
            return replace(refused, raw=refused.raw[:RAW_BYTES])
        if beyond & (beyond - 1):
            return None
        why = f"{refused.why}; {beyond} beyond {self._an_hour} this hour, kept without what was sent"
        return replace(refused, why=why, raw=b"")
