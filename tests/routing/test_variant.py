from __future__ import annotations

import sqlalchemy as sa

from fleet.roads import Roads
from routing.agenda import Agenda, build
from routing.begun import Begun
from routing.restored import visit_keys
from routing.scenario import Told
from routing.variant import (
    Variant,
    pins_of,
    read,
    session_of,
    told_first,
    told_pins,
    variant_of,
    varied,
)
from tests.routing.town import DAY, seed


def _who(agenda: Agenda, visit: int) -> tuple[int, int | None]:
    caller = agenda.callers[visit]
    return caller.site_id, caller.recipient_id


def test_a_variant_is_kept_by_ids_and_found_again(conn: sa.Connection) -> None:
    agenda = build(conn, Roads(""), seed(conn), DAY)
    first, second = agenda.van_ids
    keys = visit_keys(agenda)
    variant = Variant(
        "一小时", (Told("shift", first, minutes=60),), {keys[0]: second}, {keys[1]: (first,), "p0": (first,)}
    )
    assert read(variant.as_json()) == variant
    first_two = Variant(first={first: (keys[1], "p0", keys[2])}, begun=(Begun(first, *_who(agenda, 3)),))
    assert read(first_two.as_json()) == first_two
    assert varied(agenda, first_two).problem.vans[0].prefix == (3, 1, 2)
    session = session_of(agenda, ((), ()), first_two)
    assert told_first(agenda, session) == {first: (keys[1], keys[2])}
    assert variant_of("一小时", variant.scenario, variant.pins) == variant
    pins = pins_of(agenda, variant)
    assert set(pins) == {0, 1}
    assert told_pins(agenda, pins) == ({keys[0]: second}, {keys[1]: (first,)})
    made = varied(agenda, variant).problem
    assert made.vans[0].ends_s == agenda.problem.vans[0].ends_s + 3600
    assert (made.visits[0].vans, made.visits[1].vans) == (frozenset({1}), frozenset({1}))
    assert read({}) == Variant()
