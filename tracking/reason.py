"""Why something was refused, in few words: the sentences are many, what an operator counts is not. No I/O."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias, get_args

Reason: TypeAlias = Literal[
    "unreadable", "place", "time", "range", "event", "too_long", "unstorable", "checksum", "rate",
    "too_big", "again", "bad_hello", "unknown_token", "late_hello", "wrong_n", "too_many", "other",
]  # fmt: skip
"""Those of the second line are the reasons for which a socket is closed, `protocol.Code` in small letters."""
REASONS: Final[frozenset[Reason]] = frozenset(get_args(Reason))
# The first that matches; the sentences are those of `fix`, `event`, `protocol`, `adapters` and `ingest`.
_KINDS: Final[tuple[tuple[Reason, re.Pattern[str]], ...]] = (
    ("unstorable", re.compile(r"cannot be stored")),
    ("checksum", re.compile(r"checksum", re.I)),
    (
        "place",
        re.compile(r"(lon|lat) \S+ is not within|lon and lat come together|the terminal says of its place"),
    ),
    (
        "time",
        re.compile(r"time .*(before the year 2000|in the future)|impossible (date|time)|\w+ .* is no time;"),
    ),
    ("range", re.compile(r"\w+ \S+ is not within")),
    ("too_long", re.compile(r"a message (holds at most|of .* is too long)")),
    ("event", re.compile(r"kind |blob |\w+ (is \d+ characters long|holds a zero character)")),
    (
        "unreadable",
        re.compile(
            r"not readable|a message (is|needs|holds)|have holds|Expected |Object |Invalid |JSON "
            r"|a (body|report|location|batch|registration|reply|frame) |its body is|sub-packet |location is "
            r"|the message is encrypted|\w+ .* is not (a number|latitude)"
        ),
    ),
)


def reason_of(why: str) -> Reason:
    """The kind of a refusal's sentence."""
    return next((reason for reason, sentence in _KINDS if sentence.match(why)), "other")


def known(reason: str) -> Reason:
    """The reason itself, or "other": what is counted by reason must not grow without end."""
    return next((each for each in REASONS if each == reason), "other")
