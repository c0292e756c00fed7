"""A track as CSV, read as Excel reads it."""

from __future__ import annotations

import csv
import io

from fleet.csv_cells import no_formula
from replay import export_csv
from tests.replay.taking import leaf, order


def rows(text: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")))


def test_the_file_is_utf8_with_a_mark_and_has_a_line_a_fix() -> None:
    text = b"".join(export_csv.write(order(), iter([leaf()])))
    assert text.startswith(b"\xef\xbb\xbf") and text.endswith(b"\r\n")
    head, *lines = rows(text)
    assert head[:5] == ["时间", "毫秒时间戳", "终端", "经度", "纬度"] and len(head) == 16
    assert len(lines) == 7
    first = lines[0]
    assert first[0] == "2026-07-22 08:30:00" and first[1].endswith("125")
    assert first[3:10] == ["115.9800000", "36.4500000", "31.25", "5.5", "", "8", "0.9"]
    assert first[12:15] == ["0", "", "1"]
    assert lines[1][6] == "", "an unknown speed is no zero"
    assert lines[2][6] == "0"
    assert lines[3][12:15] == ["2", "inaccurate", "0"]
    assert lines[4][12:15] == ["16", "jump", "1"]


def test_the_head_is_in_the_askers_language() -> None:
    head = rows(b"".join(export_csv.write(order("en"), iter([]))))[0]
    assert tuple(head) == export_csv.HEADERS


def test_no_cell_is_a_formula() -> None:
    text = b"".join(export_csv.write(order(), iter([leaf()])))
    assert rows(text)[1][2] == "'=1+2 & co"
    assert [no_formula(each) for each in ("t-1", "@x", "-2")] == ["t-1", "'@x", "'-2"]
