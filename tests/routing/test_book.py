from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from fleet.errors import InvalidInput
from routing.book import read
from tests.routing.town import DAY, MORNING, seed


def test_a_day_is_read_with_its_clock_and_its_beats(conn: sa.Connection) -> None:
    district_id = seed(conn)
    book = read(conn, district_id, DAY, look_ahead=True)
    assert book.seconds(book.origin) == 0
    assert book.seconds(MORNING + timedelta(hours=1)) == 8 * 3600
    for van in book.vans:
        assert [beat.id for beat in book.beats_on(van.id)] == list(book.beats_of[van.id])
    assert book.beats_on(0) == (), "no such van"
    with pytest.raises(InvalidInput, match="No van has a shift on 2027-01-14"):
        read(conn, district_id, DAY.replace(year=2027), look_ahead=True)
