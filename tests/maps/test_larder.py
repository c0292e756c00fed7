"""Tiles kept in memory and on disk: found again, too old, too many."""

from __future__ import annotations

import os
import time
from pathlib import Path

from maps.larder import Key, Larder

A: Key = ("1-a", 0, 3, 1, 2)
B: Key = ("1-b", 0, 3, 1, 2)


def test_what_was_put_is_found_by_another_process_too(tmp_path: Path) -> None:
    Larder(tmp_path, 1 << 20).put(A, b"one")
    other = Larder(tmp_path, 1 << 20)
    assert other.at_hand(A, 0) is None
    found = other.get(A, time.time() - 60)
    assert found is not None and found.body == b"one"
    assert other.at_hand(A, 0) == found
    assert other.get(B, 0) is None


def test_what_is_too_old_is_not_given_and_deleted(tmp_path: Path) -> None:
    larder = Larder(tmp_path, 1 << 20)
    larder.put(A, b"one")
    assert larder.at_hand(A, time.time() + 1) is None
    assert larder.get(A, time.time() + 1) is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_memory_is_bounded_and_the_unused_go(tmp_path: Path) -> None:
    larder = Larder(tmp_path, 1 << 20, memory_bytes=3000)
    for n in range(5):
        larder.put(("1-a", 0, 3, n, 0), bytes(1000))
    assert [larder.at_hand(("1-a", 0, 3, n, 0), 0) is not None for n in range(5)] == [False] * 3 + [True] * 2


def test_the_disk_is_bounded_and_the_oldest_go(tmp_path: Path) -> None:
    larder = Larder(tmp_path, 16_000, memory_bytes=0)
    for n in range(40):
        larder.put(("1-a", 0, 6, n, 0), bytes(1000))
        os.utime(tmp_path / f"1-a/6/{n}-0-0", (1000 + n, 1000 + n))
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert 13 <= len(left) <= 17
    assert "39-0-0" in left and "0-0-0" not in left


def test_a_disk_that_takes_nothing_breaks_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    larder = Larder(tmp_path / "file", 1 << 20)
    assert larder.put(A, b"one").body == b"one"
    assert larder.get(A, 0) is not None
