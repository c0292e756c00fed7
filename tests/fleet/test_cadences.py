"""Rules and exceptions from a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import sqlalchemy as sa

from fleet import cadences, registry
from fleet.importing import Report
from tests.fleet.test_visits import elder

__all__ = ["elder"]


def take(conn: sa.Connection, district_id: int, folder: Path, text: str) -> Report:
    file = folder / "cadences.csv"
    file.write_text(text, encoding="utf-8")
    return cadences.import_cadences(conn, district_id, file, by="command")


def test_a_rule_and_exceptions_stand_side_by_side(
    conn: sa.Connection, elder: tuple[int, int], tmp_path: Path
) -> None:
    district_id, _ = elder
    text = (
        "编号,方式,间隔天数,最短间隔天数,最长间隔天数,时长分钟,技能,必访,个人例外,例外起,例外止,可由\n"
        "r1,上门,7,,,,,,,,,\n"
        "r1,上门,2,1,3,30,care nursing,是,是,,,\n"
        "r1,上门,1,1,1,,,,,2026-07-01,2026-07-09,\n"
        "r1,巡访,1,,,,,,,,,巡访 上门 电话 网格员\n"
    )
    report = take(conn, district_id, tmp_path, text)
    assert report.taken == 4, str(report)
    rule, own, brief, check = registry.cadences(conn, district_id)
    assert (rule.own, rule.min_days, rule.max_days, rule.service_s) == (False, 5, 9, 1200)
    assert (own.own, own.mandatory, own.skills, own.service_s) == (True, True, ("care", "nursing"), 1800)
    # Days make it an exception, whether it says so or not.
    assert (brief.own, brief.day_from, brief.day_to) == (True, date(2026, 7, 1), date(2026, 7, 9))
    assert check.closed_by == ("check", "visit", "call", "grid")
    again = take(conn, district_id, tmp_path, "code,channel,target_days\nr1,visit,10\n")
    assert [row.known for row in again.rows] == [True]
    assert [each.target_days for each in registry.cadences(conn, district_id)] == [10, 2, 1, 1]


def test_gaps_out_of_order_and_strangers_are_named(
    conn: sa.Connection, elder: tuple[int, int], tmp_path: Path
) -> None:
    district_id, _ = elder
    text = (
        "code,channel,target_days,min_days,max_days,day_from,day_to\n"
        "r1,visit,7,8,9,,\nr1,call,2,1,1.5,,\nr1,check,1,,,2026-07-09,2026-07-01\nr9,visit,7,,,,\n"
    )
    report = take(conn, district_id, tmp_path, text)
    assert [each.line for each in report.refused] == [2, 3, 4, 5]
    said = str(report)
    for part in ("8, 7 and 9 are not in order", "begins on 2026-07-09", "no elder with the code 'r9'"):
        assert part in said
    assert registry.cadences(conn, district_id) == ()
