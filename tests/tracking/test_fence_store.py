"""Fences in a real database; PostGIS and the algebra in memory judge random tracks alike."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from fleet.errors import NotFound
from fleet.units import moment_of
from tests.tracking.fencing import T0_MS, fence_of, fences, rows, square, track_of
from tests.world import World, people
from tracking import fence_store
from tracking.fence import MARGIN_M, Fence, Hours, Outline
from tracking.fence_terms import Draft
from tracking.fences import Fences
from tracking.passage import passages
from tracking.track import Track

SINCE, UNTIL = moment_of(T0_MS), moment_of(T0_MS) + timedelta(days=1)
BORDER_M = 0.01
"""Places nearer to a border than this may be judged either way."""


def _draft(fence: Fence, code: str) -> Draft:
    radius_m = fence.radius_m or None
    return Draft(code, code, fence.kind, fence.shape, radius_m, tells=("enter", "exit", "dwell"), dwell_s=120)


@pytest.fixture
def world(conn: sa.Connection) -> World:
    conn.execute(
        sa.text(
            "CREATE TABLE fix_of_the_test PARTITION OF fix "
            "FOR VALUES FROM ('2026-07-22 00:00+00') TO ('2026-07-23 00:00+00')"
        )
    )
    return people(conn)


def _store(conn: sa.Connection, world: World, track: Track, *, flags: int = 0, digest: int = 0) -> None:
    statement = sa.text(
        "INSERT INTO fix (van_id, t, terminal_id, digest, geom, flags, received_at) "
        "VALUES (:van, :t, :terminal, :digest, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :flags, :t)"
    )
    places = zip(track.t_ms.tolist(), track.lon.tolist(), track.lat.tolist(), strict=True)
    whose = {"van": world.vans[0], "terminal": world.terminals[0], "digest": digest, "flags": flags}
    made = [{**whose, "t": moment_of(t), "lon": lon, "lat": lat} for t, lon, lat in places]
    if made:
        conn.execute(statement, made)


def _is_clear(fence: Fence, spots: Sequence[tuple[float, float, float]]) -> bool:
    """Whether no place and no way between two comes so near to a border that a rounding might decide."""
    core, reach_m = Outline(fence).plane.flat(fence.shape), 0.0 if fence.kind == "area" else fence.radius_m
    track = track_of(spots)
    places = np.column_stack(Outline(fence).plane.metres(track.lon, track.lat))
    lines: list[BaseGeometry] = [shapely.Point(each) for each in places]
    lines += [shapely.LineString(pair) for pair in itertools.pairwise(places) if (pair[0] != pair[1]).any()]
    for border_m in (reach_m, reach_m + MARGIN_M):
        wide, narrow = (core.buffer(border_m + by_m, quad_segs=256) for by_m in (BORDER_M, -BORDER_M))
        if any(line.intersects(wide) != line.intersects(narrow) for line in lines):
            return False
    return True


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(fences, min_size=1, max_size=4), rows)
def test_postgis_and_memory_agree(
    conn: sa.Connection, world: World, found: list[Fence], spots: list[tuple[float, float, float]]
) -> None:
    track = track_of(spots)
    with conn.begin_nested() as step:
        _store(conn, world, track)
        clear = [each for each in found if _is_clear(each, spots)]
        drafts = [_draft(each, f"f{n}") for n, each in enumerate(clear)]
        fence_store.put(conn, world.district_id, drafts, SINCE)
        van, district = world.vans[0], world.district_id
        by_postgis = fence_store.passages(conn, van, district, SINCE, UNTIL)
        kept = fence_store.in_use(conn, district)
        assert by_postgis == Fences(kept).past(van, district, track)
        told = [each for fence in kept for each in passages(track, fence)]
        assert by_postgis == tuple(sorted(told, key=lambda each: (each.t_ms, each.fence_id)))
        step.rollback()


def test_of_conflicting_and_flagged_fixes_the_chosen_ones_count(conn: sa.Connection, world: World) -> None:
    fence_store.put(conn, world.district_id, [_draft(fence_of(square(100)), "f1")], SINCE)
    _store(conn, world, track_of([(0, -300, 0), (60, -200, 0)]))
    _store(conn, world, track_of([(30, 0, 0)]), flags=2)
    _store(conn, world, track_of([(60, 0, 0)]), digest=5)
    assert fence_store.passages(conn, world.vans[0], world.district_id, SINCE, UNTIL) == ()


def test_a_fence_comes_back_as_it_was_put(conn: sa.Connection, world: World) -> None:
    night = replace(
        _draft(fence_of(shapely.Point(5, 5), 33.3), "night"),
        van_ids=(world.vans[1],),
        valid_from=SINCE,
        valid_to=UNTIL,
        hours=(time(22), time(6, 30)),
        tells=("exit",),
    )
    assert fence_store.put(conn, world.district_id, [night], SINCE) == 0
    (fence,) = fence_store.in_use(conn)
    assert fence.radius_m == 33.3 and fence.shape.equals(night.shape) and fence.code == "night"
    assert fence.hours == Hours(22 * 3600, 6 * 3600 + 1800, "Asia/Shanghai")
    assert (fence.valid_from_ms, fence.valid_to_ms) == (T0_MS, T0_MS + 86_400_000)
    assert fence.van_ids == frozenset((world.vans[1],)) and fence.tells == {"exit"} and fence.dwell_s == 120
    assert fence_store.passages(conn, world.vans[0], world.district_id, SINCE, UNTIL) == ()


def test_a_known_code_is_changed_and_a_retired_one_comes_back(conn: sa.Connection, world: World) -> None:
    draft, district = _draft(fence_of(square(100)), "f1"), world.district_id
    fence_store.put(conn, district, [draft], SINCE)
    (before,) = fence_store.in_use(conn, district)
    assert fence_store.retire(conn, district, "f1", UNTIL) == before.id
    assert fence_store.in_use(conn, district) == ()
    (entry,) = fence_store.entries(conn, district)
    assert (entry.code, entry.kind, entry.retired_at) == ("f1", "area", UNTIL)
    with pytest.raises(NotFound, match="no fence 'f1' in use"):
        fence_store.retire(conn, district, "f1", UNTIL)
    assert fence_store.put(conn, district, [replace(draft, dwell_s=7)], UNTIL) == 1
    (after,) = fence_store.in_use(conn, district)
    assert (after.id, after.dwell_s) == (before.id, 7)


def test_a_fence_counts_from_its_first_day_until_it_is_retired(conn: sa.Connection, world: World) -> None:
    noon, district = SINCE, world.district_id
    fence_store.put(conn, district, [_draft(fence_of(square(100)), code) for code in ("a", "b", "c")], noon)
    fence_store.retire(conn, district, "b", noon + timedelta(hours=1))
    fence_store.retire(conn, district, "c", noon - timedelta(hours=1))
    found = fence_store.counting(conn, district, noon, noon + timedelta(hours=2))
    assert [(each.code, each.valid_to_ms) for each in found] == [("a", None), ("b", T0_MS + 3_600_000)]
    assert fence_store.counting(conn, district, noon - timedelta(days=1), noon) == (), "drawn after that day"


def test_an_edition_tells_whether_anything_of_a_fence_is_another(conn: sa.Connection, world: World) -> None:
    def edition() -> str:
        return fence_store.edition(conn, world.district_id)

    none = edition()
    draft = _draft(fence_of(square(100)), "a")
    fence_store.put(conn, world.district_id, [draft], SINCE)
    first = edition()
    fence_store.put(conn, world.district_id, [draft], SINCE)
    assert edition() == first != none
    fence_store.put(conn, world.district_id, [replace(draft, tells=("exit",))], SINCE)
    second = edition()
    fence_store.retire(conn, world.district_id, "a", SINCE)
    assert len({none, first, second, edition()}) == 4
