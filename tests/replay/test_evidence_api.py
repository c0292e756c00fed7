"""The evidence of a day over HTTP: whose it is, its shape, its table."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.clock import Clock
from fleet.session import COOKIE
from fleet.units import moment_of
from replay.evidence import write_day
from replay.evidence_api import router
from tests.replay.day import at, drive, stays_of
from tests.replay.seeding import DAY, LAT, LON, MORNING, Seeded, seed
from tests.replay.serving import app_with, context_on, log_in, serving


def a_served_day(conn: sa.Connection, here: Seeded) -> None:
    """The first stop is served, the second is stood at and left without a tap."""
    conn.execute(
        tables.event.insert().values(
            terminal_id=here.terminals[0],
            id=UUID(int=1),
            district_id=here.district_id,
            van_id=here.vans[0],
            t=moment_of(at(34)),
            kind="done",
            stop_id=here.visit_stop,
            received_at=moment_of(at(35)),
        )
    )
    track = drive([(0, 5, (LON, LAT)), (20, 35, (LON + 0.01, LAT)), (41, 50, (LON + 0.02, LAT))])
    write_day(conn, here.district_id, here.vans[0], DAY, track, stays_of(track), moment_of(at(60)))


def test_a_day_of_evidence_for_those_who_may_see_it(database: str, tmp_path: Path) -> None:
    with context_on(database, Clock.opening(MORNING), tmp_path) as context:
        with context.engine.begin() as conn:
            here, other = seed(conn), seed(conn, "另一区")
            a_served_day(conn, here)
        with (
            serving(app_with(context, router)) as url,
            httpx2.Client(base_url=url, trust_env=False) as client,
        ):
            assert client.get(f"/api/evidence/{DAY}").status_code == 401
            assert client.get(f"/api/evidence/{DAY}.csv").status_code == 401
            client.cookies.set(COOKIE, log_in(context.engine, here.account_id, here.district_id, "viewer"))
            whole = client.get(f"/api/evidence/{DAY}").json()
            assert whole["day"] == str(DAY) and whole["timezone"] == "Asia/Shanghai"
            assert [van["id"] for van in whole["vans"]] == list(here.vans)
            first = whole["vans"][0]
            assert first["verdicts"] == {"served": 1, "arrived": 1}
            assert first["grades"] == {"B": 1}
            served, handed = first["stops"]
            assert served["name"] == "刘*珍"
            assert served["verdict"] == "served" and served["arrived"] == pytest.approx(at(20), abs=30_000)
            assert sum(part["points"] for part in served["parts"]) == served["score"] == 80
            assert handed["grade"] is None and handed["parts"] == []
            one = client.get(f"/api/evidence/{DAY}/{here.vans[0]}").json()
            assert one["vans"] == whole["vans"][:1]
            assert client.get(f"/api/evidence/{DAY}/{other.vans[0]}").status_code == 404
            assert client.get("/api/evidence/yesterday").status_code == 422
            assert client.get(f"/api/evidence/{DAY}.csv").status_code == 403
            role = log_in(context.engine, here.account_id, here.district_id, "dispatcher")
            client.cookies.set(COOKIE, role)
            for language, said in (("zh", ("判定", "已服务")), ("en", ("Verdict", "Served"))):
                answer = client.get(f"/api/evidence/{DAY}.csv", params={"language": language})
                assert answer.headers["content-type"].startswith("text/csv")
                header, line, *_ = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
                assert dict(zip(header, line, strict=True))[said[0]] == said[1]
                assert "刘淑珍" not in answer.text
        with context.engine.connect() as conn:
            t = tables.audit
            exports = sa.select(t.c.object).where(t.c.action == "evidence.export")
            assert conn.scalars(exports).all() == [f"day:{DAY}"] * 2
