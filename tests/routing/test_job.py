from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from fleet.errors import Conflict, InvalidInput, NotFound
from routing import curve, job
from routing.curve import Curve
from routing.job import Asking, Found, Hold
from routing.plan import Levels
from routing.search import Progress
from tests.routing.town import DAY, MORNING, seed

LEVELS = Levels(0, 1, 20, 3, 4, 5, 600)


@pytest.fixture
def district_id(conn: sa.Connection) -> int:
    return seed(conn)


def started(conn: sa.Connection, job_id: int) -> Hold:
    hold = job.start(conn, job_id, MORNING)
    assert hold is not None
    return hold


def test_a_job_goes_its_way(conn: sa.Connection, district_id: int) -> None:
    job_id = job.add(conn, Asking(district_id, DAY, "account:1", 5.0, 3), MORNING)
    assert job.find(conn, district_id, job_id).status == "waiting"
    hold = started(conn, job_id)
    assert (hold.attempt, hold.deaths, hold.spent_s, hold.best, hold.curve) == (1, 0, 0.0, None, Curve())
    assert job.start(conn, job_id, MORNING) is None
    assert job.advance(conn, hold, Progress(0.5, "visits", 40, 2, LEVELS), 2.5) == "go on"
    found = job.find(conn, None, job_id)
    assert (found.status, found.share_done, found.served, found.unserved) == ("running", 0.5, 40, 2)
    assert found.levels == LEVELS.figures()
    assert job.fail(conn, job_id, InvalidInput("No van has a shift on {day}.", day=DAY), MORNING, hold=hold)
    found = job.find(conn, district_id, job_id)
    assert found.status == "failed"
    assert job.reason_of(found, "en") == "No van has a shift on 2026-01-14."


def test_the_best_so_far_is_kept_with_its_curve(conn: sa.Connection, district_id: int) -> None:
    job_id = job.add(conn, Asking(district_id, DAY, "account:1"), MORNING)
    hold = started(conn, job_id)
    grown = Curve().with_point(0.4, replace(LEVELS, prize_missed=90))
    job.keep(conn, hold, grown, Found({"3": [["visit", [1, 2, 3], False]]}, LEVELS, 0.4))
    grown = grown.with_point(0.9, LEVELS)
    job.keep(conn, hold, grown, Found(None, None, 0.9))
    found = job.find(conn, None, job_id)
    assert curve.curve_of(found.curve) == grown
    assert found.found_s == pytest.approx(0.4)
    job.advance(conn, hold, Progress(0.1, "visits", 1, 1), 1.5)
    job.give_back(conn, hold)
    again = started(conn, job_id)
    assert (again.attempt, again.deaths, again.spent_s, again.curve) == (2, 0, 1.5, grown)
    assert again.best == {"3": [["visit", [1, 2, 3], False]]}


def test_who_was_taken_for_dead_writes_nothing_any_more(conn: sa.Connection, district_id: int) -> None:
    job_id = job.add(conn, Asking(district_id, DAY, "account:1"), MORNING)
    slow = started(conn, job_id)
    assert job.mourn(conn, job_id, MORNING)
    assert job.advance(conn, slow, Progress(0.5, "visits", 0, 0), 1.0) == "lost"
    quick = started(conn, job_id)
    assert quick.deaths == 1
    assert job.advance(conn, slow, Progress(0.5, "visits", 0, 0), 1.0) == "lost"
    job.keep(conn, slow, Curve(), Found({}, LEVELS, 1.0))
    assert job.find(conn, None, job_id).found_s is None
    assert not job.cancelled(conn, slow, MORNING)
    assert not job.fail(conn, job_id, InvalidInput("No."), MORNING, hold=slow)
    assert job.advance(conn, quick, Progress(0.5, "visits", 0, 0), 1.0) == "go on"
    assert job.cancelled(conn, quick, MORNING)


def test_a_job_is_begun_twice_again_then_saved_then_given_up(conn: sa.Connection, district_id: int) -> None:
    job_id = job.add(conn, Asking(district_id, DAY, "account:1"), MORNING)
    assert job.mourn(conn, job_id, MORNING), "a worker that dies before it begins costs nothing"
    for deaths in range(job.MOST_DEATHS):
        assert started(conn, job_id).deaths == deaths
        assert job.mourn(conn, job_id, MORNING)
    assert started(conn, job_id).deaths == job.MOST_DEATHS
    assert not job.mourn(conn, job_id, MORNING)
    found = job.find(conn, None, job_id)
    assert found.status == "failed"
    assert job.reason_of(found, "zh").startswith("排程进程在执行本任务时已中断 3 次")
    assert not job.mourn(conn, job_id, MORNING)


def test_one_job_a_day_waits_at_a_time(conn: sa.Connection, district_id: int) -> None:
    asking = Asking(district_id, DAY, "account:1")
    job_id = job.add(conn, asking, MORNING)
    with pytest.raises(Conflict, match=f"job {job_id}"):
        job.add(conn, asking, MORNING)
    started(conn, job_id)
    assert job.add(conn, asking, MORNING) > job_id


@pytest.mark.parametrize(("keep", "word"), [(True, "keep"), (False, "drop")])
def test_cancelling(conn: sa.Connection, district_id: int, keep: bool, word: str) -> None:
    asking = Asking(district_id, DAY, "account:1")
    waiting = job.add(conn, asking, MORNING)
    job.cancel(conn, district_id, waiting, "account:1", MORNING, keep=keep)
    assert job.find(conn, district_id, waiting).status == "cancelled"
    assert job.start(conn, waiting, MORNING) is None
    running = job.add(conn, asking, MORNING)
    hold = started(conn, running)
    job.cancel(conn, district_id, running, "account:1", MORNING, keep=keep)
    assert job.advance(conn, hold, Progress(0.5, "visits", 0, 0), 1.0) == word
    assert job.cancelled(conn, hold, MORNING)
    with pytest.raises(Conflict, match="already ended"):
        job.cancel(conn, district_id, running, "account:1", MORNING)
    with pytest.raises(NotFound):
        job.cancel(conn, district_id + 1, running, "account:1", MORNING)
    assert job.reason_of(job.find(conn, district_id, running), "zh") == ""


def test_cancelling_what_waits_for_another_worker_keeps_what_was_found(
    conn: sa.Connection, district_id: int
) -> None:
    job_id = job.add(conn, Asking(district_id, DAY, "account:1"), MORNING)
    job.give_back(conn, started(conn, job_id))
    job.cancel(conn, district_id, job_id, "account:1", MORNING)
    assert job.find(conn, None, job_id).status == "waiting"
    assert started(conn, job_id).attempt == 2
    job.mourn(conn, job_id, MORNING)
    job.cancel(conn, district_id, job_id, "account:1", MORNING, keep=False)
    assert job.find(conn, None, job_id).status == "cancelled"
