from __future__ import annotations

import json
from datetime import datetime

from routing import plan_json
from tests.routing.test_sheaf import sheaf


def test_a_program_reads_the_plan_back() -> None:
    what = sheaf()
    told = json.loads(b"".join(plan_json.write(what)))
    assert told["plan"]["levels"] == dict(what.plan.levels)
    assert [van["code"] for van in told["vans"]] == ["V3", "V4"]
    stops = [stop for van in told["vans"] for stop in van["stops"]]
    assert [(s["id"], s["kind"], s["lon"], s["lat"]) for s in stops] == [
        (s.id, s.kind, s.lon, s.lat) for s in what.stops
    ]
    assert [datetime.fromisoformat(s["begins"]) for s in stops] == [s.begins for s in what.stops]
    assert stops[1]["flags"] == ["无糖", "爬楼机"] and stops[1]["begins"].endswith("+08:00")
    assert stops[2]["portions"][0] == {"item": "绿豆汤", "cups": 30}
    assert told["vans"][0]["line"] == [list(point) for point in what.routes[0].line]
    assert told["unserved"][0]["reasons"] and "刘淑珍" not in json.dumps(told, ensure_ascii=False)
