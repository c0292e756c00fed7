"""A clock for looking at a day that is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fleet.clock import Clock
from fleet.errors import InvalidInput

ZONE = ZoneInfo("Asia/Shanghai")
_LAST_S = 10
_ALMOST_STILL = 1e-4  # the day's last ten seconds last a day


def clock_text(at: str, zone: ZoneInfo = ZONE) -> str:
    """The clock, as settings take it, for a day or an instant in the district's time.

    A day alone is looked at from its end, where the clock almost stands; an instant runs on at true speed.

    Raises
    ------
    InvalidInput : neither a day nor an instant.
    """
    try:
        told = datetime.fromisoformat(at)
    except ValueError:
        raise InvalidInput("{at!r} is no day. Write 2026-07-20, or '2026-07-20 09:30'.", at=at) from None
    local = told if told.tzinfo else told.replace(tzinfo=zone)
    if len(at.strip()) > len("2026-07-20"):
        return str(Clock.opening(local))
    return str(Clock.opening(local + timedelta(days=1, seconds=-_LAST_S), _ALMOST_STILL))
