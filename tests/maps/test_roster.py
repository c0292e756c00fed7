"""What the list of terminals says is what the database holds, of one's own district only."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from fleet import tables, terminals
from maps import roster
from tests.maps import staging
from tests.maps.staging import DAY, NOW, Stage
from tracking.reason import REASONS


def heard(conn: sa.Connection, terminal_id: int, ago_s: float, **more: object) -> None:
    """Something was heard of a terminal."""
    values = {"heard_at": NOW - timedelta(seconds=ago_s), "protocol": "carevan.v1", **more}
    conn.execute(tables.terminal_heard.insert().values(terminal_id=terminal_id, **values))


def refuse(conn: sa.Connection, terminal_id: int, van_id: int, *, ago_s: float, why: str, raw: bytes) -> None:
    """Something of a terminal is in quarantine."""
    conn.execute(
        tables.quarantine.insert().values(
            terminal_id=terminal_id, van_id=van_id, received_at=NOW - timedelta(seconds=ago_s), n=1, why=why,
            raw=raw,
        )
    )  # fmt: skip


def seed(conn: sa.Connection, stage: Stage) -> dict[str, int]:
    """Terminals in every state, by code."""
    ids = {}
    for n, van_id in enumerate(stage.van_ids, 1):
        for suffix, kind in (("screen", "screen"), ("jt", "jt808"), ("phone", "phone")):
            code = f"v{n}-{suffix}"
            ids[code] = terminals.register(conn, stage.district_id, van_id, code, kind=kind, now=NOW)
    newest = {"fix_t": NOW - timedelta(seconds=2), "lag_s": 0.4, "fixes": 18_422}
    heard(conn, ids["v1-screen"], 1, **newest, offset_s=0.02, offset_told=True)
    late = {"fix_t": NOW - timedelta(seconds=199), "lag_s": 22.0, "fixes": 9_107, "refused": 3}
    heard(conn, ids["v1-jt"], 177, **{**late, "protocol": "jt808", "offset_s": 34.5, "offset_told": False})
    heard(conn, ids["v2-screen"], 5_400, fix_t=NOW - timedelta(hours=2), lag_s=1_800.0, fixes=311,
          offset_s=-3_601.0, offset_told=True)  # fmt: skip
    heard(conn, ids["v2-phone"], 12, **{**newest, "protocol": "osmand", "fixes": 77})
    terminals.revoke(conn, ids["v1-phone"], NOW)
    seen = {"app": "carevan-screen 0.1", "at": NOW, "seq": 1}
    conn.execute(tables.terminal_seen.insert().values(terminal_id=ids["v1-screen"], plan=3, state=1, **seen))
    conn.execute(tables.terminal_seen.insert().values(terminal_id=ids["v2-screen"], plan=2, state=0, **seen))
    told = {"terminal_id": ids["v1-jt"], "van_id": stage.van_ids[0]}
    refuse(conn, **told, ago_s=300, why="lat 99.2 is not within -90 to 90", raw=b"secret of 116.0212345")
    refuse(conn, **told, ago_s=600, why="checksum is 5d where 4e was due", raw=b"7e")
    why = "time 2031-01-01 00:00:00Z is more than 24 h in the future; correct the terminal's clock"
    refuse(conn, **told, ago_s=7_200, why=why, raw=b"{}")
    refuse(conn, **told, ago_s=90_000, why="unreadable long ago", raw=b"{}")
    return ids


def test_rows_hold_what_was_heard_and_nothing_of_another_district(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    ids = seed(conn, stage)
    found = {row["code"]: row for row in roster.rows(conn, stage.district_id, NOW, "en")}
    assert found.keys() == ids.keys()
    device = found["v1-jt"]
    assert (device["protocol"], device["fixes"], device["refused"]) == ("jt808", 9107, 3)
    assert (device["offset_s"], device["offset_told"], device["lag_s"]) == (34.5, False, 22.0)
    assert "Van 1" in str(device["van"])
    assert found["v2-jt"]["heard"] is None and found["v2-jt"]["offset_s"] is None
    assert [code for code, row in found.items() if row["revoked"]] == ["v1-phone"]
    assert (found["v1-screen"]["plan"], found["v1-screen"]["state"]) == (3, 1)
    assert roster.goal(conn, stage.district_id, DAY) == roster.Goal(1, 3)
    assert roster.goal(conn, stage.district_id, DAY + timedelta(days=1)) == roster.Goal(1, None)
    other = staging.put(conn, tables.district, name="外区", centre=staging.point(116, 36))
    assert roster.rows(conn, other, NOW, "zh") == []
    assert roster.refusals(conn, other, ids["v1-jt"], NOW) == []


def test_refusals_are_the_last_day_s_newest_first_and_never_what_was_sent(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    ids = seed(conn, stage)
    found = roster.refusals(conn, stage.district_id, ids["v1-jt"], NOW)
    told = [roster.refusal_json(each, "zh") for each in found]
    assert [each["kind"] for each in told] == ["坐标超出范围", "传输中损坏", "时间不合理"]
    assert told[0]["why"] == "lat 99.2 is not within -90 to 90"
    assert "secret" not in str(told)


def test_every_kind_of_refusal_is_said_in_chinese() -> None:
    for reason in REASONS:
        assert not roster.reason_said(reason, "zh").isascii(), reason
