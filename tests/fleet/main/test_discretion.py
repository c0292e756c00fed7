"""What slips into a line is taken out again; what an operator needs stays."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from fleet.main.discretion import discreet, quiet, trace_of


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("asking postgresql://carevan:hush@db/carevan", "asking postgresql://...@db/carevan"),
        ("GET /osmand?id=7&secret=hush failed", "GET /osmand?... failed"),
        ("lon 115.98123 lat -36.4512 is odd", "lon ... lat ... is odd"),
        ("token q3Vx8LmN0pR5tUwYzA1bC2dE4fG6hJ7k is unknown", "token ... is unknown"),
        ("duplicate key\nDETAIL:  Key (name)=(刘淑珍) already exists.", "duplicate key"),
        ("x" * 400, "x" * 300 + "..."),
        ("took 1.5 s, why? nobody knows", "took 1.5 s, why? nobody knows"),
        ("", ""),
    ],
)  # fmt: skip
def test_texts_lose_places_queries_and_secrets(said: str, kept: str) -> None:
    assert quiet(said) == kept


@given(st.text())
def test_a_quiet_text_is_one_line_and_stays_as_it_is(said: str) -> None:
    once = quiet(said)
    assert len(once.splitlines()) <= 1
    assert quiet(once) == once


def test_named_values_of_people_and_places_are_never_written() -> None:
    line: dict[str, Any] = {
        "event": "x",
        "lon": 1.5,
        "name": "刘淑珍",
        "token": "t",
        "terminal": 7,
        "why": "a\nb",
    }
    told = discreet(None, "info", line)
    assert told == {"event": "x", "lon": "...", "name": "...", "token": "...", "terminal": 7, "why": "a"}


def broken(engine: sa.Engine) -> Exception:
    """An error as the database makes it, with the whole row in its words."""
    try:
        with engine.begin() as conn:
            conn.execute(
                sa.text("INSERT INTO recipient (name, code) VALUES (:name, 'r')"), {"name": "刘淑珍"}
            )
    except sa.exc.IntegrityError as error:
        return error
    raise AssertionError("the row was taken")


def test_a_trace_tells_where_and_what_kind_but_not_the_error_s_words(shared_engine: sa.Engine) -> None:
    error = broken(shared_engine)
    assert isinstance(error.__cause__, psycopg.Error)
    assert "刘淑珍" in str(error), "the database quotes the row"
    told = list(trace_of(error))
    assert told[0] == "sqlalchemy.exc.IntegrityError"
    assert "psycopg.errors.NotNullViolation 23502" in told
    assert any("tests/fleet/main/test_discretion.py" in frame and "broken" in frame for frame in told)
    assert "刘淑珍" not in "".join(told)
    line = discreet(None, "error", {"event": "failed", "exc_info": (type(error), error, error.__traceback__)})
    assert line["exception"] == told
    assert "exc_info" not in line


def test_the_error_at_hand_is_found_and_endless_causes_are_cut() -> None:
    try:
        raise ValueError("刘淑珍")
    except ValueError as caught:
        assert next(trace_of(True)) == "builtins.ValueError"
        again = KeyError("x")
        again.__cause__ = caught
        caught.__cause__ = again
        assert len([each for each in trace_of(again) if not each.startswith(" ")]) == 4
    assert list(trace_of(False)) == []
