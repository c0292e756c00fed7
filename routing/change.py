"""What if: changes of a day's problem, from a closed list, as data. Pure.

A change refers to vans, visits and sites by their index in the problem that it is made to. All but a van's
coming and going leave every index as it is; `routing.scenario` keeps them by the registry's ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, TypeVar

from routing.explain import Need
from routing.problem import Container, Equipment, Kitchen, Problem, TimeWindow, Van, Visit

Kind: TypeAlias = Literal[
    "shift", "span", "rest", "skill", "cups", "window", "keep", "kitchen_longer", "kitchen_closed", "patrol",
    "mandatory", "van_more", "van_down", "leave", "kit",
]  # fmt: skip
KINDS: Final[tuple[Kind, ...]] = (
    "shift", "span", "rest", "skill", "cups", "window", "keep", "kitchen_longer", "kitchen_closed", "patrol",
    "mandatory", "van_more", "van_down", "leave", "kit",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Parameters
    ----------
    van : whose shift, span, break, skill, cups or leaving; like which one a van is added; which one is down
    visit : whose window is open longer, or which one becomes mandatory
    site : which kitchen; -1 is all of them
    minutes : by how much; for `patrol` the target itself
    cups : how many more; for `kit` units of the thing
    what : the skill, the container, or the thing
    """

    kind: Kind
    van: int = -1
    visit: int = -1
    site: int = -1
    minutes: int = 0
    cups: int = 0
    what: str = ""


def applied(problem: Problem, changes: Iterable[Change]) -> Problem:
    """The problem with the changes made, one after the other: each refers to what those before it left."""
    for change in changes:
        problem = _MAKERS[change.kind](problem, change)
    return problem


_FREE = frozenset({"fits", "patrol", "unseen"})
"""Needs of nothing but that a visit is put in: beat passes give way."""


def of_needs(van: int, visit: int, needs: Iterable[Need]) -> tuple[Change, ...] | None:
    """The changes that meet the needs of a reason; None where no change of the list does."""
    made: list[Change] = []
    for need in needs:
        if need.code not in _FREE:
            change = _of_need(van, visit, need)
            if not change:
                return None
            made += change
    return tuple(made)


def _of_need(van: int, visit: int, need: Need) -> list[Change]:
    minutes = -(-need.short // 60)
    if need.code == "skills":
        return [Change("skill", van, what=what) for what in need.what]
    if need.code == "capacity":
        return [Change("cups", van, cups=need.short, what=need.what[0])]
    if need.code == "equipment":
        return [Change("kit", cups=need.short, what=need.what[0])]
    if need.code in ("window", "later_window"):
        return [Change("window", visit=visit if need.visit is None else need.visit, minutes=minutes)]
    return [replace(_PLAIN[need.code], van=van, minutes=minutes)] if need.code in _PLAIN else []


_PLAIN: Mapping[str, Change] = {
    "shift_end": Change("shift"),
    "ended": Change("shift"),
    "start": Change("leave"),
    "span": Change("span"),
    "break": Change("rest"),
    "food_clock": Change("keep"),
    "kitchen": Change("kitchen_longer"),
}


def _with_van(problem: Problem, change: Change, make: Callable[[Van], Van]) -> Problem:
    vans = tuple(make(van) if n == change.van else van for n, van in enumerate(problem.vans))
    return replace(problem, vans=vans)


def _with_visit(problem: Problem, change: Change, make: Callable[[Visit], Visit]) -> Problem:
    visits = tuple(make(visit) if n == change.visit else visit for n, visit in enumerate(problem.visits))
    return replace(problem, visits=visits)


def _shift(problem: Problem, change: Change) -> Problem:
    """A shift that is made shorter ends no earlier than it begins; its break may fall away."""
    seconds = change.minutes * 60

    def longer(van: Van) -> Van:
        ends_s = max(van.starts_s, van.ends_s + seconds)
        span_s = None if van.span_s is None else max(0, van.span_s + seconds)
        rest = van.rest if van.rest and van.rest.latest_s + van.rest.duration_s <= ends_s else None
        return replace(van, ends_s=ends_s, span_s=span_s, rest=rest)

    if change.van >= 0:
        return _with_van(problem, change, longer)
    return replace(problem, vans=tuple(longer(van) for van in problem.vans))


def _span(problem: Problem, change: Change) -> Problem:
    return _with_van(
        problem,
        change,
        lambda van: van if van.span_s is None else replace(van, span_s=van.span_s + change.minutes * 60),
    )


def _rest(problem: Problem, change: Change) -> Problem:
    def later(van: Van) -> Van:
        if van.rest is None:
            return van
        return replace(van, rest=replace(van.rest, latest_s=van.rest.latest_s + change.minutes * 60))

    return _with_van(problem, change, later)


def _skill(problem: Problem, change: Change) -> Problem:
    return _with_van(problem, change, lambda van: replace(van, skills=van.skills | {change.what}))


def _cups(problem: Problem, change: Change) -> Problem:
    container: Container = "hot" if change.what == "hot" else "cold"

    def larger(van: Van) -> Van:
        # What it starts with grows too: where that is told apart from what it holds.
        if container == "hot":
            aboard = None if van.hot_aboard is None else van.hot_aboard + change.cups
            return replace(van, hot_cups=van.hot_cups + change.cups, hot_aboard=aboard)
        aboard = None if van.cold_aboard is None else van.cold_aboard + change.cups
        return replace(van, cold_cups=van.cold_cups + change.cups, cold_aboard=aboard)

    return _with_van(problem, change, larger)


def _window(problem: Problem, change: Change) -> Problem:
    def open_longer(visit: Visit) -> Visit:
        last = visit.windows[-1]
        longer = TimeWindow(last.opens_s, last.closes_s + change.minutes * 60)
        return replace(visit, windows=(*visit.windows[:-1], longer))

    return _with_visit(problem, change, open_longer)


def _leave(problem: Problem, change: Change) -> Problem:
    def later(van: Van) -> Van:
        by_s = van.starts_s if van.leaves_by_s is None else van.leaves_by_s
        return replace(van, leaves_by_s=by_s + change.minutes * 60)

    return _with_van(problem, change, later)


def _kit(problem: Problem, change: Change) -> Problem:
    more = Equipment(change.what, _units(problem, change.what) + change.cups)
    others = (thing for thing in problem.equipment if thing.code != change.what)
    return replace(problem, equipment=(*others, more))


def _units(problem: Problem, code: str) -> int:
    return sum(thing.units for thing in problem.equipment if thing.code == code)


def _keep(problem: Problem, change: Change) -> Problem:
    items = (replace(item, hold_s=item.hold_s + change.minutes * 60) for item in problem.items)
    return replace(problem, items=tuple(items))


def _kitchen_longer(problem: Problem, change: Change) -> Problem:
    def longer(kitchen: Kitchen) -> Kitchen:
        if change.site not in (-1, kitchen.site):
            return kitchen
        window = TimeWindow(kitchen.window.opens_s, kitchen.window.closes_s + change.minutes * 60)
        return replace(kitchen, window=window)

    return replace(problem, kitchens=tuple(longer(kitchen) for kitchen in problem.kitchens))


def _kitchen_closed(problem: Problem, change: Change) -> Problem:
    kept = (kitchen for kitchen in problem.kitchens if change.site not in (-1, kitchen.site))
    return replace(problem, kitchens=tuple(kept))


def _patrol(problem: Problem, change: Change) -> Problem:
    return replace(problem, patrol_target_s=change.minutes * 60)


def _mandatory(problem: Problem, change: Change) -> Problem:
    return _with_visit(problem, change, lambda visit: replace(visit, mandatory=True))


def _van_more(problem: Problem, change: Change) -> Problem:
    """A van like another, with the other's beats; nobody knows its crew, nothing is locked to it."""
    like, new = change.van, len(problem.vans)
    van = replace(problem.vans[like], name=f"{problem.vans[like].name}+", prefix=())
    visits = (
        replace(v, service_by_van=(*v.service_by_van, v.service_by_van[like])) if v.service_by_van else v
        for v in problem.visits
    )
    cells = (replace(cell, vans=cell.vans | {new}) if like in cell.vans else cell for cell in problem.cells)
    return replace(problem, vans=(*problem.vans, van), visits=tuple(visits), cells=tuple(cells))


def _van_down(problem: Problem, change: Change) -> Problem:
    """The problem without a van: nobody can keep what it promised, and what was locked to it is free."""
    down = change.van

    def moved(vans: Iterable[int]) -> frozenset[int]:
        return frozenset(n - (n > down) for n in vans if n != down)

    def without(visit: Visit) -> Visit:
        promise, vans = visit.promise, visit.vans
        if promise is not None:
            promise = (
                None if promise.van == down else replace(promise, van=promise.van - (promise.van > down))
            )
        return replace(
            visit,
            vans=None if vans in (None, frozenset({down})) else moved(vans or ()),
            familiar=moved(visit.familiar),
            promise=promise,
            service_by_van=_dropped(visit.service_by_van, down),
        )

    return replace(
        problem,
        vans=_dropped(problem.vans, down),
        visits=tuple(without(visit) for visit in problem.visits),
        cells=tuple(replace(cell, vans=moved(cell.vans)) for cell in problem.cells),
    )


_Row = TypeVar("_Row")


def _dropped(rows: Sequence[_Row], n: int) -> tuple[_Row, ...]:
    return tuple(row for at, row in enumerate(rows) if at != n)


_MAKERS: Mapping[Kind, Callable[[Problem, Change], Problem]] = {
    "shift": _shift,
    "span": _span,
    "rest": _rest,
    "skill": _skill,
    "cups": _cups,
    "window": _window,
    "keep": _keep,
    "kitchen_longer": _kitchen_longer,
    "kitchen_closed": _kitchen_closed,
    "patrol": _patrol,
    "mandatory": _mandatory,
    "van_more": _van_more,
    "van_down": _van_down,
    "leave": _leave,
    "kit": _kit,
}


def reached(problem: Problem, change: Change) -> tuple[int, ...]:
    """What a problem has of the thing that a change is about: problems that have the same are alike in it.

    Of a skill and of a duty it is 1 or 0, of a kitchen that is closed the number of its batches.
    """
    return _READERS[change.kind](problem, change)


_READERS: Mapping[Kind, Callable[[Problem, Change], tuple[int, ...]]] = {
    "shift": lambda p, c: tuple(van.ends_s for n, van in enumerate(p.vans) if c.van in (-1, n)),
    "span": lambda p, c: (p.vans[c.van].span_s or 0,),
    "rest": lambda p, c: (rest.latest_s if (rest := p.vans[c.van].rest) else 0,),
    "skill": lambda p, c: (int(c.what in p.vans[c.van].skills),),
    "cups": lambda p, c: (p.vans[c.van].cups("hot" if c.what == "hot" else "cold"),),
    "window": lambda p, c: (p.visits[c.visit].windows[-1].closes_s,),
    "keep": lambda p, _: tuple(item.hold_s for item in p.items),
    "kitchen_longer": lambda p, c: tuple(k.window.closes_s for k in p.kitchens if c.site in (-1, k.site)),
    "kitchen_closed": lambda p, c: (sum(c.site in (-1, k.site) for k in p.kitchens),),
    "patrol": lambda p, _: (p.patrol_target_s,),
    "mandatory": lambda p, c: (int(p.visits[c.visit].mandatory),),
    "van_more": lambda p, _: (len(p.vans),),
    "van_down": lambda p, _: (len(p.vans),),
    "leave": lambda p, c: (p.vans[c.van].leaves_by_s or p.vans[c.van].starts_s,),
    "kit": lambda p, c: (_units(p, c.what),),
}
