"""Seasons, solar terms, dog days, nines and holidays."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet import season
from fleet.errors import InvalidInput
from fleet.season import Rule, Temperature

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


def rule_on(day: date, rule: Rule, temperature: Temperature | None = None) -> str:
    return season.season_on(day, None, [rule], temperature).season


def test_rules_by_dates_and_terms_go_over_the_new_year() -> None:
    winter = Rule("winter", "dates", "11-15", "03-15")
    for day, expected in ((date(2026, 11, 14), "none"), (date(2026, 11, 15), "winter"),
                          (date(2027, 1, 1), "winter"), (date(2027, 3, 15), "winter"),
                          (date(2027, 3, 16), "none")):  # fmt: skip
        assert rule_on(day, winter) == expected
    terms = Rule("winter", "terms", "冬至", "立春")
    assert [rule_on(day, terms) for day in (date(2026, 12, 21), date(2026, 12, 22), date(2027, 2, 3))] == [
        "none", "winter", "winter",
    ]  # fmt: skip
    assert rule_on(date(2027, 2, 4), terms) == "none"


@pytest.mark.parametrize(
    ("kind", "limit", "temperature", "holds"),
    [
        ("max_over", 35, Temperature("forecast", 35, None), True),
        ("max_over", 35, Temperature("forecast", 34.9, None), False),
        ("max_under", 5, Temperature("measured", 5, -3), True),
        ("min_under", 0, Temperature("measured", 5, -3), True),
        ("min_over", 25, Temperature("measured", 33, None), False),
        ("max_over", 35, None, False),
    ],
)
def test_an_unknown_temperature_lets_no_rule_hold(
    kind: season.RuleKind, limit: float, temperature: Temperature | None, holds: bool
) -> None:
    rule = Rule("summer", kind, limit_c=limit)
    assert (rule_on(date(2026, 4, 1), rule, temperature) == "summer") is holds


@given(days, st.permutations(season.DEFAULT_RULES))
def test_the_usual_rules_never_contradict_each_other(day: date, rules: list[Rule]) -> None:
    assert season.season_on(day, None, rules).season == season.season_on(day, None).season


def test_the_first_rule_that_holds_decides_and_is_told() -> None:
    hot = Rule("none", "max_over", limit_c=40)
    found = season.season_on(
        date(2026, 7, 24), None, [hot, *season.DEFAULT_RULES], Temperature("measured", 41, 29)
    )
    assert (found.season, found.rule) == ("none", hot)
    found = season.season_on(date(2026, 7, 24), "winter", [hot], Temperature("measured", 41, 29))
    assert (found.season, found.rule, found.by_override) == ("winter", None, True)


def test_heat_shortens_outdoor_work_and_stops_it() -> None:
    said = [season.outdoor_limit(c).said for c in (None, 34.9, 35.0, 39.9, 40.0)]
    assert said == ["free", "free", "shorten", "shorten", "stop"]
    shares = [season.outdoor_limit(c).share for c in (10.0, 35.0, 41.0)]
    assert shares == [1.0, 0.75, 0.0]


@pytest.mark.parametrize(
    "rule",
    [
        Rule("summer", "terms", "立夏", "秋天"),
        Rule("summer", "dates", "02-30", "05-01"),
        Rule("summer", "dates", "5月", "05-01"),
        Rule("summer", "max_over"),
        Rule("summer", "min_under", limit_c=99),
    ],
)
def test_a_rule_that_cannot_be_one_says_why(rule: Rule) -> None:
    with pytest.raises(InvalidInput):
        season.check_rule(rule)
