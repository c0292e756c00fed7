"""What a day proves does not depend on the order of its facts, on repeats, or on whose terminal told it."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fleet.geo import LonLat
from tests.tracking.proving import (
    ABROAD,
    CORNER,
    DEPOT,
    DOOR,
    SHIFT,
    Drive,
    at,
    facts,
    minutes_after,
    told,
)
from tracking.ledger import KINDS, Stretch, Tap, Told
from tracking.proof import DayProof, prove
from tracking.track import Fixes, find_gaps

_PLACES = (CORNER, DOOR, DEPOT, ABROAD, at(400, 1600))
_LEGS = st.lists(
    st.one_of(
        st.tuples(st.just("go"), st.sampled_from(_PLACES), st.floats(2, 15)),
        st.tuples(st.just("stand"), st.just(CORNER), st.floats(0.5, 12)),
        st.tuples(st.just("silence"), st.sampled_from(_PLACES), st.floats(1, 12)),
    ),
    min_size=1,
    max_size=8,
)
_TAPS = st.lists(
    st.builds(
        Tap,
        st.integers(minutes_after(-5), minutes_after(120)),
        st.sampled_from(("departed", "arrived", "break", "reload", "reading", "done")),
    ),
    max_size=6,
)
_CALLS = st.lists(
    st.tuples(st.integers(-5, 100), st.integers(1, 40)).map(
        lambda p: Stretch(minutes_after(p[0]), minutes_after(p[0] + p[1]))
    ),
    max_size=2,
)


def driven(legs: list[tuple[str, LonLat, float]]) -> Fixes:
    drive = Drive(CORNER, every_s=10.0)
    for what, place, minutes in legs:
        if what == "go":
            drive.go(place, minutes)
        elif what == "stand":
            drive.stand(minutes)
        else:
            drive.silence(minutes, place)
    return drive.fixes()


def two_terminals(fixes: Fixes, rng: random.Random) -> Fixes:
    """The same, some of it told by a second terminal too, a little off and ranking lower."""
    extra = fixes.take(np.array(sorted(rng.sample(range(len(fixes)), len(fixes) // 3)), np.int64))
    other = Fixes(
        t_ms=extra.t_ms,
        terminal_id=extra.terminal_id + 1,
        digest=extra.digest + 1,
        lon=extra.lon + 1e-4,
        lat=extra.lat,
        speed_mps=extra.speed_mps,
        heading_deg=extra.heading_deg,
        accuracy_m=extra.accuracy_m,
        battery=extra.battery,
        flags=extra.flags,
        received_ms=extra.received_ms,
    )
    return fixes.join(other)


def said(proof: DayProof) -> tuple[object, ...]:
    return proof.ledger, proof.stays, proof.trips, proof.distance_m, proof.coverage, proof.track.t_ms.tolist()


@given(_LEGS, _TAPS, _CALLS, st.randoms(use_true_random=False))
def test_order_repeats_and_terminals_do_not_matter(
    legs: list[tuple[str, LonLat, float]], taps: list[Tap], calls: list[Stretch], rng: random.Random
) -> None:
    fixes = driven(legs)
    known = told(*taps, shift=SHIFT, calls=calls)
    in_order = said(prove(facts(fixes, known)))
    many = two_terminals(fixes, rng)
    order = list(range(len(many))) + rng.choices(range(len(many)), k=len(many) // 2)
    rng.shuffle(order)
    shuffled = many.take(np.array(order, np.int64))
    words = Told(known.until_ms, SHIFT, rng.sample(taps, len(taps)), rng.sample(calls, len(calls)))
    assert said(prove(facts(shuffled, words))) == in_order


@given(_LEGS, _TAPS, _CALLS)
def test_spans_cover_the_day_and_say_where_they_come_from(
    legs: list[tuple[str, LonLat, float]], taps: list[Tap], calls: list[Stretch]
) -> None:
    proof = prove(facts(driven(legs), told(*taps, shift=SHIFT, calls=calls)))
    spans, track = proof.ledger.spans, proof.track
    assert spans[0].starts_ms == min(SHIFT.starts_ms, int(track.t_ms[0]))
    assert spans[-1].ends_ms == max(SHIFT.ends_ms, int(track.t_ms[-1]))
    for one, other in pairwise(spans):
        assert one.ends_ms == other.starts_ms
        assert one.kind != other.kind
    for span in spans:
        assert span.ends_ms > span.starts_ms
        if span.kind == "offline":
            assert (span.first, span.last) == (-1, -1)
        else:
            assert track.t_ms[span.first] <= span.starts_ms < span.ends_ms <= track.t_ms[span.last]
            assert track.t_ms[span.first + 1] > span.starts_ms
            assert track.t_ms[span.last - 1] < span.ends_ms
    whole_ms = spans[-1].ends_ms - spans[0].starts_ms
    lengths = {kind: sum(s.ends_ms - s.starts_ms for s in spans if s.kind == kind) for kind in KINDS}
    assert sum(lengths.values()) == whole_ms
    assert proof.ledger.proved_s == (lengths["patrol"] + lengths["service"] + lengths["sos"]) // 1000


@given(_LEGS, st.integers(1, 5))
def test_fixes_that_come_later_only_correct(legs: list[tuple[str, LonLat, float]], parts: int) -> None:
    fixes, known = driven(legs), told(shift=SHIFT)
    held = fixes.take(slice(0, 0))
    for part in range(parts):
        held = held.join(fixes.take(slice(part, None, parts)))
        prove(facts(held, known))
    assert said(prove(facts(held, known))) == said(prove(facts(fixes, known)))


def test_silences_are_those_of_the_ledger() -> None:
    drive = Drive(CORNER).go(DOOR, 5).silence(5, CORNER).go(DOOR, 5).silence(6, CORNER).go(DOOR, 5)
    proof = prove(facts(drive.fixes(), told()))
    assert find_gaps(proof.track) == ((minutes_after(15), minutes_after(21)),)
    gaps = [(span.starts_ms, span.ends_ms) for span in proof.ledger.spans if span.kind == "gap"]
    assert tuple(gaps) == find_gaps(proof.track)
    assert find_gaps(proof.track.take(slice(0, 1))) == ()
