"""Cells: each gives a value, or a sentence with the value in it."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet import csv_cells
from fleet.errors import InvalidInput


@pytest.mark.parametrize("cell", ["1950", "1950.0"])
def test_whole_numbers_as_spreadsheets_write_them(cell: str) -> None:
    assert csv_cells.whole_cell("birth year", 1900, 2100)(cell) == 1950


@pytest.mark.parametrize("cell", ["1899", "19500", "x", "19.5", "-", "--5", "²", "1e3", ""])
def test_other_numbers_are_refused_with_the_value(cell: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        csv_cells.whole_cell("birth year", 1900, 2100)(cell)
    assert f"birth year {cell!r}" in str(refused.value)
    assert "1900 to 2100" in str(refused.value)


def test_gaps_in_days() -> None:
    assert csv_cells.days_cell("3.5") == 3.5
    for bad in ("0", "-1", "nan", "inf", "weekly", "400"):
        with pytest.raises(InvalidInput, match="once a week"):
            csv_cells.days_cell(bad)


@given(st.floats(-180, 180))
def test_degrees_come_back(value: float) -> None:
    assert csv_cells.degrees_cell("longitude", 180)(repr(value)) == value


@pytest.mark.parametrize("cell", ["nan", "inf", "181", "-180.1", "115,98", "115°58'", "北"])
def test_degrees_that_cannot_be(cell: str) -> None:
    with pytest.raises(InvalidInput, match="between -180 and 180"):
        csv_cells.degrees_cell("longitude", 180)(cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [("是", True), ("1", True), ("Yes", True), ("否", False), ("0", False), ("FALSE", False)],
)
def test_yes_and_no(cell: str, value: bool) -> None:
    assert csv_cells.yes_no_cell(cell) is value


def test_neither_yes_nor_no() -> None:
    with pytest.raises(InvalidInput, match="'perhaps' is neither"):
        csv_cells.yes_no_cell("perhaps")


@given(st.times().map(lambda t: t.replace(microsecond=0)))
def test_times_come_back(value: time) -> None:
    assert csv_cells.time_cell(f"{value:%H:%M:%S}") == value
    assert csv_cells.time_cell(f"{value.hour}：{value.minute:02}") == value.replace(second=0)


@pytest.mark.parametrize("cell", ["8", "25:00", "08:60", "morning", "8:30:00:00", ""])
def test_times_that_cannot_be(cell: str) -> None:
    with pytest.raises(InvalidInput, match="08:30"):
        csv_cells.time_cell(cell)


def test_choices_and_words() -> None:
    kind = csv_cells.choice_cell("kind", {"home": "home", "家": "home"})
    assert kind("家") == kind("Home") == "home"
    with pytest.raises(InvalidInput, match="'castle' is not known"):
        kind("castle")
    assert csv_cells.words_cell("stair_climber；fridge, stair_climber") == ("stair_climber", "fridge")
    assert csv_cells.text_cell("滨河花园") == "滨河花园"
    for bad in ("a\nb", "x" * 201, "\x00"):
        with pytest.raises(InvalidInput, match="one line"):
            csv_cells.text_cell(bad)


@given(st.dates())
def test_days_come_back(value: date) -> None:
    for cell in (
        value.isoformat(),
        f"{value.year}/{value.month}/{value.day}",
        f"{value.year}年{value.month}月{value.day}日",
    ):
        assert csv_cells.date_cell(cell) == value


@pytest.mark.parametrize(
    "cell", ["", "today", "2026-13-01", "2026-02-30", "20260722", "1-2-3-4", f"{10**30}-1-1"]
)
def test_days_that_are_none(cell: str) -> None:
    with pytest.raises(InvalidInput, match="Write it as 2026-07-22"):
        csv_cells.date_cell(cell)


def test_days_with_a_time() -> None:
    expected = datetime.fromisoformat("2026-07-22T09:30")
    for cell in ("2026-07-22 09:30", "2026-07-22T09:30:00", "2026年7月22日9：30", "2026/7/22  9:30"):
        assert csv_cells.moment_cell(cell) == expected
    for bad in ("2026-07-22", "09:30", "2026-07-22 25:00", ""):
        with pytest.raises(InvalidInput):
            csv_cells.moment_cell(bad)


def test_degrees_celsius() -> None:
    assert [csv_cells.celsius_cell(cell) for cell in ("36.5", "-3℃", "40°C")] == [36.5, -3, 40]
    for bad in ("hot", "61", "nan", ""):
        with pytest.raises(InvalidInput, match="between -60 and 60"):
            csv_cells.celsius_cell(bad)
