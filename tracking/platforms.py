"""Which state of the district each open platform screen has drawn, as the screens themselves tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

CHANNEL: Final = "carevan_platforms"
OPEN_S: Final = 10.0
"""A screen tells each two seconds: one that was silent for longer is closed, hidden or dead."""
MOST: Final = 200
"""As many screens of one district are kept; of more, those that told first."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What one platform screen tells.

    Parameters
    ----------
    page : the screen's own word for itself, new each time it is opened
    who : whose it is, masked
    state : what it has drawn
    since : when the district went on from there, domain time; None while it is in step
    """

    district_id: int
    page: str
    who: str
    state: int
    since: datetime | None


class Platforms:
    """The platform screens that are open, by district. Told and asked on one thread."""

    def __init__(self) -> None:
        self._told: dict[int, dict[str, tuple[Telling, float]]] = {}

    def heard(self, payload: str, at: float) -> None:
        """Take in what a screen told; `at` is monotonic, seconds."""
        telling = msgspec.json.decode(payload, type=Telling)
        pages = self._told.setdefault(telling.district_id, {})
        for page in [page for page, (_, told_at) in pages.items() if at - told_at > OPEN_S]:
            del pages[page]
        if telling.page in pages or len(pages) < MOST:
            pages[telling.page] = telling, at

    def open(self, district_id: int, at: float) -> tuple[Telling, ...]:
        """Those of a district, in the order they were opened."""
        pages: Mapping[str, tuple[Telling, float]] = self._told.get(district_id, {})
        return tuple(telling for telling, told_at in tuple(pages.values()) if at - told_at <= OPEN_S)

    def newest(self, district_id: int, at: float) -> Telling | None:
        """The one that has drawn most; None while none is open."""
        return max(self.open(district_id, at), key=lambda each: each.state, default=None)


def tell(conn: sa.Connection, telling: Telling) -> None:
    """Let every process know; it goes out with the transaction."""
    conn.execute(sa.select(sa.func.pg_notify(CHANNEL, msgspec.json.encode(telling).decode())))
