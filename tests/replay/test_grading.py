"""The grade: its fixed points, and that nothing which proves more ever costs a point."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.grading import MOST, Proof, grade, grade_of

FULL = Proof(
    outcome="served",
    planned_s=900,
    dwell_s=900,
    distance_m=12,
    in_order=True,
    track_m=15,
    own_m=None,
    has_picture=True,
    has_reading=False,
)
metres = st.floats(0, 100_000)
proofs = st.builds(
    Proof,
    outcome=st.sampled_from(["served", "no_answer", "declined"]),
    planned_s=st.floats(0, 7200),
    dwell_s=st.floats(0, 7200),
    distance_m=st.none() | st.floats(0, 100),
    in_order=st.none() | st.booleans(),
    track_m=st.none() | metres,
    own_m=st.none() | metres,
    has_picture=st.booleans(),
    has_reading=st.booleans(),
)


def test_the_points_add_up_to_a_hundred() -> None:
    assert sum(MOST.values()) == 100


def test_the_planned_dwell_at_the_door_in_order_with_tap_and_photo_is_an_a() -> None:
    found = grade(FULL)
    assert (found.grade, found.score) == ("A", 92)
    assert [part.points for part in found.parts] == [30, 25, 10, 15, 12, 0, 0]


@pytest.mark.parametrize(
    "far",
    [replace(FULL, track_m=75_000), replace(FULL, own_m=75_000), replace(FULL, track_m=None, own_m=75_000)],
)
def test_a_completion_tapped_75_km_away_is_a_d_however_well_the_van_stood(far: Proof) -> None:
    found = grade(far)
    assert found.grade == "D"
    assert found.parts[-1].part == "cap" and found.parts[-1].value == 75_000


def test_a_tap_without_any_track_near_is_a_d_and_one_in_passing_a_c_at_most() -> None:
    nowhere = replace(
        FULL, dwell_s=0, distance_m=None, in_order=None, track_m=None, own_m=5, has_reading=True
    )
    assert grade(nowhere).grade == "D"
    assert grade(replace(nowhere, track_m=5)).grade == "C"
    assert grade(replace(nowhere, track_m=5, has_picture=False)).grade == "D"


def test_a_tap_alone_with_a_full_stay_is_a_b_and_one_some_streets_off_a_c() -> None:
    assert grade(replace(FULL, has_picture=False)).grade == "B"
    assert grade(replace(FULL, track_m=800)).grade == "C"
    assert grade(replace(FULL, in_order=False)).grade == "B"


def test_a_door_that_nobody_opens_asks_for_two_minutes() -> None:
    assert grade(replace(FULL, outcome="no_answer", dwell_s=120)).grade == "A"
    assert grade(replace(FULL, dwell_s=120)).grade == "C"


@given(proofs)
def test_the_parts_add_up_to_the_score(proof: Proof) -> None:
    found = grade(proof)
    assert sum(part.points for part in found.parts) == found.score
    assert 0 <= found.score <= 100
    assert found.grade == grade_of(found.score)


@given(proofs, st.floats(0, 7200), st.floats(0, 1), st.sampled_from(["distance_m", "track_m", "own_m"]))
def test_more_dwell_nearer_in_order_and_more_proof_never_cost_a_point(
    proof: Proof, more_s: float, share: float, name: str
) -> None:
    before = grade(proof).score
    better = [
        replace(proof, dwell_s=proof.dwell_s + more_s), replace(proof, in_order=True),
        replace(proof, has_picture=True), replace(proof, has_reading=True),
    ]  # fmt: skip
    away = getattr(proof, name)
    if away is not None:
        better.append(replace(proof, **{name: away * share}))
    assert all(grade(each).score >= before for each in better)
    assert all(grade(each).grade <= grade(proof).grade for each in better)
