"""A connection's core: bytes in, commands out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.device import Device, Place, batch, damaged, frames_of, results_of
from tests.tracking.platform import NOON_MS
from tracking.adapters.jt808 import (
    MOST_GARBAGE,
    MOST_STRANGE,
    Answer,
    Authenticate,
    Close,
    Command,
    Received,
    Register,
    Replied,
    ServerConnection,
)
from tracking.adapters.jt808_alarms import Alarms
from tracking.adapters.jt808_body import Id, Result
from tracking.adapters.jt808_frame import frame
from tracking.adapters.jt808_judge import Known
from tracking.source import Source

CODE = "right"
HERE = Place(NOON_MS, 115_980_000, 36_450_000)


def driven(core: ServerConnection, pieces: Sequence[bytes], code: str = CODE) -> list[Command]:
    """Feed a core and obey it as a shell does, with one right code."""
    commands = []
    for piece in pieces:
        core.feed(piece, 0.0)
        while (command := core.take(NOON_MS)) is not None:
            commands.append(command)
            if isinstance(command, Authenticate):
                right = command.code == code
                core.admitted(command, Known(Source(1, 1, 1), Alarms())) if right else core.turned_away(
                    command
                )
            elif isinstance(command, Register):
                core.registered(command, None)
    return commands


def admitted(device: Device) -> ServerConnection:
    """A core past authentication."""
    core = ServerConnection()
    driven(core, [device.authenticate(CODE)])
    return core


def said(command: Command) -> list[tuple[int, int, int]]:
    """What an answer answers."""
    assert isinstance(command, Answer)
    return results_of(frames_of(command.data))


@pytest.mark.parametrize("is_2019", [False, True])
def test_register_authenticate_report(is_2019: bool) -> None:
    device, core = Device(is_2019=is_2019), ServerConnection()
    core.feed(device.register(), 0)
    asked = core.take(NOON_MS)
    assert isinstance(asked, Register) and asked.header.number == device.number
    (reply,) = frames_of(core.registered(asked, "abc"))
    assert (reply.header.message_id, reply.body) == (Id.REGISTER_REPLY, b"\x00\x01\x00abc")
    assert reply.header.phone == asked.header.phone and reply.header.is_2019 == is_2019
    core.feed(device.authenticate("abc") + device.message(Id.LOCATION, HERE.body()), 0)
    asked = core.take(NOON_MS)
    assert isinstance(asked, Authenticate) and asked.code == "abc"
    reply_bytes = core.admitted(asked, Known(Source(1, 1, 1), Alarms()))
    assert results_of(frames_of(reply_bytes)) == [(2, Id.AUTHENTICATE, Result.OK)]
    received = core.take(NOON_MS)
    assert isinstance(received, Received)
    assert (received.n, len(received.fixes), received.result) == (1, 1, Result.OK)
    assert results_of(frames_of(core.answer(received, received.result))) == [(3, Id.LOCATION, Result.OK)]
    assert core.take(NOON_MS) is None
    assert core.edition == (2019 if is_2019 else 2013)


def test_a_refused_registration_does_not_say_what_is_known() -> None:
    device, core = Device(), ServerConnection()
    core.feed(device.register(), 0)
    asked = core.take(NOON_MS)
    assert isinstance(asked, Register)
    (reply,) = frames_of(core.registered(asked, None))
    assert reply.body == b"\x00\x01\x04"


def test_nothing_is_served_before_authentication() -> None:
    device, core = Device(), ServerConnection()
    ids = [Id.HEARTBEAT, Id.LOCATION, Id.BATCH, 0x0900, Id.TERMINAL_REPLY]
    commands = driven(
        core, [device.message(each, HERE.body()) for each in ids] + [device.message(Id.HEARTBEAT)]
    )
    assert [said(each)[0][2] for each in commands[:-1]] == [Result.FAILED] * MOST_STRANGE
    assert isinstance(commands[-1], Close)
    assert core.counts["stranger"] == MOST_STRANGE


def test_wrong_codes_close_after_a_few() -> None:
    device = Device()
    commands = driven(ServerConnection(), [device.authenticate(f"wrong{i}") for i in range(MOST_STRANGE + 1)])
    assert [type(each) for each in commands] == [Authenticate] * MOST_STRANGE + [Close]


def test_a_connection_is_one_terminals_by_one_code() -> None:
    device, other = Device(), Device("13800000000")
    core = admitted(device)
    (command,) = driven(core, [device.authenticate(CODE)])
    assert said(command)[0][2] == Result.OK
    for data in (
        device.authenticate("another"),
        other.authenticate(CODE),
        other.message(Id.LOCATION, HERE.body()),
    ):
        (command,) = driven(core, [data])
        assert said(command)[0][2] == Result.FAILED


def test_a_wrong_checksum_is_kept_and_not_answered() -> None:
    device = Device()
    core = admitted(device)
    (command,) = driven(core, [damaged(device.message(Id.LOCATION, HERE.body()))])
    assert isinstance(command, Received) and core.counts["broken"] == 1
    assert command.headers == () and core.answer(command, command.result) == b""
    assert "checksum" in command.refused[0].why
    assert driven(ServerConnection(), [damaged(device.message(Id.HEARTBEAT))]) == []


@pytest.mark.parametrize(
    ("message_id", "body", "why"),
    [
        (Id.LOCATION, HERE.body()[:27], "too short"),
        (Id.LOCATION, HERE.body()[:22] + bytes(6) + b"", "impossible time"),
        (Id.LOCATION, replace(HERE, lat=91_000_000).body(), "lat 91.0"),
        (Id.BATCH, batch([HERE.body()])[:-1], "middle"),
        (Id.BATCH, batch([HERE.body()], 2), "kind 2"),
        (Id.BATCH, batch([]), "0 reports"),
        (Id.BATCH, batch([b"short", HERE.body()[:27]]), "too short"),
        (Id.TERMINAL_REPLY, b"\0", "too short"),
    ],
)
def test_a_bad_message_is_refused_and_never_answered_ok(message_id: int, body: bytes, why: str) -> None:
    device = Device()
    core = admitted(device)
    (command,) = driven(core, [device.message(message_id, body)])
    assert isinstance(command, Received)
    assert command.fixes == () and why in command.refused[0].why
    assert results_of(frames_of(core.answer(command, command.result)))[0][2] == Result.BAD_MESSAGE
    assert core.counts["bad"] == len(command.refused)


def test_encryption_is_refused() -> None:
    device = Device()
    core = admitted(device)
    header = replace(device.header(Id.LOCATION), encryption=1)
    (command,) = driven(core, [frame(header, HERE.body())])
    assert isinstance(command, Received) and "encrypted" in command.refused[0].why


def test_a_batch_is_answered_as_a_whole_and_its_bad_ones_are_refused() -> None:
    device = Device()
    core = admitted(device)
    bodies = [HERE.body(), b"short", replace(HERE, t_ms=NOON_MS - 1_000).body()]
    (command,) = driven(core, [device.message(Id.BATCH, batch(bodies))])
    assert isinstance(command, Received) and command.result is Result.OK
    assert [index for index, _, _ in command.fixes] == [0, 2]
    assert [(each.n, each.index) for each in command.refused] == [(command.n, 1)]


def test_parcels_are_counted_alarms_first() -> None:
    device = Device()
    core = admitted(device)
    first, second = driven(
        core,
        [
            device.message(Id.LOCATION, replace(HERE, alarm=0b11).body()),
            device.message(Id.LOCATION, replace(HERE, t_ms=NOON_MS + 1_000, alarm=0b11).body()),
        ],
    )
    assert isinstance(first, Received) and isinstance(second, Received)
    assert (len(first.pieces), first.n, second.n) == (3, 4, 5)
    assert core.count_parcel() == 6


def test_unknown_messages_are_unsupported_and_heartbeats_answered() -> None:
    device = Device()
    core = admitted(device)
    commands = driven(core, [device.message(0x0900, b"x"), device.message(Id.HEARTBEAT)])
    assert [said(each)[0] for each in commands] == [(2, 0x0900, 3), (3, Id.HEARTBEAT, 0)]


def test_logout_is_answered_and_ends_it() -> None:
    device = Device()
    core = admitted(device)
    answer, close = driven(core, [device.message(Id.LOGOUT) + device.message(Id.HEARTBEAT)])
    assert said(answer)[0][2] == Result.OK
    assert close == Close("the terminal logged out")
    assert core.take(NOON_MS) is None


def test_sub_packets_are_one_message_and_each_is_answered() -> None:
    device = Device(serial=65_533)
    core = admitted(device)
    bodies = [replace(HERE, t_ms=NOON_MS - 1000 * i).body() for i in range(20)]
    (command,) = driven(core, device.long(Id.BATCH, batch(bodies), 200))
    assert isinstance(command, Received) and len(command.fixes) == 20
    answers = results_of(frames_of(core.answer(command, command.result)))
    assert [serial for serial, _, _ in answers] == [65_535, 0, 1, 2]
    assert {result for _, _, result in answers} == {Result.OK}


def test_a_text_goes_out_and_its_reply_names_it() -> None:
    device = Device(is_2019=True)
    core = admitted(device)
    serial, data = core.text("请回中心", urgent=False)
    (sent,) = frames_of(data)
    assert (sent.header.message_id, sent.header.serial) == (Id.TEXT, serial)
    assert sent.body[2:].decode("gbk") == "请回中心"
    reply = serial.to_bytes(2, "big") + b"\x83\x00\x00"
    (command,) = driven(core, [device.message(Id.TERMINAL_REPLY, reply)])
    assert isinstance(command, Replied)
    assert (command.reply.serial, command.reply.result) == (serial, 0)


@pytest.mark.parametrize("garbage", [b"x" * (MOST_GARBAGE + 1), b"\x7exxx" * MOST_GARBAGE], ids=len)
def test_a_stream_of_garbage_is_closed(garbage: bytes) -> None:
    core = ServerConnection()
    assert driven(core, [garbage]) == [Close("garbage")]
    assert core.counts["garbage"] + core.counts["broken"] > 0


def test_garbage_between_good_frames_is_only_counted() -> None:
    device = Device()
    core = admitted(device)
    noise = b"x" * (MOST_GARBAGE // 2)
    for _ in range(5):
        commands = driven(core, [noise, device.message(Id.HEARTBEAT)])
        assert isinstance(commands[-1], Answer)


_Spoken = Callable[[Device], bytes]


def _location(t: int, alarm: int) -> _Spoken:
    place = replace(HERE, t_ms=NOON_MS - 1000 * t, alarm=alarm)
    return lambda device: device.message(Id.LOCATION, place.body())


def _parts(device: Device) -> bytes:
    return b"".join(device.long(Id.BATCH, batch([HERE.body()] * 9), 100))


_LOCATIONS = st.builds(_location, st.integers(0, 99), st.integers(0, 3))
_OTHERS = st.sampled_from([Id.HEARTBEAT, 0x0900, Id.TERMINAL_REPLY, Id.REGISTER])
_SPOKEN: st.SearchStrategy[_Spoken] = st.one_of(
    _LOCATIONS,
    _LOCATIONS.map(lambda spoken: lambda device: damaged(spoken(device))),
    _OTHERS.map(lambda message_id: lambda device: device.message(message_id)),
    st.just(_parts),
    st.binary(max_size=40).map(lambda noise: lambda _: noise),
    st.binary(max_size=20).map(lambda noise: lambda _: b"\x7e" + noise + b"\x7e"),
)


@given(st.lists(_SPOKEN, max_size=12), st.data())
def test_however_the_stream_is_cut_the_commands_are_the_same(
    spoken: list[_Spoken], data: st.DataObject
) -> None:
    device = Device()
    stream = device.authenticate(CODE) + b"".join([each(device) for each in spoken])
    cut, rest = list[bytes](), stream
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        cut.append(rest[:size])
        rest = rest[size:]
    core, other = ServerConnection(), ServerConnection()
    assert driven(core, cut) == driven(other, [stream])
    core.end()
    other.end()
    assert core.counts == other.counts


@given(st.lists(st.binary(max_size=300), max_size=5), st.booleans())
def test_no_bytes_make_it_raise(pieces: list[bytes], known: bool) -> None:
    core = admitted(Device()) if known else ServerConnection()
    driven(core, pieces)


@given(
    st.integers(0, 0xFFFF),
    st.binary(max_size=300),
    st.booleans(),
    st.none() | st.tuples(st.integers(0, 9), st.integers(0, 9)),
)
def test_no_body_makes_it_raise(
    message_id: int, body: bytes, is_2019: bool, part: tuple[int, int] | None
) -> None:
    device = Device(is_2019=is_2019)
    core = admitted(device)
    (*_, last) = [*driven(core, [frame(replace(device.header(message_id), part=part), body)]), None]
    assert last is None
