"""An admitted connection: answers in order and only after commit, texts one by one."""

from __future__ import annotations

from typing import Any

from fleet.outbox import Message
from tests.tracking.device import Device, Place, batch, frames_of, results_of
from tests.tracking.platform import NOON, NOON_MS
from tracking.adapters.jt808 import Authenticate, Received, Replied, ServerConnection
from tracking.adapters.jt808_alarms import Alarms
from tracking.adapters.jt808_body import Id, Result
from tracking.adapters.jt808_judge import Known
from tracking.fix import FLAG_NO_FIX, Bounds
from tracking.jt808_line import MAX_IN_FLIGHT, Admitted, Line, parcels_of
from tracking.protocol import Have, Rejected
from tracking.source import Source

HERE = Place(NOON_MS, 115_980_000, 36_450_000)
BOUNDS = Bounds(NOON_MS)


class Scene:
    """A line with its device, and no socket between them."""

    def __init__(self, seq: int = 0, stored_until_ms: int | None = None) -> None:
        self.device, core = Device(), ServerConnection()
        core.feed(self.device.authenticate("code"), 0)
        asked = core.take(NOON_MS)
        assert isinstance(asked, Authenticate)
        known = Known(Source(7, 1, 1, protocol="jt808"), Alarms())
        core.admitted(asked, known)
        self.line = Line(core, Admitted(known, b"", Have(seq=seq), stored_until_ms))
        self.wakes = self.covered = 0
        self.line.on_waiting = self._wake
        self.line.on_covered = self._cover

    def _wake(self) -> None:
        self.wakes += 1

    def _cover(self) -> None:
        self.covered += 1

    def take(self, data: bytes) -> Received:
        """Let the device say something."""
        self.line.core.feed(data, 0)
        received = self.line.core.take(NOON_MS)
        assert isinstance(received, Received)
        self.line.expect(received)
        return received

    def location(self, t_ms: int = NOON_MS, **more: Any) -> Received:
        """A location."""
        return self.take(
            self.device.message(Id.LOCATION, Place(t_ms, 115_980_000, 36_450_000, **more).body())
        )

    def sent(self) -> list[tuple[int, int]]:
        """Serials and results that went out."""
        return [
            (serial, result) for serial, _, result in results_of(frames_of(b"".join(self.line.outgoing())))
        ]

    def texts(self) -> list[tuple[int, str]]:
        """Serials and words of the texts that went out."""
        frames = frames_of(b"".join(self.line.outgoing()))
        return [(each.header.serial, each.body[1:].decode("gbk")) for each in frames]

    def reply(self, serial: int, result: int = 0, message_id: int = Id.TEXT) -> None:
        """The device's reply."""
        body = serial.to_bytes(2, "big") + message_id.to_bytes(2, "big") + bytes((result,))
        self.line.core.feed(self.device.message(Id.TERMINAL_REPLY, body), 0)
        command = self.line.core.take(NOON_MS)
        assert isinstance(command, Replied)
        self.line.replied(command.reply)


def test_answers_come_after_commit_and_in_order() -> None:
    scene = Scene()
    first, second, third = scene.location(), scene.location(alarm=1), scene.location()
    assert scene.sent() == []
    scene.line.committed(first.n, [])
    assert scene.sent() == [(2, Result.OK)]
    scene.line.committed(second.n - 1, [])
    assert scene.sent() == []
    scene.line.committed(third.n, [])
    assert scene.sent() == [(3, Result.OK), (4, Result.OK)]
    assert scene.wakes > 0


def test_what_the_database_cannot_store_is_not_answered_ok() -> None:
    scene = Scene()
    single = scene.location()
    late = Rejected(single.n, 0, "cannot be stored", b"")
    scene.line.committed(single.n, [late])
    assert scene.sent() == [(2, Result.BAD_MESSAGE)]
    several = scene.take(scene.device.message(Id.BATCH, batch([HERE.body(), b"short", HERE.body()])))
    scene.line.committed(several.n, [*several.refused, Rejected(several.n, 0, "cannot be stored", b"")])
    assert scene.sent() == [(3, Result.OK)]
    several = scene.take(scene.device.message(Id.BATCH, batch([HERE.body(), b"short"])))
    scene.line.committed(several.n, [*several.refused, Rejected(several.n, 0, "cannot be stored", b"")])
    assert scene.sent() == [(4, Result.BAD_MESSAGE)]


def test_it_is_full_when_too_much_is_unanswered() -> None:
    scene = Scene()
    received = [scene.location() for _ in range(MAX_IN_FLIGHT)]
    assert scene.line.is_full
    scene.line.committed(received[-1].n, [])
    assert scene.line.is_full
    assert len(scene.sent()) == MAX_IN_FLIGHT
    assert not scene.line.is_full


def test_parcels_hold_alarms_first_then_fixes() -> None:
    scene = Scene(stored_until_ms=NOON_MS - 1)
    received = scene.location(alarm=0b11, status=0)
    parcels = parcels_of(scene.line, received, BOUNDS, 1.5)
    assert [parcel.n for parcel in parcels] == [1, 2, 3, 4]
    assert [parcel.event.kind for parcel in parcels if parcel.event] == ["sos", "alarm"]
    assert [parcel.alarms for parcel in parcels] == [None, None, (NOON_MS, 3), None]
    ((index, fix),) = parcels[-1].fixes
    assert (index, fix.t, parcels[-1].repeats) == (0, NOON_MS, False)
    assert parcels[-1].flags == {0: FLAG_NO_FIX}
    assert {parcel.source.protocol for parcel in parcels} == {"jt808"}
    repeated = scene.location(NOON_MS - 1_000)
    assert parcels_of(scene.line, repeated, BOUNDS, 1.5)[-1].repeats


def _say(seq: int, text: str, kind: str = "say") -> Message:
    return Message(seq, kind, {"text": text}, NOON)


def test_texts_go_out_one_by_one_each_after_the_reply_to_the_one_before() -> None:
    scene = Scene(seq=4)
    scene.line.push([_say(4, "旧"), _say(5, "一"), _say(6, "二")], 0.0)
    assert scene.line.pushed_seq == 6
    ((first, words),) = scene.texts()
    assert words == "一"
    scene.reply(first + 1)
    scene.reply(first, message_id=Id.REGISTER_REPLY)
    assert (scene.line.have.seq, scene.texts()) == (4, [])
    scene.reply(first)
    assert (scene.line.have.seq, scene.covered) == (5, 1)
    ((second, words),) = scene.texts()
    assert words == "二"
    scene.reply(second, Result.UNSUPPORTED)
    assert (scene.line.have.seq, scene.covered, scene.texts()) == (6, 2, [])


def test_a_text_without_a_reply_is_sent_again_and_either_reply_covers_it() -> None:
    scene = Scene()
    scene.line.push([_say(1, "一")], 0.0)
    ((first, _),) = scene.texts()
    assert not scene.line.push_again(14.0, 15.0) and scene.texts() == []
    assert not scene.line.push_again(15.0, 15.0)
    ((again, words),) = scene.texts()
    assert (words, again != first) == ("一", True)
    scene.line.push_again(16.0, 15.0)
    assert scene.texts() == []
    scene.line.push_again(31.0, 15.0)
    assert len(scene.texts()) == 1
    scene.reply(first, Result.FAILED)
    assert scene.line.have.seq == 0
    scene.reply(first)
    assert scene.line.have.seq == 1
    scene.line.push_again(99.0, 15.0)
    assert scene.texts() == []


def test_what_says_nothing_is_covered_at_once_and_a_plan_is_remembered() -> None:
    scene = Scene()
    plan = Message(2, "plan", {"day": "2026-07-22", "version": 3, "stops": [{"name": "柳泉站"}]}, NOON)
    scene.line.push([_say(1, "", "song"), plan], 0.0)
    assert (scene.line.have.seq, scene.covered) == (1, 1)
    ((serial, words),) = scene.texts()
    assert "1站" in words
    scene.reply(serial)
    assert scene.line.have == Have(plan=3, seq=2)
