"""One message on its way to the flusher."""

from __future__ import annotations

from tests.tracking.storing import Deaf
from tracking.fix import Bounds, Fix
from tracking.parcel import parcel_of
from tracking.protocol import Received, Rejected
from tracking.row import Source

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
