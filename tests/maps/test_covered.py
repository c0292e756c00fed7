"""What of the beats was passed, from stored tracks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fleet.units import ms_of
from maps import covered
from tests.maps.charted import charted
from tests.maps.product import Product
from tests.maps.staging import DAY, NOW

__all__ = ["charted"]
START = datetime(2026, 7, 23, 16, tzinfo=UTC)


def test_cells_are_seen_by_the_vans_whose_beat_it_is(charted: Product) -> None:
    first, second = charted.stage.van_ids[:2]
    with charted.context.engine.connect() as conn:
        tracks = covered.read_tracks(conn, [first, second], (START, NOW))
        assert set(tracks) == {first}
        track = tracks[first][0]
        seen = covered.read_coverage(conn, charted.stage.district_id, DAY, (START, NOW), {first: track})
        other = covered.read_coverage(conn, charted.stage.district_id, DAY, (START, NOW), {second: track})
    assert [each.cells_seen > 0 for _, each in seen] == [True, False]
    assert next(other_beat.cells_seen for _, other_beat in other) == 0


def test_the_stretch_is_that_of_the_shifts_within_the_span(charted: Product) -> None:
    opens = datetime(2026, 7, 24, 0, 30, tzinfo=UTC)
    with charted.context.engine.connect() as conn:
        district = charted.stage.district_id
        assert covered.worked(conn, district, DAY, (START, NOW)) == (ms_of(opens), ms_of(NOW))
        whole = covered.worked(conn, district, DAY, (START, START + timedelta(days=1)))
        assert whole == (ms_of(opens), ms_of(opens + timedelta(hours=8)))
        bare = covered.worked(conn, district, DAY - timedelta(days=9), (START, NOW))
        assert bare == (ms_of(START), ms_of(NOW))
