"""Captured requests of real terminals, from the folder of data beside the project; never part of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

CASES = Path(__file__).parents[4] / "shared/data/protocol/traccar_cases.json"
needs_cases = pytest.mark.skipif(
    not CASES.exists(), reason="the shared data folder is not beside the project"
)


@dataclass(frozen=True, slots=True)
class Captured:
    """One request."""

    query: str
    media_type: str
    body: bytes


def requests_of(source: str) -> list[Captured]:
    """The requests of one protocol, in the file's order."""
    return [_captured(case["payload"]) for case in json.loads(CASES.read_text()) if case["src"] == source]


def _captured(payload: list[str]) -> Captured:
    query = payload[0].partition("?")[2]
    bodies = [part for part in payload[1:] if part.startswith("{")]
    # The bodies stand there as a programming language quotes them.
    body = bodies[0].replace('\\"', '"').encode() if bodies else b""
    return Captured(query, "application/json" if body else "", body)
