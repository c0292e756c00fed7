from __future__ import annotations

import csv
import io

from routing import plan_csv
from routing.plan_csv import HEADERS
from tests.routing.test_sheaf import sheaf


def test_excel_reads_a_row_a_stop_and_no_formula() -> None:
    what = sheaf()
    text = b"".join(plan_csv.write(what)).decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert head[0] == "车辆" and len(head) == len(HEADERS)
    assert all(len(row) == len(head) for row in rows)
    told = [dict(zip(HEADERS, row, strict=True)) for row in rows]
    assert [row["Begins"] for row in told[:-1]] == [
        f"{line.begins:%Y-%m-%d %H:%M:%S}" for line in what.lines()
    ]
    assert [int(row["No."]) for row in told[:-1]] == [s.seq for s in what.stops]
    assert (told[1]["Whom"], told[1]["Window from"], told[1]["Flags"]) == ("刘*珍", "09:00", "无糖; 爬楼机")
    assert (told[2]["Place"], told[2]["Portions"]) == ("'=1+1 <广场>", "绿豆汤 30; 西瓜 12; old 1")
    assert (told[-1]["Kind"], told[-1]["Place"]) == ("未能安排（必访）", "牡丹苑")
    assert "14 分钟" in told[-1]["Notes"]
