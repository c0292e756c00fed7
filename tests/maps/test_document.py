"""The sheets of a document, from hand-made values."""

from __future__ import annotations

import json
import re
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from fleet.registry import Site
from fleet.words import catalogue
from maps import document, document_store
from maps.day import Route
from maps.document import Detail, Frame
from maps.driven import Driven
from maps.haze import Haze
from maps.scene import Dwell, Leg
from tests.maps.days import BEAT, HERE, START, VAN, stop
from tracking.coverage import Coverage, Pass
from tracking.ledger import Stretch

VANS = {VAN.id: VAN}
STOPS = [stop(1), stop(2, "pass"), stop(3, "dropoff"), stop(4)]


def frame(detail: Detail = "exact") -> Frame:
    homes = [each.at for each in STOPS] if detail == "shared" else None
    return Frame(detail, "en", ZoneInfo("Asia/Shanghai"), Haze(homes))


def properties(sheet: document.Sheet) -> list[dict[str, Any]]:
    found: Any = sheet.features["features"]
    return [each["properties"] for each in found]


def test_stops_are_numbered_as_on_the_run_sheet() -> None:
    assert [(n, each.id) for n, each in document.numbered(reversed(STOPS))] == [(1, 1), (2, 3), (3, 4)]


def test_the_detail_decides_what_a_stop_tells() -> None:
    shared, exact, named = (
        document.stop_sheet(frame(detail), VANS, STOPS) for detail in ("shared", "exact", "named")
    )  # fmt: skip
    assert [each["label"] for each in properties(exact)] == ["3", "2", "1"]
    assert "1 Visit 09:00" in properties(exact)[-1]["hint"] and "Estate" not in json.dumps(exact.features)
    assert "1 Visit 09:00 Estate 1 刘*珍" in properties(named)[-1]["hint"]
    assert not re.search(r"\d\d:\d\d|Estate|刘", json.dumps(shared.features, ensure_ascii=False))
    assert sum(len(each["label"].split(",")) for each in properties(shared)) <= 3


def test_stops_of_a_cell_are_one_mark() -> None:
    twins = [stop(1), stop(2, at=(HERE[0] + 0.00102, HERE[1])), stop(3, at=(HERE[0] + 0.00101, HERE[1]))]
    (only,) = properties(document.stop_sheet(frame("shared"), VANS, twins))
    assert only["label"] == "1-3"


def test_a_shared_track_tells_no_times() -> None:
    leg = Leg(1, (HERE, (HERE[0] + 0.02, HERE[1])), (0, 60_000))
    day = {VAN.id: Driven((Dwell(1, HERE, 60_000, 600_000),), (leg,), 0, 600_000)}
    exact, shared = (document.driven_sheets(frame(detail), VANS, day) for detail in ("exact", "shared"))
    assert properties(exact[0])[0]["label"] == "Van 1 08:00–08:01"
    assert properties(exact[1])[0]["hint"] == "Van 1: stays 1 08:01–08:10"
    assert (
        properties(shared[0])[0]["label"] == "Van 1" and properties(shared[1])[0]["hint"] == "Van 1: stays 1"
    )


def test_a_van_that_left_the_registry_is_another_van() -> None:
    route = Route(99, START, START, 0, 0, 0, (HERE, (HERE[0] + 0.02, HERE[1])))
    assert properties(document.route_sheet(frame(), VANS, [route], planned=True))[0]["label"] == "Another van"


def test_cells_tell_how_often_they_were_passed() -> None:
    passed = (Pass(0, 1, 1), Pass(2, 3, 1))
    coverage = Coverage(Stretch(0, 3_600_000), (passed, ()), (600, 3600), (1, None))
    found = properties(document.cell_sheet(frame(), [(BEAT, coverage)]))
    assert [each["state"] for each in found] == ["full", "none"]
    assert found[0]["hint"] == "Beat 7: passed 2 of 2 times, unseen for 10 min at most"


def test_circles_know_their_hours_and_bounds_hold_everything() -> None:
    site = Site(1, "C", "centre", "中心", "Centre", *HERE, True, True, time(8, 30), time(18))
    sheet = document.circle_sheet(frame(), [site])
    assert (properties(sheet)[0]["opens"], properties(sheet)[0]["closes"]) == (510, 1080)
    bounds = document.bounds_of_sheets([sheet, document.beat_sheet(frame(), [BEAT])])
    assert bounds is not None and bounds[0][0] < 115.97 and bounds[1][0] > 115.99
    assert document.bounds_of_sheets([]) is None


@given(st.lists(st.integers(1, 40)))
def test_spans_say_each_number_once(numbers: list[int]) -> None:
    said: list[int] = []
    for part in filter(None, document.spans(numbers).split(",")):
        first, _, last = part.partition("-")
        said += range(int(first), int(last or first) + 1)
    assert said == sorted(set(numbers))


def test_every_sentence_of_a_document_has_its_chinese() -> None:
    sources = [Path(each.__file__ or "").read_text() for each in (document, document_store)]
    said = {text for source in sources for text in re.findall(r'\bsay\(\s*"([^"]+)"', source)}
    said |= {*document.TITLES.values(), *document_store.NOTES.values(), *document._KIND_WORDS.values()}
    assert len(said) > 20
    assert sorted(text for text in said if text not in catalogue()) == []
