"""The replay's data over HTTP: whose it is, and that it is whole."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx2

from fleet.clock import Clock
from fleet.session import COOKIE
from replay.api import router
from replay.playback import delta_decode
from tests.replay.seeding import DAY, LAT, LON, MORNING, add_fixes, seed
from tests.replay.serving import app_with, context_on, log_in, serving


def test_the_fleets_day_for_those_who_may_see_it(database: str, tmp_path: Path) -> None:
    with context_on(database, Clock.opening(MORNING), tmp_path) as context:
        with context.engine.begin() as conn:
            here, other = seed(conn), seed(conn, "另一区")
            track = [(MORNING + timedelta(seconds=n), LON + n / 1e4, LAT) for n in range(5)]
            add_fixes(conn, here.vans[0], here.terminals[0], track)
        with (
            serving(app_with(context, router)) as url,
            httpx2.Client(base_url=url, trust_env=False) as client,
        ):
            assert client.get(f"/api/replay/{DAY}").status_code == 401
            client.cookies.set(COOKIE, log_in(context.engine, here.account_id, here.district_id, "viewer"))
            whole = client.get(f"/api/replay/{DAY}").json()
            assert [van["id"] for van in whole["vans"]] == list(here.vans)
            assert delta_decode(whole["vans"][0]["t"])[-1] - whole["start"] == 8.5 * 3600_000 + 4000
            assert delta_decode(whole["vans"][0]["lon_e6"])[-1] == 115_980_400
            assert whole["vans"][0]["stops"][0]["name"] == "刘*珍"
            assert whole["vans"][1]["t"] == []
            one = client.get(f"/api/replay/{DAY}/{here.vans[0]}").json()
            assert one["vans"] == whole["vans"][:1]
            assert client.get(f"/api/replay/{DAY}/{other.vans[0]}").status_code == 404
            assert client.get("/api/replay/yesterday").status_code == 422
            assert client.get("/api/replay").json() == {"days": [str(DAY)]}
