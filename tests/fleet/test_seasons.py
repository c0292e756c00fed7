"""A district's own rules, temperatures and overrides, in a real database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import seasons
from fleet.errors import InvalidInput
from fleet.season import DEFAULT_RULES, Rule, Temperature
from fleet.seasons import Noted
from tests.fleet.test_journal import a_district

NOW = datetime(2026, 5, 2, 1, tzinfo=UTC)
DAY = date(2026, 5, 2)
HOT = Rule("summer", "max_over", limit_c=30.0)


def note(conn: sa.Connection, district_id: int, temperature: Temperature, day: date = DAY) -> None:
    seasons.note(conn, district_id, [Noted(day, temperature)], by="account:1", at=NOW)


def test_what_was_measured_goes_before_what_was_foretold(conn: sa.Connection) -> None:
    district_id = a_district(conn)
    seasons.set_rules(conn, district_id, [HOT, *DEFAULT_RULES])
    assert seasons.season_of(conn, district_id, DAY).season == "none"
    note(conn, district_id, Temperature("forecast", 31, None))
    assert seasons.season_of(conn, district_id, DAY).season == "summer"
    note(conn, district_id, Temperature("measured", 28.5, 17))
    found = seasons.season_of(conn, district_id, DAY)
    assert (found.season, found.temperature) == ("none", Temperature("measured", 28.5, 17))
    note(conn, district_id, Temperature("forecast", 33, None))
    assert seasons.season_of(conn, district_id, DAY).season == "none"


def test_rules_keep_their_order_and_none_brings_the_usual_back(conn: sa.Connection) -> None:
    district_id = a_district(conn)
    wanted = (HOT, Rule("none", "dates", "05-01", "05-03"), Rule("summer", "terms", "谷雨", "小满"))
    seasons.set_rules(conn, district_id, wanted)
    assert seasons.rules(conn, district_id) == wanted
    seasons.set_rules(conn, district_id, [])
    assert seasons.rules(conn, district_id) == DEFAULT_RULES
    with pytest.raises(InvalidInput, match="'夏天' is no solar term"):
        seasons.set_rules(conn, district_id, [Rule("summer", "terms", "夏天", "处暑")])
    with pytest.raises(InvalidInput, match="21 rules are too many"):
        seasons.set_rules(conn, district_id, [HOT] * 21)


def test_a_planner_s_word_wins_for_its_days_and_is_taken_back_day_by_day(conn: sa.Connection) -> None:
    district_id = a_district(conn)
    note(conn, district_id, Temperature("measured", 36, 20))

    def told(*days: int) -> list[str]:
        return [seasons.season_of(conn, district_id, date(2026, 5, n)).season for n in days]

    seasons.set_override(conn, district_id, date(2026, 5, 1), date(2026, 5, 4), "winter")
    seasons.set_override(conn, district_id, date(2026, 5, 2), date(2026, 5, 2), "summer")
    seasons.set_override(conn, district_id, date(2026, 5, 4), date(2026, 5, 9), None)
    assert told(1, 2, 3, 4) == ["winter", "summer", "winter", "none"]
    with pytest.raises(InvalidInput, match="is after the last day"):
        seasons.set_override(conn, district_id, date(2026, 5, 2), date(2026, 5, 1), "summer")


def test_temperatures_come_by_file_and_a_bad_row_stops_all(conn: sa.Connection, tmp_path: Path) -> None:
    district_id = a_district(conn)
    file = tmp_path / "t.csv"
    file.write_text("日期,最高气温,最低气温,性质\n2026年5月2日,36.5℃,20,实测\n2026/5/3,,,\n2026-5-4,90,,\n")
    report = seasons.import_temperatures(conn, district_id, file, by="command", at=NOW)
    assert [each.line for each in report.refused] == [3, 4]
    assert seasons.temperatures(conn, district_id, DAY, DAY) == {}
    file.write_text("day,max_c,min_c,kind\n2026-05-02,36.5,20,measured\n2026-05-03,,12,\n2026-05-03,9,,\n")
    assert "2026-05-03 forecast" in str(seasons.import_temperatures(conn, district_id, file, by="x", at=NOW))
    file.write_text("day,max_c,min_c,kind\n2026-05-02,36.5,20,measured\n2026-05-03,,12,\n")
    assert seasons.import_temperatures(conn, district_id, file, by="x", at=NOW).taken == 2
    assert seasons.temperatures(conn, district_id, DAY, date(2026, 5, 3)) == {
        DAY: Temperature("measured", 36.5, 20),
        date(2026, 5, 3): Temperature("forecast", None, 12),
    }
