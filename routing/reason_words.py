"""A stored reason as sentences for a person. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet.words import Locale, translate

SENTENCES: Mapping[str, str] = {
    "skills": "{van} lacks {what}",
    "unreachable": "no road leads there from {van}'s route",
    "road": "no road leads there between the stops of {van} in their order",
    "vans": "it is locked to other vans or kept off {van}: allow {van}",
    "same_van": "it belongs to visits that another van serves: loosen that for {van}",
    "not_same_day": "another visit that must not be on the same day is served already: loosen that for {van}",
    "equipment": "{van} would need {short} more {what}: all are in use",
    "prefix": "{short} locked stops at the beginning of {van}'s route would have to wait behind it",
    "capacity": "{van} would need {short} more {what} cups",
    "food_clock": "the food on {van} would have to keep {minutes} min longer",
    "window": "the visit would have to begin up to {minutes} min later than allowed for {van} to make it",
    "later_window": "a later visit of {van} would begin {minutes} min too late",
    "break": "the break of {van} would begin {minutes} min too late",
    "kitchen": "the kitchen would have to stay open {minutes} min longer for {van}",
    "start": "{van} would have to be allowed to leave {minutes} min later",
    "shift_end": "+{minutes} min of shift on {van} would do",
    "ended": "the shift of {van} is over: it would need {minutes} min more",
    "span": "{van} would have to work {minutes} min longer",
    "patrol": "{van} has room for it, but would owe {minutes} min more of patrol",
    "unseen": "{van} has room for it, but part of its beat would stay unseen {minutes} min longer",
    "reload": "a reload of {van} would do",
    "fits": "{van} has room for it",
}
_WITH_ANOTHER: Mapping[str, str] = {
    "same_van": "it belongs to visits that {other} serves: loosen that for {van}",
    "equipment": "{van} would need {short} more {what}: {other} has it",
}
"""Where the other van is known."""
_WITH_TIME: Mapping[str, str] = {
    "reload": "a reload of {van} at {what} at {at} would do",
    "fits": "{van} has room for it at {at}",
}
"""Where the time is known."""
_OVERTIME = "+{minutes} min of shift on {van}, beyond its overtime, would do"


def say(
    locale: Locale, told: Mapping[str, Any], van_name: str, names: Mapping[int, str] | None = None
) -> str:
    """A stored reason as a sentence, all its needs joined. `names` are the other vans' by id."""
    parts = [_say_need(locale, need, van_name, names or {}) for need in told.get("needs", ())]
    return translate(locale, "; ").join(parts)


def _say_need(locale: Locale, need: Mapping[str, Any], van_name: str, names: Mapping[int, str]) -> str:
    other = names.get(int(need["other"])) if "other" in need else None
    words = [translate(locale, str(what)) for what in need.get("what", ())]
    return translate(
        locale,
        _sentence(need, other),
        van=van_name,
        other=other or "",
        short=int(need["short"]),
        minutes=-(-int(need["short"]) // 60),
        what=", ".join(words),
        at=str(need.get("at", "")),
    )


def _sentence(need: Mapping[str, Any], other: str | None) -> str:
    code = str(need["code"])
    if code == "shift_end" and need.get("what"):
        return _OVERTIME
    if "at" in need and code in _WITH_TIME:
        return _WITH_TIME[code]
    return _WITH_ANOTHER[code] if other and code in _WITH_ANOTHER else SENTENCES[code]
