"""What a planner does at one click about a reason: the edits that let a visit in where the reason says. Pure.

A reason's needs are met by changes of the day, by a reload put in, or by taking back what the planner
decided about the visit's vans. What a van has begun is no decision: nothing is offered about it.
"""

from __future__ import annotations

from collections.abc import Iterator

from routing.change import of_needs
from routing.desk import Edit, Pin, Session, edited
from routing.explain import Need, Reason
from routing.timetable import Call
from routing.trouble import troubles

_OWN = frozenset({"reload", "vans", "prefix"})
"""Needs that no change of the day meets, but an edit of the plan."""


def edits_for(session: Session, visit: int, reason: Reason) -> tuple[Edit, ...] | None:
    """The edits, the visit's own last; None where none would do.

    They are tried before they are offered: what else stands on the route may be in their way.
    """
    return next((made for made in proposals(session, visit, reason) if lets_in(session, visit, made)), None)


def proposals(session: Session, visit: int, reason: Reason) -> Iterator[tuple[Edit, ...]]:
    """Edits that should let a visit in, not tried: at the place that suits best, then at the reason's own."""
    steps = _steps(session, visit, reason)
    if steps is None:
        return
    own = _place(session, reason)
    if not {need.code for need in reason.needs} & {"equipment", "prefix"}:
        yield (*steps, Edit("add", visit, reason.van))
    if own is not None:
        yield (*steps, Edit("add", visit, reason.van, own))


def _steps(session: Session, visit: int, reason: Reason) -> tuple[Edit, ...] | None:
    """What has to be done before the visit goes in; None where it cannot be."""
    codes = {need.code for need in reason.needs}
    changes = of_needs(reason.van, visit, [need for need in reason.needs if need.code not in _OWN])
    allowed = _allowed(session, visit, reason.van) if "vans" in codes else ()
    loosened = _loosened(session, reason) if "prefix" in codes else ()
    if changes is None or allowed is None or loosened is None:
        return None
    reloads = tuple(_reload(session, reason, need) for need in reason.needs if need.code == "reload")
    return (*(Edit("change", change=each) for each in changes), *allowed, *loosened, *reloads)


def lets_in(session: Session, visit: int, edits: tuple[Edit, ...]) -> bool:
    """Whether the edits put the visit in and break nothing that was whole before."""
    after = edited(session, edits)
    return after.where(visit) is not None and set(troubles(after)) <= set(troubles(session))


def _allowed(session: Session, visit: int, van: int) -> tuple[Edit, ...] | None:
    """What a planner has locked or forbidden, taken back; None where it was not a planner."""
    vans = session.free.visits[visit].vans
    if vans is not None and van not in vans:
        return None
    pin = session.pins.get(visit, Pin())
    free = (Edit("unlock", visit),) if pin.locked not in (None, van) else ()
    return (*free, Edit("allow", visit, van)) if van in pin.banned else free


def _loosened(session: Session, reason: Reason) -> tuple[Edit, ...] | None:
    """Fewer first stops held; None where the van has begun those that are in the way."""
    left = len(session.problem.vans[reason.van].prefix) - sum(
        need.short for need in reason.needs if need.code == "prefix"
    )
    return (Edit("hold", van=reason.van, position=left),) if left >= session.begun[reason.van] else None


def _reload(session: Session, reason: Reason, need: Need) -> Edit:
    """The reload where the reason has it: its position counts the calls with the visit, without passes."""
    assert need.kitchen is not None
    assert need.position is not None
    assert reason.position is not None
    at = need.position - (need.position > reason.position)
    return Edit(
        "add", -1, reason.van, _among_passes(session, reason.van, at), call=Call("reload", need.kitchen)
    )


def _place(session: Session, reason: Reason) -> int | None:
    return None if reason.position is None else _among_passes(session, reason.van, reason.position)


def _among_passes(session: Session, van: int, position: int) -> int:
    calls = session.orders[van]
    kept = [n for n, call in enumerate(calls) if call.kind != "pass"]
    return kept[position] if position < len(kept) else len(calls)
