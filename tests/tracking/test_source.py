"""What makes a fix itself."""

from __future__ import annotations

from tracking.fix import Fix, digest_of
from tracking.source import Identity, Source, identity_of


def test_an_identity_is_van_time_terminal_and_digest() -> None:
    fix = Fix(1_784_692_800_000, 116.0, 36.0, 5.0)
    assert identity_of(fix, Source(7, 3, 1)) == Identity(3, fix.t, 7, digest_of(fix))
