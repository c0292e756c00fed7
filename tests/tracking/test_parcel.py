"""One commit's worth of messages."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.storing import Deaf
from tracking.event import Event
from tracking.fix import Bounds, Fix
from tracking.parcel import Parcel, Units, newest_by_van, set_aside, units_of
from tracking.row import Row, Source, row_of

NOW = 1_784_692_800_000
_VAN_1, _VAN_2 = Source(11, 1, 1), Source(21, 2, 1)


def _row(k: int, source: Source = _VAN_1, **more: float) -> Row:
    fix = msgspec.structs.replace(Fix(NOW - k, 116.0, 36.0), **more)
    return row_of(fix, source, Bounds(NOW))


def _parcel(rows: Sequence[Row], *, repeats: bool = False, event: Event | None = None) -> Parcel:
    return Parcel(Deaf(), _VAN_1, 1, NOW, list(enumerate(rows)), repeats, event)


def test_repeats_within_a_batch_collapse_and_the_careful_lane_wins() -> None:
    event = Event(UUID(int=1), NOW, "done")
    units = units_of(
        [
            _parcel([_row(1), _row(2), _row(2)], event=event),
            _parcel([_row(2), _row(3)], repeats=True, event=event),
        ]
    )
    assert [row.identity.t for row in units.fresh] == [NOW - 1]
    assert [row.identity.t for row in units.careful] == [NOW - 3, NOW - 2], "sorted by key"
    assert len(units.taps) == 1
    assert len(units.all_careful().careful) == 3


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 3))
def test_halving_ends_at_single_units_and_loses_none(fresh: int, careful: int, taps: int) -> None:
    units = units_of(
        [
            _parcel([_row(k) for k in range(fresh)]),
            _parcel([_row(k + 10) for k in range(careful)], repeats=True),
            *(_parcel([], event=Event(UUID(int=k), NOW, "done")) for k in range(taps)),
        ]
    )
    found: list[object] = []
    todo = [units] if len(units) else []
    while todo:
        lot: Units = todo.pop()
        if len(lot) == 1:
            found += lot.keys
        else:
            halves = lot.halves()
            assert all(0 < len(half) < len(lot) for half in halves)
            todo += halves
    assert sorted(map(str, found)) == sorted(map(str, units.keys))


def test_the_newest_is_unflagged_and_does_not_depend_on_order() -> None:
    flagged = _row(0, accuracy_m=9999.0)
    rows = [flagged, _row(5), _row(3), _row(4, _VAN_2)]
    newest = newest_by_van(Units(rows, (), ()))
    assert [(row.identity.van_id, row.identity.t) for row in newest] == [(1, NOW - 3), (2, NOW - 4)]
    assert newest_by_van(Units((), rows[::-1], ())) == newest


def test_bad_units_become_refusals_of_every_parcel_that_holds_them() -> None:
    event = Event(UUID(int=1), NOW, "done")
    parcels = [_parcel([_row(1), _row(2)], event=event), _parcel([_row(2)])]
    set_aside(parcels, {_row(2).identity: "bad", (11, event.id): "worse"})
    assert [[row.identity.t for _, row in parcel.rows] for parcel in parcels] == [[NOW - 1], []]
    assert [[(r.index, r.why) for r in parcel.refused] for parcel in parcels] == [
        [(1, "bad"), (None, "worse")],
        [(0, "bad")],
    ]
    assert parcels[0].event is None
