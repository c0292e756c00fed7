"""Readings of the live feed: whole or of some vans, by the registry's district, over a lost connection."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import psycopg
import pytest

from fleet import journal
from fleet.db import make_engine
from tests.tracking.platform import LAT, LON, NOON, NOON_MS, register
from tracking.ring import EntryRow, VanRow
from tracking.survey import MOST_ENTRIES, Survey


def test_vans_states_and_journals_are_read_as_they_are_told(database: str) -> None:
    engine = make_engine(database)
    here, there = register(engine, vans=2), register(engine, vans=0, name="邻区")
    with psycopg.connect(database) as conn:
        for van_id in (*here.vans, 9_999):
            conn.execute(
                "INSERT INTO van_state VALUES (%s, %s, %s, 1, 0, %s, %s, 8.3, NULL, 0.5, %s)",
                (van_id, here.district_id, NOON, LON + 1e-9, LAT, NOON + timedelta(milliseconds=1500)),
            )
        conn.execute("UPDATE van SET district_id = %s WHERE id = %s", (there.district_id, here.vans[1]))
    with engine.begin() as sql:
        for n in range(MOST_ENTRIES + 2):
            journal.raise_state(sql, here.district_id, NOON, "tap", {"n": n})

    async def scene() -> None:
        survey = Survey(database)
        rows = [VanRow(van_id, NOON_MS, LON, LAT, 8.3, None, 0.5, NOON_MS + 1500) for van_id in here.vans]
        # A van that the registry has moved is read in its new district, one it does not know not at all.
        every = [(here.district_id, rows[0]), (there.district_id, rows[1])]
        assert sorted(await survey.vans(None)) == sorted(every)
        assert await survey.vans([here.vans[1], 9_999]) == every[1:]
        assert await survey.states() == {here.district_id: MOST_ENTRIES + 2}
        page = await survey.journal(here.district_id, 1)
        assert len(page) == MOST_ENTRIES
        assert page[0] == EntryRow(2, NOON_MS, "tap", {"n": 1})
        assert [entry.state for entry in await survey.journal(here.district_id, page[-1].state)] == [502]
        with psycopg.connect(database, autocommit=True) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE application_name = 'carevan feed' AND datname = current_database()"
            )
        with pytest.raises(psycopg.OperationalError):
            await survey.states()
        assert await survey.states() == {here.district_id: MOST_ENTRIES + 2}
        await survey.close()

    asyncio.run(scene())
    engine.dispose()
