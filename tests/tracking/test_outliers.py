"""What is odd about a fix beside its neighbours."""

from __future__ import annotations

from tests.tracking.test_track import Row, fixes_of
from tracking.outliers import flags_of, sound
from tracking.track import choose


def test_a_calm_track_has_nothing_odd() -> None:
    track = choose(fixes_of([Row(second) for second in range(5)]))
    assert flags_of(track).tolist() == [0] * 5
    assert sound(track).t_ms.tolist() == track.t_ms.tolist()
