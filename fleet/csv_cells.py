"""What stands in a cell: words, numbers, degrees, times. Each reader gives a value or a sentence. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from fleet.errors import InvalidInput

_TRUE = ("1", "true", "yes", "y", "是", "有")
_FALSE = ("0", "false", "no", "n", "否", "无")
_LONGEST = 200
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def no_formula(text: str) -> str:
    """Text on its way out that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def text_cell(cell: str) -> str:
    """Words, in one line."""
    if len(cell) > _LONGEST or not cell.isprintable():
        raise InvalidInput(
            "The text {value!r} is too long or holds signs that cannot be shown. Shorten it to one line.",
            value=cell[:40],
        )
    return cell


def whole_cell(name: str, low: int, high: int) -> Callable[[str], int]:
    """A reader of whole numbers between two limits, both allowed."""

    def read(cell: str) -> int:
        # Spreadsheets like to write 1950 as 1950.0.
        digits = cell.removesuffix(".0")
        plain = digits.removeprefix("-").isdecimal() and len(digits) < 12
        if not plain or not low <= int(digits) <= high:
            raise InvalidInput(
                "The {name} {value!r} is not a whole number from {low} to {high}. Correct it.",
                name=name,
                value=cell,
                low=low,
                high=high,
            )
        return int(digits)

    return read


def days_cell(cell: str) -> float:
    """A gap in days, half days allowed."""
    try:
        days = float(cell)
    except ValueError:
        days = 0.0
    if not 0.5 <= days <= 366:
        raise InvalidInput(
            "The gap {value!r} is not a number of days from 0.5 to 366. Write 7 for once a week.", value=cell
        )
    return days


def degrees_cell(name: str, limit: float) -> Callable[[str], float]:
    """A reader of a longitude or latitude."""

    def read(cell: str) -> float:
        try:
            value = float(cell)
        except ValueError:
            value = float("nan")
        if not -limit <= value <= limit:
            raise InvalidInput(
                "The {name} {value!r} is not between -{limit} and {limit} degrees. Write it as 115.98; "
                "longitude and latitude may be exchanged.",
                name=name,
                value=cell,
                limit=f"{limit:g}",
            )
        return value

    return read


def yes_no_cell(cell: str) -> bool:
    """Yes or no, in either language."""
    if cell.lower() in _TRUE:
        return True
    if cell.lower() in _FALSE:
        return False
    raise InvalidInput("{value!r} is neither yes nor no. Write 1 or 0, 是 or 否.", value=cell)


def time_cell(cell: str) -> time:
    """A time of day, 8:30 or 08:30:00."""
    parts = cell.replace("：", ":").split(":")
    try:
        hour, minute, second = (int(part) for part in (parts if len(parts) == 3 else [*parts, "0"]))
        return time(hour, minute, second)
    except (ValueError, OverflowError):
        raise InvalidInput("{value!r} is not a time of day. Write it as 08:30.", value=cell) from None


def date_cell(cell: str) -> date:
    """A day: 2026-07-22, 2026/7/22 or 2026年7月22日."""
    plain = cell.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-")
    try:
        year, month, day = (int(part) for part in plain.strip("-").split("-"))
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise InvalidInput("{value!r} is not a day. Write it as 2026-07-22.", value=cell) from None


def moment_cell(cell: str) -> datetime:
    """A day and a time of day, as the district's clocks show them: 2026-07-22 09:30."""
    day, _, clock = cell.replace("T", " ").replace("日", "日 ").partition(" ")
    if not clock.strip():
        raise InvalidInput("{value!r} is not a day and time. Write it as 2026-07-22 09:30.", value=cell)
    return datetime.combine(date_cell(day), time_cell(clock.strip()))


def celsius_cell(cell: str) -> float:
    """A temperature in degrees Celsius."""
    try:
        value = float(cell.removesuffix("℃").removesuffix("°C").removesuffix("C"))
    except ValueError:
        value = float("nan")
    if not -60 <= value <= 60:
        raise InvalidInput(
            "The temperature {value!r} is not between -60 and 60 degrees. Write it as 36.5.", value=cell
        )
    return value


def choice_cell(name: str, choices: Mapping[str, str]) -> Callable[[str], str]:
    """A reader of one of several words, each perhaps in two languages."""

    def read(cell: str) -> str:
        found = choices.get(cell.lower())
        if found is None:
            raise InvalidInput(
                "The {name} {value!r} is not known. Write one of: {choices}.",
                name=name,
                value=cell,
                choices=", ".join(choices),
            )
        return found

    return read


def words_cell(cell: str) -> tuple[str, ...]:
    """Several words, parted by spaces, semicolons or commas of either script."""
    for sign in "；;，,、|":
        cell = cell.replace(sign, " ")
    return tuple(dict.fromkeys(cell.split()))
