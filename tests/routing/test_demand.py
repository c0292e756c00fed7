from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.registry import Cadence, MenuItem, Recipient
from routing.cadence import standing
from routing.demand import DropOff, drop_offs, due_visits, spared

DAY = date(2026, 7, 22)
LIU = Recipient(1, "E1", "刘淑珍", 1940, 11, None, 3, False, time(12), time(14))
WEEKLY = Cadence(7, 1, "visit", 7, 4, 10, 1200, ("care",), False, False)
DAILY = Cadence(8, 1, "check", 1, 1, 1, 300, (), True, False)


def ago(days: int, channel: str = "visit") -> dict[tuple[int, str], date]:
    return {(1, channel): DAY - timedelta(days=days)}


@pytest.mark.parametrize(
    ("days", "due", "mandatory", "prize"),
    [
        (6, False, False, 0),
        (7, True, False, 21),
        (9, True, False, 27),
        (10, True, True, 30),
        (30, True, True, 90),
    ],
)
def test_a_visit_is_due_at_its_target_and_mandatory_at_its_largest_gap(
    days: int, due: bool, mandatory: bool, prize: int
) -> None:
    found = due_visits([LIU], [WEEKLY], ago(days), DAY)
    assert [(each.mandatory, each.prize) for each in found] == ([(mandatory, prize)] if due else [])


def test_who_was_never_called_on_is_due_but_not_mandatory() -> None:
    (found,) = due_visits([LIU], [WEEKLY], {}, DAY)
    assert (found.mandatory, found.prize, found.skills) == (False, 21, frozenset({"care"}))


def test_a_daily_check_made_yesterday_is_due_today() -> None:
    (found,) = due_visits([LIU], [DAILY], ago(1, "check"), DAY)
    assert found.mandatory
    assert due_visits([LIU], [DAILY], ago(0, "check"), DAY) == ()


def test_a_longer_call_closes_a_shorter_one() -> None:
    assert due_visits([LIU], [DAILY], ago(0, "visit"), DAY) == ()
    assert len(due_visits([LIU], [WEEKLY], ago(0, "check"), DAY)) == 1


def test_calls_due_together_are_one_with_the_duty_of_all() -> None:
    (found,) = due_visits([LIU], [WEEKLY, DAILY], ago(8) | ago(1, "check"), DAY)
    assert (found.channel, found.cadence_id, found.service_s, found.mandatory) == ("visit", 7, 1200, True)


def test_a_phone_call_needs_no_van_and_strangers_are_left_alone() -> None:
    phone = replace(WEEKLY, channel="call")
    assert due_visits([LIU], [phone, replace(WEEKLY, recipient_id=99)], {}, DAY) == ()


def test_drop_offs_count_who_may_have_sugar() -> None:
    soup = MenuItem(1, "soup", "绿豆汤", "Mung-bean soup", "summer", "cold", 3600, True)
    melon = replace(soup, id=2, code="melon", sugary=False)
    tea = replace(soup, id=3, code="tea", season="winter")
    here = [replace(LIU, id=n, stop_id=50, sugar_free=n == 2) for n in (1, 2, 3)]
    elsewhere = replace(LIU, id=4, stop_id=51, sugar_free=True)
    found = drop_offs([*here, elsewhere, LIU], [soup, melon, tea], "summer")
    assert found == (DropOff(50, {"soup": 2, "melon": 3}), DropOff(51, {"melon": 1}))
    assert drop_offs(here, [soup, melon, tea], "none") == ()


def test_heat_leaves_the_drop_offs_with_the_most_cups() -> None:
    drops = tuple(DropOff(site, {"soup": cups}) for site, cups in ((50, 3), (51, 9), (52, 3), (53, 5)))
    assert spared(drops, 1.0) == drops
    assert spared(drops, 0.75) == (drops[0], drops[1], drops[3])
    assert spared(drops, 0.0) == ()


@dataclass(frozen=True)
class Advised:
    """Advice that says the same of every call."""

    answer: bool | None

    def wants(self, recipient_id: int, channel: str) -> bool | None:
        return self.answer if recipient_id and channel else None


@pytest.mark.parametrize(
    ("days", "answer", "due"),
    [
        (3, True, False),  # sooner than its smallest gap, whatever is advised
        (4, True, True),
        (8, False, False),
        (9, False, False),
        (10, False, True),  # tomorrow would be past its largest gap
        (11, False, True),
        (7, None, True),
        (6, None, False),
    ],
)
def test_advice_moves_a_call_between_its_smallest_and_its_largest_gap(
    days: int, answer: bool | None, due: bool
) -> None:
    found = due_visits([LIU], [WEEKLY], ago(days), DAY, Advised(answer))
    assert bool(found) is due


@given(
    st.dictionaries(st.sampled_from(["check", "visit", "monthly", "grid"]), st.integers(0, 40)),
    st.sampled_from([None, True, False]),
    st.randoms(),
)
def test_nobody_is_due_before_the_smallest_gap_and_the_order_of_rows_says_nothing(
    told: dict[str, int], answer: bool | None, rng: random.Random
) -> None:
    last = {(1, channel): DAY - timedelta(days=n) for channel, n in told.items()}
    monthly = replace(WEEKLY, id=9, channel="monthly", target_days=28, min_days=21, max_days=31)
    rows = [WEEKLY, DAILY, monthly]
    found = due_visits([LIU], rows, last, DAY, Advised(answer))
    assert len(found) <= 1
    for due in found:
        (own,) = [row for row in rows if row.channel == due.channel]
        assert standing(own, last, DAY).gap >= own.min_days
    rng.shuffle(rows)
    assert due_visits([LIU], rows, last, DAY, Advised(answer)) == found


def test_an_exception_takes_the_rule_s_place() -> None:
    own = replace(WEEKLY, id=20, target_days=3, min_days=2, max_days=4, own=True, day_to=DAY)
    (found,) = due_visits([LIU], [WEEKLY, own], ago(3), DAY)
    assert found.cadence_id == 20
    assert due_visits([LIU], [WEEKLY, replace(own, day_to=DAY - timedelta(days=1))], ago(3), DAY) == ()


def test_a_longer_call_that_no_van_can_make_does_not_stand_in_a_shorter_one_s_way() -> None:
    monthly = replace(WEEKLY, id=9, channel="monthly", target_days=28, max_days=31, skills=("footbath",))
    rows, last = [WEEKLY, DAILY, monthly], ago(8) | ago(1, "check") | ago(30, "monthly")
    both = [frozenset({"care"}), frozenset({"care", "footbath"})]
    (one,) = due_visits([LIU], rows, last, DAY, able=both)
    assert (one.channel, one.skills) == ("monthly", frozenset({"care", "footbath"}))
    visit, left = due_visits([LIU], rows, last, DAY, able=both[:1])
    assert (visit.channel, visit.skills, visit.mandatory) == ("visit", frozenset({"care"}), True)
    assert (left.channel, left.skills) == ("monthly", frozenset({"footbath"}))
    (alone,) = due_visits([LIU], [monthly], last, DAY, able=[])
    assert alone.channel == "monthly"


def test_skills_that_no_van_has_together_do_not_make_a_call_impossible() -> None:
    monthly = replace(WEEKLY, id=9, channel="monthly", target_days=28, max_days=31, skills=("footbath",))
    able = [frozenset({"care"}), frozenset({"footbath"})]
    (one,) = due_visits([LIU], [WEEKLY, monthly], ago(8) | ago(30, "monthly"), DAY, able=able)
    assert (one.channel, one.skills) == ("monthly", frozenset({"footbath"}))
