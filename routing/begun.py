"""What vans have begun of today's published plan: it stands fast on the desk and in runs asked for there.

Who has begun what is known from taps and positions, which this package does not read: the application hands
in a `Look`. What is begun is kept by the registry's ids, so that it outlives a problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import sqlalchemy as sa

from fleet.context import Context
from fleet.sql import load
from routing.agenda import Agenda
from routing.problem import Problem, TimeWindow

_SQL = load(Path(__file__).parent / "desk.sql")

Look: TypeAlias = Callable[[sa.Connection, Context, int, date], Mapping[int, int]]
"""Of a district's day, the stored stops of visits that are done, passed over, served or driven to; with the
seconds that its van is behind the plan, at the last of each van."""


@dataclass(frozen=True, slots=True)
class Begun:
    """One call that a van has begun: on a person at a site, or a drop-off at one.

    `late_s` is how far behind its plan the van is with it, `begins` when it will have begun in truth; told of
    the last call of a van that is late.
    """

    van: int
    site: int
    person: int | None
    late_s: int = 0
    begins: datetime | None = None

    def as_json(self) -> list[Any]:
        """As a job keeps it."""
        told = [self.late_s, self.begins.isoformat()] if self.begins else []
        return [self.van, self.site, self.person, *told]


def nothing(_conn: sa.Connection, _context: Context, _district_id: int, _day: date) -> Mapping[int, int]:
    """Where nobody looks."""
    return {}


def look_of(state: Any) -> Look:
    """How an application looks."""
    found: Look = getattr(state, "begun", nothing)
    return found


def read(look: Look, conn: sa.Connection, context: Context, district_id: int, day: date) -> tuple[Begun, ...]:
    """What vans have begun, each van's calls in their order."""
    late = look(conn, context, district_id, day)
    if not late:
        return ()
    rows = conn.exec_driver_sql(_SQL["begun_calls"], {"stops": list(late)})
    return tuple(_begun(row, late[row.id]) for row in rows)


def _begun(row: Any, late_s: int) -> Begun:
    begins = row.begins + timedelta(seconds=late_s) if late_s > 0 else None
    return Begun(row.van_id, row.site_id, row.recipient_id, late_s, begins)


def of_json(rows: Iterable[Sequence[Any]]) -> tuple[Begun, ...]:
    """As a job kept it."""
    return tuple(
        Begun(
            int(van),
            int(site),
            None if person is None else int(person),
            int(told[0]) if told else 0,
            datetime.fromisoformat(told[1]) if told else None,
        )
        for van, site, person, *told in rows
    )


def prefixes(agenda: Agenda, begun: Iterable[Begun]) -> Mapping[int, tuple[int, ...]]:
    """For each van of an agenda the visits that it has begun; what the day does not know is left out."""
    found: dict[int, tuple[int, ...]] = {}
    for van, visit, _ in _known(agenda, begun):
        found[van] = (*found.get(van, ()), visit)
    return found


def _known(agenda: Agenda, begun: Iterable[Begun]) -> Iterator[tuple[int, int, Begun]]:
    free: dict[tuple[int, int | None], list[int]] = {}
    for n, caller in enumerate(agenda.callers):
        free.setdefault((caller.site_id, caller.recipient_id), []).append(n)
    for each in begun:
        waiting = free.get((each.site, each.person))
        if waiting and each.van in agenda.van_ids:
            yield agenda.van_ids.index(each.van), waiting.pop(0), each


def held(agenda: Agenda, begun: Iterable[Begun]) -> Agenda:
    """The day with what is begun as its vans' locked beginnings, the last of a late van as late as it is."""
    begun = tuple(begun)
    first = prefixes(agenda, begun)
    if not first:
        return agenda
    problem = agenda.problem
    vans = tuple(replace(van, prefix=first.get(n, ())) for n, van in enumerate(problem.vans))
    problem = replace(problem, vans=vans)
    for van, visit, each in _known(agenda, begun):
        if each.begins is not None:
            problem = _late(problem, van, visit, int((each.begins - agenda.origin).total_seconds()))
    return replace(agenda, problem=problem)


def _late(problem: Problem, van: int, visit: int, begins_s: int) -> Problem:
    """The problem with a begun visit as it will be in truth: no earlier, whatever is promised otherwise.

    What it breaks by itself no plan can mend: so its windows and nap, the van's shift and the age of what
    is handed out there give way as far as they must.
    """
    one, crew = problem.visits[visit], problem.vans[van]
    ends_s = begins_s + one.service_on(van)
    window = TimeWindow(begins_s, max(begins_s, one.windows[-1].closes_s))
    napping = one.nap is not None and one.nap.opens_s <= begins_s < one.nap.closes_s
    fresh = [problem.serve_by_s(one, batch_s) for batch_s in _batches(problem, van, begins_s)]
    too_old = bool(one.portions) and all(by_s is not None and by_s < ends_s for by_s in fresh)
    truth = replace(
        one, windows=(window,), nap=None if napping else one.nap, portions=() if too_old else one.portions
    )
    back_s = ends_s + (0 if problem.legs is not None else problem.drive_s(one.site, crew.ends_at, ends_s))
    longer = replace(
        crew,
        overtime_s=max(crew.overtime_s, back_s - crew.ends_s),
        span_s=None if crew.span_s is None else max(crew.span_s, back_s - crew.starts_s),
    )
    visits = tuple(truth if n == visit else each for n, each in enumerate(problem.visits))
    vans = tuple(longer if n == van else each for n, each in enumerate(problem.vans))
    return replace(problem, visits=visits, vans=vans)


def _batches(problem: Problem, van: int, by_s: int) -> list[int]:
    """When the food was ready that the van may have aboard then."""
    return [problem.vans[van].batch_s, *(k.ready_s for k in problem.kitchens if k.from_s <= by_s)]


def late_of(begun: Iterable[Begun]) -> Mapping[int, int]:
    """By van id the seconds that it is behind the published plan, of vans that have begun."""
    return {each.van: each.late_s for each in begun}
