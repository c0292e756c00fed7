"""One clock for the whole product, so that a day can be run again, or faster."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fleet.errors import InvalidInput


def wall_now() -> datetime:
    """The time on the wall, aware, UTC: for sessions, tokens, expiries and audit only."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """Domain time as a straight line over wall time.

    Parameters
    ----------
    epoch : aware; the domain time at `wall`
    wall : epoch seconds of the wall
    rate : domain seconds a wall second, > 0
    """

    epoch: datetime
    wall: float
    rate: float

    @classmethod
    def real(cls) -> Clock:
        """The clock on the wall."""
        wall = time.time()
        return cls(datetime.fromtimestamp(wall, UTC), wall, 1.0)

    @classmethod
    def opening(cls, epoch: datetime, rate: float = 1.0) -> Clock:
        """A clock that shows `epoch` now and runs at `rate`."""
        if rate <= 0:
            raise InvalidInput("The speed {rate} is not above zero. Give a speed such as 1 or 10.", rate=rate)
        return cls(epoch.astimezone(UTC), time.time(), rate)

    @classmethod
    def parse(cls, text: str) -> Clock:
        """Read what `str(clock)` wrote; an empty text is the wall's clock.

        Raises
        ------
        InvalidInput : the text is not ``EPOCH@WALL@RATE``.
        """
        if not text:
            return cls.real()
        try:
            epoch, wall, rate = text.split("@")
            clock = cls(datetime.fromisoformat(epoch), float(wall), float(rate))
        except ValueError:
            clock = None
        if clock is None or clock.epoch.tzinfo is None or clock.rate <= 0:
            raise InvalidInput(
                "The clock {given!r} cannot be read. "
                "Write it as ISO-TIME@WALL-SECONDS@SPEED, or leave it out.",
                given=text,
            )
        return clock

    def __str__(self) -> str:
        return f"{self.epoch.isoformat()}@{self.wall!r}@{self.rate!r}"

    def now(self) -> datetime:
        """The domain time now, aware, UTC."""
        return self.at(time.time())

    def at(self, wall: float) -> datetime:
        """The domain time when the wall shows `wall` epoch seconds."""
        return self.epoch.astimezone(UTC) + timedelta(seconds=(wall - self.wall) * self.rate)

    def now_ms(self) -> int:
        """The domain time now, epoch milliseconds: cheap enough to be asked for each message."""
        return round((self.epoch.timestamp() + (time.time() - self.wall) * self.rate) * 1000)

    def wall_seconds(self, domain_s: float) -> float:
        """How many wall seconds `domain_s` domain seconds last."""
        return domain_s / self.rate
