"""One commit's worth of messages."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.storing import Deaf
from tracking.cargo import Cargo, cargo_of, set_aside
from tracking.event import Event
from tracking.fix import Fix
from tracking.parcel import Parcel
from tracking.source import Source, identity_of

NOW = 1_784_692_800_000
_VAN = Source(11, 1, 1)


def _fix(k: int) -> Fix:
    return Fix(NOW - k, 116.0, 36.0)


def _parcel(fixes: Sequence[Fix], *, repeats: bool = False, event: Event | None = None) -> Parcel:
    return Parcel(Deaf(), _VAN, 1, NOW, list(enumerate(fixes)), repeats, event)


def test_repeats_within_a_batch_collapse_and_the_careful_lane_wins() -> None:
    event = Event(UUID(int=1), NOW, "done")
    cargo = cargo_of(
        [
            _parcel([_fix(1), _fix(2), _fix(2)], event=event),
            _parcel([_fix(2), _fix(3)], repeats=True, event=event),
        ]
    )
    assert cargo.lot.take(~cargo.lot.careful).t_ms.tolist() == [NOW - 1]
    assert cargo.lot.take(cargo.lot.careful).t_ms.tolist() == [NOW - 3, NOW - 2], "sorted by key"
    assert len(cargo.taps) == 1
    assert len(cargo) == 4


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 3))
def test_halving_ends_at_single_ones_and_loses_none(fresh: int, careful: int, taps: int) -> None:
    cargo = cargo_of(
        [
            _parcel([_fix(k) for k in range(fresh)]),
            _parcel([_fix(k + 10) for k in range(careful)], repeats=True),
            *(_parcel([], event=Event(UUID(int=k), NOW, "done")) for k in range(taps)),
        ]
    )
    found: list[object] = []
    todo = [cargo] if len(cargo) else []
    while todo:
        part: Cargo = todo.pop()
        if len(part) == 1:
            found += part.identities()
        else:
            halves = part.halves()
            assert all(0 < len(half) < len(part) for half in halves)
            todo += halves
    assert sorted(map(str, found)) == sorted(map(str, cargo.identities()))


def test_what_is_bad_becomes_a_refusal_of_every_parcel_that_holds_it() -> None:
    event = Event(UUID(int=1), NOW, "done")
    parcels = [_parcel([_fix(1), _fix(2)], event=event), _parcel([_fix(2)])]
    set_aside(parcels, {identity_of(_fix(2), _VAN): "bad", (11, event.id): "worse"})
    assert [[fix.t for _, fix in parcel.fixes] for parcel in parcels] == [[NOW - 1], []]
    assert [[(r.index, r.why) for r in parcel.refused] for parcel in parcels] == [
        [(1, "bad"), (None, "worse")],
        [(0, "bad")],
    ]
    assert parcels[0].event is None
