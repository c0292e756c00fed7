"""What a tap may say."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tracking.event import KINDS, Event, refusal

NOW = 1_784_692_800_000
_ID = UUID(int=1)


def _event(**more: Any) -> Event:
    return Event(**{"id": _ID, "t": NOW, "kind": "done", **more})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"kind": "flew"}, "flew"),
        ({"kind": "seen"}, "seq"),
        ({"t": 5}, "1970"),
        ({"stop": 0}, "stop 0"),
        ({"stop": 2**63}, "stop 9223372036854775808"),
        ({"lon": 181.0, "lat": 1.0}, "181"),
        ({"lon": 1.0}, "together"),
        ({"celsius": 999.0}, "999"),
        ({"cups": -1}, "cups -1"),
        ({"task": "x" * 65}, "65"),
        ({"note": "a\0b"}, "zero"),
        ({"blobs": ("ABC",)}, "ABC"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name_and_value(more: dict[str, Any], said: str) -> None:
    assert said in (refusal(_event(**more), NOW) or "")


def test_every_kind_can_be_told() -> None:
    assert all(refusal(_event(kind=kind, seq=3, alarm="overspeed"), NOW) is None for kind in KINDS)


def test_the_body_is_what_has_no_column() -> None:
    event = _event(stop=4, celsius=71.5, container="hot", lon=116.0, lat=36.0, blobs=("0" * 64,))
    assert refusal(event, NOW) is None
    assert event.body() == {
        "celsius": 71.5, "container": "hot", "lon": 116.0, "lat": 36.0, "blobs": ("0" * 64,)
    }  # fmt: skip
