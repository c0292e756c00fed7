"""Deltas of the live feed: however ticks are skipped, a viewer ends with the same picture."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from tracking.ring import EntryRow, Ring, Tick, VanRow


def _van(van_id: int, t: int) -> VanRow:
    return VanRow(van_id, t, 116.0, 36.0, None, 90.0, 0.5, t + 1)


def _entry(state: int) -> EntryRow:
    return EntryRow(state, 1000 + state, "tap", {"kind": "done"})


class _Viewer:
    """What a screen would make of ticks."""

    def __init__(self) -> None:
        self.vans: dict[int, VanRow] = {}
        self.states: list[int] = []
        self.cursor: str | None = None

    def take(self, tick: Tick) -> None:
        if tick.snapshot:
            self.vans = {}
        self.vans.update({van.van_id: van for van in tick.vans})
        self.states += [entry.state for entry in tick.journal]
        self.cursor = tick.cursor


_change = st.tuples(
    st.lists(st.builds(_van, st.integers(1, 4), st.integers(0, 3)), max_size=3), st.booleans(), st.booleans()
)


@given(st.lists(_change, max_size=25), st.integers(1, 30))
def test_a_viewer_who_skips_ends_with_the_same_picture(
    changes: list[tuple[list[VanRow], bool, bool]], depth: int
) -> None:
    ring, viewer, slow = Ring("e", depth), _Viewer(), _Viewer()
    viewer.take(ring.since(None, 0))
    slow.take(ring.since(None, 0))
    state = 0
    for vans, raised, looks in changes:
        state += raised
        ring.apply(vans, [_entry(state)] if raised else ())
        viewer.take(ring.since(ring.number_of(viewer.cursor), 0))
        if looks:
            slow.take(ring.since(ring.number_of(slow.cursor), 0))
    slow.take(ring.since(ring.number_of(slow.cursor), 0))
    assert slow.vans == viewer.vans == {van.van_id: van for van in ring.since(None, 0).vans}
    assert viewer.states == list(range(1, state + 1))
    if len(changes) < depth:
        assert slow.states == viewer.states


def test_nothing_new_makes_no_number() -> None:
    ring = Ring("e")
    assert ring.apply([_van(1, 5)])
    assert not ring.apply([_van(1, 5)])
    assert ring.number == 1
    assert ring.apply([], state=7)
    assert ring.state == 7
    assert not ring.apply([], [_entry(7)]), "told already"


def test_a_foreign_or_old_or_broken_cursor_gets_the_whole_picture() -> None:
    ring = Ring("e", depth=2)
    for t in range(5):
        ring.apply([_van(1, t)])
    assert ring.number_of("e.3") == 3
    for cursor in (None, "", "e", "x.3", "e.2", "e.6", "e.-1", "e.²", "e." + "9" * 30):
        assert ring.number_of(cursor) is None
    assert ring.since(None, 0).snapshot


def test_viewers_share_one_encoding() -> None:
    ring = Ring("e")
    ring.apply([_van(1, 5)], [_entry(1)])
    tick = ring.since(0, 99)
    assert ring.since(0, 100) is tick
    assert json.loads(tick.encoded) == {
        "cursor": "e.1", "now": 99, "state": 1, "vans": [[1, 5, 116.0, 36.0, None, 90.0, 0.5, 6]],
        "journal": [{"state": 1, "at": 1001, "kind": "tap", "body": {"kind": "done"}}],
    }  # fmt: skip
    assert json.loads(ring.since(None, 1).encoded)["snapshot"] is True
