"""What charts are made of, read from a staged day; counted here once more by other statements."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from fleet import registry
from fleet.errors import InvalidInput
from maps import charts_store
from maps.charts import DAYS, Known
from tests.maps.charted import charted
from tests.maps.product import Product
from tests.maps.staging import DAY, NOW

__all__ = ["charted"]


def read(here: Product, day: date = DAY) -> Known:
    with here.context.engine.connect() as conn:
        return charts_store.read(conn, registry.district(conn, here.stage.district_id), day, NOW)


def test_a_day_is_read_whole(charted: Product) -> None:
    known = read(charted)
    assert len(known.vans) == 2 and set(known.ledgers) == set(charted.stage.van_ids)
    assert [call.arrived_at is None for call in known.calls] == [True, False]
    assert sum(len(each.passes) for each in known.coverage) == 8
    assert {tap.kind for tap in known.taps} >= {"done", "reload"}


def test_visits_are_counted_day_by_day(charted: Product) -> None:
    counted = {each.day: each for each in read(charted).visits}
    assert len(counted) == DAYS and max(counted) == DAY
    # Elder n was visited 3n + 1 days ago and may wait nine days: from the fourth on they are overdue.
    assert (counted[DAY].overdue, counted[DAY].due, counted[DAY].done) == (5, 6, 0)
    with charted.context.engine.connect() as conn:
        made = conn.execute(
            sa.text("SELECT count(*) FROM visit WHERE began >= :a AND began < :b"),
            {"a": datetime(2026, 7, 10, 16, tzinfo=UTC), "b": NOW},
        ).scalar_one()
    assert sum(each.done for each in counted.values()) == made > 0


def test_days_to_come_are_left_out_and_a_bare_day_is_bare(charted: Product) -> None:
    ahead = read(charted, DAY + timedelta(days=3))
    assert max(each.day for each in ahead.visits) == DAY
    assert (ahead.calls, ahead.taps, dict(ahead.ledgers)) == ((), (), {})
    with pytest.raises(InvalidInput, match="cannot be shown"):
        read(charted, date.min)
