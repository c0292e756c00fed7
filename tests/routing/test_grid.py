from __future__ import annotations

from dataclasses import replace

import numpy as np

from routing.grid import ALIKE, KITS, LEVEL, NEEDS, ONE_GROUP, OPENS, PENALTY, SAME_GROUP, UNITS, grid_of
from routing.problem import Equipment, Item, Kitchen, Portion, Relation, TimeWindow, Van
from tests.routing.instances import day_visit, in_a_row

VAN = Van("V1", 0, 0, 10_000, cold_cups=5)


def test_places_are_visits_then_kitchens_then_starts_then_ends() -> None:
    kitchens = (Kitchen(5, TimeWindow(0, 900), 60, 0),)
    vans = (replace(VAN, depot=3, home=1),)
    grid = grid_of(in_a_row(vans, (day_visit("A", 4), day_visit("B", 2)), kitchens=kitchens))
    assert grid.time[0].tolist() == [0, 200, 100, 100, 300]  # from site 4 to 4, 2, 5, 3, 1


def test_whom_a_van_may_not_serve_is_marked() -> None:
    vans = (replace(VAN, skills=frozenset({"care"})), replace(VAN, name="V2", cold_cups=9))
    visits = (
        day_visit("A", 1, skills=frozenset({"care"})),
        day_visit("B", 2, vans=frozenset({1})),
        day_visit("S", 3, kind="dropoff", portions=(Portion(0, 7),)),
        day_visit("C", 4, service_by_van=(60, 90), familiar=frozenset({0})),
    )
    grid = grid_of(in_a_row(vans, visits, (Item("soup", "cold", 0),)))
    assert (grid.pair >= 0).tolist() == [[True, False, False, True], [False, True, True, True]]
    assert (grid.pair[:, 3] >> 2).tolist() == [60, 90]
    assert (grid.pair[:, 3] & 1).tolist() == [0, 1]


def test_what_is_missed_weighs_by_its_level() -> None:
    visits = (
        day_visit("A", 1, sos=True),
        day_visit("B", 2, mandatory=True),
        day_visit("C", 3, prize=60),
        day_visit("S", 4, kind="dropoff", portions=(Portion(0, 4),)),
    )
    grid = grid_of(in_a_row((VAN,), visits, (Item("soup", "cold", 0),)))
    assert grid.visit[:, LEVEL : LEVEL + 4].tolist() == [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 60, 0],
        [0, 0, 0, 4],
    ]
    penalty = grid.visit[:, PENALTY].tolist()
    assert penalty == sorted(penalty, reverse=True)
    assert grid.visit[0, [OPENS, OPENS + 1]].tolist() == [0, 86_400]


def test_relations_that_share_a_visit_are_one_group() -> None:
    visits = tuple(day_visit(f"V{n}", 1) for n in range(6))
    relations = (
        Relation("same_van", (0, 1)),
        Relation("not_same_day", (3, 4)),
        Relation("same_van", (1, 2)),
        Relation("same_van", (4, 5)),
    )
    grid = grid_of(in_a_row((VAN,), visits, relations=relations))
    same = grid.visit[:, SAME_GROUP]
    assert same[0] == same[1] == same[2] != same[4] == same[5]
    assert same[3] == -1
    assert (grid.visit[:, ONE_GROUP] >= 0).tolist() == [False, False, False, True, True, False]


def test_vans_that_differ_in_nothing_are_of_one_kind() -> None:
    vans = (VAN, replace(VAN, name="V2"), replace(VAN, name="V3", depot=1))
    grid = grid_of(in_a_row(vans, (day_visit("A", 1),)))
    assert grid.van[0, ALIKE] == grid.van[1, ALIKE] != grid.van[2, ALIKE]
    personal = grid_of(in_a_row(vans, (day_visit("A", 1, vans=frozenset({0})),)))
    assert len(np.unique(personal.van[:, ALIKE])) == 3


def test_equipment_is_told_by_its_bit() -> None:
    kits = (Equipment("climber"), Equipment("bath", 2))
    visits = (day_visit("A", 1, equipment=frozenset({"bath"})), day_visit("B", 2))
    grid = grid_of(in_a_row((VAN,), visits, equipment=kits))
    assert grid.rate[[KITS, UNITS, UNITS + 1]].tolist() == [2, 1, 2]
    assert grid.visit[:, NEEDS].tolist() == [2, 0]
