"""What the day asks for: season, solar term, dog days and the nine nines, public holidays. Pure.

The rule, unless a planner's override says otherwise:

- summer (绿豆汤, 西瓜): from 立夏 to the eve of 处暑, and through all of 三伏, which may end after it;
- winter (红糖水, 热茶): from 立冬 to the eve of 惊蛰, and through all of 数九, which ends after it;
- none in between: nothing is handed out.

Terms are computed, for 三伏 has 30 days in one year and 40 in the next. Source: lunar_python for terms, 三伏
and 数九; chinesecalendar for holidays as the State Council announced them, up to the year it knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

import chinese_calendar
from lunar_python import Lunar, Solar

from fleet.errors import InvalidInput

Season: TypeAlias = Literal["summer", "winter", "none"]
SEASONS: tuple[Season, ...] = ("summer", "winter", "none")

_SUMMER_TERMS = ("立夏", "小满", "芒种", "夏至", "小暑", "大暑", "立秋")
_WINTER_TERMS = ("立冬", "小雪", "大雪", "冬至", "小寒", "大寒", "立春", "雨水")
_TERMS_EN = {
    "立春": "Start of Spring", "雨水": "Rain Water", "惊蛰": "Awakening of Insects",
    "春分": "Spring Equinox", "清明": "Pure Brightness", "谷雨": "Grain Rain",
    "立夏": "Start of Summer", "小满": "Grain Buds", "芒种": "Grain in Ear",
    "夏至": "Summer Solstice", "小暑": "Minor Heat", "大暑": "Major Heat",
    "立秋": "Start of Autumn", "处暑": "End of Heat", "白露": "White Dew",
    "秋分": "Autumn Equinox", "寒露": "Cold Dew", "霜降": "Frost's Descent",
    "立冬": "Start of Winter", "小雪": "Minor Snow", "大雪": "Major Snow",
    "冬至": "Winter Solstice", "小寒": "Minor Cold", "大寒": "Major Cold",
}  # fmt: skip
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
class DaySeason:
    """A day's season and the words for it.

    term : the solar term that the day lies in
    spell : 初伏, 中伏, 末伏 or 一九 to 九九, with the day's number in it; empty and 0 outside
    by_override : a planner decided, not the calendar
    """

    season: Season
    term: str
    term_en: str
    spell: str
    spell_en: str
    spell_day: int
    by_override: bool


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


def season_on(day: date, override: str | None) -> DaySeason:
    """The season of a day.

    Parameters
    ----------
    override : the planner's word, which wins: "summer", "winter" or "none"; None leaves it to the calendar

    Raises
    ------
    InvalidInput : the override is none of these.
    """
    lunar = _lunar(day)
    term = str(lunar.getPrevJieQi(True).getName())
    spell, spell_en, spell_day = _spell(lunar)
    season = _by_calendar(term, spell) if override is None else _checked(override)
    return DaySeason(season, term, _TERMS_EN[term], spell, spell_en, spell_day, override is not None)


def holiday_on(day: date) -> Holiday:
    """Whether a day is free, and by which festival; estimated past the years that were announced."""
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return _estimated_holiday(day)
    # An exchanged working day carries the festival's name, and is none.
    name_en = name if off and name else ""
    return Holiday(bool(off), _HOLIDAYS.get(name_en, name_en), name_en, estimated=False)


def _by_calendar(term: str, spell: str) -> Season:
    if spell.endswith("伏") or term in _SUMMER_TERMS:
        return "summer"
    if spell.endswith("九") or term in _WINTER_TERMS:
        return "winter"
    return "none"


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


def _lunar(day: date) -> Lunar:
    return Solar.fromYmd(day.year, day.month, day.day).getLunar()
