"""The roads of a published day are asked for before anybody needs them, and once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.driving import Matrix
from fleet.geo import LonLat
from fleet.main import running_day
from fleet.main.roads_ahead import RoadsAhead
from fleet.roads import Roads
from tests.fleet.main.running_town import NOON, Town, at_noon


class Counted(Roads):
    """Counts the places of each table."""

    def __init__(self) -> None:
        super().__init__("")
        self.asked: list[int] = []

    def table(self, points: Sequence[LonLat]) -> Matrix:
        self.asked.append(len(points))
        return super().table(points)


@pytest.fixture
def town(database: str, tmp_path: Path) -> Iterator[Town]:
    with at_noon(database, tmp_path) as made:
        yield made


def test_a_published_day_is_read_once(town: Town) -> None:
    roads = Counted()
    context = replace(town.context, roads=roads)
    ahead = RoadsAhead(context)
    assert ahead.look() == 1
    assert ahead.look() == 0
    first = list(roads.asked)
    with context.engine.connect() as conn:
        found = running_day.look(conn, context, town.district_id, NOON)
    assert found is not None
    assert first == roads.asked[len(first) :], "whoever looks at the day asks what was asked ahead"
    roads.close()


def test_a_day_without_a_published_plan_is_not_read(town: Town) -> None:
    with town.context.engine.begin() as conn:
        conn.execute(sa.update(tables.plan).values(status="draft"))
    roads = Counted()
    assert RoadsAhead(replace(town.context, roads=roads)).look() == 0
    assert roads.asked == []
    roads.close()
