"""What a feature's properties say of its fence."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from typing import Any

import pytest
import shapely

from fleet.errors import InvalidInput
from tracking.fence import Kind
from tracking.fence_terms import Draft, draft_of, unused

SHAPE = shapely.Point(116.0, 36.45)
VANS = {"v1": 7, "v2": 3}


def _draft(kind: Kind = "area", **terms: Any) -> Draft:
    return draft_of({"code": "f1", **terms}, kind, SHAPE, VANS)


def test_what_is_left_out_has_its_plain_meaning() -> None:
    draft = _draft()
    assert (draft.name, draft.van_ids, draft.hours, draft.valid_from) == ("f1", None, None, None)
    assert (draft.tells, draft.dwell_s) == (("enter", "exit"), 0)


def test_all_that_can_be_said() -> None:
    draft = _draft(
        "circle", name="中心", name_en="Centre", radius_m=80, vans=["v1", "v2"], hours="22:00-06:30",
        valid_from="2026-07-20T08:00:00+08:00", tells=["dwell", "enter"], dwell_s=600,
    )  # fmt: skip
    assert draft == Draft(
        "f1", "中心", "circle", SHAPE, 80.0, "Centre", (3, 7),
        datetime(2026, 7, 20, 8, tzinfo=timezone(timedelta(hours=8))), None, (time(22), time(6, 30)),
        ("enter", "dwell"), 600,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "terms", "said"),
    [
        ("area", {"code": " "}, "has no code"),
        ("area", {"radius_m": 5}, "kind area has no radius_m"),
        ("circle", {}, "kind circle needs radius_m"),
        ("circle", {"half_width_m": 5, "radius_m": 5}, "has no half_width_m"),
        ("corridor", {}, "needs half_width_m"),
        ("circle", {"radius_m": -1}, "radius_m cannot be -1"),
        ("circle", {"radius_m": "5"}, "cannot be '5'"),
        ("circle", {"radius_m": True}, "cannot be True"),
        ("area", {"vans": "v1"}, "list of codes"),
        ("area", {"vans": []}, "list of codes"),
        ("area", {"vans": ["v1", "v9"]}, "no van 'v9'"),
        ("area", {"tells": ["leave"]}, "list of enter, exit and dwell"),
        ("area", {"tells": "enter"}, "list of enter, exit and dwell"),
        ("area", {"tells": ["dwell"]}, "Give it dwell_s"),
        ("area", {"dwell_s": 1.5}, "dwell_s cannot be 1.5"),
        ("area", {"valid_from": "2026-07-20T08:00:00"}, "with its offset"),
        ("area", {"valid_to": "tomorrow"}, "valid_to cannot be 'tomorrow'"),
        (
            "area",
            {"valid_from": "2026-07-20T08:00:00Z", "valid_to": "2026-07-20T16:00:00+08:00"},
            "not after its valid_from",
        ),
        ("area", {"hours": "22-6-7"}, "hours cannot be '22-6-7'"),
        ("area", {"hours": "25:00-06:00"}, "Write them as 22:00-06:00"),
    ],
)
def test_what_cannot_be_right_is_refused(kind: Kind, terms: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        _draft(kind, **terms)


def test_other_properties_mean_nothing() -> None:
    assert unused({"code": "f1", "colour": "red"}) == {"colour"}
