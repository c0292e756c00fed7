"""Devices on real sockets, from the first byte to the database."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from fleet import outbox, tables
from fleet.clock import wall_now
from tests.tracking.device import Device, Dialled, batch, damaged, registration
from tests.tracking.office import NUMBER, Office, admitted, dial, opened, place
from tests.tracking.platform import rows, running
from tracking.adapters.jt808 import MOST_GARBAGE, MOST_STRANGE
from tracking.adapters.jt808_body import Id, Registered, Result
from tracking.jt808_line import MAX_IN_FLIGHT


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    return Office(database, tmp_path)


@pytest.mark.parametrize("is_2019", [False, True])
def test_from_registration_to_a_stored_location(office: Office, database: str, is_2019: bool) -> None:
    async def scene() -> None:
        async with office.open() as platform:
            box = await dial(platform, Device(NUMBER, is_2019))
            box.send(box.device.register())
            refused = await box.hear()
            assert refused is not None and refused.body == b"\x00\x01" + bytes((Registered.NO_SUCH_TERMINAL,))
            await asyncio.to_thread(opened, engine, office.terminal_id)
            box.send(box.device.message(Id.REGISTER, registration("鲁P00001", is_2019=is_2019)))
            told = await box.hear()
            assert told is not None and told.header.message_id == Id.REGISTER_REPLY and told.body[2] == 0
            assert told.header.is_2019 == is_2019
            await box.admit(told.body[3:].decode())
            serial = box.say(Id.LOCATION, place())
            assert await box.result() == (serial, Result.OK)
            assert await asyncio.to_thread(rows, database, "SELECT count(*) FROM fix") == [(1,)]
            await box.hang_up()

    engine = office.context.engine
    asyncio.run(scene())
    stored = rows(
        database, "SELECT terminal_id, ST_X(geom), ST_Y(geom), speed_mps, altitude_m, flags FROM fix"
    )
    assert stored == [(office.terminal_id, 115.98, 36.45, 5.0, 30.0, 0)]
    assert rows(database, "SELECT app FROM terminal_seen") == [(f"JT/T 808-{2019 if is_2019 else 2013}",)]
    assert rows(database, "SELECT count(*) FROM van_state") == [(1,)]


def test_no_answer_before_commit_and_nothing_read_beyond_what_may_wait(office: Office, database: str) -> None:
    async def scene() -> None:
        async with office.open() as platform:
            box = await admitted(platform, office)
            (line,) = platform.tracking.jt808._lines.values()
            holder = psycopg.connect(database)
            # From the first location on the day is there to be locked.
            before = box.say(Id.LOCATION, place(400))
            assert await box.result() == (before, Result.OK)
            settled_n = line.core.received_n
            # In a thread: a commit under way must end before the lock is given, and it needs this loop.
            await asyncio.to_thread(holder.execute, "LOCK TABLE fix_20260722 IN ACCESS EXCLUSIVE MODE")
            first = box.say(Id.LOCATION, place(0))
            heartbeat = box.say(Id.HEARTBEAT)
            assert await box.result() == (heartbeat, Result.OK)
            serials = [first, *(box.say(Id.LOCATION, place(k)) for k in range(1, 200))]
            while not line.is_full:
                await asyncio.sleep(0)
            assert line.core.received_n - settled_n == MAX_IN_FLIGHT
            await asyncio.to_thread(holder.close)
            assert [await box.result() for _ in serials] == [(serial, Result.OK) for serial in serials]
            await box.hang_up()

    asyncio.run(scene())
    assert rows(database, "SELECT count(*) FROM fix") == [(201,)]


def test_what_is_sent_again_is_stored_once_and_one_alarm_is_one_event(office: Office, database: str) -> None:
    reports = [place(50), place(40, alarm=1), place(30, alarm=3), place(20, alarm=2), place(10)]

    async def scene() -> None:
        for first in (0, 1, 2, 0):
            async with office.open() as platform:
                for _ in range(2):
                    box = await admitted(platform, office)
                    for body in reports[first:]:
                        serial = box.say(Id.LOCATION, body)
                        assert await box.result() == (serial, Result.OK)
                    await box.hang_up()

    asyncio.run(scene())
    assert rows(database, "SELECT count(*) FROM fix") == [(5,)]
    events = rows(database, "SELECT kind, body->>'alarm', (body->>'lon')::float8 FROM event ORDER BY t")
    assert events == [("sos", None, 115.9804), ("alarm", "overspeed", 115.9803)]
    assert rows(database, "SELECT count(*) FROM quarantine") == [(0,)]


def test_batches_and_sub_packets_and_their_bad_ones(office: Office, database: str) -> None:
    async def scene() -> None:
        async with office.open() as platform:
            box = await admitted(platform, office)
            serial = box.say(Id.BATCH, batch([place(1), b"short", place(2)]))
            assert await box.result() == (serial, Result.OK)
            serial = box.say(Id.BATCH, batch([b"short"]))
            assert await box.result() == (serial, Result.BAD_MESSAGE)
            long = box.device.long(Id.BATCH, batch([place(k) for k in range(3, 60)]), 500)
            first = serial + 1
            for data in long:
                box.send(data)
            assert [await box.result() for _ in long] == [(first + i, 0) for i in range(len(long))]
            box.send(damaged(box.device.message(Id.LOCATION, place(99))))
            serial = box.say(Id.LOCATION, place(60)[:22] + bytes.fromhex("261340120000"))
            assert await box.result() == (serial, Result.BAD_MESSAGE)
            serial = box.say(0x0900, b"x")
            assert await box.result() == (serial, Result.UNSUPPORTED)
            await box.hang_up()

    asyncio.run(scene())
    assert rows(database, "SELECT count(*) FROM fix") == [(59,)]
    kept = rows(database, "SELECT index, why FROM quarantine ORDER BY n, index")
    assert [index for index, _ in kept] == [1, 0, None, None]
    assert "checksum" in kept[2][1] and "261340120000" in kept[3][1]


async def _ended(box: Dialled) -> None:
    while await box.hear() is not None:
        pass
    await box.hang_up()


async def _until(box: Dialled, message_id: int) -> tuple[int, bytes]:
    while (heard := await box.hear()) is not None:
        if heard.header.message_id == message_id:
            return heard.header.serial, heard.body
    raise AssertionError("closed")


def test_texts_reach_the_device_until_its_reply(office: Office, database: str) -> None:
    def put(kind: outbox.Kind, body: dict[str, object]) -> None:
        with office.context.engine.begin() as conn:
            outbox.put(conn, office.fleet.vans[0], kind, body, office.context.clock.now())

    async def scene() -> None:
        async with office.open() as platform:
            box = await admitted(platform, office)
            await asyncio.to_thread(put, "say", {"text": "请回中心🙂"})
            _, body = await _until(box, Id.TEXT)
            assert body[1:].decode("gbk") == "请回中心?"
            await box.hang_up()
            # There was no reply: it comes once more on the next connection.
            box = await admitted(platform, office)
            serial, body = await _until(box, Id.TEXT)
            assert body[1:].decode("gbk") == "请回中心?"
            box.say(Id.TERMINAL_REPLY, serial.to_bytes(2, "big") + b"\x83\x00\x00")
            await asyncio.to_thread(put, "plan", {"day": "2026-07-22", "version": 1, "stops": []})
            await asyncio.to_thread(put, "task", {"id": "sos:1", "place": "3号楼", "eta_s": 60})
            serial, body = await _until(box, Id.TEXT)
            assert body[0] & 1 and "3号楼" in body[1:].decode("gbk")
            box.say(Id.TERMINAL_REPLY, serial.to_bytes(2, "big") + b"\x83\x00\x00")
            # Once this is answered all before it is stored, what the crew has been told included.
            box.say(Id.LOCATION, place())
            assert (await box.result())[1] == Result.OK
            await box.hang_up()

    asyncio.run(scene())
    assert rows(database, "SELECT seq FROM terminal_seen") == [(3,)]


async def _strange(box: Dialled, code: str) -> None:
    for k in range(MOST_STRANGE):
        serial = box.say(Id.LOCATION, place(k))
        assert await box.result() == (serial, Result.FAILED)


async def _guess(box: Dialled, code: str) -> None:
    for _ in range(MOST_STRANGE):
        box.send(box.device.authenticate("x" * 22))
        assert (await box.result())[1] == Result.FAILED


async def _borrow(box: Dialled, code: str) -> None:
    box.device.number = "13900000000"
    for _ in range(MOST_STRANGE):
        box.send(box.device.authenticate(code))
        assert (await box.result())[1] == Result.FAILED


async def _babble(box: Dialled, code: str) -> None:
    box.send(b"GET / HTTP/1.1\r\n" * (MOST_GARBAGE // 16 + 1))


def test_who_has_no_right_code_is_not_served(office: Office, database: str) -> None:
    async def scene() -> None:
        async with office.open() as platform:
            for behave in (_strange, _guess, _borrow, _babble):
                box = await dial(platform)
                await behave(box, office.code)
                await _ended(box)
            counts = platform.tracking.jt808.counts
            assert counts["stranger"] == MOST_STRANGE
            assert counts["unknown code"] == 2 * MOST_STRANGE
            assert counts["garbage"] >= 1
            told = platform.tracking.metrics.text().decode()
            assert f'protocol="jt808",reason="unknown_token"}} {2.0 * MOST_STRANGE}' in told
            assert 'carevan_sockets{protocol="jt808",standing="welcomed"} 0.0' in told

    asyncio.run(scene())
    assert rows(database, "SELECT (SELECT count(*) FROM fix), (SELECT count(*) FROM quarantine)") == [(0, 0)]


def _revoke(conn: sa.Connection) -> None:
    conn.execute(
        tables.terminal.update().where(tables.terminal.c.kind == "jt808").values(revoked_at=wall_now())
    )


def _enrol_again(conn: sa.Connection) -> None:
    conn.execute(
        tables.terminal.update().where(tables.terminal.c.kind == "jt808").values(token_hash=b"other")
    )


@pytest.mark.parametrize("change", [_revoke, _enrol_again])
def test_a_code_that_ends_closes_the_connection(
    office: Office, change: Callable[[sa.Connection], None]
) -> None:
    def do() -> None:
        with office.context.engine.begin() as conn:
            change(conn)

    async def scene() -> None:
        async with office.open() as platform:
            gateway = platform.tracking.jt808
            box = await admitted(platform, office)
            await gateway.dismiss()
            serial = box.say(Id.HEARTBEAT)
            assert await box.result() == (serial, Result.OK)
            assert gateway.connected == 1
            await asyncio.to_thread(do)
            await gateway.dismiss()
            await _ended(box)
            box = await dial(platform)
            box.send(box.device.authenticate(office.code))
            assert (await box.result())[1] == Result.FAILED
            await box.hang_up()

    asyncio.run(scene())


def test_a_newer_connection_takes_the_place_of_the_older_one(office: Office) -> None:
    async def scene() -> None:
        async with office.open() as platform:
            older = await admitted(platform, office)
            newer = await admitted(platform, office)
            await _ended(older)
            serial = newer.say(Id.HEARTBEAT)
            assert await newer.result() == (serial, Result.OK)
            await asyncio.to_thread(opened, office.context.engine, office.terminal_id)
            newer.send(newer.device.register())
            await _until(newer, Id.REGISTER_REPLY)
            await _ended(newer)

    asyncio.run(scene())


def test_byte_by_byte_and_logout(office: Office, database: str) -> None:
    async def scene() -> None:
        async with office.open() as platform:
            box = await dial(platform)
            device = box.device
            said = [device.authenticate(office.code), device.message(Id.LOCATION, place(7))]
            for byte in b"".join(said):
                box.send(bytes((byte,)))
                await box.writer.drain()
                await asyncio.sleep(0)
            assert [await box.result() for _ in said] == [(1, Result.OK), (2, Result.OK)]
            serial = box.say(Id.LOGOUT)
            assert await box.result() == (serial, Result.OK)
            await _ended(box)

    asyncio.run(scene())
    assert rows(database, "SELECT count(*) FROM fix") == [(1,)]


def test_only_few_of_one_address_may_stand_at_the_door(office: Office) -> None:
    async def scene() -> None:
        async with office.open() as platform:
            standing = []
            for _ in range(32):
                box = await dial(platform)
                serial = box.say(Id.HEARTBEAT)
                assert await box.result() == (serial, Result.FAILED)
                standing.append(box)
            await _ended(await dial(platform))
            assert platform.tracking.jt808.counts["too many sockets that have not said hello"] == 1
            for box in standing:
                await box.hang_up()

    asyncio.run(scene())


def test_what_was_sent_before_the_line_broke_is_stored(office: Office, database: str) -> None:
    async def scene() -> None:
        async with office.open() as platform:
            box = await admitted(platform, office)
            (line,) = platform.tracking.jt808._lines.values()
            for k in range(10):
                box.say(Id.LOCATION, place(k))
            while line.core.received_n < 10:
                await asyncio.sleep(0)
            box.writer.transport.abort()

    asyncio.run(scene())
    assert rows(database, "SELECT count(*) FROM fix") == [(10,)]


def test_the_port_of_the_settings_is_served_and_signs_of_life_are_noted(
    database: str, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    async def scene() -> None:
        async with asyncio.timeout(60), running(own.context) as platform:
            assert platform.tracking.jt808.port == port
            box = await admitted(platform, own)
            serial = box.say(Id.HEARTBEAT)
            assert await box.result() == (serial, Result.OK)
            notes = {note.terminal_id: note.protocol for note in platform.tracking.hearing.take()}
            assert notes[own.terminal_id] == "jt808"
            await box.hang_up()

    own = Office(database, tmp_path, jt808_port=port)
    asyncio.run(scene())
