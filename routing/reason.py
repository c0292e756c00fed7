"""A reason why a visit is unserved, as a value: what one van would need, and the problem that has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

from routing.problem import Equipment, Kitchen, Problem, Relation, TimeWindow, Van, Visit
from routing.timetable import Call

Code: TypeAlias = Literal[
    "skills",
    "unreachable",
    "road",
    "vans",
    "same_van",
    "not_same_day",
    "equipment",
    "prefix",
    "capacity",
    "food_clock",
    "window",
    "later_window",
    "break",
    "kitchen",
    "start",
    "shift_end",
    "ended",
    "span",
    "patrol",
    "unseen",
    "reload",
    "fits",
]
CODES: tuple[Code, ...] = get_args(Code)
"""All that can keep a visit out, in the order in which a reason names them; see `docs/reasons.md`."""
ORDER: Mapping[str, int] = {code: n for n, code in enumerate(CODES)}

_STEPS: Mapping[str, int] = {
    "fits": 0, "reload": 1, "patrol": 1, "unseen": 1,
    "prefix": 3, "vans": 3, "same_van": 3, "not_same_day": 3, "equipment": 3, "skills": 4,
    "road": 5, "unreachable": 6,
}  # fmt: skip
_CUP_S = 60


@dataclass(frozen=True, slots=True)
class Need:
    """One change: `short` seconds (cups for `capacity`, units for `equipment`, visits
    unlocked for `prefix`) more of what `code` names.

    Parameters
    ----------
    what : of what: skills, the container, the thing, the kitchen's place
    visit : whose window it is, when not the visit's own; with whom it may not be served
    van : which other van has the thing, or serves the visit's fellows
    kitchen, position : of a reload: which batch, and where in the calls with the visit in them
    at_s : when the reload, or the visit that fits, would begin
    """

    code: Code
    short: int = 0
    what: tuple[str, ...] = ()
    visit: int | None = None
    van: int | None = None
    kitchen: int | None = None
    position: int | None = None
    at_s: int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One van's answer: all of `needs` together let the visit in at `position` of its calls.

    A visit that no road leads to has no position: no change of a plan helps.
    """

    van: int
    needs: tuple[Need, ...]
    position: int | None

    @property
    def code(self) -> Code:
        """The first obstacle."""
        return self.needs[0].code

    @property
    def nearness(self) -> tuple[int, int, int, int]:
        """Smaller is nearer: what kind of change, how many, how large, then the van's number."""
        step = max(_STEPS.get(need.code, 2) for need in self.needs)
        return step, len(self.needs), sum(size_of(need) for need in self.needs), self.van


def size_of(need: Need) -> int:
    """A change's size in seconds; a cup counts as a minute. Decisions and things have none."""
    if _STEPS.get(need.code, 2) != 2:
        return 0
    return need.short * (_CUP_S if need.code == "capacity" else 1)


def with_visit(problem: Problem, calls: Sequence[Call], visit: int, reason: Reason) -> tuple[Call, ...]:
    """A van's calls with the visit, and the reload if one is needed, where a reason says."""
    if reason.position is None:
        raise ValueError("A reason without a position puts nothing in.")
    call = Call(problem.visits[visit].kind, visit, in_nap=True)
    order = (*calls[: reason.position], call, *calls[reason.position :])
    for need in reason.needs:
        if need.kitchen is not None and need.position is not None:
            order = (*order[: need.position], Call("reload", need.kitchen), *order[need.position :])
    return order


def relaxed(problem: Problem, visit: int, reason: Reason) -> Problem:
    """The problem with a reason's changes made: the visit then fits where the reason says."""
    for need in reason.needs:
        if need.code in ("vans", "window", "later_window"):
            problem = _with_visits(problem, visit if need.visit is None else need.visit, reason.van, need)
        elif need.code in ("same_van", "not_same_day"):
            relations = (_without(each, need.code, visit) for each in problem.relations)
            problem = replace(problem, relations=tuple(relations))
        elif need.code == "equipment":
            problem = replace(problem, equipment=tuple(_units(problem.equipment, need)))
        elif need.code == "food_clock":
            items = (replace(item, hold_s=item.hold_s + need.short) for item in problem.items)
            problem = replace(problem, items=tuple(items))
        elif need.code == "kitchen":
            kitchens = (_open_longer(each, need.short) for each in problem.kitchens)
            problem = replace(problem, kitchens=tuple(kitchens))
        else:
            vans = (_given(van, need) if n == reason.van else van for n, van in enumerate(problem.vans))
            problem = replace(problem, vans=tuple(vans))
    return problem


def _with_visits(problem: Problem, which: int, van: int, need: Need) -> Problem:
    visits = list(problem.visits)
    one = visits[which]
    if need.code == "vans":
        visits[which] = replace(one, vans=(one.vans or frozenset()) | {van})
    else:
        visits[which] = _later(one, need.short)
    return replace(problem, visits=tuple(visits))


def _later(visit: Visit, seconds: int) -> Visit:
    last = visit.windows[-1]
    return replace(visit, windows=(*visit.windows[:-1], TimeWindow(last.opens_s, last.closes_s + seconds)))


def _open_longer(kitchen: Kitchen, seconds: int) -> Kitchen:
    window = TimeWindow(kitchen.window.opens_s, kitchen.window.closes_s + seconds)
    return replace(kitchen, window=window)


def _without(relation: Relation, kind: str, visit: int) -> Relation:
    if relation.kind != kind or visit not in relation.visits:
        return relation
    return replace(relation, visits=tuple(n for n in relation.visits if n != visit))


def _units(equipment: Sequence[Equipment], need: Need) -> Iterator[Equipment]:
    (code,) = need.what
    for thing in equipment:
        yield replace(thing, units=thing.units + need.short) if thing.code == code else thing
    if all(thing.code != code for thing in equipment):
        yield Equipment(code, need.short)


def _given(van: Van, need: Need) -> Van:
    """The van with one need met that is its own."""
    if need.code in _LATER:
        return _LATER[need.code](van, need.short)
    if need.code == "skills":
        return replace(van, skills=van.skills | set(need.what))
    if need.code == "capacity":
        return _larger(van, need)
    if need.code == "prefix":
        return replace(van, prefix=van.prefix[: len(van.prefix) - need.short])
    return van


def _leaves_later(van: Van, seconds: int) -> Van:
    leaves_by_s = van.starts_s if van.leaves_by_s is None else van.leaves_by_s
    return replace(van, leaves_by_s=leaves_by_s + seconds)


def _rests_later(van: Van, seconds: int) -> Van:
    return replace(van, rest=replace(van.rest, latest_s=van.rest.latest_s + seconds)) if van.rest else van


_LATER: Mapping[str, Callable[[Van, int], Van]] = {
    "shift_end": lambda van, seconds: replace(van, ends_s=van.ends_s + seconds),
    "ended": lambda van, seconds: replace(van, ends_s=van.ends_s + seconds),
    "start": _leaves_later,
    "break": _rests_later,
    "span": lambda van, seconds: van if van.span_s is None else replace(van, span_s=van.span_s + seconds),
    "patrol": lambda van, seconds: replace(van, patrolled_s=van.patrolled_s + seconds),
}


def _larger(van: Van, need: Need) -> Van:
    """One container larger, and as much more in it when the van starts."""
    if need.what == ("hot",):
        aboard = None if van.hot_aboard is None else van.hot_aboard + need.short
        return replace(van, hot_cups=van.hot_cups + need.short, hot_aboard=aboard)
    aboard = None if van.cold_aboard is None else van.cold_aboard + need.short
    return replace(van, cold_cups=van.cold_cups + need.short, cold_aboard=aboard)


def as_json(reason: Reason, van_id: int, van_ids: Sequence[int] = ()) -> dict[str, Any]:
    """As the plan stores it. `short_s` stands at the top only where more shift alone would do.

    `van_ids` are all vans' ids in the problem's order: where given, the other van of a need is named.
    """
    told: dict[str, Any] = {
        "van": van_id,
        "code": reason.code,
        "needs": [_need_json(need, van_ids) for need in reason.needs],
    }
    if [need.code for need in reason.needs] == ["shift_end"]:
        told["short_s"] = reason.needs[0].short
    return told


def _need_json(need: Need, van_ids: Sequence[int]) -> dict[str, Any]:
    told: dict[str, Any] = {"code": need.code, "short": need.short, "what": list(need.what)}
    if need.at_s is not None:
        told["at"] = f"{need.at_s // 3600 % 24:02d}:{need.at_s // 60 % 60:02d}"
    if need.van is not None and need.van < len(van_ids):
        told["other"] = van_ids[need.van]
    return told
