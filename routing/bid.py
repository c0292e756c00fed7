"""What each van would do with one visit: what that costs the plan, or what forbids it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from routing.desk import Edit, Session, edited, plan
from routing.explain import Reason, explain
from routing.plan import Levels, Plan
from routing.relaxing import proposals
from routing.trouble import Trouble, troubles

OPEN = frozenset({"fits", "patrol", "unseen"})
"""Needs of a van that has room as it is: what they take is in the levels."""


@dataclass(frozen=True, slots=True)
class Bid:
    """One van's answer.

    Parameters
    ----------
    edits : what puts the visit there, changes of the day first; none where it is there or nothing would
    levels, begins_s : of the plan with these edits, and when the visit begins in it; None where there is none
    reason : what stands in the way, proved; None where nothing does or nobody asked for proofs
    broken : what the van would break, where no proof says why
    """

    van: int
    here: bool = False
    edits: tuple[Edit, ...] = ()
    levels: Levels | None = None
    begins_s: int | None = None
    reason: Reason | None = None
    broken: tuple[Trouble, ...] = ()

    @property
    def free(self) -> bool:
        """Whether it can be had without any change of the day or of what was decided."""
        return self.levels is not None and self.reason is None


def bids(session: Session, visit: int, *, proved: bool) -> tuple[Bid, ...]:
    """What every van would do: the one that has the visit, those with room, the cheapest first, the others.

    Parameters
    ----------
    proved : whether those without room say the smallest change; that needs the compiled search
    """
    asked = _Asked(session, visit, edited(session, [Edit("remove", visit)]), frozenset(troubles(session)))
    reasons = _reasons(asked) if proved else {}
    where = session.where(visit)
    made: list[Bid] = []
    for van in range(len(session.tables)):
        if where is not None and where[0] == van:
            made.append(_priced(asked, session, plan(session), Bid(van, here=True)))
        else:
            made.append(_bid(asked, Bid(van, reason=reasons.get(van))))
    ranks = {van: n for n, van in enumerate(reasons)}
    return tuple(sorted(made, key=lambda each: (*_rank(each), ranks.get(each.van, each.van))))


class _Asked(NamedTuple):
    """The visit that is asked about: the plan as it is, the plan without it, what is broken already."""

    session: Session
    visit: int
    without: Session
    known: frozenset[Trouble]


def _reasons(asked: _Asked) -> Mapping[int, Reason]:
    """What keeps the visit off each van while it is taken out, the nearest van first."""
    bare = asked.without
    found = explain(bare.problem, replace(plan(bare), unserved=(asked.visit,)))
    return {reason.van: reason for reason in found[asked.visit]}


def _rank(bid: Bid) -> tuple[int, tuple[int, ...]]:
    """Those that cannot be had keep the order in which they were proved."""
    if bid.here:
        return 0, ()
    return (1, tuple(bid.levels.figures().values())) if bid.free and bid.levels else (2, ())


def _bid(asked: _Asked, bid: Bid) -> Bid:
    codes = {need.code for need in bid.reason.needs} if bid.reason else OPEN
    if codes <= OPEN:
        return _tried(asked, replace(bid, reason=None), (Edit("move", asked.visit, bid.van),))
    assert bid.reason is not None
    for edits in proposals(asked.without, asked.visit, bid.reason):
        # The visit goes in one step from where it is: what is priced is what will be done.
        found = _tried(asked, bid, (*edits[:-1], replace(edits[-1], kind="move")))
        if found.edits:
            return found
    return bid


def _tried(asked: _Asked, bid: Bid, edits: tuple[Edit, ...]) -> Bid:
    """The bid with these edits and their price; with what they break instead, if they do."""
    after = edited(asked.session, edits)
    made = plan(after)
    broken = tuple(each for each in troubles(after, made) if each not in asked.known)
    if broken:
        return replace(bid, broken=broken)
    return _priced(asked, after, made, replace(bid, edits=edits))


def _priced(asked: _Asked, session: Session, made: Plan, bid: Bid) -> Bid:
    stops = session.tables[bid.van].stops
    return replace(
        bid, levels=made.levels, begins_s=next(stop.begins_s for stop in stops if stop.visit == asked.visit)
    )
