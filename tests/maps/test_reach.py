"""The 15-minute circle over a day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fleet.driving import Matrix, estimate_table
from fleet.geo import LonLat
from maps import reach
from tests.maps.days import HERE
from tracking.ledger import Stretch
from tracking.track import Track

NEAR, FAR = (HERE[0] + 0.01, HERE[1]), (HERE[0] + 0.2, HERE[1])
MINUTE = reach.MINUTE_MS


def track(*fixes: tuple[int, float, float]) -> Track:
    """Fixes as second, lon, lat."""
    n = len(fixes)
    columns = {
        "t_ms": np.array([s * 1000 for s, _, _ in fixes], np.int64),
        "lon": np.array([lon for _, lon, _ in fixes]),
        "lat": np.array([lat for _, _, lat in fixes]),
    }
    other = {name: np.full(n, np.nan) for name in Track.__dataclass_fields__ if name not in columns}
    return Track(**columns, **other)


def test_minutes_are_whole_and_lie_within_what_was_heard() -> None:
    assert reach.minutes_of([track((59, *HERE), (185, *HERE)), track()]) == (MINUTE, 2 * MINUTE, 3 * MINUTE)
    assert reach.minutes_of([]) == ()


def test_a_van_that_is_silent_or_busy_is_not_counted_on() -> None:
    van = track((50, *HERE), (60, *NEAR), (170, *FAR))
    minutes = (0, MINUTE, 2 * MINUTE, 3 * MINUTE, 4 * MINUTE)
    assert reach.places(van, [], minutes) == [None, NEAR, NEAR, FAR, None]
    assert reach.places(van, [Stretch(MINUTE, 2 * MINUTE)], minutes) == [None, None, NEAR, FAR, None]


def test_share_is_of_elders_by_minute() -> None:
    found = reach.series((0, MINUTE), [[HERE, None]], [(NEAR, 3), (FAR, 1)], (0.5, 0.5), estimate_table)
    assert found.share == (0.75, 0.0) and found.basis == "great-circle"
    assert [len(frame) for frame in found.frames()] == [2, 2] and found.frames()[1] == "--"
    assert found.frames()[0][1] == "z", "an hour away"


def test_a_place_without_a_road_is_reached_by_nobody() -> None:
    def nowhere(points: Sequence[LonLat]) -> Matrix:
        table = np.full((len(points), len(points)), -1, np.int32)
        return Matrix(table, table, "road")

    found = reach.series((0,), [[HERE]], [(NEAR, 1)], (0.0,), nowhere)
    assert found.share == (0.0,) and found.frames() == ["-"] and found.basis == "road"


def test_nobody_lives_there_and_nobody_drives() -> None:
    assert reach.series((0,), [], [], (0.0,), estimate_table).share == (0.0,)
    assert reach.series((), [[]], [(NEAR, 1)], (), estimate_table).frames() == []


SPOTS = st.tuples(st.floats(115.9, 116.1), st.floats(36.4, 36.5))


@given(
    st.lists(st.lists(st.none() | SPOTS, min_size=3, max_size=3), max_size=4),
    st.lists(SPOTS, min_size=1, max_size=6),
)
def test_one_van_more_never_reaches_less(vans: list[list[LonLat | None]], homes: list[LonLat]) -> None:
    minutes, elders = (0, MINUTE, 2 * MINUTE), [(home, 1) for home in homes]
    fewer = reach.series(minutes, vans[:-1], elders, (0.0,) * 3, estimate_table)
    more = reach.series(minutes, vans, elders, (0.0,) * 3, estimate_table)
    # A van near another's spot is asked for from there: a tenth of a kilometre is a minute at most.
    far = np.iinfo(np.int16).max
    a, b = (np.where(each.eta_min < 0, far, each.eta_min) for each in (fewer, more))
    assert (b.astype(int) <= a.astype(int) + 1).all()


def test_cells_are_few_however_many_live_there() -> None:
    homes = [((115.0 + 0.01 * x, 36.0 + 0.01 * y), 1) for x in range(40) for y in range(40)]
    cells, side_m = reach.gathered(homes)
    assert len(cells) <= 400 and sum(cells.values()) == 1600 and side_m > 300


def test_the_static_circle_follows_the_centres_hours() -> None:
    homes = [(NEAR, 3), (FAR, 1)]
    centres = [(NEAR, 480, 1080), (FAR, 600, 1080)]
    assert reach.static_shares(homes, centres, [0, 480, 600, 1080], 1000) == (0.0, 0.75, 1.0, 0.0)
    assert reach.static_shares(homes, [], [0], 1000) == (0.0,)
    assert reach.static_shares([], centres, [0], 1000) == (0.0,)
