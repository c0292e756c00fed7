from datetime import UTC

from replay.entry import Reading


def test_a_file_is_read_by_its_own_header_in_utc_unless_told_otherwise() -> None:
    assert Reading() == Reading(columns=(), day=None, zone=UTC, vehicle="")
