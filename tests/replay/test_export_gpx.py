"""A track as GPX, read by somebody else's reader."""

from __future__ import annotations

from xml.parsers import expat

import gpxpy
import gpxpy.gpx

from replay import export_gpx
from tests.replay.taking import leaf, order, two_days

OURS = f"{{{export_gpx.NAMESPACE}}}"
# The order that the schema prescribes for what a point may hold.
POINT = ["ele", "time", "magvar", "geoidheight", "name", "cmt", "desc", "src", "link", "sym", "type", "fix",
         "sat", "hdop", "vdop", "pdop", "ageofdgpsdata", "dgpsid", "extensions"]  # fmt: skip


def test_the_track_and_what_was_left_out_of_it_stand_apart() -> None:
    text = b"".join(export_gpx.write(order(), iter([leaf()]))).decode()
    read = gpxpy.parse(text)
    assert read.version == "1.1"
    assert read.name == "1号车 & 组 2026-07-22 - 2026-07-22"
    track, left_out = read.tracks
    assert [len(segment.points) for segment in track.segments] == [3, 2], "cut at the gap"
    assert [len(segment.points) for segment in left_out.segments] == [1, 1]
    assert [each.type for each in read.tracks] == ["track", "left_out"]
    assert left_out.name == "1号车 & 组 2026-07-22 未计入轨迹"
    first = track.segments[0].points[0]
    assert (first.latitude, first.longitude, first.elevation) == (36.45, 115.98, 31.25)
    assert first.time is not None and first.time.isoformat() == "2026-07-22T00:30:00.125000+00:00"
    assert (first.satellites, first.horizontal_dilution) == (11, 0.9)
    assert first.source == "=1+2 & co"
    told = {each.tag.removeprefix(OURS): each.text for each in left_out.segments[1].points[0].extensions}
    assert told["flags"] == "jump" and told["chosen"] == "true" and told["speed_mps"] == "140"
    assert "heading_deg" not in told


def test_elements_stand_in_the_order_of_the_schema() -> None:
    children: dict[str, list[list[str]]] = {}
    path: list[tuple[str, list[str]]] = []

    def begins(name: str, attributes: object) -> None:
        if path:
            path[-1][1].append(name)
        path.append((name, []))

    def ends(name: str) -> None:
        children.setdefault(name, []).append(path.pop()[1])

    reader = expat.ParserCreate()
    reader.StartElementHandler, reader.EndElementHandler = begins, ends
    reader.Parse(b"".join(export_gpx.write(order(), two_days())), True)
    assert children["gpx"] == [["metadata", "trk", "trk", "trk", "trk"]]
    assert [each[:2] for each in children["trk"]] == [["name", "type"]] * 4
    assert len(children["trkpt"]) == 14
    for held in children["trkpt"]:
        assert held == sorted(held, key=POINT.index)


def test_nothing_driven_is_a_valid_file_too() -> None:
    assert gpxpy.parse(b"".join(export_gpx.write(order("en"), iter([]))).decode()).tracks == []


def test_a_decimal_has_no_exponent() -> None:
    said = [export_gpx.decimal(each) for each in (0.0, 1e-7, 150.0, 12.3456789, 1e6)]
    assert said == ["0", "0", "150", "12.3457", "1000000"]
