"""Tracks in GPX: imported, or refused with a sentence; never a crash."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from fleet.errors import InvalidInput
from replay.entry import Entry, Reading, Recorded, Unreadable
from replay.recording import read

COLLECTION = Path(__file__).parents[2].parent / "shared/data/gps/gpx_collection.tgz"
POINT = '<trkpt lat="36.4" lon="115.9"><ele>31</ele>{time}</trkpt>'
TIME = "<time>2026-07-22T00:00:00Z</time>"


def gpx(*points: str) -> str:
    """A GPX file of one track."""
    inner = "".join(points)
    return f'<gpx version="1.1" creator="t"><trk><trkseg>{inner}</trkseg></trk></gpx>'


def points(tmp_path: Path, body: str, name: str = "walk.gpx") -> list[Entry]:
    """What is read of a file."""
    path = tmp_path / name
    path.write_text(body, encoding="utf-8")
    return list(read(path, Reading()))


@pytest.mark.parametrize("head", ["", "\ufeff", '<?xml version="1.0"?>\n', "\n"])
def test_points_are_read(tmp_path: Path, head: str) -> None:
    timed, bare = points(tmp_path, head + gpx(POINT.format(time=TIME), POINT.format(time="")))
    assert isinstance(timed, Recorded)
    assert (timed.vehicle, timed.fix.t, timed.fix.altitude_m) == ("walk", 1784678400000, 31)
    assert bare == Unreadable(2, "it has no time")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (gpx(), "no track point"),
        (gpx(POINT.format(time="")), "has a time"),
        ("<gpx><trk>", "cannot be read"),
        ("<html></html>", "cannot be read|no track point"),
        (
            '<gpx version="1.1"><trk><trkseg><trkpt lat="north" lon="1"/></trkseg></trk></gpx>',
            "cannot be read",
        ),
    ],
)
def test_what_cannot_be_replayed_gets_a_sentence(tmp_path: Path, body: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        points(tmp_path, body)


@pytest.mark.skipif(not COLLECTION.exists(), reason="the shared GPX collection is not here")
def test_real_files_are_imported_or_refused(tmp_path: Path) -> None:
    counts: dict[str, int] = {}
    with tarfile.open(COLLECTION) as archive:
        for member in archive.getmembers():
            content = archive.extractfile(member)
            if content is None:
                continue
            path = tmp_path / Path(member.name).name
            path.write_bytes(content.read())
            try:
                counts[path.name] = sum(isinstance(each, Recorded) for each in read(path, Reading()))
            except InvalidInput:
                counts[path.name] = 0
    assert len(counts) == 49
    assert counts["gpxparse_route-1.1.gpx"] == 7745
    assert sum(count > 0 for count in counts.values()) == 28
