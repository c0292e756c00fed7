"""Tables asked for lately tell what is known of other places, until they are old or too many."""

from __future__ import annotations

import numpy as np

from fleet.geo import LonLat
from fleet.known_tables import Asked, KnownTables


def places(first: int, last: int) -> list[LonLat]:
    return [(115.0 + n / 1000, 36.0) for n in range(first, last)]


def asked(n: int) -> Asked:
    values = np.arange(n * n, dtype=np.int32).reshape(n, n)
    return Asked(values, values + 1, np.zeros(n, bool))


def test_places_are_found_again_in_any_order() -> None:
    tables, table = KnownTables(), asked(60)
    assert tables.of(places(0, 60)) is None
    tables.keep(places(0, 60), table)
    known = tables.of(list(reversed(places(0, 60))))
    assert known is not None and known.table is table and known.new == 0
    assert known.at.tolist() == list(reversed(range(60)))


def test_new_places_among_known_ones_are_told() -> None:
    tables = KnownTables()
    tables.keep(places(0, 60), asked(60))
    known = tables.of(places(20, 80))
    assert known is not None and known.new == 20
    assert known.at.tolist() == [*range(20, 60), *[-1] * 20]
    assert tables.of(places(30, 90)) is None, "half of them is too little"


def test_the_one_that_knows_most_counts() -> None:
    tables = KnownTables()
    for last in (60, 80, 70):
        tables.keep(places(0, last), asked(last))
    known = tables.of(places(0, 80))
    assert known is not None and known.new == 0 and len(known.table.seconds) == 80


def test_small_tables_and_huge_ones_are_not_kept() -> None:
    tables = KnownTables(most_pairs=3600)
    tables.keep(places(0, 10), asked(10))
    assert tables.of(places(0, 10)) is None
    tables.keep(places(0, 61), asked(61))
    assert tables.of(places(0, 61)) is None


def test_the_one_unused_longest_goes_when_there_are_too_many() -> None:
    tables = KnownTables(most_pairs=2 * 3600)
    tables.keep(places(0, 60), asked(60))
    tables.keep(places(100, 160), asked(60))
    assert tables.of(places(0, 60)) is not None
    tables.keep(places(200, 260), asked(60))
    assert tables.of(places(0, 60)) is not None
    assert tables.of(places(100, 160)) is None


def test_old_tables_are_forgotten() -> None:
    now = [0.0]
    tables = KnownTables(kept_s=100, clock=lambda: now[0])
    tables.keep(places(0, 60), asked(60))
    now[0] = 100.0
    assert tables.of(places(0, 60)) is not None
    now[0] = 100.5
    assert tables.of(places(0, 60)) is None
