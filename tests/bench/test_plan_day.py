from dataclasses import replace

import pytest

from routing.plan import Levels
from tests.bench.plan_day import RANKED, first_difference

LONG = Levels(0, 0, 300, 20, 40, 0, 9000, drive_s=8000)


def test_plans_alike_do_not_differ_by_what_is_only_shown() -> None:
    assert first_difference(LONG, replace(LONG, drive_s=1, naps=3)) is None


@pytest.mark.parametrize(
    ("level", "here", "ok"),
    [
        ("mandatory_missed", 1, True),
        ("mandatory_missed", 2, False),
        ("prize_missed", 303, True),
        ("prize_missed", 304, False),
        ("patrol_short_min", 21, True),
        ("cost", 9090, True),
        ("cost", 9091, False),
        ("cost", 100, True),
    ],
)
def test_the_first_level_that_differs_may_be_little_worse(level: str, here: int, ok: bool) -> None:
    below = {name: 0 for name in RANKED[RANKED.index(level) + 1 :]}
    found = first_difference(replace(LONG, **below, **{level: here}), LONG)
    assert found is not None and (found.level, found.ok) == (level, ok)


def test_the_levels_are_those_that_plans_are_compared_by() -> None:
    compared = [name for name, field in Levels.__dataclass_fields__.items() if field.compare]
    assert tuple(compared) == RANKED
