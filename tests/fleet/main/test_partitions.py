"""`./carevan partitions`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from fleet.main import partitions
from tests.tracking.housekeeping import days_ago, late, writing
from tests.tracking.platform import context_on


def _shown(database: str, home: Path, *, as_json: bool = False) -> None:
    async def scene() -> None:
        async with writing(database) as writer:
            await writer.store([late(400)], days_ago(1))
            await writer.store([late(5)], days_ago(5))
            await writer.store([late(0)])

    asyncio.run(scene())
    context = context_on(database, home)
    partitions.show(context, as_json=as_json)
    context.engine.dispose()


def test_days_are_shown_with_a_sum(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    _shown(database, tmp_path)
    head, rule, old, closing, live, _, total, kept, clock = capsys.readouterr().out.splitlines()
    assert head.split(maxsplit=2)[:2] == ["Day", "(UTC)"] and set(rule) == {"-"}
    assert old.startswith("before 2026-04-23  old ") and old.endswith("row by row")
    assert closing.split()[:2] == ["2026-07-17", "closing"]
    assert closing.split()[-3:] == ["2026-07-17", "12:00", "2026-10-16"]
    assert live.split()[:2] == ["2026-07-22", "live"]
    assert total.split()[0] == "All"
    assert "90 days" in kept
    # The test's clock stands at a noon that is not now.
    assert "2026-07-22 12:0" in clock


def test_it_speaks_chinese_in_columns(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    _shown(database, tmp_path)
    lines = capsys.readouterr().out.splitlines()
    assert "待归档" in lines[3] and "使用中" in lines[4] and lines[6].startswith("合计")
    ends = {line.encode("gb18030").rstrip()[-10:] for line in lines[3:5]}
    widths = {len(line.encode("gb18030")) for line in lines[3:5]}
    assert len(widths) == 1 and all(end.startswith(b"2026-10-") for end in ends)


def test_json_holds_bytes(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _shown(database, tmp_path, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["retention_days"] == 90
    old, closing, live = told["days"]
    assert (old["day"], old["drops_on"], old["state"]) == (None, None, "old")
    assert (closing["day"], closing["state"], closing["drops_on"]) == ("2026-07-17", "closing", "2026-10-16")
    assert live["table_bytes"] > 0 < live["index_bytes"]


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (8192, "8.2 kB"), (126_000_000, "126 MB"), (3_210_000_000, "3.2 GB")],
)
def test_sizes_are_for_people(count: int, text: str) -> None:
    assert partitions.size(count) == text
