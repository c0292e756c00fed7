"""What of a map may be switched off has a name in both languages, and what must stand there has none."""

from __future__ import annotations

from fleet.words import catalogue
from maps.layers import NAMES, choices


def test_the_choices_are_those_of_the_maps_own_layers() -> None:
    assert choices(("beats", "vans", "calls", "fences"), "zh") == (("fences", "电子围栏"), ("beats", "网格"))
    assert choices(("beats",), "en") == (("beats", "Beats"),)
    assert choices((), "en") == ()


def test_vans_and_calls_always_stand_there_and_every_name_has_its_chinese() -> None:
    assert not {"vans", "calls"} & set(NAMES)
    assert [name for name in NAMES.values() if name not in catalogue()] == []
