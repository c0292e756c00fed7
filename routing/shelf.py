"""Agendas kept for a few minutes: reading a day and its road table anew for every edit would be slow."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from fleet import registry
from fleet.roads import Roads
from fleet.sql import load
from routing import agenda as agendas
from routing.agenda import Agenda

_SQL = load(Path(__file__).parent / "desk.sql")
_KEPT_S: Final = 300.0
_MOST: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A day's agenda, and the rows that its names stand in."""

    agenda: Agenda
    vans: Mapping[int, registry.Van]
    sites: Mapping[int, registry.Site]
    people: Mapping[int, registry.Recipient]
    cadences: Mapping[int, registry.Cadence]
    beats: Mapping[int, registry.Beat]


class Shelf:
    """Keeps the agendas used last, each until a row that it was read from changes, or five minutes.

    Thread-safe. Two who ask for the same day at once may both read it; the later one stays.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, date], tuple[str, float, Ground]] = OrderedDict()

    def ground(self, conn: sa.Connection, roads: Roads, district_id: int, day: date) -> Ground:
        """The agenda of a day, from the shelf where nothing has changed.

        Raises
        ------
        NotFound, InvalidInput : see `agenda.build`.
        """
        mark = _mark(conn, district_id, day)
        key = district_id, day
        with self._lock:
            found = self._kept.get(key)
            if found is not None and found[0] == mark and time.monotonic() - found[1] < _KEPT_S:
                self._kept.move_to_end(key)
                return found[2]
        made = read(conn, roads, district_id, day)
        with self._lock:
            self._kept[key] = mark, time.monotonic(), made
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return made


def read(conn: sa.Connection, roads: Roads, district_id: int, day: date) -> Ground:
    """Read a day anew.

    Raises
    ------
    NotFound, InvalidInput : see `agenda.build`.
    """
    return Ground(
        agendas.build(conn, roads, district_id, day),
        {row.id: row for row in registry.vans(conn, district_id)},
        {row.id: row for row in registry.sites(conn, district_id)},
        {row.id: row for row in registry.recipients(conn, district_id)},
        {row.id: row for row in registry.cadences(conn, district_id)},
        {row.id: row for row in registry.beats(conn, district_id)},
    )


def _mark(conn: sa.Connection, district_id: int, day: date) -> str:
    """What stands for the rows that an agenda is read from."""
    params = {"district": district_id, "day": day}
    return str(conn.exec_driver_sql(_SQL["registry_mark"], params).scalar_one())
