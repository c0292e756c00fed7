"""The files that can be imported, column by column, with the words clerks use for them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from types import MappingProxyType

from fleet.csv_cells import (
    celsius_cell,
    choice_cell,
    date_cell,
    days_cell,
    degrees_cell,
    moment_cell,
    text_cell,
    time_cell,
    whole_cell,
    words_cell,
    yes_no_cell,
)
from fleet.csv_rows import Column, Layout, Value
from fleet.errors import InvalidInput
from fleet.geo import Datum, to_wgs84

_CHANNELS = {
    "check": "check", "visit": "visit", "monthly": "monthly", "call": "call",
    "巡访": "check", "上门": "visit", "探访": "visit", "月访": "monthly", "电话": "call", "通话": "call",
}  # fmt: skip
_RECORDED = {
    "call": "call", "grid": "grid", "phone": "call", "电话": "call", "通话": "call",
    "网格员": "grid", "网格员上门": "grid", "网格": "grid",
}  # fmt: skip
_OUTCOMES = {
    "served": "served", "no_answer": "no_answer", "declined": "declined", "done": "served",
    "完成": "served", "已完成": "served", "接通": "served", "无人应答": "no_answer", "未接": "no_answer",
    "谢绝": "declined", "谢绝服务": "declined",
}  # fmt: skip
_FORETOLD = {
    "forecast": "forecast", "measured": "measured", "预报": "forecast", "实测": "measured",
}  # fmt: skip
# By channel: service time in seconds, and by how many days a call may come early and late.
GAPS: Mapping[str, tuple[int, float, float]] = MappingProxyType(
    {
        "check": (5 * 60, 0.5, 0.5),
        "visit": (20 * 60, 2, 2),
        "monthly": (60 * 60, 7, 3),
        "call": (3 * 60, 1, 1),
    }
)
_KINDS = {
    "centre": "centre", "stop_point": "stop_point", "home": "home",
    "center": "centre", "中心": "centre", "养老服务中心": "centre",
    "服务点": "stop_point", "驿站": "stop_point", "住家": "home", "家": "home",
}  # fmt: skip
_DATUMS: Mapping[str, Datum] = {"wgs84": "wgs84", "gcj02": "gcj02", "bd09": "bd09"}
_DATUM_WORDS = {
    **_DATUMS,
    "wgs-84": "wgs84",
    "gcj-02": "gcj02",
    "bd-09": "bd09",
    "高德": "gcj02",
    "百度": "bd09",
}


def _check_site(values: Mapping[str, Value]) -> Mapping[str, Value]:
    """Bring the place to WGS-84, and see that the doors open before they close."""
    lon, lat, datum = values["lon"], values["lat"], values["datum"]
    assert isinstance(lon, float)
    assert isinstance(lat, float)
    if abs(lon) < 0.01 and abs(lat) < 0.01:
        raise InvalidInput("The place 0, 0 lies in the sea off Africa. Write the site's own coordinates.")
    _check_order(values, "opens", "closes")
    lon, lat = to_wgs84((lon, lat), _DATUMS[str(datum)])
    return {**{key: value for key, value in values.items() if key != "datum"}, "lon": lon, "lat": lat}


def _check_recipient(values: Mapping[str, Value]) -> Mapping[str, Value]:
    _check_order(values, "nap_from", "nap_to")
    return values


def _check_van(values: Mapping[str, Value]) -> Mapping[str, Value]:
    colour = str(values["colour"])
    digits = colour.removeprefix("#")
    if len(digits) != 6 or len(colour) != 7 or any(sign not in "0123456789abcdefABCDEF" for sign in digits):
        raise InvalidInput("The colour {value!r} is not one. Write it as #2fb7c9.", value=colour)
    return values


def _check_order(values: Mapping[str, Value], first: str, last: str) -> None:
    begin, end = values[first], values[last]
    if isinstance(begin, time) and isinstance(end, time) and begin >= end:
        raise InvalidInput(
            "{first} {begin} is not before {last} {end}. Exchange or correct them.",
            first=first,
            begin=f"{begin:%H:%M}",
            last=last,
            end=f"{end:%H:%M}",
        )


def _check_temperature(values: Mapping[str, Value]) -> Mapping[str, Value]:
    high, low = values["max_c"], values["min_c"]
    if high is None and low is None:
        raise InvalidInput("The row tells no temperature. Fill in max_c or min_c.")
    if isinstance(high, float) and isinstance(low, float) and high < low:
        raise InvalidInput(
            "The highest temperature {high:g} is below the lowest {low:g}. Exchange or correct them.",
            high=high, low=low,
        )  # fmt: skip
    return values


def _check_cadence(values: Mapping[str, Value]) -> Mapping[str, Value]:
    """Fill in the gaps that are not told, and see that they are in order."""
    target, least, most = values["target_days"], values["min_days"], values["max_days"]
    assert isinstance(target, float)
    early, late = GAPS[str(values["channel"])][1:]
    least = max(target / 2, target - early) if not isinstance(least, float) else least
    most = target + late if not isinstance(most, float) else most
    if not least <= target <= most:
        raise InvalidInput(
            "The gaps {least:g}, {target:g} and {most:g} are not in order. "
            "The smallest may not be above the target, nor the target above the largest.",
            least=least, target=target, most=most,
        )  # fmt: skip
    begins, ends = values["day_from"], values["day_to"]
    if isinstance(begins, date) and isinstance(ends, date) and begins > ends:
        raise InvalidInput(
            "The exception begins on {begins} and ends on {ends}. Exchange or correct them.",
            begins=begins, ends=ends,
        )  # fmt: skip
    own = bool(values["own"] or begins or ends)
    return {**values, "min_days": least, "max_days": most, "own": own}


def _channels(cell: str) -> tuple[str, ...]:
    read = choice_cell("channel", {**_CHANNELS, "grid": "grid", "网格员": "grid", "网格员上门": "grid"})
    return tuple(dict.fromkeys(read(word) for word in words_cell(cell)))


_CODE = Column(("code", "编号", "编码", "代码"), text_cell, required=True)
_NAME = Column(("name", "名称", "姓名"), text_cell, required=True)
_NAME_EN = Column(("name_en", "英文名"), text_cell, default="")

LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        "sites": Layout(
            (
                _CODE,
                Column(("kind", "类型", "类别"), choice_cell("kind", _KINDS), required=True),
                _NAME,
                _NAME_EN,
                Column(("lon", "经度", "longitude", "lng"), degrees_cell("longitude", 180), required=True),
                Column(("lat", "纬度", "latitude"), degrees_cell("latitude", 90), required=True),
                Column(("datum", "坐标系"), choice_cell("datum", _DATUM_WORDS), default="wgs84"),
                Column(("is_depot", "车场"), yes_no_cell, default=False),
                Column(("is_kitchen", "食堂"), yes_no_cell, default=False),
                Column(("opens", "开门"), time_cell, default=time(8, 0)),
                Column(("closes", "关门"), time_cell, default=time(18, 0)),
            ),
            _check_site,
        ),
        "recipients": Layout(
            (
                _CODE,
                _NAME,
                Column(("birth_year", "出生年"), whole_cell("birth year", 1900, 2100), required=True),
                Column(("home", "住家", "住家编号"), text_cell, required=True),
                Column(("stop", "服务点", "服务点编号"), text_cell),
                Column(("risk", "风险等级"), whole_cell("risk", 1, 5), default=1),
                Column(("sugar_free", "无糖"), yes_no_cell, default=False),
                Column(("nap_from", "午休起"), time_cell, default=time(12, 0)),
                Column(("nap_to", "午休止"), time_cell, default=time(14, 0)),
                Column(("check_days", "巡访间隔天数"), days_cell),
                Column(("visit_days", "上门间隔天数"), days_cell),
                Column(("monthly_days", "月访间隔天数"), days_cell),
                Column(("call_days", "电话间隔天数"), days_cell),
            ),
            _check_recipient,
        ),
        "vans": Layout(
            (
                _CODE,
                _NAME,
                _NAME_EN,
                Column(("plate", "车牌", "车牌号"), text_cell, default=""),
                Column(("colour", "color", "颜色"), text_cell, default="#2fb7c9"),
                Column(("features", "设备"), words_cell, default=()),
                Column(("hot_cups", "热饮杯数"), whole_cell("number of hot cups", 0, 10_000), default=0),
                Column(("cold_cups", "冷饮杯数"), whole_cell("number of cold cups", 0, 10_000), default=0),
                Column(("depot", "中心", "中心编号"), text_cell),
            ),
            _check_van,
        ),
    }
)

CADENCES = Layout(
    (
        _CODE,
        Column(("channel", "方式", "服务方式"), choice_cell("channel", _CHANNELS), required=True),
        Column(("target_days", "间隔天数", "目标间隔天数"), days_cell, required=True),
        Column(("min_days", "最短间隔天数"), days_cell),
        Column(("max_days", "最长间隔天数"), days_cell),
        Column(("minutes", "时长分钟"), whole_cell("number of minutes", 1, 480)),
        Column(("skills", "技能", "服务项目"), words_cell, default=()),
        Column(("mandatory", "必访"), yes_no_cell, default=False),
        Column(("own", "个人例外", "例外"), yes_no_cell, default=False),
        Column(("day_from", "例外起"), date_cell),
        Column(("day_to", "例外止"), date_cell),
        Column(("closed_by", "可由"), _channels, default=()),
    ),
    _check_cadence,
    key=("code", "channel", "own", "day_from"),
)
VISITS = Layout(
    (
        _CODE,
        Column(("channel", "方式", "服务方式"), choice_cell("channel", _RECORDED), required=True),
        Column(("began", "时间", "开始时间"), moment_cell, required=True),
        Column(("outcome", "结果"), choice_cell("outcome", _OUTCOMES), default="served"),
        Column(("minutes", "时长分钟", "分钟"), whole_cell("number of minutes", 1, 480)),
    ),
    dict,
    key=("code", "channel", "began"),
)
TEMPERATURES = Layout(
    (
        Column(("day", "日期"), date_cell, required=True),
        Column(("max_c", "最高气温"), celsius_cell),
        Column(("min_c", "最低气温"), celsius_cell),
        Column(("kind", "性质"), choice_cell("kind", _FORETOLD), default="forecast"),
    ),
    _check_temperature,
    key=("day", "kind"),
)
