"""A track as Parquet, read again by Arrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from replay import export_parquet
from tests.replay.taking import leaf, order, two_days


def read(path: Path) -> Any:
    return parquet.ParquetFile(path)


def test_columns_keep_their_values_and_unknown_is_null(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(b"".join(export_parquet.write(order(), iter([leaf()]))))
    rows = read(path).read().to_pylist()
    assert len(rows) == 7
    assert rows[0]["time"].isoformat() == "2026-07-22T00:30:00.125000+00:00"
    assert (rows[0]["lon"], rows[0]["lat"], rows[0]["altitude_m"]) == (115.98, 36.45, 31.25)
    assert rows[0]["terminal"] == "=1+2 & co" and rows[3]["terminal"] == "t-2"
    assert rows[1]["speed_mps"] is None and rows[2]["speed_mps"] == 0
    assert rows[0]["satellites"] == 11 and rows[1]["satellites"] is None
    assert [row["flags"] for row in rows] == [0, 0, 0, 2, 16, 0, 0]
    assert [row["chosen"] for row in rows] == [True, True, True, False, True, True, True]


def test_units_and_flags_are_told_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(b"".join(export_parquet.write(order(), iter([]))))
    schema = read(path).schema_arrow
    assert read(path).metadata.num_rows == 0
    assert schema.field("speed_mps").metadata[b"unit"] == b"m/s"
    assert b"16=jump" in schema.field("flags").metadata[b"unit"]
    assert schema.metadata[b"timezone"] == b"Asia/Shanghai"


def test_each_day_leaves_as_soon_as_it_is_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(export_parquet, "GROUP", 5)
    pieces = list(export_parquet.write(order(days=2), two_days()))
    assert len(pieces) == 5 and all(pieces), "two groups a day, and the footer"
    path = tmp_path / "t.parquet"
    path.write_bytes(b"".join(pieces))
    groups = read(path).metadata
    assert [groups.row_group(n).num_rows for n in range(groups.num_row_groups)] == [5, 2, 5, 2]
