"""Why a visit is unserved: for each van what stands in its way, and the smallest change that would let it in.

A reason is proved: the change, made to the problem, lets the visit into the van's route at the place named
while the other calls keep their order, and no smaller change does. Beat passes give way first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from fleet.words import Locale, translate
from routing.place import Place, call_of, places
from routing.plan import Plan
from routing.problem import Kitchen, Problem, TimeWindow, Van, Visit
from routing.timetable import Breach, Call, calls_of

Code: TypeAlias = Literal[
    "skills",
    "unreachable",
    "capacity",
    "food_clock",
    "window",
    "later_window",
    "break",
    "kitchen",
    "shift_end",
    "span",
    "fits",
]
CODES: tuple[Code, ...] = (
    "skills", "unreachable", "capacity", "food_clock", "window", "later_window", "break", "kitchen",
    "shift_end", "span", "fits",
)  # fmt: skip
_ORDER: Mapping[str, int] = {code: n for n, code in enumerate(CODES)}


@dataclass(frozen=True, slots=True)
class Need:
    """One change: `short` seconds (cups for `capacity`) more of what `code` names; `what` says of what.

    `fits` needs nothing: a planner left the visit out although there is room.

    `visit` is whose window or food it is, when not the van's own.
    """

    code: Code
    short: int = 0
    what: tuple[str, ...] = ()
    visit: int | None = None


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


def orders_of(problem: Problem, plan: Plan) -> tuple[tuple[Call, ...], ...]:
    """For each van of the problem its calls without beat passes."""
    orders: list[tuple[Call, ...]] = [() for _ in problem.vans]
    for route in plan.routes:
        orders[route.van] = tuple(c for c in calls_of(problem, route.stops) if c.kind != "pass")
    return tuple(orders)


def explain(problem: Problem, plan: Plan) -> Mapping[int, tuple[Reason, ...]]:
    """For each unserved visit the reasons, the van that is nearest to serving it first."""
    orders = orders_of(problem, plan)
    found: dict[int, tuple[Reason, ...]] = {}
    for visit in plan.unserved:
        reasons = (_reason(problem, van, calls, visit) for van, calls in enumerate(orders))
        # A van that needs nothing has no reason; the search has put in all that fits, so there is none.
        found[visit] = tuple(sorted((each for each in reasons if each.needs), key=_nearness))
    return found


def relaxed(problem: Problem, visit: int, reason: Reason) -> Problem:
    """The problem with a reason's changes made: the visit then fits where the reason says."""
    vans, visits = list(problem.vans), list(problem.visits)
    for need in reason.needs:
        van = vans[reason.van]
        if need.code in ("window", "later_window"):
            target = visit if need.visit is None else need.visit
            visits[target] = _open_longer(visits[target], need.short)
        elif need.code != "unreachable":
            vans[reason.van] = _given(van, need)
    kitchens = [_kitchen_longer(each, reason) for each in problem.kitchens]
    items = list(problem.items)
    clock = max((need.short for need in reason.needs if need.code == "food_clock"), default=0)
    if clock:
        items = [replace(item, hold_s=item.hold_s + clock) for item in items]
    return replace(
        problem, vans=tuple(vans), visits=tuple(visits), items=tuple(items), kitchens=tuple(kitchens)
    )


def _given(van: Van, need: Need) -> Van:
    """The van with one need met."""
    if need.code == "shift_end":
        return replace(van, ends_s=van.ends_s + need.short)
    if need.code == "skills":
        return replace(van, skills=van.skills | set(need.what))
    if need.code == "capacity":
        hot = need.short if need.what == ("hot",) else 0
        return replace(van, hot_cups=van.hot_cups + hot, cold_cups=van.cold_cups + need.short - hot)
    if need.code == "break" and van.rest:
        return replace(van, rest=replace(van.rest, latest_s=van.rest.latest_s + need.short))
    if need.code == "span" and van.span_s is not None:
        return replace(van, span_s=van.span_s + need.short)
    return van


def _kitchen_longer(kitchen: Kitchen, reason: Reason) -> Kitchen:
    seconds = max((need.short for need in reason.needs if need.code == "kitchen"), default=0)
    window = TimeWindow(kitchen.window.opens_s, kitchen.window.closes_s + seconds)
    return replace(kitchen, window=window)


def _open_longer(visit: Visit, seconds: int) -> Visit:
    last = visit.windows[-1]
    return replace(visit, windows=(*visit.windows[:-1], TimeWindow(last.opens_s, last.closes_s + seconds)))


def _reason(problem: Problem, van: int, calls: Sequence[Call], visit: int) -> Reason:
    """The least change over all places on one van's route: fewest needs, then the smallest."""
    missing = tuple(sorted(problem.visits[visit].skills - problem.vans[van].skills))
    best: Place | None = None
    for place in places(problem, van, calls, call_of(problem, visit)):
        if best is not None and _count(best) == 1 and place.late_s >= _size(best):
            break  # places come by a bound on their lateness: none after this is nearer
        if any(breach.code == "unreachable" for breach in place.timetable.breaches):
            continue
        if best is None or (_count(place), _size(place)) < (_count(best), _size(best)):
            best = place
    needs = [Need("skills", what=missing)] if missing else []
    if best is None:
        return Reason(van, (*needs, Need("unreachable")), None)
    needs += _needs(best.timetable.breaches, visit)
    return Reason(van, tuple(sorted(needs, key=lambda need: _ORDER[need.code])), best.position)


def _count(place: Place) -> int:
    return len(place.timetable.breaches)


def _size(place: Place) -> int:
    return sum(breach.short for breach in place.timetable.breaches)


def _needs(breaches: Sequence[Breach], visit: int) -> list[Need]:
    """Breaches as changes; where one limit is broken twice the larger counts."""
    found: dict[tuple[str, tuple[str, ...], int | None], Need] = {}
    for breach in breaches:
        need = _need(breach, visit)
        key = (need.code, need.what, need.visit)
        if key not in found or need.short > found[key].short:
            found[key] = need
    return list(found.values())


def _need(breach: Breach, visit: int) -> Need:
    whose = None if breach.visit in (-1, visit) else breach.visit
    if breach.code == "capacity":
        return Need("capacity", breach.short, (breach.container or "cold",))
    if breach.code == "window":
        return Need("window" if whose is None else "later_window", breach.short, visit=whose)
    if breach.code == "food_clock":
        return Need("food_clock", breach.short)
    return Need(breach.code, breach.short)


def _nearness(reason: Reason) -> tuple[int, int, int, int]:
    worst = max(_ORDER[need.code] in (0, 1) for need in reason.needs)
    return (
        (reason.position is None) + worst,
        len(reason.needs),
        sum(n.short for n in reason.needs),
        reason.van,
    )


def as_json(reason: Reason, van_id: int) -> dict[str, Any]:
    """As the plan stores it. `short_s` stands at the top only where more shift alone would do."""
    needs = [{"code": need.code, "short": need.short, "what": list(need.what)} for need in reason.needs]
    told: dict[str, Any] = {"van": van_id, "code": reason.code, "needs": needs}
    if [need.code for need in reason.needs] == ["shift_end"]:
        told["short_s"] = reason.needs[0].short
    return told


_SENTENCES: Mapping[str, str] = {
    "skills": "{van} lacks {what}",
    "unreachable": "no road leads there from {van}'s route",
    "capacity": "{van} would need {short} more {what} cups",
    "food_clock": "the food on {van} would have to keep {minutes} min longer",
    "window": "the visit would have to begin up to {minutes} min later than allowed for {van} to make it",
    "later_window": "a later visit of {van} would begin {minutes} min too late",
    "break": "the break of {van} would begin {minutes} min too late",
    "kitchen": "the kitchen would have to stay open {minutes} min longer for {van}",
    "span": "{van} would have to work {minutes} min longer",
    "shift_end": "+{minutes} min of shift on {van} would do",
    "fits": "{van} has room for it: it was left out by hand",
}


def say(locale: Locale, told: Mapping[str, Any], van_name: str) -> str:
    """A stored reason as a sentence for a person, all its needs joined."""
    parts: list[str] = []
    for need in told.get("needs", ()):
        words = [translate(locale, str(what)) for what in need.get("what", ())]
        parts.append(
            translate(
                locale,
                _SENTENCES[str(need["code"])],
                van=van_name,
                short=int(need["short"]),
                minutes=-(-int(need["short"]) // 60),
                what=", ".join(words),
            )
        )
    return translate(locale, "; ").join(parts)
