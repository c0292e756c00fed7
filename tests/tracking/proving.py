"""Hand-made days of a van for tests: a beat of two kilometres, a centre in its corner, doors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np

from fleet.geo import M_PER_DEG, LonLat
from tracking.ledger import Ground, Stretch, Tap, Told, area_of, columns_of
from tracking.proof import Facts, VanDay
from tracking.track import Fixes

MIDNIGHT_MS: Final = 1_784_476_800_000  # 20 July 2026, 00:00 in Shanghai
EIGHT_MS: Final = MIDNIGHT_MS + 8 * 3_600_000
DAY: Final = date(2026, 7, 20)
LAT_0: Final = 36.44
LON_0: Final = 115.98
SIDE_M: Final = 2000.0
TERMINAL: Final = 7


def at(east_m: float, north_m: float) -> LonLat:
    """A place so many metres from the beat's south-west corner."""
    return LON_0 + east_m / M_PER_DEG / float(np.cos(np.radians(LAT_0))), LAT_0 + north_m / M_PER_DEG


RING: Final = (at(0, 0), at(SIDE_M, 0), at(SIDE_M, SIDE_M), at(0, SIDE_M), at(0, 0))
DEPOT: Final = at(100, 100)
DOOR: Final = at(1000, 1000)
CORNER: Final = at(1500, 500)
"""A place in the beat where nobody lives."""
ABROAD: Final = at(-1500, 500)
GROUND: Final = Ground((area_of(((RING,),)),), columns_of([DEPOT]), columns_of([DOOR]))
CELLS: Final = columns_of([DOOR, at(1900, 1900)])
SHIFT: Final = Stretch(EIGHT_MS, EIGHT_MS + 8 * 3_600_000)


class Drive:
    """A van driven by hand: each step adds a fix each `every_s` seconds until it is over."""

    def __init__(self, start: LonLat, every_s: float = 5.0, at_ms: int = EIGHT_MS) -> None:
        self._every_s = every_s
        self._rows: list[tuple[int, float, float]] = [(at_ms, *start)]

    @property
    def now_ms(self) -> int:
        """When the newest fix is of."""
        return self._rows[-1][0]

    def stand(self, minutes: float) -> Drive:
        """Stay."""
        return self.go(self._rows[-1][1:], minutes)

    def go(self, to: Sequence[float], minutes: float) -> Drive:
        """Drive there in so many minutes."""
        t_ms, lon, lat = self._rows[-1]
        count = round(minutes * 60 / self._every_s)
        for n in range(1, count + 1):
            share = n / count
            moment = t_ms + round(minutes * 60_000 * share)
            self._rows.append((moment, lon + (to[0] - lon) * share, lat + (to[1] - lat) * share))
        return self

    def loop(self, minutes: float) -> Drive:
        """Drive about from here, 600 m to the north and back again, each ten minutes."""
        _, lon, lat = self._rows[-1]
        for _ in range(round(minutes / 10)):
            self.go((lon, lat + 600 / M_PER_DEG), 5).go((lon, lat), 5)
        return self

    def silence(self, minutes: float, to: LonLat | None = None) -> Drive:
        """Nothing is heard, then one fix, from the same place or another."""
        t_ms, *place = self._rows[-1]
        lon, lat = place if to is None else to
        self._rows.append((t_ms + round(minutes * 60_000), lon, lat))
        return self

    def fixes(self) -> Fixes:
        """What was driven, as stored by the van's one terminal."""
        rows = np.array(self._rows, np.float64)
        t_ms = np.array([row[0] for row in self._rows], np.int64)
        unknown = np.full(len(t_ms), np.nan)
        digests = [hash(tuple(each)) >> 1 for each in rows[:, 1:].tolist()]
        return Fixes(
            t_ms=t_ms,
            terminal_id=np.full(len(t_ms), TERMINAL, np.int64),
            digest=np.array(digests, np.int64),
            lon=rows[:, 1],
            lat=rows[:, 2],
            speed_mps=unknown,
            heading_deg=unknown,
            accuracy_m=unknown,
            battery=unknown,
            flags=np.zeros(len(t_ms), np.int64),
            received_ms=t_ms + 1000,
        )


def told(
    *taps: Tap, shift: Stretch | None = None, calls: Sequence[Stretch] = (), until_ms: int | None = None
) -> Told:
    """What is known beside the track; the day is over."""
    return Told(MIDNIGHT_MS + 86_400_000 if until_ms is None else until_ms, shift, taps, calls)


def facts(stored: Fixes, known: Told, ground: Ground = GROUND) -> Facts:
    """A van's day as its proof takes it."""
    within = Stretch(MIDNIGHT_MS, MIDNIGHT_MS + 86_400_000)
    return Facts(VanDay(1, 1, DAY), within, stored, TERMINAL, ground, CELLS, known)


def minutes_after(minutes: float) -> int:
    """So long after eight in the morning."""
    return EIGHT_MS + round(minutes * 60_000)
