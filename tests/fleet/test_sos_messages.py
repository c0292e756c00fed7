"""What is said of a call survives being written down."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from fleet.sos import Candidate, Case, Decision, Proposal, Receipt, Refusal, Shifted
from fleet.sos_messages import (
    case_of_task,
    journal_body,
    receipt_of_json,
    receipt_to_json,
    task_body,
    task_id,
)

_at = st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
_van = st.integers(1, 99)
_candidate = st.builds(Candidate, _van, st.none() | st.integers(0, 9999), st.text(max_size=9))
_decision = st.builds(
    Decision, _at, _van, st.lists(_candidate, max_size=3).map(tuple), st.just((4, 5)), st.text(max_size=5)
)
_shifted = st.builds(
    Shifted,
    _van,
    st.sampled_from(("dropped", "van", "time")),
    _at,
    st.none() | _van,
    st.none() | _at,
    st.booleans(),
    st.none() | _van,
    st.none() | _van,
    st.none() | _van,
)
_proposal = st.builds(
    Proposal,
    _at,
    _van,
    st.sampled_from(("answer", "improved", "adopted")),
    st.lists(_shifted, max_size=3).map(tuple),
    _van,
    _van,
    st.text(max_size=5),
)
_receipt = st.builds(
    Receipt,
    st.lists(_decision, max_size=3).map(tuple),
    st.lists(st.builds(Refusal, _at, _van, st.text(max_size=9)), max_size=3).map(tuple),
    st.lists(_proposal, max_size=2).map(tuple),
)


@given(_receipt)
def test_a_receipt_survives_its_json(receipt: Receipt) -> None:
    assert receipt_of_json(receipt_to_json(receipt)) == receipt


def test_an_older_receipt_that_does_not_tell_whom_a_promise_was_made_to_is_read() -> None:
    at = datetime(2026, 7, 22, 2, 0, tzinfo=UTC)
    kept = receipt_to_json(Receipt(proposals=(Proposal(at, 1, "answer", (Shifted(4, "dropped", at),)),)))
    for each in kept["proposals"][0]["shifted"]:
        del each["promised_van"], each["site"], each["recipient"]
    (read,) = receipt_of_json(kept).proposals
    assert read.shifted == (Shifted(4, "dropped", at),)


def test_an_empty_object_is_an_empty_receipt() -> None:
    assert receipt_of_json({}) == Receipt()


@given(st.integers(1, 10**12))
def test_a_task_names_its_call(case_id: int) -> None:
    assert case_of_task(task_id(case_id)) == case_id


def test_other_tasks_are_no_calls() -> None:
    assert case_of_task("visit:3") is None
    assert case_of_task("sos:x") is None
    assert case_of_task("") is None


def test_the_bodies_say_what_the_screens_need() -> None:
    called = datetime(2026, 7, 22, 2, 0, tzinfo=UTC)
    receipt = Receipt((Decision(called, 2, (Candidate(2, 240),)),))
    case = Case(
        12, 1, "webhook:1", "k", 9, "刘*珍", "滨河社区", 115.98, 36.45, "offered", 2, called, receipt=receipt
    )
    assert task_body(case) == {
        "id": "sos:12",
        "kind": "sos",
        "place": "滨河社区",
        "who": "刘*珍",
        "lon": 115.98,
        "lat": 36.45,
        "eta_s": 240,
        "called_at": 1784685600000,
    }
    body = journal_body(case)
    assert (body["sos"], body["state"], body["van"], body["seen_at"]) == (12, "offered", 2, None)
