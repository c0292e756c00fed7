from __future__ import annotations

from dataclasses import replace

from routing.patrol import fill
from routing.place import squeeze
from routing.timetable import patrol_s, timetable
from tests.routing.instances import district


def test_slack_is_filled_until_no_patrol_is_owed_and_no_visit_gives_way() -> None:
    problem = replace(
        district(vans=2, visits=12, dropoffs=2, cells=12, side_m=3000), patrol_target_s=4 * 3600
    )
    orders = squeeze(problem, ((), ()))
    full = fill(problem, orders)
    for van, calls in enumerate(full):
        table = timetable(problem, van, calls)
        assert not table.breaches
        assert patrol_s(problem, van, table.stops) >= problem.patrol_target_s
        assert tuple(call for call in calls if call.kind != "pass") == orders[van]
        assert all(van in problem.cells[call.index].vans for call in calls if call.kind == "pass")


def test_without_beats_nothing_is_added() -> None:
    problem = district(vans=2, visits=4, dropoffs=0, cells=0)
    orders = squeeze(problem, ((), ()))
    assert fill(problem, orders) == orders
