"""The rows of the visits' page, without a browser."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from fleet import registry, tables
from fleet.recording import Clerk, Entry, record
from fleet.words import Locale
from maps import visit_rows
from routing.cadence import STATES
from tests.maps import staging
from tests.maps.staging import NOW


def _rows(conn: sa.Connection, district: registry.District, now: datetime, locale: Locale) -> Any:
    return visit_rows.district_rows(conn, district, now, locale)


def test_rows_are_masked_ranked_and_shrink_as_calls_are_made(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    district = registry.district(conn, stage.district_id)
    first = registry.recipients(conn, stage.district_id)[0]
    cadence = {"target_days": 1, "min_days": 0.5, "max_days": 1.5, "service_s": 300}
    staging.put(conn, tables.cadence, recipient_id=first.id, channel="check", **cadence)
    before = _rows(conn, district, NOW, "zh")
    assert before["due_total"] == len(before["due"])
    assert {row["name"] for row in before["due"]} == {"刘*珍"}
    ranks = [(STATES.index(row["state"]), -row["ratio"]) for row in before["due"]]
    assert ranks == sorted(ranks)
    (check,) = [row for row in before["due"] if row["channel"] == "check"]
    assert check["by"] == ["grid"]
    entry = Entry(first.id, "grid", NOW - timedelta(hours=1), "served", 600)
    record(conn, district.id, entry, Clerk("li", "account:1", NOW))
    after = _rows(conn, district, NOW, "zh")
    assert [row for row in after["due"] if row["channel"] == "check"] == []
    (recorded,) = after["recorded"]
    assert (recorded["by"], recorded["minutes"], recorded["undone"]) == ("li", 10, None)


def test_everybody_may_be_written_down_for(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    rows = visit_rows.people_rows(conn, stage.district_id, "en")
    assert rows[0] == {"code": "R0", "name": "刘*珍", "home": "Estate 1"}
