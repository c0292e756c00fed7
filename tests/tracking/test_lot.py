"""Fixes as columns: judged, sorted, each once."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from fleet.geo import haversine_m, wgs84_to_gcj02
from tests.tracking.storing import Deaf
from tracking.fix import FLAG_AHEAD, FLAG_INACCURATE, FLAG_NO_FIX, FLAG_ZERO_ISLAND, Fix, digest_of
from tracking.lot import Lot, lot_of, merged, newest_by_van
from tracking.parcel import Parcel
from tracking.source import Source, identity_of

NOW = 1_784_692_800_000
_SOURCES = (Source(11, 1, 1), Source(12, 1, 1), Source(21, 2, 1))


def _parcel(fixes: Sequence[Fix], source: Source = _SOURCES[0], *, repeats: bool = False) -> Parcel:
    return Parcel(Deaf(), source, 1, NOW, list(enumerate(fixes)), repeats, accuracy_limit_m=100.0)


def _flags(fix: Fix) -> int:
    return int(lot_of([_parcel([fix])]).flags[0])


_fix = st.builds(
    Fix,
    t=st.integers(NOW - 3, NOW),
    lon=st.sampled_from((116.0, 116.1)),
    lat=st.just(36.0),
    speed_mps=st.sampled_from((None, 0.0, 5.5)),
    accuracy_m=st.sampled_from((None, 5.0, 500.0)),
)
_parcels = st.lists(
    st.builds(
        _parcel, st.lists(_fix, max_size=4), st.sampled_from(_SOURCES), repeats=st.booleans()
    ),
    max_size=6,
)  # fmt: skip


@given(_parcels)
def test_a_lot_holds_each_identity_once_in_order_and_is_careful_if_any_was(parcels: list[Parcel]) -> None:
    careful: dict[object, bool] = {}
    for parcel in parcels:
        for _, fix in parcel.fixes:
            identity = identity_of(fix, parcel.source)
            careful[identity] = careful.get(identity, False) or parcel.repeats
    lot = lot_of(parcels)
    assert lot.identities() == sorted(careful, key=repr_of)
    assert [careful[each] for each in lot.identities()] == lot.careful.tolist()
    assert lot.all_careful().careful.all()


def repr_of(identity: object) -> tuple[int, ...]:
    assert isinstance(identity, tuple)
    return identity


@given(_parcels)
def test_the_newest_is_unflagged_and_the_smallest_of_its_instant(parcels: list[Parcel]) -> None:
    best: dict[int, tuple[int, int, int]] = {}
    for parcel in parcels:
        for _, fix in parcel.fixes:
            # Of equal fixes the first is kept: ask the lot which flags that one has.
            van_id, t, terminal_id, digest = identity_of(fix, parcel.source)
            if _kept_flags(lot_of(parcels), (van_id, t, terminal_id, digest)) == 0:
                rank = (t, -terminal_id, -digest)
                best[van_id] = max(best.get(van_id, rank), rank)
    newest = newest_by_van(lot_of(parcels))
    told = {each.van_id: (each.t, -each.terminal_id, -each.digest) for each in newest.identities()}
    assert told == best


def _kept_flags(lot: Lot, identity: tuple[int, ...]) -> int:
    return int(lot.flags[[tuple(each) for each in lot.identities()].index(identity)])


def test_nothing_makes_an_empty_lot() -> None:
    lot = lot_of([_parcel([])])
    assert (len(lot), len(lot_of([])), len(newest_by_van(lot)), lot.days()) == (0, 0, 0, set())


def test_doubtful_values_are_kept_and_flagged() -> None:
    assert _flags(Fix(NOW + 60_000, 116, 36, accuracy_m=100)) == 0
    assert _flags(Fix(NOW + 60_001, 116, 36)) == FLAG_AHEAD
    assert _flags(Fix(NOW, 116, 36, accuracy_m=100.5)) == FLAG_INACCURATE
    assert _flags(Fix(NOW, 0.0, 0.0)) == FLAG_ZERO_ISLAND
    assert _flags(Fix(NOW + 60_001, 0.0, 0.0, accuracy_m=101)) == 7


def test_another_datum_is_stored_as_wgs84_and_keeps_its_identity() -> None:
    true = (115.98, 36.45)
    lon, lat = wgs84_to_gcj02(true)
    fix, shifted = Fix(NOW, lon, lat), Source(7, 3, 1, "gcj02")
    lot = lot_of([_parcel([Fix(NOW, *true)]), _parcel([fix], shifted)])
    places = zip(lot.lon.tolist(), lot.lat.tolist(), strict=True)
    assert all(haversine_m(place, true) < 0.01 for place in places)
    assert digest_of(fix) in lot.digest.tolist()
    assert lot.days() == {NOW // 86_400_000}


def test_what_the_terminal_itself_tells_of_a_fix_is_flagged_too() -> None:
    told = _parcel([Fix(NOW, 0, 0), Fix(NOW - 1, 116, 36), Fix(NOW - 2, 116, 36)])
    told.flags = {0: FLAG_NO_FIX, 2: FLAG_NO_FIX}
    lot = lot_of([_parcel([Fix(NOW - 3, 116, 36)]), told])
    # By time, the oldest first.
    assert lot.flags.tolist() == [0, FLAG_NO_FIX, 0, FLAG_NO_FIX | FLAG_ZERO_ISLAND]
    told.fixes = told.fixes[1:]
    assert lot_of([told]).flags.tolist() == [FLAG_NO_FIX, 0]


@given(_parcels, st.integers(0, 5))
def test_lots_put_together_are_the_lot_of_all(messages: list[Parcel], cut: int) -> None:
    """What a listener gathers of several commits is what one commit would have held."""
    parts = [lot_of(messages[:cut]), lot_of(messages[cut:])]
    together, whole = merged(parts), lot_of(messages)
    assert together.identities() == whole.identities()
    assert together.careful.tolist() == whole.careful.tolist()
