"""One message on its way to the flusher."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from tests.tracking.storing import Deaf
from tracking.event import Event
from tracking.fix import Bounds, Fix
from tracking.parcel import parcel_of
from tracking.protocol import Received, Rejected
from tracking.source import Source

NOW = 1_784_692_800_000


def test_a_parcel_holds_its_message_and_knows_whether_it_may_repeat() -> None:
    refused = (Rejected(4, 1, "bad", b""),)
    received = Received(4, ((0, Fix(NOW - 5, 116.0, 36.0)), (2, Fix(NOW, 116.0, 36.0))), refused=refused)
    for until, repeats in ((None, False), (NOW - 6, False), (NOW - 5, True)):
        parcel = parcel_of(Deaf(), Source(1, 2, 3), received, Bounds(NOW, 50.0), until)
        assert (parcel.n, parcel.received_ms, parcel.accuracy_limit_m) == (4, NOW, 50.0)
        assert parcel.fixes == received.fixes
        assert parcel.refused == list(refused)
        assert parcel.repeats is repeats
        assert parcel.arrived_s > 0


def test_an_event_is_placed_in_the_datum_that_is_stored() -> None:
    told = Event(UUID(int=1), NOW, "sos", lon=116.38404722455657, lat=39.91334545536069)
    here = Source(11, 1, 1)
    for source, lon in ((here, told.lon), (replace(here, datum="gcj02"), 116.377817)):
        event = parcel_of(Deaf(), source, Received(1, event=told), Bounds(NOW), None).event
        assert event is not None and event.lon == pytest.approx(lon, abs=1e-9) and event.id == told.id
    unplaced = Event(UUID(int=1), NOW, "done")
    received = Received(1, event=unplaced)
    assert parcel_of(Deaf(), replace(here, datum="gcj02"), received, Bounds(NOW), None).event == unplaced
