"""Who keeps which platform screens are open, and what they show."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from tracking.platforms import MOST, OPEN_S, Platforms, Telling

NOON = datetime(2026, 7, 22, 4, tzinfo=UTC)


def said(page: str, state: int, since: datetime | None = None, district_id: int = 1) -> str:
    return msgspec.json.encode(Telling(district_id, page, "李*国", state, since)).decode()


def test_the_newest_of_the_screens_that_are_open_counts() -> None:
    kept = Platforms()
    assert kept.newest(1, 0) is None
    kept.heard(said("a", 7, NOON), 0)
    kept.heard(said("b", 9), 4)
    kept.heard(said("c", 99, district_id=2), 4)
    assert [(each.page, each.since) for each in kept.open(1, 5)] == [("a", NOON), ("b", None)]
    found = kept.newest(1, 5)
    assert found is not None and (found.state, found.who) == (9, "李*国")
    assert [each.page for each in kept.open(1, OPEN_S + 1)] == ["b"]
    assert kept.newest(1, OPEN_S + 5) is None


def test_more_screens_than_anybody_opens_are_not_kept_until_others_close() -> None:
    kept = Platforms()
    for n in range(MOST + 1):
        kept.heard(said(f"p{n}", n), 0)
    assert len(kept.open(1, 0)) == MOST
    kept.heard(said("late", 1), OPEN_S + 1)
    assert [each.page for each in kept.open(1, OPEN_S + 1)] == ["late"]
