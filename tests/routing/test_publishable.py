from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from fleet.errors import Conflict
from fleet.roads import Roads
from routing import store
from routing.agenda import build
from routing.publishable import missing_of, refuse
from routing.scenario import Told, settled
from routing.search import Effort, solve
from tests.routing.town import DAY, MORNING, seed


def test_what_breaks_a_rule_or_stands_on_what_is_not_there_is_refused(conn: sa.Connection) -> None:
    agenda = build(conn, Roads(""), seed(conn), DAY)
    made = solve(agenda.problem, Effort(seconds=0.2))
    lines = [[(116.0, 36.0), (116.1, 36.0)] for _ in made.routes]
    plan_id = store.save_draft(conn, agenda, made, store.Made(MORNING, "command", 1, {}, lines, 0))
    row = store.find_plan(conn, agenda.district_id, plan_id)
    refuse(conn, agenda.district_id, row)
    with pytest.raises(Conflict, match="breaks 2 rules"):
        refuse(conn, agenda.district_id, replace(row, violations=2))
    told = settled(agenda, [Told("cups", agenda.van_ids[0], cups=5, what="hot"), Told("patrol", minutes=200)])
    assert missing_of(conn, agenda.district_id, DAY, told) == told
    assumed = replace(row, scenario=[each.as_json() for each in told])
    with pytest.raises(Conflict, match="holds 5 more cups"):
        refuse(conn, agenda.district_id, assumed)
