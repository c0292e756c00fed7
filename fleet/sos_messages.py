"""What is said of a call: its receipt as kept, the task on a van's screen, the entry in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict

from fleet.sos import Candidate, Case, Decision, Proposal, Receipt, Refusal, Shifted, Stage, What
from fleet.units import moment_of, ms_of


class CandidateJson(TypedDict):
    """A weighed van, as kept."""

    van: int
    eta_s: int | None
    why: str
    basis: str


class DecisionJson(TypedDict):
    """An offer, as kept."""

    at: int
    van: int
    by: str
    moved: list[int]
    candidates: list[CandidateJson]


class RefusalJson(TypedDict):
    """A van that handed the call back, as kept."""

    at: int
    van: int
    why: str


class ShiftedJson(TypedDict):
    """A stop whose promise is broken, as kept."""

    stop: int
    what: What
    promised: int
    van: int | None
    begins: int | None
    forced: NotRequired[bool]
    promised_van: NotRequired[int | None]
    site: NotRequired[int | None]
    recipient: NotRequired[int | None]


class ProposalJson(TypedDict):
    """How the day could go on, as kept."""

    at: int
    van: int
    stage: Stage
    by: str
    over: int
    took_ms: int
    shifted: list[ShiftedJson]


class ReceiptJson(TypedDict, total=False):
    """The receipt as it stands in ``sos.receipt``; times in epoch milliseconds."""

    decisions: list[DecisionJson]
    refusals: list[RefusalJson]
    proposals: list[ProposalJson]


def receipt_of_json(kept: ReceiptJson) -> Receipt:
    """Read back what `receipt_to_json` wrote; an empty object is an empty receipt."""
    decisions = tuple(
        Decision(
            moment_of(each["at"]),
            each["van"],
            tuple(
                Candidate(one["van"], one["eta_s"], one["why"], one["basis"]) for one in each["candidates"]
            ),
            tuple(each["moved"]),
            each["by"],
        )
        for each in kept.get("decisions", ())
    )
    refusals = tuple(
        Refusal(moment_of(each["at"]), each["van"], each["why"]) for each in kept.get("refusals", ())
    )
    return Receipt(decisions, refusals, tuple(_proposal(each) for each in kept.get("proposals", ())))


def receipt_to_json(receipt: Receipt) -> ReceiptJson:
    """The receipt as it is kept in ``sos.receipt``."""
    return {
        "decisions": [
            {
                "at": ms_of(each.at),
                "van": each.van_id,
                "by": each.by,
                "moved": list(each.moved),
                "candidates": [
                    {"van": one.van_id, "eta_s": one.eta_s, "why": one.why, "basis": one.basis}
                    for one in each.candidates
                ],
            }
            for each in receipt.decisions
        ],
        "refusals": [
            {"at": ms_of(each.at), "van": each.van_id, "why": each.why} for each in receipt.refusals
        ],
        "proposals": [_proposal_json(each) for each in receipt.proposals],
    }


def _proposal(kept: ProposalJson) -> Proposal:
    shifted = (
        Shifted(
            each["stop"],
            each["what"],
            moment_of(each["promised"]),
            each["van"],
            None if each["begins"] is None else moment_of(each["begins"]),
            each.get("forced", False),
            each.get("promised_van"),
            each.get("site"),
            each.get("recipient"),
        )
        for each in kept["shifted"]
    )
    return Proposal(
        moment_of(kept["at"]),
        kept["van"],
        kept["stage"],
        tuple(shifted),
        kept["over"],
        kept["took_ms"],
        kept["by"],
    )


def _proposal_json(proposal: Proposal) -> ProposalJson:
    return {
        "at": ms_of(proposal.at),
        "van": proposal.van_id,
        "stage": proposal.stage,
        "by": proposal.by,
        "over": proposal.over,
        "took_ms": proposal.took_ms,
        "shifted": [
            {
                "stop": each.stop_id,
                "what": each.what,
                "promised": ms_of(each.promised),
                "van": each.van_id,
                "begins": None if each.begins is None else ms_of(each.begins),
                "forced": each.forced,
                "promised_van": each.promised_van_id,
                "site": each.site_id,
                "recipient": each.recipient_id,
            }
            for each in proposal.shifted
        ],
    }


def task_id(case_id: int) -> str:
    """The name a call goes by on a van's screen."""
    return f"sos:{case_id}"


def case_of_task(task: str) -> int | None:
    """The call's id out of a task's name; None when the task is no call."""
    kind, _, number = task.partition(":")
    return int(number) if kind == "sos" and number.isascii() and number.isdecimal() else None


def task_body(case: Case) -> Mapping[str, object]:
    """The message that puts the call on a van's screen."""
    decisions = case.receipt.decisions
    return {
        "id": task_id(case.id),
        "kind": "sos",
        "place": case.place,
        "who": case.who,
        "lon": case.lon,
        "lat": case.lat,
        "eta_s": decisions[-1].eta_s if decisions else None,
        "called_at": ms_of(case.called_at),
    }


def journal_body(case: Case) -> Mapping[str, object]:
    """What the platform's screens are told of the call."""
    stamps = {
        name: None if at is None else ms_of(at)
        for name, at in (
            ("called_at", case.called_at),
            ("seen_at", case.seen_at),
            ("offered_at", case.offered_at),
            ("accepted_at", case.accepted_at),
            ("arrived_at", case.arrived_at),
            ("closed_at", case.closed_at),
        )
    }
    return {
        "sos": case.id,
        "state": case.state,
        "van": case.van_id,
        "place": case.place,
        "who": case.who,
        "lon": case.lon,
        "lat": case.lat,
        "eta_s": task_body(case)["eta_s"],
        "outcome": case.outcome,
        **stamps,
    }
