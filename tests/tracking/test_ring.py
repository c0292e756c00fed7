"""Deltas of the live feed: whatever ticks are skipped and views changed, a viewer ends with one picture."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tracking.cells import View, cell_of, view_of
from tracking.ring import EntryRow, Ring, Tick, VanRow

STEP = 0.05
"""Degrees: more than a cell either way."""
SMALL = view_of((116.01, 36.01, 116.01 + STEP, 36.01 + STEP))


def _at(east: int, north: int) -> tuple[float, float]:
    return 116.01 + east * STEP, 36.01 + north * STEP


def _van(van_id: int, t: int, east: int = 0, north: int = 0) -> VanRow:
    return VanRow(van_id, t, *_at(east, north), None, 90.0, 0.5, t + 1)


def _entry(state: int) -> EntryRow:
    return EntryRow(state, 1000 + state, "tap", {"kind": "done"})


class _Viewer:
    """What a screen would make of what is sent, and what it is sure to be wrong."""

    def __init__(self) -> None:
        self.vans: dict[int, list[Any]] = {}
        self.states: list[int] = []
        self.cursor: str | None = None
        self.view: View | None = None

    def take(self, tick: Tick) -> None:
        told = json.loads(tick.encoded)
        if told.get("snapshot"):
            self.vans = {}
        rows = {row[0]: row for row in told["vans"]}
        gone = told.get("gone", [])
        assert len(rows) == len(told["vans"]), "no van comes twice"
        assert not rows.keys() & set(gone), "no van comes and goes at once"
        assert self.vans.keys() >= set(gone), "only what is there can go"
        assert [list(van) for van in tick.vans] == told["vans"]
        self.vans.update(rows)
        for van_id in gone:
            del self.vans[van_id]
        self.states += [entry["state"] for entry in told["journal"]]
        self.cursor = told["cursor"]


@dataclass(frozen=True)
class _Change:
    vans: list[VanRow]
    gone: list[int]
    raised: bool


_place = st.integers(0, 2)
_change = st.builds(
    _Change,
    st.lists(st.builds(_van, st.integers(1, 4), st.integers(0, 3), _place, _place), max_size=3),
    st.lists(st.integers(1, 4), max_size=1),
    st.booleans(),
)
_views = st.one_of(
    st.none(),
    st.builds(
        lambda east, north, wide, high: view_of(
            (*_at(east, north), *_at(east + wide, north + high))
        ),
        _place, _place, _place, _place,
    ),
)  # fmt: skip
_look = st.one_of(st.just("nothing"), st.just("next"), _views)
"""A viewer sleeps on, takes the next tick, or wants another view."""


@given(st.lists(st.tuples(_change, _look, _look), max_size=25), st.integers(1, 30))
def test_whoever_applies_the_ticks_holds_the_vans_of_its_cells(
    changes: list[tuple[_Change, View | str | None, View | str | None]], depth: int
) -> None:
    ring, viewers = Ring("e", depth), (_Viewer(), _Viewer())
    for viewer in viewers:
        viewer.take(ring.since(None, 0))
    state = 0
    for change, *looks in changes:
        state += change.raised
        ring.apply(change.vans, [_entry(state)] if change.raised else (), gone=change.gone)
        for viewer, look in zip(viewers, looks, strict=True):
            _live(ring, viewer, look)
    for viewer in viewers:
        viewer.take(ring.since(ring.number_of(viewer.cursor), 0, viewer.view))
        assert viewer.vans == {
            van.van_id: list(van)
            for van in ring.since(None, 0).vans
            if viewer.view is None or viewer.view.holds(cell_of(van.lon, van.lat))
        }
        if len(changes) < depth:
            assert viewer.states == list(range(1, state + 1)), "the journal always, each entry once"


def _live(ring: Ring, viewer: _Viewer, look: View | str | None) -> None:
    if look == "nothing":
        return
    number = ring.number_of(viewer.cursor)
    if isinstance(look, str):
        viewer.take(ring.since(number, 0, viewer.view))
    else:
        viewer.view = look
        viewer.take(ring.since(None, 0, look) if number is None else ring.anew(number, 0, look))


def test_a_van_over_the_border_of_a_view_goes_there_and_comes_here() -> None:
    ring = Ring("e")
    west, east = (view_of((116.01 + n * STEP, 36, 116.01 + n * STEP, 36.02)) for n in (0, 1))
    ring.apply([_van(1, 1), _van(2, 1)])
    ring.apply([_van(1, 2, east=1)])
    left, entered = ring.since(1, 0, west), ring.since(1, 0, east)
    assert (left.vans, left.gone) == ((), (1,))
    assert ([van.van_id for van in entered.vans], entered.gone) == ([1], ())
    assert ring.since(1, 0).gone == (), "who sees everything loses nothing"
    ring.apply([_van(1, 3)])
    # Over and back between two looks: it has never been away.
    again = ring.since(1, 0, west)
    assert ([van.van_id for van in again.vans], again.gone) == ([1], ())


def test_a_van_that_leaves_the_district_goes_from_every_view_that_held_it() -> None:
    ring = Ring("e")
    ring.apply([_van(1, 1), _van(2, 1, east=2)])
    assert not ring.apply([], gone=[3])
    assert ring.apply([], gone=[1])
    assert ring.since(1, 0).gone == (1,)
    assert ring.since(1, 0, SMALL).gone == (1,)
    assert ring.since(1, 0, view_of((117, 36, 118, 37))).gone == ()
    assert [van.van_id for van in ring.since(None, 0).vans] == [2]
    assert set(ring.van_ids) == {2}


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
    assert ring.since(2, 0).snapshot
    assert (ring.reaches(2), ring.reaches(3)) == (False, True)


def test_viewers_share_what_was_encoded_once_an_update_and_cell() -> None:
    ring = Ring("e")
    ring.apply([_van(1, 5), _van(2, 5, east=1)], [_entry(1)])
    tick = ring.since(0, 99)
    assert ring.since(0, 100) is tick
    assert ring.since(0, 100).encoded is tick.encoded
    # Another view is another tick, of the same pieces.
    narrow = ring.since(0, 99, SMALL)
    assert {id(piece) for piece in narrow.pieces} <= {id(piece) for piece in tick.pieces}
    ring.apply([_van(1, 6)])
    before = ring.since(None, 99).pieces
    ring.apply([_van(1, 7)])
    after = ring.since(None, 99).pieces
    assert [any(new is old for old in before) for new in after] == [False, True], (
        "the other cell has not changed"
    )


def test_a_tick_is_not_kept_for_longer_than_its_time_is_true() -> None:
    ring = Ring("e")
    ring.apply([_van(1, 5)])
    ring.since(0, 1000)
    assert ring.since(0, 60_000).now_ms == 60_000
    assert ring.since(None, 60_001).now_ms == 60_001
    assert ring.since(None, 99_000).now_ms == 99_000


def test_what_goes_over_the_wire() -> None:
    ring = Ring("e")
    ring.apply([_van(1, 5)], [_entry(1)])
    row = [1, 5, 116.01, 36.01, None, 90.0, 0.5, 6]
    entry = {"state": 1, "at": 1001, "kind": "tap", "body": {"kind": "done"}}
    assert json.loads(ring.since(0, 99).encoded) == {
        "cursor": "e.1", "now": 99, "state": 1, "vans": [row], "journal": [entry]
    }  # fmt: skip
    whole = {
        "cursor": "e.1",
        "now": 99,
        "state": 1,
        "snapshot": True,
        "since": 1,
        "vans": [row],
        "journal": [],
    }
    assert json.loads(ring.since(None, 99).encoded) == whole
    assert json.loads(ring.anew(0, 99, None).encoded) == whole | {"since": 0, "journal": [entry]}
    cells = list(SMALL.bounds())
    assert json.loads(ring.since(None, 99, SMALL).encoded) == whole | {"view": cells}
    ring.apply([], gone=[1])
    told = json.loads(ring.since(1, 99).encoded)
    assert (told["vans"], told["gone"], told["journal"]) == ([], [1], [])


def test_a_journal_read_elsewhere_goes_no_further_than_the_tick() -> None:
    ring = Ring("e")
    ring.apply([], state=3)
    tick = ring.since(None, 0).with_journal([_entry(n) for n in range(1, 6)], 1)
    assert [entry.state for entry in tick.journal] == [2, 3]
    assert tick.since == 1
