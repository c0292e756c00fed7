"""The table for settlement: both languages, masked, and safe in a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from fleet.registry import Van
from fleet.words import Locale, catalogue
from replay.evidence_csv import PARTS, WORDS, table
from tests.replay.day import at

VAN = Van(1, "V1", "=1号车", "Van 1", "", "#2fb7c9", (), 0, 0, None)
ROW: dict[str, Any] = {
    "van_id": 1, "seq": 3, "kind": "visit", "who": "刘淑珍", "who_code": "E1", "place": None,
    "place_en": None, "begins": at(20), "leaves": at(35), "arrived": at(21), "departed": at(36),
    "tapped": None, "verdict": "served",
    "dwell_s": 900, "distance_m": 12.0, "late_s": 60, "in_order": True, "grade": "A", "score": 92,
    "parts": [{"part": "dwell", "points": 30, "of": 30, "value": 900}], "visits": 1, "verified": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("locale", "told"),
    [
        ("zh", {"车辆": "'=1号车", "判定": "已服务", "停靠类型": "上门探访", "点按时间": ""}),
        ("en", {"Van": "Van 1", "Verdict": "Served", "Came at": "2026-07-22 08:51:00"}),
    ],
)  # fmt: skip
def test_a_line_says_what_came_of_a_stop(locale: Locale, told: dict[str, str]) -> None:
    text = table([ROW], {1: VAN}, "Asia/Shanghai", locale)
    assert text.startswith("\ufeff") and "刘*珍" in text and "刘淑珍" not in text
    header, line = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert told.items() <= dict(zip(header, line, strict=True)).items()


def test_a_stop_without_a_stay_leaves_its_cells_empty() -> None:
    empty = {**ROW, "who": None, "who_code": None, "place": "社区", "arrived": None, "departed": None,
             "distance_m": None, "in_order": None, "grade": None, "score": None, "parts": []}  # fmt: skip
    _, line = csv.reader(io.StringIO(table([empty], {1: VAN}, "Asia/Shanghai", "en")))
    assert line[3] == "社区" and "None" not in line


def test_every_word_has_its_chinese() -> None:
    assert [word for word in WORDS.values() if word not in catalogue()] == []
    assert set(PARTS) <= WORDS.keys()
