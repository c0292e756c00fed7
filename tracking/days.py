"""The life of the fix table's days: ahead, live, closed, gone by retention. Pure: no I/O and no clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Final

OLD: Final = "fix_old"
"""The partition of all days below the retention line of a new database."""
CLOSES_AFTER: Final = timedelta(hours=2)
"""How long after its end a day still counts as live: vans come out of dead zones."""
CLOCKS_AGREE_WITHIN: Final = timedelta(hours=1)
_EPOCH_DAY = date(1970, 1, 1)
_DAILY = re.compile(r"fix_(\d{4})(\d{2})(\d{2})")
_UPPER = re.compile(r"TO \('([^']+)'\)")


class State(Enum):
    """Where in its life a partition is."""

    AHEAD = "ahead"
    """Its day has not begun."""
    LIVE = "live"
    """Its day is on, or ended just now: primary key and BRIN, nothing that makes writing dear."""
    CLOSING = "closing"
    """Its day is over, and its indexes are not all there yet."""
    CLOSED = "closed"
    """Its day is over and found by place too."""
    OLD = "old"
    """All days below the line, found by place too."""


@dataclass(frozen=True, slots=True)
class Part:
    """A partition of the fix table.

    Parameters
    ----------
    first : its day since 1970, UTC; None for the old one, which takes all before `end`
    end : the day behind its last
    """

    name: str
    first: int | None
    end: int

    @property
    def starts(self) -> datetime:
        """The earliest time that it takes."""
        return datetime.min.replace(tzinfo=UTC) if self.first is None else start_of(self.first)

    @property
    def ends(self) -> datetime:
        """The earliest time that it does not take any more."""
        return start_of(self.end)

    def is_over(self, now: datetime) -> bool:
        """Whether it is to be closed."""
        return self.first is None or now >= self.ends + CLOSES_AFTER

    def state(self, now: datetime, *, indexed: bool) -> State:
        """Where in its life it is.

        Parameters
        ----------
        now : domain time
        indexed : whether all indexes of a closed day are there and valid
        """
        if self.first is None:
            return State.OLD
        if now < self.starts:
            return State.AHEAD
        if not self.is_over(now):
            return State.LIVE
        return State.CLOSED if indexed else State.CLOSING


def part_of(name: str, bound: str) -> Part | None:
    """The partition by its name and bound, as the catalogue tells them; None for one of another maker."""
    daily, upper = _DAILY.fullmatch(name), _UPPER.search(bound)
    if daily:
        day = (date(*map(int, daily.groups())) - _EPOCH_DAY).days
        return Part(name, day, day + 1)
    if name == OLD and upper:
        return Part(name, None, day_number(datetime.fromisoformat(upper[1])))
    return None


def part_for(day: int) -> Part:
    """The partition that a day should have."""
    return Part(f"fix_{_EPOCH_DAY + timedelta(days=day):%Y%m%d}", day, day + 1)


def day_number(instant: datetime) -> int:
    """Days since 1970, UTC."""
    return (instant.astimezone(UTC).date() - _EPOCH_DAY).days


def start_of(day: int) -> datetime:
    """The first instant of a day since 1970, UTC."""
    return datetime.combine(_EPOCH_DAY, datetime.min.time(), UTC) + timedelta(days=day)


def limit_of(now: datetime, retention_days: int, *, wall: datetime, born: datetime | None) -> datetime | None:
    """What was received before this instant is due to go; None when nothing is.

    Receipts are domain time, so the limit is too, cut to whole days. But a clock that was set (a demo, a day
    that is looked at again, a wrong host) must not delete anything: the limit holds only while the domain
    clock shows what the wall shows. And what was received under a clock set back seems older than it can be:
    nothing goes before the database itself has existed for the whole retention.

    Parameters
    ----------
    now : domain time
    wall : the time on the wall
    born : the wall time at which the database was first written to; None when it was not yet
    """
    if abs(now - wall) > CLOCKS_AGREE_WITHIN:
        return None
    limit = start_of(day_number(now) - retention_days)
    return limit if born is not None and born < limit else None


def leaves_on(part: Part, newest: datetime | None, retention_days: int, born: datetime | None) -> date | None:
    """The day on which retention drops a partition if it receives nothing more; None for the old one.

    Parameters
    ----------
    newest : when the last of its rows was received; None when it is empty
    born : as for `limit_of`
    """
    if part.first is None:
        return None
    after = [part.end, *(day_number(each) + 1 for each in (newest, born) if each is not None)]
    return start_of(max(after) + retention_days).date()
