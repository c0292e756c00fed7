"""A plan as the planner reads it."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.errors import NotFound
from maps import sheet
from tests.maps import staging
from tests.maps.staging import DAY, NOW


def test_a_sheet_has_vans_stops_levels_and_reasons_and_no_full_name(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    told = sheet.sheet_json(sheet.read_sheet(conn, stage.district_id, stage.plan_id), "en")
    text = json.dumps(told, ensure_ascii=False)
    assert "刘淑珍" not in text
    read = json.loads(text)
    assert [van["name"] for van in read["vans"]] == ["Van 1", "Van 2"]
    assert len(read["vans"][0]["stops"]) == 4
    assert {each["key"]: each["before"] for each in read["levels"]} == {
        "mandatory_missed": None,
        "drive_s": None,
    }
    assert read["unserved"][0]["said"] == ["+14 min of shift on Van 1 would do"]
    assert len(read["map"]["features"]) == 2 + 8
    conn.execute(sa.update(tables.plan_unserved).values(reasons=[]))
    told = sheet.sheet_json(sheet.read_sheet(conn, stage.district_id, stage.plan_id), "zh")
    assert json.loads(json.dumps(told))["unserved"][0]["said"] == ["未记录原因"]


def test_a_draft_is_told_beside_the_published_plan(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    draft = staging.put(
        conn, tables.plan, district_id=stage.district_id, day=DAY, status="draft", basis="road", seed=2,
        levels={"mandatory_missed": 2}, violations=0, created_at=NOW, created_by="account:1",
    )  # fmt: skip
    assert [each.status for each in sheet.versions(conn, stage.district_id, DAY)] == ["draft", "published"]
    told = sheet.sheet_json(sheet.read_sheet(conn, stage.district_id, draft), "zh")
    assert told["levels"] == [{"key": "mandatory_missed", "value": 2, "before": 0}]
    assert sheet.running_job(conn, stage.district_id, DAY) is None


def test_another_district_s_plan_is_not_there(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    with pytest.raises(NotFound, match="Choose one from the list"):
        sheet.read_sheet(conn, stage.district_id + 1, stage.plan_id)
