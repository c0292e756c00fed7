"""A van's past as columns equals its past as rows."""

from __future__ import annotations

import asyncio
import math
from datetime import timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fleet import terminals
from fleet.db import make_engine
from fleet.units import moment_of
from tests.tracking.platform import LAT, LON, NOON, NOON_MS, register
from tests.tracking.storing import store as put
from tracking import history, store
from tracking.fix import Fix
from tracking.source import Source
from tracking.track import Fixes


def test_columns_hold_what_rows_hold(database: str) -> None:
    engine = make_engine(database)
    fleet = register(engine, 2)
    fixes = [
        Fix(t=NOON_MS - 1000 * n, lon=LON + n * 1e-4, lat=LAT, speed_mps=n / 4 if n % 3 else None,
            heading_deg=10.0 * n, accuracy_m=500.0 if n == 2 else None, battery=0.5)
        for n in range(10)
    ]  # fmt: skip
    whose = [Source(fleet.terminals[n], fleet.vans[n], fleet.district_id) for n in range(2)]
    asyncio.run(put(database, [(whose[0], fixes, None, False), (whose[1], fixes[:3], None, False)]))
    with engine.connect() as conn:
        starts, ends = NOON - timedelta(seconds=8), NOON
        rows = sorted(store.track(conn, fleet.vans[0], starts, ends))
        found = history.fixes_of(conn, fleet.vans[0], starts, ends)
        order = np.argsort(found.t_ms)
        columns = found.take(order)
        assert len(rows) == len(columns) == 8
        for n, row in enumerate(rows):
            assert columns.t_ms[n] == round(row.t.timestamp() * 1000)
            assert (columns.terminal_id[n], columns.digest[n]) == (row.terminal_id, row.digest)
            assert (columns.lon[n], columns.lat[n], columns.flags[n]) == (row.lon, row.lat, row.flags)
            assert columns.received_ms[n] == round(row.received_at.timestamp() * 1000)
            for name in ("speed_mps", "heading_deg", "accuracy_m"):
                value, told = float(getattr(columns, name)[n]), getattr(row, name)
                assert math.isnan(value) if told is None else value == told
            assert columns.battery[n] == 0.5
        both = history.fixes_of_vans(conn, fleet.vans, starts, NOON + timedelta(seconds=1))
        assert {van: len(each) for van, each in both.items()} == {fleet.vans[0]: 9, fleet.vans[1]: 3}
        assert history.fixes_of_vans(conn, fleet.vans, starts, ends, NOON) == {}
        assert len(history.fixes_of(conn, 999, starts, ends)) == 0
        assert history.primary_terminals(conn, fleet.vans) == dict(
            zip(fleet.vans, fleet.terminals, strict=True)
        )
    engine.dispose()


def test_a_revoked_terminal_outranks_the_others_in_what_it_sent_before(database: str) -> None:
    engine = make_engine(database)
    fleet = register(engine, 2)
    with engine.begin() as conn:
        before = history.primary_terminals(conn, fleet.vans)
        terminals.revoke(conn, fleet.terminals[0], NOON)
        assert history.primary_terminals(conn, fleet.vans) == before
        assert before[fleet.vans[0]] == fleet.terminals[0]
    engine.dispose()


def _received(*seconds: int) -> Fixes:
    """A fix received at each of these seconds."""
    count = len(seconds)
    ints, floats = np.zeros(count, np.int64), np.zeros(count)
    t_ms = np.array(seconds, np.int64) * 1000
    return Fixes(t_ms, ints, ints, floats, floats, floats, floats, floats, floats, ints, t_ms)


@given(st.lists(st.integers(0, 60), unique=True), st.lists(st.integers(0, 60), unique=True, min_size=1))
def test_catching_up_holds_each_fix_once(seconds: list[int], looks: list[int]) -> None:
    """Each look sees what was received until then, and some of it a second time."""
    held, since = history.NONE, None
    for until in sorted(looks):
        after = -1 if since is None else since.timestamp()
        found = _received(*[each for each in seconds if after < each <= until])
        held = history.caught_up(held, found, since)
        since = moment_of(max(0, until - 30) * 1000)
    assert sorted(held.t_ms.tolist()) == sorted(each * 1000 for each in seconds if each <= max(looks))
