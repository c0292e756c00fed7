from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from routing import plan_xlsx
from routing.plan_xlsx import HEADERS
from tests.routing.test_sheaf import sheaf


def test_a_clerk_opens_a_summary_and_a_sheet_a_van() -> None:
    what = sheaf()
    book = openpyxl.load_workbook(io.BytesIO(b"".join(plan_xlsx.write(what))))
    assert book.sheetnames == ["汇总", "三号车", "四 号车", "未能安排"]
    rows = list(book["三号车"].iter_rows(min_row=4, max_col=len(HEADERS), values_only=True))
    lines = list(what.lines(3))
    assert len(rows) == len(lines)
    for row, line in zip(rows, lines, strict=True):
        assert row[:2] == (line.seq, line.what)
        assert [cell.replace(microsecond=0) for cell in row[2:5]] == [
            each.replace(tzinfo=None) for each in (line.arrives, line.begins, line.leaves)
        ]
        assert (row[6] or "", row[7] or "") == (line.place, line.who)
    assert rows[1][5] == "09:00–11:00" and rows[1][9] == "无糖; 爬楼机"
    assert rows[2][6] == "=1+1 <广场>", "text, no formula"
    assert book["三号车"].cell(6, 7).data_type == "s"
    told = {row[0]: row[1] for row in book["汇总"].iter_rows(min_row=7, max_col=2, values_only=True)}
    assert (told["必访未安排"], told["巡逻缺时（分钟）"], told["未能安排"]) == (1, 4, 1)
    assert book["汇总"].cell(5, 5).value == 350
    assert "14 分钟" in book["未能安排"].cell(2, 4).value


def test_sheets_of_vans_with_one_name_are_told_apart() -> None:
    what = sheaf()
    same = {n: replace(van, name="一号车" * 15) for n, van in what.vans.items()}
    book = openpyxl.load_workbook(io.BytesIO(b"".join(plan_xlsx.write(replace(what, vans=same)))))
    assert len(set(book.sheetnames)) == 4
    assert all(len(name) <= 31 for name in book.sheetnames)


def test_breaking_off_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    parts = plan_xlsx.write(sheaf())
    assert next(parts).startswith(b"PK")
    assert list(tmp_path.iterdir())
    parts.close()  # type: ignore[attr-defined]
    assert not list(tmp_path.iterdir())
