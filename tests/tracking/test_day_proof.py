"""A van's day from the database: what is asked of the registry, and whose it is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from fleet.errors import InvalidInput, NotFound
from fleet.units import ms_of
from tests.tracking.proving import MIDNIGHT_MS
from tests.world import CENTRE, DAY, HOME, OPENS, people
from tracking.day_proof import district_day, facts_of, proof_of_day
from tracking.ledger import Stretch


def test_the_day_is_the_districts_and_its_places_are_known(conn: sa.Connection) -> None:
    world = people(conn)
    facts = facts_of(conn, district_day(conn, world.district_id, DAY), world.vans[0], OPENS)
    assert facts.within == Stretch(MIDNIGHT_MS, MIDNIGHT_MS + 86_400_000)
    assert facts.ground.depots.tolist() == [list(CENTRE)]
    assert facts.ground.places.tolist() == [list(HOME)]
    assert facts.primary_terminal == world.terminals[0]
    hours = Stretch(ms_of(OPENS - timedelta(hours=2)), ms_of(OPENS + timedelta(hours=6)))
    assert (facts.told.shift, facts.told.until_ms) == (hours, ms_of(OPENS))


def test_a_day_that_is_not_over_is_proved_until_now(conn: sa.Connection) -> None:
    world = people(conn)
    for now, hours in ((OPENS, 2), (OPENS + timedelta(days=2), 8)):
        ledger = proof_of_day(conn, world.district_id, world.vans[0], DAY, now).ledger
        assert ledger.seconds("offline") == hours * 3600
    tomorrow = proof_of_day(conn, world.district_id, world.vans[0], DAY + timedelta(days=1), OPENS)
    assert tomorrow.ledger.spans == ()


def test_a_van_of_another_district_is_not_found(conn: sa.Connection) -> None:
    world = people(conn)
    with pytest.raises(NotFound, match="no van"):
        proof_of_day(conn, world.district_id, 999_999, DAY, OPENS)
    with pytest.raises(InvalidInput, match="no track"):
        proof_of_day(conn, world.district_id, world.vans[0], date.max, OPENS)
