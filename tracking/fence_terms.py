"""What a feature's properties say of a fence: its name, reach, vans, times and what is told. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final, TypeAlias

from shapely.geometry.base import BaseGeometry

from fleet.errors import InvalidInput
from tracking.fence import Kind, Told

Terms: TypeAlias = Mapping[str, Any]
_TELLS: Final[tuple[Told, ...]] = ("enter", "exit", "dwell")
_REACHES: Final[Mapping[Kind, str]] = {"circle": "radius_m", "corridor": "half_width_m"}
_KNOWN: Final = frozenset(
    (
        "code",
        "name",
        "name_en",
        *_REACHES.values(),
        "vans",
        "valid_from",
        "valid_to",
        "hours",
        "tells",
        "dwell_s",
    )
)
_MOST_M: Final = 50_000.0
_LONGEST_DWELL_S: Final = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Draft:
    """A fence to be kept, as a district draws it; what the fields mean stands at `tracking.fence.Fence`.

    Parameters
    ----------
    hours : from and to on the district's clock; None: all day
    """

    code: str
    name: str
    kind: Kind
    shape: BaseGeometry
    radius_m: float | None = None
    name_en: str = ""
    van_ids: tuple[int, ...] | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    hours: tuple[time, time] | None = None
    tells: tuple[Told, ...] = ("enter", "exit")
    dwell_s: int = 0


def draft_of(terms: Terms, kind: Kind, shape: BaseGeometry, van_ids: Mapping[str, int]) -> Draft:
    """The fence that properties and a shape make.

    Parameters
    ----------
    van_ids : the district's vans by code

    Raises
    ------
    InvalidInput : a property cannot be right.
    """
    code = _text(terms, "code")
    if not code:
        raise InvalidInput("It has no code. Give it the property code, your own short name of it.")
    tells, dwell_s = _tells(terms), _dwell_s(terms)
    if "dwell" in tells and not dwell_s:
        raise InvalidInput(
            "It tells of a dwell and does not say after how long. Give it dwell_s, in seconds."
        )
    valid_from, valid_to = _instant(terms, "valid_from"), _instant(terms, "valid_to")
    if valid_from and valid_to and valid_to <= valid_from:
        raise InvalidInput("Its valid_to is not after its valid_from. Correct one of them.")
    return Draft(
        code,
        _text(terms, "name") or code,
        kind,
        shape,
        _reach_m(terms, kind),
        name_en=_text(terms, "name_en"),
        van_ids=_van_ids(terms, van_ids),
        valid_from=valid_from,
        valid_to=valid_to,
        hours=_hours(terms),
        tells=tells,
        dwell_s=dwell_s,
    )


def unused(terms: Terms) -> frozenset[str]:
    """Properties that mean nothing here."""
    return frozenset(terms) - _KNOWN


def _text(terms: Terms, name: str) -> str:
    value = terms.get(name)
    return "" if value is None else str(value).strip()


def _reach_m(terms: Terms, kind: Kind) -> float | None:
    for wrong in {"radius_m", "half_width_m"} - {_REACHES.get(kind, "")}:
        if terms.get(wrong) is not None:
            raise InvalidInput("A fence of kind {kind} has no {name}. Leave it out.", kind=kind, name=wrong)
    if kind == "area":
        return None
    name = _REACHES[kind]
    value = terms.get(name)
    if value is None:
        raise InvalidInput("A fence of kind {kind} needs {name}, in metres. Give it.", kind=kind, name=name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= _MOST_M:
        raise InvalidInput(
            "Its {name} cannot be {value!r}. Give metres, more than 0 and at most {most:.0f}.",
            name=name, value=value, most=_MOST_M,
        )  # fmt: skip
    return float(value)


def _van_ids(terms: Terms, known: Mapping[str, int]) -> tuple[int, ...] | None:
    codes = terms.get("vans")
    if codes is None:
        return None
    if not isinstance(codes, list) or not codes:
        raise InvalidInput("Its vans must be a list of codes. Leave vans out where every van counts.")
    for code in codes:
        if str(code) not in known:
            raise InvalidInput(
                "There is no van {code!r} in the district. Add it first, or correct vans.", code=str(code)
            )
    return tuple(sorted({known[str(code)] for code in codes}))


def _tells(terms: Terms) -> tuple[Told, ...]:
    told = terms.get("tells", ["enter", "exit"])
    if not isinstance(told, list) or not set(map(str, told)) <= set(_TELLS):
        raise InvalidInput("Its tells cannot be {value!r}. Give a list of enter, exit and dwell.", value=told)
    return tuple(each for each in _TELLS if each in told)


def _dwell_s(terms: Terms) -> int:
    value = terms.get("dwell_s", 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LONGEST_DWELL_S:
        raise InvalidInput(
            "Its dwell_s cannot be {value!r}. Give whole seconds, at most a week's.", value=value
        )
    return value


def _instant(terms: Terms, name: str) -> datetime | None:
    text = _text(terms, name)
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise InvalidInput(
            "Its {name} cannot be {value!r}. Write it with its offset, as 2026-07-20T08:00:00+08:00.",
            name=name, value=text,
        )  # fmt: skip
    return instant


def _hours(terms: Terms) -> tuple[time, time] | None:
    text = _text(terms, "hours")
    if not text:
        return None
    try:
        first, last = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError:
        raise InvalidInput(
            "Its hours cannot be {value!r}. Write them as 22:00-06:00, on the district's clock.", value=text
        ) from None
    return first, last
