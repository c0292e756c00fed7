"""The days ahead are kept while the process runs."""

from __future__ import annotations

import asyncio

from fleet.clock import Clock
from tests.tracking.platform import NOON, rows
from tracking.keeper import Keeper


def test_the_coming_days_are_there(database: str) -> None:
    asyncio.run(Keeper(database, 90, Clock.opening(NOON)).keep())
    names = rows(database, "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1")
    assert [name for (name,) in names] == [
        "fix_20260721", "fix_20260722", "fix_20260723", "fix_20260724", "fix_old"
    ]  # fmt: skip
