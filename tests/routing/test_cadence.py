"""The algebra of cadences: exceptions, what closes what, and that the order of rows says nothing."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from fleet import registry, tables
from fleet.registry import Cadence
from routing import cadence
from routing.cadence import CHANNELS, CLOSED_BY, in_force, standing, standings
from tests.routing.town import DAY, seed

RULE = Cadence(1, 7, "visit", 7, 5, 9, 1200, (), False, False)
OWN = Cadence(2, 7, "visit", 3, 2, 4, 1200, (), False, True)

spans = st.tuples(st.none() | st.integers(-5, 5), st.none() | st.integers(0, 5))


def days(n: int | None) -> date | None:
    return None if n is None else DAY + timedelta(days=n)


@st.composite
def some(draw: st.DrawFn) -> list[Cadence]:
    """A rule and exceptions of one person by a few channels, each with its own id."""
    found: list[Cadence] = []
    for channel in draw(st.lists(st.sampled_from(CHANNELS), unique=True, min_size=1)):
        made = replace(RULE, id=len(found) + 1, channel=channel)
        found.append(made)
        begun = draw(st.lists(spans, max_size=3, unique_by=lambda each: each[0]))
        for first, length in begun:
            last = None if length is None else (first or 0) + length
            found.append(
                replace(OWN, id=len(found) + 1, channel=channel, day_from=days(first), day_to=days(last))
            )
    return found


@given(some(), st.integers(-8, 12), st.randoms())
def test_one_cadence_a_channel_whatever_the_order_of_rows(
    every: list[Cadence], n: int, rng: random.Random
) -> None:
    day = DAY + timedelta(days=n)
    found = in_force(every, day)
    assert len({(each.recipient_id, each.channel) for each in found}) == len(found)
    assert {each.channel for each in found} == {each.channel for each in every}
    shuffled = list(every)
    rng.shuffle(shuffled)
    assert in_force(shuffled, day) == found


def test_an_exception_replaces_the_rule_on_its_days_only() -> None:
    for_a_week = replace(OWN, day_from=DAY, day_to=DAY + timedelta(days=6))
    for n, expected in ((-1, 1), (0, 2), (6, 2), (7, 1)):
        (found,) = in_force([RULE, for_a_week], DAY + timedelta(days=n))
        assert found.id == expected
    later = replace(OWN, id=3, day_from=DAY + timedelta(days=2))
    assert [each.id for each in in_force([RULE, OWN, for_a_week, later], DAY + timedelta(days=3))] == [3]


@pytest.mark.parametrize(
    ("channel", "by", "counts"),
    [
        ("check", "visit", True),
        ("check", "grid", True),
        ("check", "call", False),
        ("visit", "check", False),
        ("visit", "grid", False),
        ("visit", "monthly", True),
        ("monthly", "visit", False),
        ("call", "grid", True),
        ("call", "check", True),
    ],
)
def test_what_counts_for_what(channel: str, by: str, counts: bool) -> None:
    found = standing(replace(RULE, channel=channel), {(7, by): DAY - timedelta(days=1)}, DAY)
    assert (found.last is not None) is counts


def test_a_cadence_may_say_itself_what_counts() -> None:
    phoned = {(7, "call"): DAY - timedelta(days=1)}
    assert standing(replace(RULE, closed_by=("visit", "call")), phoned, DAY).gap == 1
    assert standing(RULE, phoned, DAY).last is None


@given(st.dictionaries(st.sampled_from(["check", "visit", "monthly", "grid"]), st.integers(1, 40)))
def test_a_later_visit_never_makes_anything_more_overdue(ago: dict[str, int]) -> None:
    last = {(7, channel): DAY - timedelta(days=n) for channel, n in ago.items()}
    for channel in CHANNELS:
        before = standing(replace(RULE, channel=channel), last, DAY)
        for closer in CLOSED_BY[channel]:
            after = standing(replace(RULE, channel=channel), {**last, (7, closer): DAY}, DAY)
            assert after.gap == 0
            assert after.ratio <= before.ratio


def test_states_follow_the_gaps() -> None:
    def state(n: int) -> str:
        return standing(RULE, {(7, "visit"): DAY - timedelta(days=n)}, DAY).state

    assert [state(n) for n in (4, 6, 7, 8, 9, 10)] == ["early", "early", "due", "due", "last_day", "overdue"]
    assert standing(RULE, {}, DAY).state == "due"
    first, second = standings([RULE, replace(RULE, recipient_id=8)], {(8, "visit"): date(2020, 1, 1)}, DAY)
    assert (first.cadence.recipient_id, second.cadence.recipient_id) == (8, 7)


def exception(person: int, target: int) -> dict[str, object]:
    gaps = {"target_days": target, "min_days": 1, "max_days": 9, "service_s": 60}
    return {"recipient_id": person, "channel": "visit", "own": True, **gaps}


def test_the_database_holds_the_same_tables(conn: sa.Connection) -> None:
    district_id = seed(conn)
    rows = registry.cadences(conn, district_id)
    assert {(each.channel, each.closed_by) for each in rows} == {
        (channel, CLOSED_BY[channel]) for channel in {each.channel for each in rows}
    }
    person = next(each.recipient_id for each in rows if each.channel == "visit" and not each.own)
    t = tables.cadence
    for first, last, target in ((DAY, DAY + timedelta(days=3), 3), (None, None, 4)):
        conn.execute(t.insert().values(**exception(person, target), day_from=first, day_to=last))
    with pytest.raises(sa.exc.IntegrityError, match="cadence_exception_key"), conn.begin_nested():
        conn.execute(t.insert().values(**exception(person, 5), day_from=DAY))
    every = registry.cadences(conn, district_id)
    for n in (-1, 0, 3, 4):
        day = DAY + timedelta(days=n)
        query = sa.text("SELECT id FROM cadences_on(:district, :day)")
        told = set(conn.scalars(query, {"district": district_id, "day": day}))
        assert told == {each.id for each in in_force(every, day)}
    assert cadence.weight("monthly", 1) > cadence.weight("visit", 9999)
