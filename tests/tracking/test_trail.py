"""A trail leads on into tracks that begin as it does, and into no other."""

from __future__ import annotations

from dataclasses import replace

from tests.tracking.fencing import T0_MS, track_of
from tracking.passage import Moment
from tracking.trail import Trail

WHOLE = track_of([(0, 0, 0), (10, 50, 0), (20, 100, 0)])
NONE = Trail(WHOLE.take(slice(0, 0)))


def test_it_leads_into_what_begins_as_it_does() -> None:
    for n in range(4):
        assert Trail(WHOLE.take(slice(0, n))).leads_into(WHOLE)
    assert NONE.leads_into(NONE.track)


def test_it_leads_into_nothing_shorter_or_other() -> None:
    whole = Trail(WHOLE)
    assert not whole.leads_into(WHOLE.take(slice(0, 2)))
    assert not Trail(WHOLE.take(slice(1, 3))).leads_into(WHOLE)
    moved = WHOLE.lon.copy()
    moved[1] += 1e-7
    assert not whole.leads_into(replace(WHOLE, lon=moved))


def test_its_end_is_its_last_fix() -> None:
    assert NONE.last is None
    assert Trail(WHOLE).last == Moment(T0_MS + 20_000, float(WHOLE.lon[2]), float(WHOLE.lat[2]))
