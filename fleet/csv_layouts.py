"""The three files that can be imported, column by column, with the words clerks use for them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from types import MappingProxyType

from fleet.csv_cells import (
    choice_cell,
    days_cell,
    degrees_cell,
    text_cell,
    time_cell,
    whole_cell,
    words_cell,
    yes_no_cell,
)
from fleet.csv_rows import Column, Layout, Value
from fleet.errors import InvalidInput
from fleet.geo import Datum, to_wgs84

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
