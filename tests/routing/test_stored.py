from __future__ import annotations

import dataclasses

import pytest

from routing.stored import PlanRow, RouteRow, StopRow, UnservedRow


@pytest.mark.parametrize("row", [PlanRow, RouteRow, StopRow, UnservedRow])
def test_rows_are_values(row: type) -> None:
    assert dataclasses.is_dataclass(row)
    assert "__dict__" not in dir(row)
