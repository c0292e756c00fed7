"""What is kept follows what is found, whichever facts come first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from fleet.db import make_engine
from fleet.units import moment_of, ms_of
from tests.world import OPENS, World, people
from tracking import alert_books, alert_store
from tracking.alarm_day import Episode
from tracking.alarm_rules import DEFAULTS
from tracking.alarms import Condition
from tracking.alert_books import Told, VanScope

MINUTE = timedelta(minutes=1)


def scope_of(world: World) -> VanScope:
    day = timedelta(hours=12)
    return VanScope(world.district_id, world.vans[0], OPENS - day, OPENS + day)


def silence(world: World, began: int, ended: int | None) -> Episode:
    """Of minutes after the opening."""
    ends = None if ended is None else ms_of(OPENS + ended * MINUTE)
    return Episode("offline", f"van:{world.vans[0]}", world.vans[0], ms_of(OPENS + began * MINUTE), ends)


def keep(conn: sa.Connection, world: World, found: Sequence[Episode], minute: int) -> list[Told]:
    return alert_books.reconcile_day(conn, scope_of(world), found, DEFAULTS, OPENS + minute * MINUTE)


def kept(conn: sa.Connection, world: World) -> list[tuple[int, int | None]]:
    """What stands and stood, in minutes after the opening."""
    scope = scope_of(world)
    rows = alert_store.between(conn, world.district_id, (scope.starts, scope.ends))
    return sorted((_minute(each.began), None if each.ended is None else _minute(each.ended)) for each in rows)


def _minute(moment: datetime) -> int:
    return round((moment - OPENS) / MINUTE)


def changes(told: Sequence[Told]) -> list[str]:
    return [each.change for each in told]


def steps(conn: sa.Connection, alert_id: int) -> list[str]:
    return [each.step for each in alert_store.steps(conn, alert_id)]


def test_an_open_silence_is_told_once_and_its_end_once(conn: sa.Connection) -> None:
    world = people(conn)
    (told,) = keep(conn, world, [silence(world, 0, None)], 6)
    assert told.change == "raised"
    assert keep(conn, world, [silence(world, 0, None)], 7) == []
    assert changes(keep(conn, world, [silence(world, 0, 9)], 10)) == ["ended"]
    assert keep(conn, world, [silence(world, 0, 9)], 11) == []
    assert steps(conn, told.alert_id) == ["raised", "ended"]


def test_a_backlog_shortens_or_withdraws_what_was_told(conn: sa.Connection) -> None:
    world = people(conn)
    (told,) = keep(conn, world, [silence(world, 0, None)], 30)
    alert_store.acknowledge(conn, world.district_id, told.alert_id, by="李建国", at=OPENS)
    assert changes(keep(conn, world, [silence(world, 8, 30)], 31)) == ["corrected"]
    assert kept(conn, world) == [(8, 30)]
    scope = scope_of(world)
    (one,) = alert_store.between(conn, world.district_id, (scope.starts, scope.ends))
    assert (one.id, one.acked_by) == (told.alert_id, "李建国"), "it is the same alert"
    assert changes(keep(conn, world, [], 40)) == ["withdrawn"]
    assert kept(conn, world) == []
    assert steps(conn, told.alert_id) == ["raised", "acknowledged", "corrected", "withdrawn"]


def test_what_is_found_afterwards_is_history_and_nobody_is_told(conn: sa.Connection) -> None:
    world = people(conn)
    assert keep(conn, world, [silence(world, 0, 20)], 60) == []
    scope = scope_of(world)
    (one,) = alert_store.between(conn, world.district_id, (scope.starts, scope.ends))
    assert one.historical
    assert keep(conn, world, [silence(world, 0, 12)], 61) == []
    assert keep(conn, world, [], 62) == []
    assert changes(keep(conn, world, [silence(world, 0, None)], 63)) == ["raised"], "now it goes on"


def test_a_silence_that_is_split_keeps_its_first_part_and_gains_a_second(conn: sa.Connection) -> None:
    world = people(conn)
    keep(conn, world, [silence(world, 0, None)], 40)
    assert changes(keep(conn, world, [silence(world, 0, 10), silence(world, 20, None)], 41)) == [
        "ended", "raised",
    ]  # fmt: skip
    assert kept(conn, world) == [(0, 10), (20, None)]


def test_another_van_s_and_another_day_s_alerts_stay(conn: sa.Connection) -> None:
    world = people(conn)
    keep(conn, world, [silence(world, 0, None)], 6)
    other = VanScope(world.district_id, world.vans[1], *(OPENS + n * timedelta(hours=12) for n in (-1, 1)))
    alert_books.reconcile_day(conn, other, [], DEFAULTS, OPENS)
    before = VanScope(world.district_id, world.vans[0], OPENS - timedelta(days=2), OPENS - MINUTE)
    alert_books.reconcile_day(conn, before, [], DEFAULTS, OPENS)
    assert kept(conn, world) == [(0, None)]


_PARTS = st.lists(st.integers(1, 60), min_size=0, max_size=8)
_FACTS = st.lists(_PARTS, min_size=1, max_size=4)


def _episodes(world: World, parts: list[int], open_end: bool) -> list[Episode]:
    """Silences with pauses between them, by their lengths in turn."""
    edges = [sum(parts[: n + 1]) for n in range(len(parts))]
    found = [silence(world, a, b) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    return [*found, silence(world, edges[-1], None)] if open_end and len(edges) % 2 else found


@given(_FACTS, st.booleans())
def test_in_the_end_only_what_was_found_last_counts(
    shared_engine: sa.Engine, facts: list[list[int]], open_end: bool
) -> None:
    with shared_engine.connect() as conn:
        transaction = conn.begin()
        world = people(conn)
        for minute, parts in enumerate(facts):
            keep(conn, world, _episodes(world, parts, open_end), 500 + minute)
        last = _episodes(world, facts[-1], open_end)
        assert kept(conn, world) == sorted(
            (_minute(moment_of(e.began_ms)), None if e.ended_ms is None else _minute(moment_of(e.ended_ms)))
            for e in last
        )
        transaction.rollback()


def condition(world: World, began: datetime, code: str = "sos_unseen") -> Condition:
    return Condition(code, "sos:7", DEFAULTS[code].severity, began)


def test_a_condition_is_raised_after_its_delay_ended_and_reopened(conn: sa.Connection) -> None:
    world = people(conn)
    risk = Condition("patrol_at_risk", f"van:{world.vans[0]}", "warn", OPENS, world.vans[0])

    def look(found: Sequence[Condition], minute: int) -> list[str]:
        at = OPENS + minute * MINUTE
        return changes(alert_books.reconcile_moment(conn, world.district_id, found, DEFAULTS, at))

    assert look([risk], 4) == []
    assert look([risk], 5) == ["raised"]
    assert look([risk], 6) == []
    assert look([], 7) == ["ended"]
    assert look([risk], 8) == ["raised"], "it is the same thing since the same time"
    assert len(alert_store.standing(conn, world.district_id)) == 1


def test_what_only_another_server_knows_it_ends_itself(conn: sa.Connection) -> None:
    world = people(conn)
    behind = Condition("server_behind", "server:a", "high", OPENS - MINUTE)
    alert_books.reconcile_moment(conn, world.district_id, [behind], DEFAULTS, OPENS, server="a")
    assert alert_books.reconcile_moment(conn, world.district_id, [], DEFAULTS, OPENS, server="b") == []
    (told,) = alert_books.reconcile_moment(conn, world.district_id, [], DEFAULTS, OPENS, server="a")
    assert told.change == "ended"


def test_two_servers_take_turns_and_never_raise_twice(database: str) -> None:
    engine = make_engine(database)
    with engine.begin() as conn:
        world = people(conn)
    called = condition(world, OPENS - 2 * MINUTE)
    with engine.connect() as one, engine.connect() as other:
        with one.begin():
            assert alert_books.take_turn(one, world.district_id)
            with other.begin():
                assert not alert_books.take_turn(other, world.district_id)
            assert alert_books.reconcile_moment(one, world.district_id, [called], DEFAULTS, OPENS)
        with other.begin():
            assert alert_books.take_turn(other, world.district_id)
            assert alert_books.reconcile_moment(other, world.district_id, [called], DEFAULTS, OPENS) == []
    engine.dispose()


def test_a_day_ends_at_midnight_of_its_zone() -> None:
    starts, ends = alert_books.day_span(OPENS.date(), OPENS.replace(hour=0, minute=0))
    assert ends - starts == timedelta(days=1)
