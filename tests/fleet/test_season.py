"""Seasons, solar terms, dog days, nines and holidays."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet import season
from fleet.errors import InvalidInput

days = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("day", "expected", "term", "spell"),
    [
        (date(2026, 5, 4), "none", "谷雨", ""),
        (date(2026, 5, 5), "summer", "立夏", ""),
        (date(2026, 7, 15), "summer", "小暑", "初伏"),
        (date(2026, 8, 23), "summer", "处暑", "末伏"),
        (date(2026, 8, 24), "none", "处暑", ""),
        (date(2026, 11, 6), "none", "霜降", ""),
        (date(2026, 11, 7), "winter", "立冬", ""),
        (date(2026, 12, 22), "winter", "冬至", "一九"),
        (date(2027, 3, 12), "winter", "惊蛰", "九九"),
        (date(2027, 3, 13), "none", "惊蛰", ""),
    ],
)
def test_the_rule_at_its_edges(day: date, expected: str, term: str, spell: str) -> None:
    found = season.season_on(day, None)
    assert (found.season, found.term, found.spell) == (expected, term, spell)
    assert not found.by_override


def test_dog_days_are_as_long_as_the_year_says() -> None:
    for year, length in ((2026, 40), (2027, 30)):
        every = [season.season_on(date(year, 6, 1) + timedelta(days=n), None) for n in range(120)]
        assert sum(each.spell.endswith("伏") for each in every) == length


def test_spells_are_named_in_both_languages_and_counted() -> None:
    found = season.season_on(date(2026, 7, 27), None)
    assert (found.spell, found.spell_en, found.spell_day) == ("中伏", "middle dog days", 3)
    found = season.season_on(date(2027, 1, 10), None)
    assert (found.spell, found.spell_en) == ("三九", "third nine")
    assert found.term_en == "Minor Cold"


@settings(max_examples=30)
@given(days)
def test_every_day_has_a_season_and_dog_days_are_always_summer(day: date) -> None:
    found = season.season_on(day, None)
    if found.spell.endswith("伏"):
        assert found.season == "summer"
    if found.spell.endswith("九"):
        assert found.season == "winter"
    if day.month in (4, 10):
        assert found.season == "none"


@settings(max_examples=30)
@given(days, st.sampled_from(season.SEASONS))
def test_a_planner_s_word_wins(day: date, override: season.Season) -> None:
    found = season.season_on(day, override)
    assert (found.season, found.by_override) == (override, True)


def test_an_unknown_season_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"'spring'.*summer, winter, none"):
        season.season_on(date(2026, 4, 1), "spring")


def test_announced_holidays_with_exchanged_days() -> None:
    assert season.holiday_on(date(2026, 2, 17)) == season.Holiday(True, "春节", "Spring Festival", False)
    exchanged = season.holiday_on(date(2026, 2, 14))
    assert date(2026, 2, 14).weekday() == 5
    assert exchanged == season.Holiday(False, "", "", False)
    assert season.holiday_on(date(2026, 7, 25)).off
    assert not season.holiday_on(date(2026, 7, 27)).off


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2035, 1, 1), "元旦"),
        (date(2035, 2, 7), "春节"),
        (date(2035, 2, 8), "春节"),
        (date(2035, 4, 5), "清明节"),
        (date(2035, 6, 10), "端午节"),
        (date(2035, 9, 16), "中秋节"),
        (date(2035, 10, 3), "国庆节"),
    ],
)
def test_past_the_announcements_holidays_are_estimated_and_say_so(day: date, name: str) -> None:
    found = season.holiday_on(day)
    assert (found.off, found.name, found.estimated) == (True, name, True)


def test_estimated_weekdays_are_working_days_and_weekends_free() -> None:
    assert season.holiday_on(date(2035, 7, 7)) == season.Holiday(True, "", "", True)
    assert season.holiday_on(date(2035, 7, 9)) == season.Holiday(False, "", "", True)
