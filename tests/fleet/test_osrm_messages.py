"""What is read of OSRM's answers; whatever else they hold is passed over."""

from __future__ import annotations

import msgspec
import pytest

from fleet.osrm_messages import Refusal, Table, Traces


def test_a_table_has_gaps_where_no_road_leads() -> None:
    said = b"""{"code": "Ok", "durations": [[0, null], [12.5, 0]], "distances": [[0, null], [80.2, 0]],
        "sources": [{"location": [115.9, 36.4], "distance": 3.5, "hint": "x"}, {"location": [116, 36.5]}]}"""
    table = msgspec.json.decode(said, type=Table)
    assert table.durations == [[0, None], [12.5, 0]]
    assert [at.distance for at in table.sources] == [3.5, 0]


def test_a_fix_that_fits_no_road_is_none() -> None:
    traces = msgspec.json.decode(b'{"tracepoints": [null], "matchings": []}', type=Traces)
    assert traces.tracepoints == [None]


def test_a_refusal_has_its_code_and_anything_else_is_no_answer() -> None:
    assert msgspec.json.decode(b'{"code": "TooBig"}', type=Refusal).code == "TooBig"
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"code": "TooBig"}', type=Table)
