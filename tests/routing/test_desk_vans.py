from __future__ import annotations

from pathlib import Path

from tests.routing.test_desk_api import Here, calls, levels
from tests.routing.town import context_on


def test_every_van_says_what_it_would_take_for_a_visit_or_what_forbids_it(
    database: str, tmp_path: Path
) -> None:
    here = Here(context_on(database, tmp_path))
    whole = here.tried(show="whole")
    first, second = (van["id"] for van in whole["vans"])
    key, held = calls(whole, first)[1], calls(whole, first)[0]
    path = f"/api/plans/{here.plan_id}/desk/vans"
    own, other = here.planner.post(path, json={"visit": key}).json()["vans"]
    assert (own["van"], own["here"], own["levels"], own["edits"]) == (first, True, [], [])
    assert (other["van"], other["here"]) == (second, False)
    after = here.tried(*other["edits"])
    assert {e["key"]: e["value"] for e in other["levels"]}.items() <= levels(after).items()
    assert after["troubles"] == []
    # Locked: the other van is forbidden, and what takes that back comes with the answer.
    lock = {"kind": "lock", "visit": key, "van": first}
    *_, kept = here.planner.post(path, json={"visit": key, "edits": [lock]}).json()["vans"]
    assert "已指定由其他车辆服务" in kept["said"][0]
    assert [each["kind"] for each in kept["edits"]] == ["unlock", "move"]
    assert key in calls(here.tried(lock, *kept["edits"]), second)
    hold = {"kind": "hold", "van": first, "position": 1}
    refused = here.planner.post(path, json={"visit": held, "edits": [hold]})
    assert (refused.status_code, "is held among the first stops" in refused.text) == (400, True)
    assert here.client("viewer").post(path, json={"visit": "p0"}).status_code == 400
    here.context.engine.dispose()
