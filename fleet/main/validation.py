"""What is wrong with a request, as a sentence of ours: the framework's own words are English only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet.errors import InvalidInput

# By the kind of error that pydantic names; the values are in its context.
_SENTENCES: Mapping[str, str] = {
    "missing": "The field {place} is missing. Fill it in and send it again.",
    "json_invalid": "What was sent is not readable as JSON. Correct it and send it again.",
    "less_than_equal": "The field {place} is above {le}. Correct it and send it again.",
    "greater_than_equal": "The field {place} is below {ge}. Correct it and send it again.",
    "string_too_long": (
        "The field {place} is longer than {max_length} characters. Shorten it and send it again."
    ),
    "string_too_short": "The field {place} is missing. Fill it in and send it again.",
    "extra_forbidden": "The field {place} is not known here. Leave it out and send it again.",
}
_OTHER = "The field {place} is not what is expected here. Correct it and send it again."
_NUMBER = "The field {place} is not a number. Correct it and send it again."
_DAY = "The field {place} is no day. Write it as 2026-07-20."


def refusal(error: Mapping[str, Any]) -> InvalidInput:
    """The sentence for one of pydantic's errors."""
    kind = str(error["type"])
    place = ".".join(str(part) for part in error["loc"][1:]) or "body"
    text = _SENTENCES.get(kind, _OTHER)
    if kind.startswith(("int_", "float_")):
        text = _NUMBER
    elif kind.startswith("date"):
        text = _DAY
    told = {k: v for k, v in error.get("ctx", {}).items() if k != "error"}
    return InvalidInput(text, place=place, **told).at(place)
