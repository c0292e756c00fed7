import io
import re

import pytest

from fleet.stages import Stages


def test_each_stage_says_its_place_and_time() -> None:
    out = io.StringIO()
    stages = Stages(2, out)
    for text in ("database", "schema"):
        with stages.stage(text):
            pass
    lines = out.getvalue().splitlines()
    assert re.fullmatch(r"\[######------\] 1/2 database  \d+\.\d s", lines[0])
    assert re.fullmatch(r"\[############\] 2/2 schema  \d+\.\d s", lines[1])


def test_a_stage_that_fails_is_named() -> None:
    out = io.StringIO()
    with pytest.raises(OSError, match="disk"), Stages(1, out).stage("database"):
        raise OSError("disk")
    assert out.getvalue() == "[------------] 0/1 database: stopped\n"
