"""What the day asks for: season, solar term, dog days and the nine nines, public holidays, heat. Pure.

A district has rules in an order; the first that holds on a day says its season, and a planner's override wins
over all of them. A district without rules of its own has `DEFAULT_RULES`:

- summer (绿豆汤, 西瓜): from 立夏 to the eve of 处暑, and through all of 三伏, which may end after it;
- winter (红糖水, 热茶): from 立冬 to the eve of 惊蛰, and through all of 数九, which ends after it;
- none in between: nothing is handed out.

Terms are computed, for 三伏 has 30 days in one year and 40 in the next. Source: lunar_python for terms, 三伏
and 数九; chinesecalendar for holidays as the State Council announced them, up to the year it knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, TypeAlias

import chinese_calendar
from lunar_python import Lunar, Solar

from fleet.errors import InvalidInput

_DAYS_KEPT = 1000

Season: TypeAlias = Literal["summer", "winter", "none"]
SEASONS: tuple[Season, ...] = ("summer", "winter", "none")

RuleKind: TypeAlias = Literal[
    "dates", "terms", "dog_days", "nines", "max_over", "max_under", "min_over", "min_under"
]
RULE_KINDS: tuple[RuleKind, ...] = (
    "dates", "terms", "dog_days", "nines", "max_over", "max_under", "min_over", "min_under"
)  # fmt: skip
BY_TEMPERATURE: tuple[RuleKind, ...] = ("max_over", "max_under", "min_over", "min_under")
HOT_C, STOP_C = 35.0, 40.0
"""From these highest temperatures of a day outdoor work is shortened, and stopped."""
SHORTENED = 0.75
"""What is left of outdoor work on a hot day: 6 hours of 8."""

TERMS_EN = {
    "立春": "Start of Spring", "雨水": "Rain Water", "惊蛰": "Awakening of Insects",
    "春分": "Spring Equinox", "清明": "Pure Brightness", "谷雨": "Grain Rain",
    "立夏": "Start of Summer", "小满": "Grain Buds", "芒种": "Grain in Ear",
    "夏至": "Summer Solstice", "小暑": "Minor Heat", "大暑": "Major Heat",
    "立秋": "Start of Autumn", "处暑": "End of Heat", "白露": "White Dew",
    "秋分": "Autumn Equinox", "寒露": "Cold Dew", "霜降": "Frost's Descent",
    "立冬": "Start of Winter", "小雪": "Minor Snow", "大雪": "Major Snow",
    "冬至": "Winter Solstice", "小寒": "Minor Cold", "大寒": "Major Cold",
}  # fmt: skip
TERMS = tuple(TERMS_EN)
"""The 24 solar terms, from 立春 on."""
_SPELLS_EN = {"初伏": "first dog days", "中伏": "middle dog days", "末伏": "last dog days"}
_NINES_EN = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_NINES = "一二三四五六七八九"
_HOLIDAYS = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
}
_FIXED = {(1, 1): "New Year's Day", (5, 1): "Labour Day", (5, 2): "Labour Day"} | {
    (10, day): "National Day" for day in (1, 2, 3)
}
_LUNAR = {(1, day): "Spring Festival" for day in (1, 2, 3)} | {
    (5, 5): "Dragon Boat Festival",
    (8, 15): "Mid-autumn Festival",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """When it is which season.

    Parameters
    ----------
    begins, ends : of `dates` MM-DD, both included, over the new year when the first is the later one; of
        `terms` two solar terms, the second not included
    limit_c : of a temperature rule, degrees; the limit itself counts as over, and as under
    """

    season: Season
    kind: RuleKind
    begins: str = ""
    ends: str = ""
    limit_c: float | None = None


DEFAULT_RULES: tuple[Rule, ...] = (
    Rule("summer", "dog_days"),
    Rule("winter", "nines"),
    Rule("summer", "terms", "立夏", "处暑"),
    Rule("winter", "terms", "立冬", "惊蛰"),
)


@dataclass(frozen=True, slots=True)
class Temperature:
    """A day's highest and lowest temperature, foretold or measured; None where it is not known."""

    kind: Literal["forecast", "measured"]
    max_c: float | None
    min_c: float | None


@dataclass(frozen=True, slots=True)
class OutdoorLimit:
    """What of a day's outdoor work is left: `share` 1, 0.75 or 0."""

    share: float
    said: Literal["free", "shorten", "stop"]


@dataclass(frozen=True, slots=True)
class DaySeason:
    """A day's season and the words for it.

    term : the solar term that the day lies in
    spell : 初伏, 中伏, 末伏 or 一九 to 九九, with the day's number in it; empty and 0 outside
    by_override : a planner decided, not a rule
    rule : the rule that decided; None when none did
    temperature : the day's, when it is known
    """

    season: Season
    term: str
    term_en: str
    spell: str
    spell_en: str
    spell_day: int
    by_override: bool
    rule: Rule | None = None
    temperature: Temperature | None = None

    @property
    def outdoor(self) -> OutdoorLimit:
        """How much outdoor work the day's heat leaves."""
        return outdoor_limit(self.temperature.max_c if self.temperature else None)


@dataclass(frozen=True, slots=True)
class Holiday:
    """Whether people have the day off.

    name, name_en : of the festival; empty on plain days
    estimated : the announcement for this year is not known; weekends are taken as free, exchanged working
        days are not foreseen
    """

    off: bool
    name: str
    name_en: str
    estimated: bool


def season_on(
    day: date,
    override: str | None,
    rules: Sequence[Rule] = DEFAULT_RULES,
    temperature: Temperature | None = None,
) -> DaySeason:
    """The season of a day.

    Parameters
    ----------
    override : the planner's word, which wins: "summer", "winter" or "none"; None leaves it to the rules
    rules : the first that holds decides; none holds: no season
    temperature : the day's; while it is not known, rules by temperature do not hold

    Raises
    ------
    InvalidInput : the override is none of these.
    """
    term, spell, spell_en, spell_day = _sky(day)
    told = _Told(day, term, spell, temperature)
    rule = next((each for each in rules if _holds(each, told)), None)
    season = _checked(override) if override is not None else (rule.season if rule else "none")
    return DaySeason(
        season=season,
        term=term,
        term_en=TERMS_EN[term],
        spell=spell,
        spell_en=spell_en,
        spell_day=spell_day,
        by_override=override is not None,
        rule=None if override is not None else rule,
        temperature=temperature,
    )


def outdoor_limit(max_c: float | None) -> OutdoorLimit:
    """How far a day's highest temperature limits outdoor work; unknown limits nothing.

    Source: 防暑降温措施管理办法 (2012) art. 8: 6 hours at most on hot days, none from 40 C on.
    """
    if max_c is None or max_c < HOT_C:
        return OutdoorLimit(1.0, "free")
    return OutdoorLimit(0.0, "stop") if max_c >= STOP_C else OutdoorLimit(SHORTENED, "shorten")


def check_rule(rule: Rule) -> Rule:
    """The rule, if it can be one.

    Raises
    ------
    InvalidInput : a solar term, a date or a temperature that is none.
    """
    if rule.kind == "terms":
        for term in (rule.begins, rule.ends):
            if term not in TERMS:
                raise InvalidInput(
                    "{term!r} is no solar term. Write one of: {terms}.", term=term, terms="、".join(TERMS)
                )
    if rule.kind == "dates":
        _month_day(rule.begins)
        _month_day(rule.ends)
    if rule.kind in BY_TEMPERATURE and (rule.limit_c is None or not -60 <= rule.limit_c <= 60):
        raise InvalidInput(
            "The limit {value} is no temperature from -60 to 60. Correct it.", value=rule.limit_c
        )
    return rule


def holiday_on(day: date) -> Holiday:
    """Whether a day is free, and by which festival; estimated past the years that were announced."""
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return _estimated_holiday(day)
    # An exchanged working day carries the festival's name, and is none.
    name_en = name if off and name else ""
    return Holiday(bool(off), _HOLIDAYS.get(name_en, name_en), name_en, estimated=False)


@dataclass(frozen=True, slots=True)
class _Told:
    """What rules look at."""

    day: date
    term: str
    spell: str
    temperature: Temperature | None


def _holds(rule: Rule, told: _Told) -> bool:
    if rule.kind == "dog_days":
        return told.spell.endswith("伏")
    if rule.kind == "nines":
        return told.spell.endswith("九")
    if rule.kind == "terms":
        begins, ends, now = (TERMS.index(each) for each in (rule.begins, rule.ends, told.term))
        return (now - begins) % len(TERMS) < (ends - begins) % len(TERMS)
    if rule.kind == "dates":
        begin, end = _month_day(rule.begins), _month_day(rule.ends)
        now_on = (told.day.month, told.day.day)
        return begin <= now_on <= end if begin <= end else now_on >= begin or now_on <= end
    return _is_past(rule, told.temperature)


def _is_past(rule: Rule, temperature: Temperature | None) -> bool:
    if temperature is None or rule.limit_c is None:
        return False
    value = temperature.max_c if rule.kind.startswith("max") else temperature.min_c
    if value is None:
        return False
    return value >= rule.limit_c if rule.kind.endswith("over") else value <= rule.limit_c


def _month_day(text: str) -> tuple[int, int]:
    try:
        # A leap year, so that 02-29 is a day.
        found = date.fromisoformat(f"2024-{text}")
    except ValueError:
        raise InvalidInput("{value!r} is no day of the year. Write it as 05-20.", value=text) from None
    return found.month, found.day


def _checked(override: str) -> Season:
    for season in SEASONS:
        if override == season:
            return season
    raise InvalidInput(
        "There is no season {season!r}. Choose one of: {seasons}.",
        season=override,
        seasons=", ".join(SEASONS),
    )


def _spell(lunar: Lunar) -> tuple[str, str, int]:
    dog_days, nines = lunar.getFu(), lunar.getShuJiu()
    if dog_days is not None:
        name = str(dog_days.getName())
        return name, _SPELLS_EN[name], int(dog_days.getIndex())
    if nines is not None:
        name = str(nines.getName())
        return name, f"{_NINES_EN[_NINES.index(name[0])]} nine", int(nines.getIndex())
    return "", "", 0


def _estimated_holiday(day: date) -> Holiday:
    lunar = _lunar(day)
    name_en = _FIXED.get((day.month, day.day)) or _LUNAR.get((lunar.getMonth(), lunar.getDay())) or ""
    if lunar.getJieQi() == "清明":
        name_en = "Tomb-sweeping Day"
    elif _lunar(date.fromordinal(day.toordinal() + 1)).getMonth() == 1 and lunar.getMonth() != 1:
        name_en = "Spring Festival"  # its eve
    off = bool(name_en) or day.weekday() >= 5
    return Holiday(off, _HOLIDAYS.get(name_en, ""), name_en, estimated=True)


@lru_cache(_DAYS_KEPT)
def _sky(day: date) -> tuple[str, str, str, int]:
    """A day's solar term and its spell. Working them out takes 5 ms, and a look ahead asks for weeks."""
    lunar = _lunar(day)
    return str(lunar.getPrevJieQi(True).getName()), *_spell(lunar)


def _lunar(day: date) -> Lunar:
    return Solar.fromYmd(day.year, day.month, day.day).getLunar()
