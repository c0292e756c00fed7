"""Only those whose day is not ready wait, and what comes behind them on the same connection."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fleet.units import moment_of
from tests.tracking.housekeeping import SOURCE, late
from tests.tracking.platform import NOON, NOON_MS
from tests.tracking.storing import Ear
from tracking.days import day_number
from tracking.parcel import Parcel
from tracking.parked import apart

_TODAY = day_number(NOON)
_EARS = tuple(Ear() for _ in range(3))
_told = st.lists(st.tuples(st.sampled_from(_EARS), st.lists(st.integers(0, 3), max_size=3)), max_size=12)


def _needs(parcel: Parcel, unready: set[int]) -> bool:
    return any(day_number(moment_of(fix.t)) in unready for _, fix in parcel.fixes)


@given(told=_told, unready_ago=st.sets(st.integers(0, 3)))
def test_what_waits_holds_up_its_own_connection_only(
    told: list[tuple[Ear, list[int]]], unready_ago: set[int]
) -> None:
    parcels = [
        Parcel(ear, SOURCE, n, NOON_MS, [(0, late(days, n)) for days in ago])
        for n, (ear, ago) in enumerate(told)
    ]
    unready = {_TODAY - days for days in unready_ago}
    goes, waits = apart(parcels, unready)
    assert sorted([*goes, *waits], key=lambda parcel: parcel.n) == parcels
    assert [p.n for p in goes] == sorted(p.n for p in goes)
    assert [p.n for p in waits] == sorted(p.n for p in waits)
    assert not any(_needs(parcel, unready) for parcel in goes)
    for ear in _EARS:
        ours = [parcel for parcel in parcels if parcel.receiver is ear]
        first = next((n for n, parcel in enumerate(ours) if _needs(parcel, unready)), len(ours))
        assert [p for p in goes if p.receiver is ear] == ours[:first]
