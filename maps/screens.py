"""Which state of the district each screen has drawn, and how long it has been behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from fleet import journal, sql
from fleet.units import ms_of
from maps.board import Json
from tracking.platforms import Telling

_SQL = sql.load(Path(__file__).with_name("queries.sql"))
LATE: Final = timedelta(seconds=5)
"""A screen that is longer behind than this says so, and so does the other side."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What a van's screen has drawn; `since` is when the district went on from there, None while in step."""

    van_id: int
    state: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Screens:
    """A district's state with what its screens have drawn, and since when the asker is behind."""

    now: datetime
    state: int
    asker_since: datetime | None
    vans: tuple[Screen, ...]
    platforms: tuple[Telling, ...] = ()
    """The other platform screens that are open."""


def read(conn: sa.Connection, district_id: int, drawn: int, now: datetime) -> Screens:
    """Where the screens stand.

    Parameters
    ----------
    drawn : the state that the asking screen has drawn
    now : domain time
    """
    given = {"district": district_id, "state": drawn}
    return Screens(
        now,
        journal.current(conn, district_id),
        conn.exec_driver_sql(_SQL["left_at"], given).scalar(),
        tuple(Screen(*row) for row in conn.exec_driver_sql(_SQL["screens"], given)),
    )


def told(screens: Screens, wall_s: Callable[[float], float]) -> Json:
    """The same for JSON, lags in wall seconds: whoever waits for a screen waits by the wall's clock.

    Parameters
    ----------
    wall_s : turns domain seconds into the wall's
    """

    def behind_s(since: datetime | None) -> float:
        passed_s = 0.0 if since is None else max(0.0, (screens.now - since).total_seconds())
        return round(wall_s(passed_s), 1)

    return {
        "as_of": ms_of(screens.now),
        "state": screens.state,
        "behind_s": behind_s(screens.asker_since),
        "late_s": LATE.total_seconds(),
        "vans": [
            {"id": each.van_id, "state": each.state, "behind_s": behind_s(each.since)}
            for each in screens.vans
        ],
        "platforms": [
            {"who": each.who, "state": each.state, "behind_s": behind_s(each.since)}
            for each in screens.platforms
        ],
    }
