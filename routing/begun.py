"""What vans have begun of today's published plan: it stands fast on the desk and in runs asked for there.

Who has begun what is known from taps and positions, which this package does not read: the application hands
in a `Look`. What is begun is kept by the registry's ids, so that it outlives a problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import sqlalchemy as sa

from fleet.context import Context
from fleet.sql import load
from routing.agenda import Agenda

_SQL = load(Path(__file__).parent / "desk.sql")

Look: TypeAlias = Callable[[sa.Connection, Context, int, date], Sequence[int]]
"""Of a district's day, the stored stops of visits that are done, passed over, served or driven to."""


@dataclass(frozen=True, slots=True)
class Begun:
    """One call that a van has begun: on a person at a site, or a drop-off at one."""

    van: int
    site: int
    person: int | None

    def as_json(self) -> list[int | None]:
        """As a job keeps it."""
        return [self.van, self.site, self.person]


def nothing(_conn: sa.Connection, _context: Context, _district_id: int, _day: date) -> Sequence[int]:
    """Where nobody looks."""
    return ()


def look_of(state: Any) -> Look:
    """How an application looks."""
    found: Look = getattr(state, "begun", nothing)
    return found


def read(look: Look, conn: sa.Connection, context: Context, district_id: int, day: date) -> tuple[Begun, ...]:
    """What vans have begun, each van's calls in their order."""
    stops = list(look(conn, context, district_id, day))
    if not stops:
        return ()
    rows = conn.exec_driver_sql(_SQL["begun_calls"], {"stops": stops})
    return tuple(Begun(row.van_id, row.site_id, row.recipient_id) for row in rows)


def of_json(rows: Iterable[Sequence[Any]]) -> tuple[Begun, ...]:
    """As a job kept it."""
    return tuple(
        Begun(int(van), int(site), None if person is None else int(person)) for van, site, person in rows
    )


def prefixes(agenda: Agenda, begun: Iterable[Begun]) -> Mapping[int, tuple[int, ...]]:
    """For each van of an agenda the visits that it has begun; what the day does not know is left out."""
    free: dict[tuple[int, int | None], list[int]] = {}
    for n, caller in enumerate(agenda.callers):
        free.setdefault((caller.site_id, caller.recipient_id), []).append(n)
    found: dict[int, tuple[int, ...]] = {}
    for each in begun:
        waiting = free.get((each.site, each.person))
        if waiting and each.van in agenda.van_ids:
            van = agenda.van_ids.index(each.van)
            found[van] = (*found.get(van, ()), waiting.pop(0))
    return found


def held(agenda: Agenda, begun: Iterable[Begun]) -> Agenda:
    """The day with what is begun as its vans' locked beginnings."""
    first = prefixes(agenda, begun)
    vans = tuple(replace(van, prefix=first.get(n, ())) for n, van in enumerate(agenda.problem.vans))
    return replace(agenda, problem=replace(agenda.problem, vans=vans)) if first else agenda
