"""A call for help, from the button to the door, as a pure state machine.

``called -> seen -> offered -> accepted -> arrived -> closed``. A van that cannot go hands the call back
(the state falls to ``seen``, or to ``called`` while nobody has looked yet) and it is offered to the next;
a call may be closed from any open state. Nothing here touches a database or reads a clock.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, assert_never

from fleet.errors import Conflict

State: TypeAlias = Literal["called", "seen", "offered", "accepted", "arrived", "closed"]
STATES: tuple[State, ...] = ("called", "seen", "offered", "accepted", "arrived", "closed")

SEEN_TARGET_S = 60
"""A person has looked at the call."""
ACCEPTED_TARGET_S = 30
"""A van has accepted, counted from when the call was seen."""
ARRIVED_TARGET_S = 15 * 60
"""The van is at the place, counted from the call; nine calls in ten."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A van that was weighed for a call.

    ``eta_s`` is the road time in seconds, None where no road leads; ``why`` is empty for a van that could
    go and names the reason otherwise; ``basis`` is ``road`` or ``great-circle``.
    """

    van_id: int
    eta_s: int | None
    why: str = ""
    basis: str = "road"


@dataclass(frozen=True, slots=True)
class Decision:
    """One offer as it was decided: who was weighed, who was chosen, which planned stops move."""

    at: datetime
    van_id: int
    candidates: tuple[Candidate, ...] = ()
    moved: tuple[int, ...] = ()
    by: str = ""

    @property
    def eta_s(self) -> int | None:
        """Seconds until the chosen van is there, as known at the decision."""
        return next((each.eta_s for each in self.candidates if each.van_id == self.van_id), None)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A van that handed the call back."""

    at: datetime
    van_id: int
    why: str = ""


What: TypeAlias = Literal["dropped", "van", "time"]
Stage: TypeAlias = Literal["answer", "improved", "adopted"]


@dataclass(frozen=True, slots=True)
class Shifted:
    """A planned stop whose promise is broken; van and begin are None where it is left out.

    `forced`: the day as it stands breaks it already, the call for help has nothing to do with it. Whom it
    was made to, a place or an elder at home, is kept by key: a stop that is left out leaves the plan. Older
    receipts do not tell it.
    """

    stop_id: int
    what: What
    promised: datetime
    van_id: int | None = None
    begins: datetime | None = None
    forced: bool = False
    promised_van_id: int | None = None
    site_id: int | None = None
    recipient_id: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """The rest of the day as it could go on with the call: found at once, improved, or adopted by somebody.

    `over` is how many promises it breaks above the budget; `took_ms` is what finding it took.
    """

    at: datetime
    van_id: int
    stage: Stage
    shifted: tuple[Shifted, ...] = ()
    over: int = 0
    took_ms: int = 0
    by: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was decided and known at each decision. It only grows; an entry never changes."""

    decisions: tuple[Decision, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    proposals: tuple[Proposal, ...] = ()

    @property
    def refused_vans(self) -> frozenset[int]:
        """Vans that have handed this call back."""
        return frozenset(each.van_id for each in self.refusals)


@dataclass(frozen=True, slots=True)
class Case:
    """One call for help. ``place`` is said aloud and drawn on the wall, so it holds no full name."""

    id: int
    district_id: int
    source: str
    source_key: str
    recipient_id: int | None
    who: str
    place: str
    lon: float
    lat: float
    state: State
    van_id: int | None
    called_at: datetime
    seen_at: datetime | None = None
    seen_by: int | None = None
    offered_at: datetime | None = None
    accepted_at: datetime | None = None
    arrived_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str = ""
    receipt: Receipt = Receipt()

    @property
    def is_open(self) -> bool:
        """Whether anything is still to be done."""
        return self.state != "closed"


@dataclass(frozen=True, slots=True)
class See:
    """A person has looked at the call."""

    at: datetime
    by: int


@dataclass(frozen=True, slots=True)
class Offer:
    """The call goes to a van; `proposal` is what that does to the day's plan, where there is one."""

    decision: Decision
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True)
class Propose:
    """A better way for the day to go on, or one that was adopted. The call stays where it is."""

    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Accept:
    """The van's crew takes the call."""

    at: datetime
    van_id: int


@dataclass(frozen=True, slots=True)
class Decline:
    """The van's crew cannot go, before or after they accepted."""

    at: datetime
    van_id: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Arrive:
    """The van is at the place."""

    at: datetime
    van_id: int


@dataclass(frozen=True, slots=True)
class Close:
    """The call is over, whatever its state."""

    at: datetime
    outcome: str = ""


Transition: TypeAlias = See | Offer | Propose | Accept | Decline | Arrive | Close


def step(case: Case, transition: Transition) -> Case:
    """Carry out one transition.

    Returns
    -------
    The case as it stands afterwards. Times never run backwards: a stamp from a terminal whose clock lags
    is lifted to the latest stamp before it.

    Raises
    ------
    Conflict : the transition is not legal now; the sentence says what the call's state is.
    """
    if not case.is_open:
        raise Conflict("SOS {id} is already closed; open a new call if help is needed again.", id=case.id)
    match transition:
        case See() | Offer() | Propose():
            return _decide(case, transition)
        case Accept():
            _demand(case, ("offered",), transition.van_id)
            return dataclasses.replace(case, state="accepted", accepted_at=_not_before(case, transition.at))
        case Decline():
            return _decline(case, transition)
        case Arrive():
            _demand(case, ("accepted",), transition.van_id)
            return dataclasses.replace(case, state="arrived", arrived_at=_not_before(case, transition.at))
        case Close():
            at = _not_before(case, transition.at)
            return dataclasses.replace(case, state="closed", closed_at=at, outcome=transition.outcome)
    assert_never(transition)


def waiting_on(case: Case, now: datetime) -> tuple[str, float] | None:
    """Who is keeping the call waiting, and for how many seconds past (positive) or before their target.

    Returns
    -------
    ``("person" | "van" | "road", overdue_s)``, or None once the van is there or the call is closed.
    """
    if case.state in ("arrived", "closed"):
        return None
    if case.seen_at is None:
        return "person", (now - case.called_at).total_seconds() - SEEN_TARGET_S
    if case.accepted_at is None:
        return "van", (now - case.seen_at).total_seconds() - ACCEPTED_TARGET_S
    return "road", (now - case.called_at).total_seconds() - ARRIVED_TARGET_S


def _see(case: Case, seen: See) -> Case:
    if case.seen_at is not None:
        raise Conflict("SOS {id} has already been acknowledged.", id=case.id)
    # An offer may run ahead of the person: acknowledging then stamps the call without setting it back.
    state: State = "seen" if case.state == "called" else case.state
    return dataclasses.replace(case, state=state, seen_at=max(seen.at, case.called_at), seen_by=seen.by)


def _decide(case: Case, step: See | Offer | Propose) -> Case:
    """The steps of people and of the dispatch, before or beside those of the van."""
    if isinstance(step, See):
        return _see(case, step)
    return _offer(case, step) if isinstance(step, Offer) else _propose(case, step.proposal)


def _propose(case: Case, proposal: Proposal) -> Case:
    _demand(case, ("offered", "accepted"), proposal.van_id)
    receipt = dataclasses.replace(case.receipt, proposals=(*case.receipt.proposals, proposal))
    return dataclasses.replace(case, receipt=receipt)


def _offer(case: Case, offer: Offer) -> Case:
    decision, more = offer.decision, () if offer.proposal is None else (offer.proposal,)
    if case.state not in ("called", "seen", "offered"):
        raise Conflict(
            "SOS {id} is with van {van}; it can be offered again when that van reports that it cannot go.",
            id=case.id,
            van=case.van_id,
        )
    if case.state == "offered" and case.van_id == decision.van_id:
        raise Conflict("SOS {id} is already offered to van {van}.", id=case.id, van=decision.van_id)
    receipt = dataclasses.replace(
        case.receipt,
        decisions=(*case.receipt.decisions, decision),
        proposals=(*case.receipt.proposals, *more),
    )
    return dataclasses.replace(
        case,
        state="offered",
        van_id=decision.van_id,
        offered_at=_not_before(case, decision.at),
        receipt=receipt,
    )


def _decline(case: Case, decline: Decline) -> Case:
    _demand(case, ("offered", "accepted"), decline.van_id)
    refusal = Refusal(_not_before(case, decline.at), decline.van_id, decline.why)
    return dataclasses.replace(
        case,
        state="called" if case.seen_at is None else "seen",
        van_id=None,
        offered_at=None,
        accepted_at=None,
        receipt=dataclasses.replace(case.receipt, refusals=(*case.receipt.refusals, refusal)),
    )


def _demand(case: Case, states: tuple[State, ...], van_id: int) -> None:
    if case.state not in states:
        raise Conflict("SOS {id} cannot take this step: its state is {state}.", id=case.id, state=case.state)
    if case.van_id != van_id:
        raise Conflict(
            "SOS {id} is with van {other}, not with van {van}.", id=case.id, other=case.van_id, van=van_id
        )


def _not_before(case: Case, at: datetime) -> datetime:
    stamps = (case.called_at, case.offered_at, case.accepted_at, case.arrived_at)
    return max(at, *(stamp for stamp in stamps if stamp is not None))
