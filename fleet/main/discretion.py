"""What a log line may hold: no person, no place, no secret. The last gate before a line is written. No I/O.

Whoever logs leaves these things out by himself; here what slipped through, most of all in the words of
libraries and of the database, is taken out once more.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final

_HIDDEN: Final = "..."
_NEVER: Final = frozenset(
    {
        "address", "authorization", "cookie", "display", "lat", "login", "lon", "name", "password", "phone",
        "plate", "query", "raw", "secret", "session", "token",
    }
)  # fmt: skip
_LONGEST: Final = 300
_FRAMES: Final = 12
_CAUSES: Final = 4
_ROOT: Final = str(Path(__file__).resolve().parents[2])
_REPLACED: Final = (
    (re.compile(r"(?<=://)[^/@\s]+@"), f"{_HIDDEN}@"),  # a password in an address
    (re.compile(r"(?<=\S)\?[^\s\"']+"), f"?{_HIDDEN}"),  # the query of an address
    (re.compile(r"-?\b\d{1,3}\.\d{4,}\b"), _HIDDEN),  # a coordinate
    (re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{32,}"), _HIDDEN),  # a token
)
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def discreet(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: leaves of a line what may be written down."""
    if line.get("exc_info"):
        line["exception"] = list(trace_of(line["exc_info"]))
    line.pop("exc_info", None)
    line.pop("stack_info", None)
    for key, value in line.items():
        if key in _NEVER:
            line[key] = _HIDDEN
        elif isinstance(value, str):
            line[key] = quiet(value)
    return line


def quiet(text: str) -> str:
    """A text's first line without places, queries and secrets; the details of errors stand in later lines."""
    first = (text.strip().splitlines() or [""])[0].rstrip()
    for pattern, instead in _REPLACED:
        first = pattern.sub(instead, first)
    return first if len(first) <= _LONGEST else first[:_LONGEST] + _HIDDEN


def trace_of(told: bool | BaseException | ExcInfo) -> Iterator[str]:
    """Where a mistake happened, causes last: kinds and places in the code, never the words of the error.

    An error's own words may hold whatever was worked on; PostgreSQL's quote whole rows.
    """
    error = _error_of(told)
    for _ in range(_CAUSES):
        if error is None:
            return
        kind = type(error)
        state = getattr(error, "sqlstate", None)
        yield f"{kind.__module__}.{kind.__qualname__}{f' {state}' if state else ''}"
        yield from _frames(error.__traceback__)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _error_of(told: bool | BaseException | ExcInfo) -> BaseException | None:
    if isinstance(told, BaseException):
        return told
    if isinstance(told, tuple):
        return told[1]
    return sys.exc_info()[1]


def _frames(trace: TracebackType | None) -> Iterator[str]:
    found = []
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"  {code.co_filename.removeprefix(_ROOT + '/')}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    yield from found[-_FRAMES:]
