"""Who was let in lately."""

from __future__ import annotations

from dataclasses import replace

from tracking.line import Pass
from tracking.passes import LASTS_S, Passes
from tracking.source import Source

_PASS = Pass(Source(1, 2, 3), b"one", 0, 0, None)
_OTHER = replace(_PASS, token_hash=b"two")


def test_a_pass_holds_for_less_than_five_seconds() -> None:
    assert LASTS_S < 5
    passes = Passes()
    assert passes.find(b"one", 100) is None and not passes.was_let_in(b"one")
    assert passes.keep(_PASS, 100) is _PASS
    assert passes.find(b"one", 100 + LASTS_S - 0.1) is _PASS
    assert passes.find(b"one", 100 + LASTS_S) is None
    assert passes.was_let_in(b"one")
    passes.forget(b"one")
    passes.forget(b"never")
    assert not passes.was_let_in(b"one")


def test_what_was_sent_meanwhile_makes_later_ones_possible_repeats() -> None:
    passes = Passes()
    passes.sent(b"one", 7)
    passes.keep(_PASS, 100)
    for t, until in ((50, 50), (40, 50), (60, 60)):
        passes.sent(b"one", t)
        found = passes.find(b"one", 101)
        assert found is not None and found.stored_until_ms == until
    assert passes.keep(replace(_PASS, stored_until_ms=55), 105).stored_until_ms == 60
    assert passes.keep(replace(_PASS, stored_until_ms=70), 110).stored_until_ms == 70


def test_of_too_many_the_one_asked_longest_ago_is_forgotten() -> None:
    passes = Passes(most=2)
    passes.keep(_PASS, 1)
    passes.keep(_OTHER, 2)
    passes.keep(_PASS, 3)
    passes.keep(replace(_PASS, token_hash=b"three"), 4)
    assert [passes.was_let_in(each) for each in (b"one", b"two", b"three")] == [True, False, True]
