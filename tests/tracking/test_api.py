"""The HTTP face: the vans' latest places, and what runs beside the application."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx2

from fleet.session import COOKIE
from tests.tracking.platform import context_on, dialled, fix, log_in, register, running, until


def test_the_latest_places_are_told_to_those_who_may_see_them(database: str, tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(context) as platform, dialled(platform, fleet.tokens[0]) as ws:
            await ws.send(json.dumps({"n": 1, "fix": fix(battery=0.25)}))
            await until(ws, lambda told: told.get("ack") == 1)
            assert platform.tracking.trouble == ""
            assert platform.tracking.gateway.connected == 1
            async with httpx2.AsyncClient(base_url=f"http://{platform.address}", trust_env=False) as client:
                assert (await client.get("/api/vans")).status_code == 400
                told = (await client.get("/api/vans", headers={"Cookie": f"{COOKIE}={cookie}"})).json()
        (van,) = told["vans"]
        assert (van["van_id"], van["t"], van["battery"]) == (fleet.vans[0], fix()["t"], 0.25)
        assert told["now"] >= van["received"]

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    cookie, _ = log_in(context.engine, fleet.district_id)
    asyncio.run(scene())
