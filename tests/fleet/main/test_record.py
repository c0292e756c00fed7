import uuid
from pathlib import Path

from fleet.main.record import Record, distinct, read
from tracking.event import Event
from tracking.fix import Fix

FIXES = [Fix(t=1_000_000 + n, lon=116.0, lat=36.0 + n / 1000) for n in range(5)]
TAP = Event(uuid.UUID(int=7), 1_000_009, "done", stop=1)


def test_what_is_sent_twice_counts_once(tmp_path: Path) -> None:
    first = Record(tmp_path / "a.sent")
    first.add([*FIXES, TAP])
    first.add([FIXES[0], TAP])
    Record(tmp_path / "b.sent").add(FIXES[:2])
    assert distinct(tmp_path) == (7, 1)
    assert Record(tmp_path / "a.sent").last_t == FIXES[-1].t


def test_an_entry_cut_short_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.sent"
    Record(path).add([*FIXES, TAP])
    path.write_bytes(path.read_bytes()[:-3])
    fixes, events = read(path)
    assert (len(fixes), len(events)) == (5, 0)


def test_nothing_sent_yet(tmp_path: Path) -> None:
    assert Record(tmp_path / "demo/a.sent").last_t == 0
    assert distinct(tmp_path / "demo") == (0, 0)
