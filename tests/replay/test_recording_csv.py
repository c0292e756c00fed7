"""Tracks in CSV: any columns, separators, encodings and times."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import InvalidInput
from replay.entry import Entry, Reading, Recorded, Unreadable
from replay.recording import read
from replay.recording_csv import encoding_of, parse_columns, parse_time

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 7, 22)
EIGHT_MS = 1784678400000
"""08:00 of the day in Shanghai."""


def rows(tmp_path: Path, body: str | bytes, reading: Reading | None = None) -> list[Entry]:
    """What is read of a file."""
    path = tmp_path / "file.csv"
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    return list(read(path, reading or Reading(day=DAY, zone=SHANGHAI)))


def test_the_taxi_day_needs_no_map(tmp_path: Path) -> None:
    (entry,) = rows(tmp_path, "34745,08:00:00,113.806847,22.623249,1,27\n")
    assert isinstance(entry, Recorded)
    assert (entry.vehicle, entry.fix.t) == ("34745", EIGHT_MS)
    assert entry.fix.speed_mps == pytest.approx(7.5)


def test_a_header_is_understood_with_any_separator(tmp_path: Path) -> None:
    (entry,) = rows(tmp_path, "X;Y;fid;id;tracker;t\n116.4;39.9;1;1;19;2008-12-11 04:42:14+00\n")
    assert isinstance(entry, Recorded)
    assert (entry.vehicle, entry.fix.lon, entry.fix.t) == ("19", 116.4, 1228970534000)


def test_a_map_names_columns_with_and_without_a_header(tmp_path: Path) -> None:
    reading = Reading(parse_columns("nr=van,when=t,e=lon,n=lat,kn=speed_kn,note=-"), DAY, SHANGHAI)
    named = "when,nr,n,e,kn,note,more\n08:00:00,7,36.4,115.9,10,x,y\n"
    bare = "7,08:00:00,115.9,36.4,10,x\n"
    assert rows(tmp_path, named, reading) == rows(tmp_path, bare, reading)


def test_a_map_may_be_written_either_way_round() -> None:
    assert parse_columns("van=nr, t=when") == parse_columns("nr=van,when=t")
    assert parse_columns("van=id,time=time,lng=lon,v=speed") == parse_columns(
        "id=van,time=t,lon=lng,v=speed_kmh"
    )
    with pytest.raises(InvalidInput, match="nr=wheels"):
        parse_columns("nr=wheels")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_are_found_out(tmp_path: Path, encoding: str) -> None:
    body = "van,t,lon,lat\n一号车,08:00:00,115.9,36.4\n".encode(encoding)
    (entry,) = rows(tmp_path, body)
    assert isinstance(entry, Recorded)
    assert entry.vehicle == "一号车"


@given(st.text(alphabet="一二三号车,a\n", min_size=1), st.integers(0, 40))
def test_a_head_cut_within_a_character_is_still_utf8(text: str, cut: int) -> None:
    head = ("车,t\n" + text).encode()
    assert encoding_of(head[: 6 + cut]) == "utf-8-sig"


def test_unreadable_rows_are_values_with_their_line(tmp_path: Path) -> None:
    body = "van,t,lon,lat\n1,25:00:00,1,2\n1,08:00:00,east,2\n1,08:00:00\n,08:00:00,1,2\n\n1,08:00:00,1,2\n"
    found = rows(tmp_path, body)
    assert [entry.line for entry in found if isinstance(entry, Unreadable)] == [2, 3, 4, 5]
    assert isinstance(found[-1], Recorded)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("van,t,lon\n1,08:00:00,1\n", "lat"),
        ("a;b;c\n1;2;3\n", "--map"),
    ],
)
def test_missing_columns_are_named(tmp_path: Path, body: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        rows(tmp_path, body)
    with pytest.raises(InvalidInput, match="no column when"):
        rows(tmp_path, body, Reading(parse_columns("when=t,lon=lon,lat=lat,x=-")))


def test_times_without_a_date_ask_for_one(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="--date"):
        rows(tmp_path, "t,lon,lat\n08:00:00,1,2\n", Reading())


@given(st.integers(946_684_800, 4_000_000_000).map(lambda each: datetime.fromtimestamp(each, SHANGHAI)))
def test_every_way_to_write_a_time_is_the_same_time(moment: datetime) -> None:
    whole = moment.replace(microsecond=0, fold=0)
    ms = parse_time(whole.isoformat(), None, SHANGHAI)
    assert ms == round(whole.timestamp()) * 1000
    assert parse_time(str(ms), None, SHANGHAI) in (ms, None) or (ms is not None and ms < 10**11)
    assert parse_time(whole.strftime("%Y/%m/%d %H:%M:%S"), None, SHANGHAI) == ms
    assert parse_time(whole.strftime("%H:%M:%S"), whole.date(), SHANGHAI) == ms


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_times(text: str) -> None:
    assert parse_time(text, DAY, SHANGHAI) is None or isinstance(parse_time(text, DAY, SHANGHAI), int)
