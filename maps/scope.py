"""What a shared map shows of a district's vans: which, where, on what day and hours, how late. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from maps.veil import MARK_MS

Standing = Literal["waits", "live", "rests", "past"]
"""Its time is to come; is now; is not now but comes again, or is being looked through; is over."""
_SETTLES = timedelta(milliseconds=MARK_MS)


@dataclass(frozen=True, slots=True)
class Scope:
    """Each part narrows the others.

    Parameters
    ----------
    vans : only these; None for all
    beats : only vans that are assigned to one of these, and only while they are inside one; None: anywhere
    day : only this day; None for each
    hour_from, hour_to : only from this hour to before that one by the district's clock, 0 to 24
    delay_s : how late, >= 1
    """

    delay_s: int
    vans: tuple[int, ...] | None = None
    beats: tuple[int, ...] | None = None
    day: date | None = None
    hour_from: int = 0
    hour_to: int = 24

    def hours_on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From when to before when it shows anything of a day."""
        begins, ends = (_hour(day, hour, zone) for hour in (self.hour_from, self.hour_to))
        return begins, ends

    def at(self, now: datetime) -> datetime:
        """The time that it shows live at a domain time."""
        return now - timedelta(seconds=self.delay_s)

    def standing(self, now: datetime, zone: ZoneInfo) -> Standing:
        """How it stands at a domain time; a day is past once nothing of it can look otherwise any more."""
        at = self.at(now)
        begins, ends = self.hours_on(self.day or at.astimezone(zone).date(), zone)
        if begins <= at < ends:
            return "live"
        if self.day is None:
            return "rests"
        if at < begins:
            return "waits"
        return "past" if at >= ends + _SETTLES else "rests"


def _hour(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=hour // 24), time(hour % 24), zone)
