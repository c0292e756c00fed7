"""Who may take a track away, that it is written down, and that breaking off leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import get_args

import gpxpy
import httpx2
import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.accounts import Role
from fleet.clock import Clock
from fleet.context import Context
from fleet.main.app import create_app
from fleet.session import COOKIE
from replay import export_api
from replay.export import Format
from tests.replay.seeding import DAY, LAT, LON, MORNING, Seeded, add_fixes, seed
from tests.replay.serving import context_on, log_in, serving
from tests.replay.taking import put_fixes


@contextmanager
def asking(context: Context, here: Seeded, role: Role) -> Iterator[httpx2.Client]:
    with (
        serving(create_app(context)) as url,
        httpx2.Client(base_url=url, trust_env=False, headers={"Accept-Language": "zh"}) as client,
    ):
        client.cookies.set(COOKIE, log_in(context.engine, here.account_id, here.district_id, role))
        yield client


def audited(context: Context) -> list[tuple[str, dict[str, object]]]:
    a = tables.audit
    with context.engine.connect() as conn:
        found = conn.execute(sa.select(a.c.object, a.c.detail).where(a.c.action == "track.export"))
        return [(row.object, row.detail) for row in found]


def test_a_dispatcher_takes_a_day_away_and_it_is_written_down(database: str, tmp_path: Path) -> None:
    with context_on(database, Clock.opening(MORNING), tmp_path) as context:
        with context.engine.begin() as conn:
            here, other = seed(conn), seed(conn, "另一区")
            track = [(MORNING + timedelta(seconds=n), LON + n / 1e4, LAT) for n in range(5)]
            add_fixes(conn, here.vans[0], here.terminals[0], track)
        path = f"/api/export/{here.vans[0]}?first={DAY}"
        with asking(context, here, "viewer") as client:
            assert client.get(path).status_code == 403
            client.cookies.delete(COOKIE)
            assert client.get(path).status_code == 401
        assert audited(context) == []
        with asking(context, here, "dispatcher") as client:
            answer = client.get(path)
            assert answer.headers["content-type"] == "application/gpx+xml"
            assert answer.headers["cache-control"] == "no-store"
            assert f"_{DAY}.gpx" in answer.headers["content-disposition"]
            assert len(gpxpy.parse(answer.text).tracks[0].segments[0].points) == 5
            for kind in get_args(Format):
                taken = client.get(f"{path}&last={DAY + timedelta(days=1)}&format={kind}")
                assert taken.status_code == 200 and taken.content, kind
            days = {"first": str(DAY), "last": str(DAY)}
            assert audited(context)[0] == (f"van:{here.vans[0]}", {"format": "gpx", "days": days})
            assert len(audited(context)) == 5
            assert client.get(f"/api/export/{other.vans[0]}?first={DAY}").status_code == 404
            assert client.get(f"{path}&format=kml").status_code == 422
            long = client.get(f"{path}&last={DAY + timedelta(days=40)}")
            assert long.status_code == 422 and "最多 31 天" in long.json()["error"]
            assert len(audited(context)) == 5, "nothing left the house"


def test_as_many_as_may_run_do_run(database: str, tmp_path: Path) -> None:
    with context_on(database, Clock.opening(MORNING), tmp_path) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
        with asking(context, here, "planner") as client:
            path = f"/api/export/{here.vans[0]}?first={DAY}&format=csv"
            for _ in range(export_api.AT_ONCE):
                assert export_api.running.acquire(timeout=20)
            answer = client.get(path)
            assert answer.status_code == 429 and "4 个导出" in answer.json()["error"]
            export_api.running.release(export_api.AT_ONCE)
            assert client.get(path).status_code == 200
            codes = [client.get(path).status_code for _ in range(20)]
            assert codes[-1] == 429, "an address asks twenty times a minute at most"


@pytest.mark.parametrize("kind", get_args(Format))
def test_a_download_that_breaks_off_leaves_no_cursor_and_gives_its_place_back(
    database: str, tmp_path: Path, kind: str
) -> None:
    with context_on(database, Clock.opening(MORNING), tmp_path) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
            put_fixes(conn, here.vans[0], days=6, every_s=3)
        with asking(context, here, "dispatcher") as client:
            last = DAY + timedelta(days=5)
            for _ in range(2):
                path = f"/api/export/{here.vans[0]}?first={DAY}&last={last}&format={kind}"
                with client.stream("GET", path) as answer:
                    assert answer.status_code == 200
                    assert next(answer.iter_raw(1000))
            for _ in range(export_api.AT_ONCE):
                assert export_api.running.acquire(timeout=60), "its place is free again"
            export_api.running.release(export_api.AT_ONCE)
            with context.engine.connect() as conn:
                busy = conn.exec_driver_sql(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid() AND state <> 'idle'"
                    " AND strpos(query, 'track_to_export') > 0"
                )
                assert busy.scalar_one() == 0
