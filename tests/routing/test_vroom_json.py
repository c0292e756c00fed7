from __future__ import annotations

import pytest

from fleet.errors import InvalidInput
from routing.vroom_json import decode


def test_defaults_are_vrooms() -> None:
    raw = decode(b'{"vehicles": [{"id": 1, "start_index": 0}], "jobs": [{"id": 3, "location_index": 0}]}')
    assert (raw.vehicles[0].profile, raw.vehicles[0].costs.per_hour) == ("car", 3600)
    assert (raw.jobs[0].service, raw.jobs[0].priority, raw.shipments) == (0, 0, [])


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b'{"jobs": []}',
        b'{"vehicles": [], "vehicle": []}',
        b'{"vehicles": [{"id": 1, "start": [200, 3]}]}',
    ],
)
def test_what_is_no_problem_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        decode(text)
