"""Who is let in, and how fast they may send."""

from __future__ import annotations

from tracking.admission import Admission, Limits

_LIMITS = Limits(ungreeted=2, address_sockets=3, terminal_sockets=2, terminal_rate=10.0, address_rate=1000.0)


def test_few_of_an_address_stand_at_the_door_at_once() -> None:
    admission = Admission(_LIMITS)
    assert [admission.knock("a") for _ in range(2)] == [None, None]
    assert "not said hello" in (admission.knock("a") or "")
    assert admission.knock("b") is None
    assert admission.ungreeted == 3
    admission.step_in("a")
    assert admission.knock("a") is None


def test_a_terminal_and_an_address_have_so_many_places() -> None:
    admission = Admission(_LIMITS)
    first, second = admission.enter("a", 1), admission.enter("a", 1)
    assert first is not None
    assert second is not None
    assert admission.enter("b", 1) is None, "no third socket of one terminal"
    assert admission.enter("a", 2) is not None
    assert "of this address" in (admission.knock("a") or "")
    admission.leave(first)
    assert admission.knock("a") is None
    assert admission.enter("a", 1) is not None


def test_two_sockets_of_a_terminal_share_its_rate_and_a_new_one_finds_it_as_it_was_left() -> None:
    admission = Admission(_LIMITS)
    first, second = admission.enter("a", 1), admission.enter("b", 1)
    assert first is not None
    assert second is not None
    assert first.wait_s(50.0, 0.0) == 0.0, "five seconds' worth may come at once"
    assert second.wait_s(10.0, 0.0) == 1.0
    admission.leave(first)
    admission.leave(second)
    again = admission.enter("c", 1)
    assert again is not None
    assert again.wait_s(5.0, 0.0) == 1.5


def test_an_address_that_guesses_is_turned_away() -> None:
    admission = Admission(_LIMITS)
    assert not admission.is_guessing("a", 0.0)
    tries = [admission.may_guess("a", 0.0) for _ in range(40)]
    assert tries == [True] * 30 + [False] * 10
    assert admission.may_guess("b", 0.0)
    assert admission.is_guessing("a", 0.0)
    assert not admission.is_guessing("a", 60.0)
