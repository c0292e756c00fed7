"""Visits that no plan of the day can serve, found before any search, each with what would mend it.

A doubt never rests on what else the vans do: no order of calls, however clever, would serve the visit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from fleet.errors import Word
from routing.problem import CONTAINERS, Problem, TimeWindow, Van, Visit

DoubtKind: TypeAlias = Literal["skills", "window", "capacity", "unreachable"]
MISTAKES: frozenset[DoubtKind] = frozenset({"window", "capacity", "unreachable"})
"""What looks like a wrong row: `vetting.vet` refuses it. Who is on shift is a matter of the day."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why nobody can serve a visit today; `text` and `params` are a sentence for `translate`."""

    visit: int
    kind: DoubtKind
    text: str
    params: Mapping[str, object]


def doubts(problem: Problem) -> tuple[Doubt, ...]:
    """One doubt for each visit that cannot be served, in the visits' order.

    Skills and windows, cups and roads are held against the vans that may serve it. A visit that no van may
    serve is left out: somebody wants it so.
    """
    if not problem.vans:
        return ()
    roads = _Roads(problem)
    return tuple(doubt for n in range(len(problem.visits)) for doubt in _doubt(problem, n, roads))


def set_aside(problem: Problem, found: Sequence[Doubt] | None = None) -> Problem:
    """The problem with its doubtful visits locked to no van: a plan of the others can be made.

    They keep their place and count as unserved. What is locked to a van's beginning stays there.
    """
    locked = {visit for van in problem.vans for visit in van.prefix}
    aside = {doubt.visit for doubt in (doubts(problem) if found is None else found)} - locked
    if not aside:
        return problem
    nobody = frozenset[int]()
    visits = (replace(each, vans=nobody) if n in aside else each for n, each in enumerate(problem.visits))
    return replace(problem, visits=tuple(visits))


def _doubt(problem: Problem, n: int, roads: _Roads) -> Iterator[Doubt]:
    """The first thing that stands against all its vans; where each lacks something else, nothing does."""
    visit = problem.visits[n]
    able = [k for k in range(len(problem.vans)) if visit.vans is None or k in visit.vans]
    if not able:
        return
    vans = [problem.vans[k] for k in able]
    missing = sorted(visit.skills - frozenset[str]().union(*(van.skills for van in vans)))
    if missing:
        text = "{visit} needs {skill}, which no van on shift has. Put such a crew on shift, or mend it."
        yield Doubt(n, "skills", text, {"visit": visit.name, "skill": Word(missing[0])})
    elif not any(_on_shift(visit, k, problem.vans[k]) for k in able):
        text = (
            "{visit} may begin at {hours} only, outside all shifts ({shifts}). Mend its hours or the shifts."
        )
        shifts = [TimeWindow(van.starts_s, van.ends_s + van.overtime_s) for van in vans]
        yield Doubt(
            n, "window", text, {"visit": visit.name, "hours": _hours(visit.windows), "shifts": _hours(shifts)}
        )
    elif not any(roads.lead_there_and_back(k, visit.site) for k in able):
        text = "No road leads to {visit} from any depot and back. Check where its site lies on the map."
        yield Doubt(n, "unreachable", text, {"visit": visit.name})
    else:
        yield from _cups(problem, n, vans)


def _on_shift(visit: Visit, van: int, one: Van) -> bool:
    """Whether service could begin and end within the shift, were the van there already."""
    last_s = one.ends_s + one.overtime_s - visit.service_on(van)
    return any(max(w.opens_s, one.starts_s) <= min(w.closes_s, last_s) for w in visit.windows)


def _cups(problem: Problem, n: int, vans: Sequence[Van]) -> Iterator[Doubt]:
    visit = problem.visits[n]
    asked = {each: problem.cups_of(visit, each) for each in CONTAINERS}
    if any(all(cups <= van.cups(each) for each, cups in asked.items()) for van in vans):
        return
    for container, cups in asked.items():
        most = max(van.cups(container) for van in vans)
        if cups > most:
            text = (
                "{visit} asks for {cups} {container} cups, no van holds more than {most}. Split the drop-off."
            )
            params = {"visit": visit.name, "cups": cups, "container": Word(container), "most": most}
            yield Doubt(n, "capacity", text, params)
            return
    text = "{visit} asks for more hot and cold cups than any one van holds. Split the drop-off."
    yield Doubt(n, "capacity", text, {"visit": visit.name})


class _Roads:
    """Which sites a van can get to at all, by whatever other sites, and from which it can get home."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.known: dict[tuple[int, bool], npt.NDArray[np.bool_]] = {}

    def lead_there_and_back(self, van: int, site: int) -> bool:
        one = self.problem.vans[van]
        there, back = self._linked(one.depot, to=False), self._linked(one.ends_at, to=True)
        return bool(there[site] and back[site])

    def _linked(self, site: int, *, to: bool) -> npt.NDArray[np.bool_]:
        """Sites that are linked from this one, or to it."""
        key = (site, to)
        if key not in self.known:
            links = self.problem.seconds.T >= 0 if to else self.problem.seconds >= 0
            found = links[site].copy()
            found[site] = True
            while True:
                wider = found | links[found].any(axis=0)
                if (wider == found).all():
                    break
                found = wider
            self.known[key] = found
        return self.known[key]


def _hours(spans: Sequence[TimeWindow]) -> str:
    """Such as `09:00-10:30, 14:00-15:00`, each span once."""
    told = (f"{_clock(span.opens_s)}-{_clock(span.closes_s)}" for span in spans)
    return ", ".join(dict.fromkeys(told))


def _clock(seconds: int) -> str:
    minutes = abs(seconds) // 60
    return f"{'-' if seconds < 0 else ''}{minutes // 60:02d}:{minutes % 60:02d}"
