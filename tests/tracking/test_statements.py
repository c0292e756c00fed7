"""Every named statement is one that PostgreSQL understands."""

from __future__ import annotations

import psycopg

from tracking.statements import SQL, TEXTS

_GIVEN = {
    "district_id": 1, "state": 0, "most": 5, "van_id": 1, "starts": None, "ends": None, "token_hash": b"",
    "channel": "probe", "payload": "", "every": True, "ids": [1], "van_ids": [1],
    "instant": None, "since": None, "polygon": "POINT(1 1)", "name": "fix",
}  # fmt: skip
_READS = (
    "partitions", "authenticate", "still_known", "van_states", "district_states", "journal_after",
    "latest_of_district", "track", "vans_with_fixes", "counts", "done_stops", "notify",
    "within", "part_indexes", "database_born", "received_since", "received_before", "is_unknown",
    "rows_about", "inventory", "newest_receipt",
)  # fmt: skip


def test_the_reading_statements_run(database: str) -> None:
    with psycopg.connect(database) as conn:
        for name in _READS:
            conn.execute(SQL[name], _GIVEN)
    assert SQL.keys() == TEXTS.keys()
