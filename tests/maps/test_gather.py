"""What the platform screen shows, gathered from a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import journal, tables
from fleet.clock import Clock
from fleet.context import Context
from maps.gather import Gatherer
from tests.maps import staging
from tests.maps.staging import NOW, Stage
from tests.replay.serving import context_on


@pytest.fixture
def staged(database: str, tmp_path: Path) -> Iterator[tuple[Context, Stage]]:
    with context_on(database, Clock.opening(NOW), tmp_path) as context:
        with context.engine.begin() as conn:
            stage = staging.stage(conn)
        yield context, stage


def put_fixes(conn: sa.Connection, van_id: int, first: int, count: int) -> None:
    """A fix a minute inside the van's beat, some way farther each, received as it was made."""
    lon, lat = staging.CENTRE[0] - 0.03 + 0.002, staging.CENTRE[1] - 0.01 + 0.002
    for n in range(first, first + count):
        t = NOW - timedelta(minutes=60 - n)
        conn.execute(
            tables.fix.insert().values(
                van_id=van_id,
                t=t,
                terminal_id=1,
                digest=n,
                geom=staging.point(lon + 0.0015 * (n % 6), lat),
                flags=0,
                received_at=t,
            )
        )


def test_fixes_that_arrive_later_are_added_to_the_proof(staged: tuple[Context, Stage]) -> None:
    context, stage = staged
    gatherer = Gatherer()
    with context.engine.begin() as conn:
        staging.make_partition(conn, NOW)
        put_fixes(conn, stage.van_ids[0], 0, 11)
    day, first = gatherer.gather(context, stage.district_id)
    assert first.proof.proved_s[stage.van_ids[0]] == 600
    with context.engine.begin() as conn:
        put_fixes(conn, stage.van_ids[0], 11, 5)
        journal.raise_state(conn, stage.district_id, NOW, "tap", {})
    later, second = gatherer.gather(context, stage.district_id)
    assert later.state == day.state + 1
    assert second.proof.proved_s[stage.van_ids[0]] == 900
    assert max(seen.share for seen in second.proof.seen.values()) > 0


def test_between_two_looks_the_board_is_kept_until_the_state_is_raised(staged: tuple[Context, Stage]) -> None:
    context, stage = staged
    gatherer = Gatherer()
    first, _ = gatherer.gather(context, stage.district_id)
    assert gatherer.gather(context, stage.district_id)[0] is first
    with context.engine.begin() as conn:
        journal.raise_state(conn, stage.district_id, NOW, "tap", {})
    assert gatherer.gather(context, stage.district_id)[0] is not first


def test_the_board_has_a_circle_and_times_to_the_next_stop(staged: tuple[Context, Stage]) -> None:
    context, stage = staged
    _, gathered = Gatherer().gather(context, stage.district_id)
    assert gathered.circle is not None
    assert gathered.circle.basis == "great-circle"
    assert gathered.season.season == "summer"
    assert Gatherer().board(context, stage.district_id, "zh")["state"] == 1
