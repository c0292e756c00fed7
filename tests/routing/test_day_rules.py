from __future__ import annotations

from datetime import time

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from fleet import audit, tables
from fleet.errors import InvalidInput
from routing.day_rules import Asked, DayRules, change, changed, read, typed
from routing.means import DayRule
from routing.problem import Equipment
from tests.routing.town import seed


def test_what_is_not_typed_stays() -> None:
    rules = DayRules(DayRule(overtime_s=600), (Equipment("bath"),))
    assert changed(rules, Asked()) == rules
    after = changed(rules, Asked(span_h="7.5", batches="12:00，09:30"))
    assert after == DayRules(
        DayRule(span_s=27_000, overtime_s=600, batches=(time(9, 30), time(12, 0))), (Equipment("bath"),)
    )
    assert changed(after, Asked(span_h="0")).rule.span_s is None
    assert changed(after, Asked(span_h="", equipment="")).equipment == ()
    assert changed(after, Asked(pace=",".join(["100"] * 24))).rule.pace == ()


rules = st.builds(
    DayRules,
    st.builds(
        DayRule,
        span_s=st.none() | st.integers(1, 64).map(lambda n: n * 900),
        overtime_s=st.integers(0, 480).map(lambda n: n * 60),
        waits_s=st.integers(0, 480).map(lambda n: n * 60),
        patrol_s=st.integers(0, 960).map(lambda n: n * 60),
        pace=st.just(()) | st.lists(st.integers(10, 99), min_size=24, max_size=24).map(tuple),
        batches=st.sets(st.times().map(lambda t: t.replace(second=0, microsecond=0)), max_size=6).map(
            lambda each: tuple(sorted(each))
        ),
    ),
    st.sets(st.sampled_from(["bath", "stair_climber", "chair"])).map(
        lambda each: tuple(Equipment(code, 2) for code in sorted(each))
    ),
)


@given(rules, rules)
def test_what_is_told_typed_again_is_the_same(one: DayRules, other: DayRules) -> None:
    assert changed(other, Asked(**typed(one))) == one


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("span_h", "long", "long"),
        ("span_h", "30", "30 is not from 0 to 16"),
        ("overtime_min", "-5", "-5 is not from"),
        ("wait_min", "1.5", "whole number"),
        ("patrol_min", "9999", "9999"),
        ("pace", "100,90", "2 percentages"),
        ("pace", ",".join(["100"] * 23 + ["5"]), "from 23:00 is 5 %"),
        ("pace", ",".join(["100"] * 23 + ["fast"]), "fast"),
        ("batches", "noon", "noon"),
        ("batches", ",".join(f"1{n}:00" for n in range(7)), "7 batches"),
        ("equipment", "bath=0", "bath"),
        ("equipment", "bath,bath", "bath"),
    ],
)
def test_what_cannot_be_is_said_and_its_field_named(field: str, text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        changed(DayRules(DayRule()), Asked(**{field: text}))
    assert said in str(caught.value)
    assert caught.value.field == field


def test_a_change_is_kept_and_written_down_and_no_change_is_not(conn: sa.Connection) -> None:
    district_id = seed(conn)
    change(conn, district_id, Asked(overtime_min="30", equipment="bath=2"), "account:1")
    assert read(conn, district_id).rule.overtime_s == 1800
    change(conn, district_id, Asked(overtime_min="30"), "command")
    t = tables.audit
    rows = conn.execute(sa.select(t.c.actor, t.c.detail).where(t.c.action == "day.rule")).all()
    assert [(row.actor, row.detail["changed"]["overtime_min"]) for row in rows] == [("account:1", "30")]
    found = audit.last(conn, "day.rule", f"district:{district_id}")
    assert found is not None and found.actor == "account:1"
