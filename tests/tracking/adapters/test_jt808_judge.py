"""What the locations of a message amount to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fleet import geo
from tests.tracking.device import Place
from tests.tracking.platform import NOON_MS
from tracking.adapters.jt808_alarms import Alarms, event_id
from tracking.adapters.jt808_judge import Known, Locations, judge
from tracking.fix import FLAG_NO_FIX
from tracking.source import Source

HERE = Place(NOON_MS, 115_980_000, 36_450_000)


def _judged(*bodies: bytes, datum: geo.Datum = "wgs84", is_2019: bool = False) -> Locations:
    return judge(bodies, Known(Source(7, 1, 1, datum), Alarms()), NOON_MS, is_2019=is_2019)


def test_a_good_location_is_a_fix() -> None:
    found = _judged(replace(HERE, items=[(0x31, b"\x09")]).body())
    ((index, fix, flags),) = found.fixes
    assert (index, flags, fix.t, fix.lon, fix.lat) == (0, 0, NOON_MS, 115.98, 36.45)
    assert (fix.speed_mps, fix.heading_deg, fix.altitude_m, fix.satellites) == (5.0, 90, 30, 9)
    assert (found.pieces, found.refused) == ((), ())


def test_one_without_a_position_is_flagged() -> None:
    ((_, _, flags),) = _judged(replace(HERE, status=0).body()).fixes
    assert flags == FLAG_NO_FIX


@pytest.mark.parametrize(
    ("place", "why"),
    [
        (replace(HERE, lon=3_422_512_640), "lon 3422.51264"),
        (replace(HERE, lat=90_000_001), "lat 90.000001"),
        (replace(HERE, speed=6_000), "speed_mps"),
        (replace(HERE, course=361), "heading_deg 361"),
        (replace(HERE, t_ms=NOON_MS + 90_000_000), "in the future"),
    ],
)
def test_values_that_no_van_can_have_are_refused_alone(place: Place, why: str) -> None:
    found = _judged(HERE.body(), place.body(), b"short")
    assert [index for index, _, _ in found.fixes] == [0]
    assert [each.index for each in found.refused] == [1, 2]
    assert why in found.refused[0].why
    assert found.refused[0].raw == place.body()


def test_alarms_become_events_and_are_remembered_after_them() -> None:
    found = _judged(replace(HERE, alarm=0b11).body())
    first, second, step = found.pieces
    assert first.event is not None and second.event is not None and step.step is not None
    assert (first.event.kind, first.event.alarm) == ("sos", None)
    assert (second.event.kind, second.event.alarm) == ("alarm", "overspeed")
    assert (first.event.id, first.event.t) == (event_id(7, 0, NOON_MS), NOON_MS)
    assert (first.event.lon, first.event.lat) == (115.98, 36.45)
    assert (step.step.t, step.step.bits) == (NOON_MS, 3)


def test_an_alarms_place_is_wgs84_whatever_the_terminals_datum() -> None:
    event = _judged(replace(HERE, alarm=1).body(), datum="gcj02").pieces[0].event
    assert event is not None
    assert (event.lon, event.lat) == geo.gcj02_to_wgs84((115.98, 36.45))


def test_without_a_position_of_now_the_last_one_is_where_to_look() -> None:
    event = _judged(replace(HERE, alarm=1, status=0).body()).pieces[0].event
    assert event is not None
    assert (event.lon, event.lat) == (115.98, 36.45)


@pytest.mark.parametrize("place", [replace(HERE, status=0, lon=0, lat=0), replace(HERE, lat=99_000_000)])
def test_a_call_for_help_counts_even_without_a_place(place: Place) -> None:
    event = _judged(replace(place, alarm=1).body()).pieces[0].event
    assert event is not None
    assert (event.kind, event.lon, event.lat) == ("sos", None, None)


def test_a_batch_is_judged_in_the_order_of_its_times() -> None:
    times = [(3_000, 1), (1_000, 0), (2_000, 1), (4_000, 0)]
    bodies = [replace(HERE, t_ms=NOON_MS - 10_000 + t, alarm=bits).body() for t, bits in times]
    found = _judged(*bodies)
    assert [piece.event.t for piece in found.pieces if piece.event] == [NOON_MS - 8_000]
    assert [fix.t for _, fix, _ in found.fixes] == [NOON_MS - 10_000 + t for t, _ in times]
