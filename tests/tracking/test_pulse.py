"""What a flusher lets others see of itself."""

from __future__ import annotations

import time

import pytest

from tests.tracking.test_heard import parcel
from tracking.intake import Intake
from tracking.pulse import Pulse


def test_what_is_held_is_the_queue_s_own_number() -> None:
    intake = Intake(100)
    pulse = Pulse(intake)
    assert pulse.held == 0
    intake.put(parcel([0, 1]))
    assert pulse.held == 3


def test_a_commit_lasts_from_its_beginning_to_its_end_however_it_ends() -> None:
    pulse = Pulse(Intake(100))
    assert pulse.storing_s == 0.0
    began = time.monotonic()
    with pulse.storing():
        first = pulse.storing_s
        assert 0 <= first <= pulse.storing_s <= time.monotonic() - began
    assert pulse.storing_s == 0.0
    with pytest.raises(KeyError), pulse.storing():
        raise KeyError
    assert pulse.storing_s == 0.0
