"""A conversation on a real socket, with a sink that the test holds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from fleet.clock import Clock
from fleet.db import make_engine
from tests.tracking.device import Dialled, Place
from tests.tracking.platform import NOON, NOON_MS
from tests.tracking.test_jt808_line import Scene
from tracking import jt808_talk
from tracking.adapters.jt808 import MOST_GARBAGE
from tracking.adapters.jt808_body import Id, Result
from tracking.admission import Admission, Limits
from tracking.gateway import Parts
from tracking.jt808_talk import Talk
from tracking.parcel import Parcel


class Hands:
    """A sink that keeps parcels until it is told to commit them."""

    def __init__(self) -> None:
        self.parcels: list[Parcel] = []
        self.is_full = False
        self.calls: list[Callable[[], None]] = []

    def when_room(self, call: Callable[[], None]) -> None:
        self.calls.append(call)

    def put_now(self, parcel: Parcel) -> None:
        self.parcels.append(parcel)

    async def put(self, parcel: Parcel) -> None:
        self.put_now(parcel)

    def commit(self) -> None:
        """Commit all there is."""
        parcels, self.parcels = self.parcels, []
        for parcel in parcels:
            parcel.receiver.committed(parcel.n, parcel.refused)


class Stage:
    """A device and a conversation with it."""

    def __init__(self, rate: float = 1_000.0) -> None:
        self.scene, self.hands = Scene(), Hands()
        self.rate = rate
        self.ended = asyncio.Event()
        self.signs: list[tuple[int, str, int]] = []

    def heard(self, terminal_id: int, protocol: str, at_ms: int) -> None:
        """Note a sign of life."""
        self.signs.append((terminal_id, protocol, at_ms))

    async def play(self, act: Callable[[Dialled], Awaitable[None]]) -> None:
        """Run the device's part against the talk."""
        engine = make_engine("postgresql://nobody@127.0.0.1:1/nothing")
        parts = Parts("", engine, Clock.opening(NOON), 200.0, self.hands)
        place = Admission(Limits(terminal_rate=self.rate)).enter("here", 7)
        assert place is not None
        talk = Talk(self.scene.line, place, parts, _no_code, self.heard)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await talk.hold(reader, writer)
            finally:
                writer.close()
                self.ended.set()

        async with asyncio.timeout(30), await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            box = await Dialled.to(server.sockets[0].getsockname()[1], self.scene.device)
            await act(box)
            await box.hang_up()
            await self.ended.wait()


async def _no_code(asked: object) -> str | None:
    return None


def _place(k: int) -> bytes:
    return Place(NOON_MS - 1000 * k, 115_980_000, 36_450_000).body()


def test_it_answers_when_the_sink_has_committed() -> None:
    async def scene() -> None:
        stage = Stage()

        async def act(box: Dialled) -> None:
            serials = [box.say(Id.LOCATION, _place(k)) for k in range(3)]
            heartbeat = box.say(Id.HEARTBEAT)
            assert await box.result() == (heartbeat, Result.OK)
            assert len(stage.hands.parcels) == 3
            assert {sign[:2] for sign in stage.signs} == {(7, "jt808")}
            stage.hands.commit()
            assert [await box.result() for _ in serials] == [(serial, Result.OK) for serial in serials]

        await stage.play(act)

    asyncio.run(scene())


def test_while_the_sink_is_full_nothing_is_read() -> None:
    async def scene() -> None:
        stage = Stage()

        async def act(box: Dialled) -> None:
            heartbeat = box.say(Id.HEARTBEAT)
            assert await box.result() == (heartbeat, Result.OK)
            stage.hands.is_full = True
            serial = box.say(Id.LOCATION, _place(0))
            while not stage.hands.calls:
                await asyncio.sleep(0)
            assert stage.hands.parcels == []
            stage.hands.is_full = False
            for call in stage.hands.calls:
                call()
            while not stage.hands.parcels:
                await asyncio.sleep(0)
            stage.hands.commit()
            assert await box.result() == (serial, Result.OK)

        await stage.play(act)

    asyncio.run(scene())


def test_over_its_rate_a_device_is_slowed_and_loses_nothing() -> None:
    async def scene() -> None:
        stage = Stage(rate=20.0)

        async def act(box: Dialled) -> None:
            loop = asyncio.get_running_loop()
            began = loop.time()
            serials = [box.say(Id.HEARTBEAT) for _ in range(110)]
            assert [await box.result() for _ in serials] == [(serial, Result.OK) for serial in serials]
            # A burst of five seconds' worth is free; the ten beyond it come at twenty a second.
            assert loop.time() - began > 0.3

        await stage.play(act)

    asyncio.run(scene())


def test_a_device_that_says_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        stage = Stage()

        async def act(box: Dialled) -> None:
            assert await box.hear() is None

        await stage.play(act)
        assert stage.scene.line.closing.startswith("nothing heard for")

    monkeypatch.setattr(jt808_talk, "IDLE_S", 0.05)
    asyncio.run(scene())


def test_a_device_that_reads_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        stage = Stage()
        line = stage.scene.line

        async def act(box: Dialled) -> None:
            line.send(bytes(50_000_000))
            await stage.ended.wait()

        await stage.play(act)

    monkeypatch.setattr(jt808_talk, "_WRITE_S", 0.05)
    asyncio.run(scene())


def test_garbage_ends_it_after_what_was_to_be_said() -> None:
    async def scene() -> None:
        stage = Stage()

        async def act(box: Dialled) -> None:
            heartbeat = box.say(Id.HEARTBEAT)
            box.send(b"\x7e" + b"x" * (MOST_GARBAGE + 10))
            assert await box.result() == (heartbeat, Result.OK)
            assert await box.hear() is None

        await stage.play(act)
        assert stage.scene.line.closing == "garbage"

    asyncio.run(scene())


def test_a_refused_registration_on_the_way_changes_nothing() -> None:
    async def scene() -> None:
        stage = Stage()

        async def act(box: Dialled) -> None:
            box.send(box.device.register())
            told = await box.hear()
            assert told is not None and told.header.message_id == Id.REGISTER_REPLY and told.body[2] == 4
            heartbeat = box.say(Id.HEARTBEAT)
            assert await box.result() == (heartbeat, Result.OK)

        await stage.play(act)

    asyncio.run(scene())
