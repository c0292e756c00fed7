from __future__ import annotations

from pathlib import Path

import pytest

from fleet.errors import InvalidInput, NotFound
from fleet.main import plan_filing
from routing.planner import Wish, plan_day
from routing.vroom_solution import decode
from tests.routing.town import DAY, context_on, seed


def test_a_plan_is_written_to_a_file(
    database: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    context = context_on(database, tmp_path)
    with context.engine.begin() as conn:
        district_id = seed(conn)
    plan_id = plan_day(context, district_id, DAY, Wish(seconds=0.3))
    out = tmp_path / "plan.vroom.json"
    plan_filing.write(context, district_id, plan_id, "vroom", out)
    assert decode(out.read_bytes()).summary.routes == 2
    capfdbinary.readouterr()
    plan_filing.write(context, district_id, plan_id, "csv", None)
    assert capfdbinary.readouterr().out.startswith(b"\xef\xbb\xbf")
    with pytest.raises(InvalidInput, match="kml"):
        plan_filing.write(context, district_id, plan_id, "kml", None)
    with pytest.raises(InvalidInput, match="cannot be written"):
        plan_filing.write(context, district_id, plan_id, "json", tmp_path)
    with pytest.raises(NotFound):
        plan_filing.write(context, district_id, 987_654, "json", None)
    context.engine.dispose()
