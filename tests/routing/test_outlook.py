"""Looking ahead from the registry: vans' time, neighbourhoods, and what a day's agenda makes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from fleet import registry, tables
from fleet.errors import InvalidInput
from fleet.roads import Roads
from routing import outlook
from routing.agenda import build
from routing.outlook import Shares
from tests.routing.town import DAY, seed


def test_a_shift_leaves_patrol_its_share() -> None:
    assert Shares().of_shift_s(8 * 3600) == round(0.9 * (8 * 3600 - 45 * 60 - 30 * 60))
    assert Shares(calls=0.5, break_s=0, handling_s=0).of_shift_s(3600) == 1800
    assert Shares().of_shift_s(600) == 0


def test_days_past_the_entered_shifts_are_assumed(conn: sa.Connection) -> None:
    district_id = seed(conn)
    shifts = tables.shift
    known = conn.scalar(sa.select(sa.func.max(shifts.c.day)))
    assert known == DAY + timedelta(days=7)
    # A Sunday off is a day without vans, not one that nobody has entered yet.
    sunday = DAY + timedelta(days=4)
    conn.execute(shifts.delete().where(shifts.c.day == sunday))
    found = outlook.read(conn, district_id, DAY, 14)
    assert [day.assumed for day in found.days] == [False] * 8 + [True] * 6
    assert [day.capacity_s > 0 for day in found.days] == [n not in (4, 11) for n in range(14)]
    assert not any(task for n in (4, 11) for task in found.days[n].tasks)


def test_too_few_or_too_many_days_are_refused(conn: sa.Connection) -> None:
    district_id = seed(conn)
    for days in (6, 29):
        with pytest.raises(InvalidInput, match="Ask for 7 to 28"):
            outlook.read(conn, district_id, DAY, days)


def test_the_day_s_agenda_takes_the_advice(conn: sa.Connection) -> None:
    district_id = seed(conn)
    horizon = outlook.read(conn, district_id, DAY)
    agenda = build(conn, Roads(""), district_id, DAY)
    called = {caller.recipient_id for caller in agenda.callers if caller.recipient_id}
    assert {task.recipient_id for task in horizon.days[0].tasks} <= called
    by_id = {each.id: each for each in registry.cadences(conn, district_id)}
    for caller in agenda.callers:
        if caller.cadence_id and caller.recipient_id:
            wanted = horizon.wants(caller.recipient_id, by_id[caller.cadence_id].channel)
            assert wanted is not False


def test_the_same_morning_gives_the_same_days(conn: sa.Connection) -> None:
    district_id = seed(conn)
    assert outlook.read(conn, district_id, DAY, 7) == outlook.read(conn, district_id, DAY, 7)
