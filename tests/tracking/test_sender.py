"""The terminal's outgoing half: order, window, and what a lost connection costs, which is nothing."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tracking.event import Event
from tracking.fix import Fix
from tracking.protocol import Have
from tracking.sender import Sender

NOW = 1_784_692_800_000


def _fix(k: int) -> Fix:
    return Fix(NOW + k, 116.0, 36.0)


def _event(k: int) -> Event:
    return Event(UUID(int=k), NOW + k, "done")


def _next(sender: Sender) -> dict[str, Any]:
    message = sender.next_message()
    assert message is not None
    told: dict[str, Any] = json.loads(message)
    return told


def _times(told: dict[str, Any]) -> list[int]:
    fixes = told.get("fixes") or [told["fix"]]
    return [fix["t"] - NOW for fix in fixes]


def test_taps_go_first_then_live_fixes_then_the_backfill() -> None:
    sender = Sender(max_fixes=3, max_unacknowledged=4)
    for k in range(4):
        sender.add(_fix(k))
    assert sender.next_message() is None
    sender.opened()
    sender.add(_fix(9))
    sender.add(_event(1))
    sender.drawn(Have(seq=5))
    told = [_next(sender) for _ in range(4)]
    assert [message["n"] for message in told] == [1, 2, 3, 4]
    assert told[0]["event"]["kind"] == "done"
    assert told[1]["have"] == {"seq": 5}
    assert [_times(message) for message in told[2:]] == [[9], [0, 1, 2]]
    assert sender.next_message() is None, "the window is full"
    sender.acknowledged(1)
    assert _times(_next(sender)) == [3]


def test_refusals_and_acks_are_counted_by_item() -> None:
    sender = Sender()
    sender.opened()
    for k in range(3):
        sender.add(_fix(k))
    sender.add(_event(1))
    while sender.next_message():
        pass
    sender.refused(2, 1, "too early")
    sender.refused(1, None, "unknown")
    assert sender.fixes.acknowledged == 0
    sender.acknowledged(2)
    assert (sender.fixes.sent, sender.fixes.acknowledged, sender.fixes.refused) == (3, 2, 1)
    assert (sender.events.sent, sender.events.acknowledged, sender.events.refused) == (1, 0, 1)
    assert sender.fixes.reasons == {"too early": 1}
    assert sender.pending == 0


def test_hello_says_what_is_drawn() -> None:
    sender = Sender()
    sender.drawn(Have(7, 91, 812))
    assert json.loads(sender.hello("t", "1.0")) == {
        "hello": {"token": "t", "app": "1.0", "have": {"plan": 7, "seq": 91, "state": 812}}
    }
    sender.opened()
    assert sender.next_message() is None, "hello has told it"


def test_what_is_drawn_goes_with_what_the_clock_shows() -> None:
    sender = Sender()
    assert json.loads(sender.hello("t", "", NOW))["hello"]["have"] == {"t": NOW}
    sender.opened()
    sender.drawn(Have(state=9))
    assert json.loads(sender.next_message(NOW + 5) or b"") == {"n": 1, "have": {"state": 9, "t": NOW + 5}}
    sender.drawn(Have(state=9))
    assert sender.next_message(NOW + 9) is None, "another time alone is no news"


class _World:
    """A platform that stores what reaches it and acknowledges late, over a line that breaks at will."""

    def __init__(self) -> None:
        self.sender = Sender(max_fixes=2, max_unacknowledged=2)
        self.added: set[object] = set()
        self.stored: set[object] = set()
        self.unread: list[dict[str, Any]] = []
        self.stored_n = 0
        self.is_open = False
        self.k = 0

    def fix(self) -> None:
        self.k += 1
        self.sender.add(_fix(self.k))
        self.added.add(NOW + self.k)

    def event(self) -> None:
        self.k += 1
        self.sender.add(_event(self.k))
        self.added.add(str(UUID(int=self.k)))

    def dial(self) -> None:
        if not self.is_open:
            self.sender.opened()
            self.is_open, self.stored_n = True, 0

    def lose(self) -> None:
        if self.is_open:
            self.sender.lost()
            self.unread.clear()
            self.is_open = False

    def send(self) -> None:
        message = self.sender.next_message()
        if message is not None:
            self.unread.append(json.loads(message))

    def store(self) -> None:
        for told in self.unread:
            self.stored_n = told["n"]
            items = told.get("fixes") or [told.get("fix") or told["event"]]
            self.stored |= {item.get("id", item["t"]) for item in items}
        self.unread.clear()

    def ack(self) -> None:
        if self.is_open:
            self.sender.acknowledged(self.stored_n)


def test_each_item_is_told_of_once_it_is_settled_and_not_before() -> None:
    told: list[tuple[int, str | None]] = []
    sender = Sender(on_settled=lambda item, why: told.append((item.t - NOW, why)))
    for item in (_fix(1), _fix(2), _event(3)):
        sender.add(item)
    for _ in range(2):
        sender.opened()
        assert (sender.next_message(), sender.next_message()) != (None, None)
        sender.refused(2, 1, "no")
        assert told == []
        sender.lost()
    sender.opened()
    assert (sender.next_message(), sender.next_message()) != (None, None)
    sender.acknowledged(1)
    assert told == [(3, None)]
    sender.refused(2, 1, "no")
    sender.acknowledged(2)
    assert told == [(3, None), (1, None), (2, "no")]


@given(st.lists(st.sampled_from(("fix", "event", "dial", "lose", "send", "store", "ack")), max_size=60))
def test_whatever_is_lost_on_the_way_everything_arrives(steps: list[str]) -> None:
    world = _World()
    for step in [*steps, "lose", "dial", *(["send", "store", "ack"] * 61)]:
        getattr(world, step)()
    fixes, events = world.sender.fixes, world.sender.events
    assert world.stored == world.added
    assert fixes.acknowledged + events.acknowledged == len(world.added)
    assert fixes.sent + events.sent == len(world.added)
    assert world.sender.pending == 0
