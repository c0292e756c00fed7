from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from fleet.errors import InvalidInput
from maps import compare_page, sheet
from tests.maps import staging


def test_two_or_three_plans_are_asked_for() -> None:
    assert compare_page._ids("3, 5,3") == [3, 5]
    for odd in ("3", "", "1,2,3,4", "1,x", "1,-2"):
        with pytest.raises(InvalidInput, match="cannot be compared"):
            compare_page._ids(odd)


def test_plans_of_two_days_are_not_compared(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    one = sheet.read_sheet(conn, stage.district_id, stage.plan_id)
    later = replace(one, version=replace(one.version, day=one.version.day + timedelta(days=1)))
    compare_page._one_day([one, one])
    with pytest.raises(InvalidInput, match="2026-07-24, 2026-07-25"):
        compare_page._one_day([later, one])


def test_plans_of_one_name_are_told_apart(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    one = sheet.read_sheet(conn, stage.district_id, stage.plan_id)
    assert compare_page._distinct(["a", "b"], [one, one]) == ["a", "b"]
    assert compare_page._distinct(["a", "a"], [one, one]) == [f"a #{stage.plan_id}"] * 2
