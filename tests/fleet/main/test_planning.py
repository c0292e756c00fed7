from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.errors import Unavailable
from fleet.main import demo_district, planning
from tests.world import DAY, context_on


def test_a_day_is_planned_here_and_now_and_published(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with context_on(database, tmp_path) as context:
        settled = demo_district.settle(context, vans=1, elders=20)
        planning.plan_now(context, settled.district_id, DAY, planning.Effort(1.0, 7, publish=True))
        with context.engine.connect() as conn:
            row = conn.execute(
                sa.select(tables.plan.c.status, tables.plan.c.version, tables.plan.c.violations)
            ).one()
            kinds = conn.scalars(sa.select(tables.outbox.c.kind)).all()
    assert tuple(row) == ("published", 1, 0)
    assert kinds == ["plan"]
    assert "published to the vans" in capsys.readouterr().out


def test_without_a_worker_it_is_said(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "_GRACE_S", 0.0)
    with context_on(database, tmp_path) as context:
        settled = demo_district.settle(context, vans=1, elders=20)
        with pytest.raises(Unavailable, match="carevan worker"):
            planning.plan_by_queue(context, settled.district_id, DAY, 0.5)
