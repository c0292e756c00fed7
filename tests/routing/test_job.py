from __future__ import annotations

import pytest
import sqlalchemy as sa

from fleet.errors import Conflict, InvalidInput, NotFound
from routing import job
from routing.job import Asking
from routing.search import Progress
from tests.routing.town import DAY, MORNING, seed


@pytest.fixture
def district_id(conn: sa.Connection) -> int:
    return seed(conn)


def test_a_job_goes_its_way(conn: sa.Connection, district_id: int) -> None:
    job_id = job.add(conn, Asking(district_id, DAY, "account:1", 5.0, 3), MORNING)
    assert job.find(conn, district_id, job_id).status == "waiting"
    assert job.start(conn, job_id)
    assert not job.start(conn, job_id)
    assert not job.advance(conn, job_id, Progress(0.5, "visits", 40, 2))
    found = job.find(conn, None, job_id)
    assert (found.status, found.share_done, found.served, found.unserved) == ("running", 0.5, 40, 2)
    job.fail(conn, job_id, InvalidInput("No van has a shift on {day}.", day=DAY), MORNING)
    found = job.find(conn, district_id, job_id)
    assert found.status == "failed"
    assert job.reason_of(found, "en") == "No van has a shift on 2026-01-14."


def test_one_job_a_day_waits_at_a_time(conn: sa.Connection, district_id: int) -> None:
    asking = Asking(district_id, DAY, "account:1")
    job_id = job.add(conn, asking, MORNING)
    with pytest.raises(Conflict, match=f"job {job_id}"):
        job.add(conn, asking, MORNING)
    job.start(conn, job_id)
    assert job.add(conn, asking, MORNING) > job_id


def test_cancelling(conn: sa.Connection, district_id: int) -> None:
    asking = Asking(district_id, DAY, "account:1")
    waiting = job.add(conn, asking, MORNING)
    job.cancel(conn, district_id, waiting, "account:1", MORNING)
    assert job.find(conn, district_id, waiting).status == "cancelled"
    assert not job.start(conn, waiting)
    running = job.add(conn, asking, MORNING)
    job.start(conn, running)
    job.cancel(conn, district_id, running, "account:1", MORNING)
    assert job.advance(conn, running, Progress(0.5, "visits", 0, 0))
    job.cancelled(conn, running, MORNING)
    with pytest.raises(Conflict, match="already ended"):
        job.cancel(conn, district_id, running, "account:1", MORNING)
    with pytest.raises(NotFound):
        job.cancel(conn, district_id + 1, running, "account:1", MORNING)
    assert job.reason_of(job.find(conn, district_id, running), "zh") == ""
