"""Opening recorded files: what they are is told by their content, not by their name."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from fleet.errors import FleetError, InvalidInput, NotFound
from replay.entry import Reading, Recorded
from replay.recording import read, vehicle_name

CSV = b"time,lon,lat\n2026-07-22 08:00:00,115.98,36.45\n"


def test_gzip_is_unpacked_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "car7.csv"
    path.write_bytes(gzip.compress(CSV))
    (entry,) = read(path, Reading())
    assert isinstance(entry, Recorded)
    assert (entry.vehicle, entry.fix.lon) == ("car7", 115.98)


def test_a_file_is_named_without_its_endings() -> None:
    assert vehicle_name(Path("a/taxi.day.csv.gz")) == "taxi.day"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04\0\0", "is no text"),
        (gzip.compress(b"a\0b" * 20, mtime=0), "is no text"),
        (gzip.compress(CSV, mtime=0)[:-12], "damaged|unpacked"),
        (b"\x1f\x8bnonsense", "unpacked"),
    ],
)
def test_what_is_no_recording_gets_a_sentence(tmp_path: Path, body: bytes, why: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(body)
    with pytest.raises(InvalidInput, match=why):
        list(read(path, Reading()))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"none\.csv"):
        list(read(tmp_path / "none.csv", Reading()))


def test_errors_are_ours() -> None:
    assert issubclass(InvalidInput, FleetError)
