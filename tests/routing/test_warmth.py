from __future__ import annotations

import threading
from pathlib import Path

import pytest

from fleet.errors import Unavailable
from routing.warmth import Warmth


def test_it_says_that_it_is_being_made_ready_until_it_is(tmp_path: Path) -> None:
    made = tmp_path / "whole"
    made.touch()
    may = threading.Event()

    def load() -> None:
        may.wait()

    warmth = Warmth(load, made)
    with pytest.raises(Unavailable, match="being made ready"):
        warmth.check()
    warmth.start()
    with pytest.raises(Unavailable):
        warmth.check()
    may.set()
    thread = next((each for each in threading.enumerate() if each.name == "warmth"), None)
    if thread is not None:
        thread.join()
    warmth.check()
    warmth.stop()


def test_a_child_compiles_what_no_home_has_and_a_failed_load_is_nobodys_wait(tmp_path: Path) -> None:
    made = tmp_path / "compiled" / "whole"
    loaded: list[bool] = []
    warmth = Warmth(lambda: loaded.append(made.exists()), made)
    warmth.start()
    for thread in threading.enumerate():
        if thread.name == "warmth":
            thread.join()
    assert loaded == [True]
    warmth.check()
    warmth.stop()
