"""What an error of the database asks for. Pure."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

import psycopg

FAILURES: Final = (psycopg.Error, OSError, ArithmeticError, LookupError, TypeError, ValueError)
"""What an attempt to store may raise: the database's own errors, and those of a value that no row can be made
of."""
# The session was ended for its silence, or its server only reads by now: another may write.
_ELSEWHERE: Final = frozenset({"25P03", "25006"})


class Verdict(Enum):
    """What an error of the database asks for."""

    CAREFUL = auto()
    """A fresh fix was not fresh."""
    AGAIN = auto()
    """Somebody stood in the way."""
    PARTITION = auto()
    """A day has no partition."""
    BISECT = auto()
    """Some unit cannot be stored."""
    CONNECT = auto()
    """The connection is gone, and whether its last commit was done is unknown."""
    WAIT = auto()
    """The database cannot store anything now."""


def judge(error: Exception) -> Verdict:
    """What to do about an error of the database, by its SQLSTATE, or of a value."""
    if not isinstance(error, psycopg.Error):
        return Verdict.CONNECT if isinstance(error, OSError) else Verdict.BISECT
    state = error.sqlstate or ""
    if not state or state[:2] in {"08", "57"} or state in _ELSEWHERE:
        return Verdict.CONNECT
    if state == "23505":
        return Verdict.CAREFUL
    if state[:2] == "40" or state == "55P03":
        return Verdict.AGAIN
    if state == "23514" and "no partition" in str(error):
        return Verdict.PARTITION
    # XX000 is what PostGIS raises for bytes that are no geometry.
    if state[:2] in {"22", "23"} or state == "XX000":
        return Verdict.BISECT
    return Verdict.WAIT


def primary(error: Exception) -> str:
    """What the database says first, or the error itself."""
    told = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    return (told or str(error) or type(error).__name__).replace("\0", "")


def sentence(error: Exception) -> str:
    """What an operator should read about it."""
    if isinstance(error, psycopg.errors.DiskFull):
        return "the database's disk is full; free some space, and what waits is stored by itself"
    told = str(error).strip()
    return told.splitlines()[0] if told else type(error).__name__
