from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from fleet import accounts, registry, tables, terminals
from fleet.clock import wall_now
from fleet.main import demo_district
from tests.world import DAY, context_on


def test_settled_with_fresh_tokens_and_logins_each_time(database: str, tmp_path: Path) -> None:
    with context_on(database, tmp_path) as context:
        first = demo_district.settle(context, vans=2, elders=40)
        second = demo_district.settle(context, vans=2, elders=40)
        with context.engine.begin() as conn:
            assert len(registry.vans(conn, first.district_id)) == 2
            assert len(registry.recipients(conn, first.district_id)) == 40
            assert second.district_id == first.district_id
            for name, token in first.tokens.items():
                assert terminals.by_token(conn, token) is None
                assert terminals.by_token(conn, second.tokens[name]) is not None
            password, role = second.logins["planner"]
            assert role == "planner"
            assert isinstance(
                accounts.log_in(conn, "planner", first.logins["planner"][0], wall_now()), accounts.Refusal
            )
            assert isinstance(accounts.log_in(conn, "planner", password, wall_now()), accounts.Account)
        assert demo_district.shift_end(context, first.district_id, DAY) is not None
        assert demo_district.totals(context, first.district_id, DAY) == {
            "fixes": {"stored": 0},
            "events": {"stored": 0},
            "plan": {},
            "visits": {"completed": 0},
        }


def test_between_the_seasons_a_planners_word_serves_tea(database: str, tmp_path: Path) -> None:
    with context_on(database, tmp_path) as context:
        settled = demo_district.settle(context, vans=1, elders=20)
        demo_district.extend(context, settled, DAY.replace(month=10))
        demo_district.extend(context, settled, DAY + timedelta(days=1))
        with context.engine.connect() as conn:
            overrides = conn.execute(
                sa.select(tables.season_override.c.day_from, tables.season_override.c.season)
            ).all()
    assert [tuple(row) for row in overrides] == [(DAY.replace(month=10), "winter")]
