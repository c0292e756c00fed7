"""A track as columns: chosen whatever the order of arrival, and measured."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.geo import haversine_m
from tracking.track import Fixes, Track, apart_m, choose, distance_m, steps_m, steps_s

T0_MS = 1_784_692_800_000
_UNKNOWN = float("nan")


class Row(NamedTuple):
    """One stored fix."""

    second: float
    lon: float = 116.05
    lat: float = 36.05
    terminal_id: int = 1
    digest: int = 0
    accuracy_m: float = _UNKNOWN
    flags: int = 0


def fixes_of(rows: Sequence[Row]) -> Fixes:
    """Rows as columns."""
    times = np.array([T0_MS + round(row.second * 1000) for row in rows], np.int64)
    unknown = np.full(len(rows), _UNKNOWN)

    def column(name: str, kind: Any) -> Any:
        return np.array([getattr(row, name) for row in rows], kind)

    return Fixes(
        times, column("terminal_id", np.int64), column("digest", np.int64), column("lon", np.float64),
        column("lat", np.float64), unknown, unknown, column("accuracy_m", np.float64), unknown,
        column("flags", np.int64), times,
    )  # fmt: skip


def _seen(track: Track) -> list[tuple[int, float, float]]:
    return list(zip(track.t_ms.tolist(), track.lon.tolist(), track.lat.tolist(), strict=True))


_rows = st.lists(
    st.builds(
        Row,
        st.integers(0, 5),
        lon=st.sampled_from((116.01, 116.05, 116.2)),
        lat=st.just(36.05),
        terminal_id=st.integers(1, 3),
        digest=st.integers(-2, 2),
        accuracy_m=st.sampled_from((_UNKNOWN, 3.0, 30.0)),
        flags=st.sampled_from((0, 0, 2)),
    ),
    # One identity is one fix: nothing else of it may differ.
    unique_by=lambda row: (row.second, row.terminal_id, row.digest),
)


@given(rows=_rows, data=st.data())
def test_the_order_of_arrival_and_repeats_change_nothing(rows: list[Row], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(rows + rows[:2]))
    track = choose(fixes_of(rows), primary_terminal=2)
    assert _seen(choose(fixes_of(shuffled), primary_terminal=2)) == _seen(track)
    assert track.t_ms.tolist() == sorted({T0_MS + 1000 * int(row.second) for row in rows if not row.flags})


def test_of_one_instant_the_primary_terminal_wins_then_accuracy_then_the_digest() -> None:
    by_digest = [Row(0, 116.01, digest=5), Row(0, 116.02, digest=4)]
    by_accuracy = [*by_digest, Row(0, 116.03, digest=9, accuracy_m=8.0)]
    by_terminal = [*by_accuracy, Row(0, 116.04, digest=7, terminal_id=2)]
    assert choose(fixes_of(by_digest), 2).lon.tolist() == [116.02]
    assert choose(fixes_of(by_accuracy), 2).lon.tolist() == [116.03]
    assert choose(fixes_of(by_terminal), 2).lon.tolist() == [116.04]
    assert choose(fixes_of(by_terminal)).lon.tolist() == [116.03], "no primary terminal: accuracy decides"


_degrees = st.tuples(st.floats(-179, 179), st.floats(-80, 80))


@given(st.lists(_degrees, max_size=6))
def test_steps_are_those_of_the_one_by_one_distance(places: list[tuple[float, float]]) -> None:
    track = choose(fixes_of([Row(n, *place) for n, place in enumerate(places)]))
    by_hand = [haversine_m(a, b) for a, b in itertools.pairwise(places)]
    assert steps_m(track).tolist() == pytest.approx(by_hand, rel=1e-9, abs=1e-6)
    assert distance_m(track) == pytest.approx(sum(by_hand), abs=1e-5)
    assert steps_s(track).tolist() == [1.0] * max(0, len(places) - 1)
    if places:
        lon, lat = np.array(places).T
        assert apart_m(lon, lat, *places[0]).tolist() == pytest.approx(
            [haversine_m(place, places[0]) for place in places], rel=1e-9, abs=1e-6
        )
