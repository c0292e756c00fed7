"""Frames that real devices have sent: the cases of another project, where they are at hand."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.test_house import ROOT
from tests.tracking.adapters.test_jt808 import CODE
from tests.tracking.device import frames_of, results_of
from tracking.adapters.jt808 import Answer, Authenticate, Command, Received, Register, ServerConnection
from tracking.adapters.jt808_alarms import Alarms
from tracking.adapters.jt808_body import Id, Report, Result, read_batch, read_report
from tracking.adapters.jt808_frame import Broken, Frame, Garbage, Reader
from tracking.adapters.jt808_judge import Known
from tracking.source import Source

FILE = ROOT.parent / "shared/data/protocol/traccar_cases.json"
LATER_MS = int(datetime(2027, 1, 1, tzinfo=UTC).timestamp() * 1000)
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the cases are not at hand")
_SERVED = {Id.REGISTER, Id.AUTHENTICATE, Id.HEARTBEAT, Id.LOCATION, Id.BATCH}


def cases() -> list[dict[str, Any]]:
    every = json.loads(FILE.read_text()) if FILE.exists() else []
    return [each for each in every if each["src"] == "Jt808"]


def _bytes(case: dict[str, Any]) -> bytes:
    payload = case["payload"]
    return "".join(payload).encode() if isinstance(payload, list) else bytes.fromhex(payload)


def _frame(case: dict[str, Any]) -> Frame | Broken | None:
    reader = Reader()
    found = [*reader.read(_bytes(case)), *reader.end()]
    frames = [each for each in found if not isinstance(each, Garbage)]
    assert len(frames) <= 1
    return frames[0] if frames else None


def _expected(case: dict[str, Any], key: str) -> float | None:
    name, _, value = case.get("expect_args", "").partition(", ")
    return float(value) if name == f"Position.KEY_{key}" else None


def _reports(frame: Frame) -> list[Report]:
    bodies = (frame.body,) if frame.header.message_id == Id.LOCATION else read_batch(frame.body)
    assert not isinstance(bodies, str)
    reports = [read_report(body) for body in bodies]
    assert all(isinstance(each, Report) for each in reports)
    return [each for each in reports if isinstance(each, Report)]


def test_how_many_of_which_there_are() -> None:
    found = Counter[object]()
    for case in cases():
        frame = _frame(case)
        found[frame.header.message_id if isinstance(frame, Frame) else type(frame)] += 1
    assert found.total() == 113
    assert (found[Broken], found[type(None)]) == (8, 2)
    assert [found[each] for each in (0x0100, 0x0102, 0x0002, 0x0200, 0x0704)] == [6, 3, 1, 64, 8]


def test_a_frame_is_right_exactly_where_its_checksum_is() -> None:
    for case in cases():
        frame, told = _frame(case), case.get("ref_decode", {})
        assert isinstance(frame, Frame) == bool(told.get("checksum_ok"))
        if isinstance(frame, Frame):
            header = frame.header
            assert f"{header.message_id:04x}" == told["msg"]
            assert (header.phone.hex(), header.serial) == (told["phone"], told["seq"])
            assert (header.is_2019, frame.whole) == (told["v2019"], told["len_ok"])


def test_every_location_has_the_values_of_its_case() -> None:
    checked = 0
    for case in cases():
        frame, told = _frame(case), case.get("ref_decode", {})
        if isinstance(frame, Frame) and frame.header.message_id == Id.LOCATION:
            (report,) = _reports(frame)
            fix = report.fix()
            assert (report.alarm, report.status, report.is_fixed) == (
                told["alarm"],
                told["status"],
                told["valid"],
            )
            assert (fix.lon, fix.lat) == (told["lon"], told["lat"])
            assert (fix.altitude_m, fix.heading_deg) == (told["alt"], told["dir"])
            assert fix.speed_mps == pytest.approx(told["speed_kmh"] / 3.6)
            at = datetime.strptime(told["time_bcd"] + "+0800", "%y%m%d%H%M%S%z")
            assert fix.t == at.timestamp() * 1000
            checked += 1
    assert checked == 64


def test_satellites_and_charge_are_those_of_the_case() -> None:
    checked = Counter[str]()
    for case in cases():
        frame = _frame(case)
        for key, of in (("SATELLITES", "satellites"), ("BATTERY_LEVEL", "battery")):
            value = _expected(case, key)
            if value is None or not isinstance(frame, Frame) or frame.header.message_id not in _SERVED:
                continue
            fix = _reports(frame)[0].fix()
            assert getattr(fix, of) == (value if of == "satellites" else value / 100), case["payload"]
            checked[of] += 1
    assert checked == {"satellites": 2, "battery": 10}


def _answered(case: dict[str, Any]) -> tuple[list[Command], ServerConnection]:
    """What becomes of a case on a connection of its terminal's own."""
    frame, core = _frame(case), ServerConnection()
    if isinstance(frame, Frame):
        core.admitted(Authenticate(frame.header, CODE), Known(Source(1, 1, 1), Alarms()))
    core.feed(_bytes(case), 0)
    commands = []
    while (command := core.take(LATER_MS)) is not None:
        commands.append(command)
    core.end()
    return commands, core


def test_every_case_is_answered_as_it_should_be() -> None:
    answered = Counter[tuple[str, int]]()
    for case in cases():
        frame = _frame(case)
        commands, core = _answered(case)
        if not isinstance(frame, Frame):
            # Two of the wrong ones are as long as they say, and so are known at once.
            assert [type(each) for each in commands] in ([], [Received]) and core.counts.total() > 0
            assert all(isinstance(each, Received) and each.headers == () for each in commands)
            continue
        (command,) = commands
        message_id = frame.header.message_id
        if message_id == Id.REGISTER:
            assert isinstance(command, Register)
        elif message_id == Id.AUTHENTICATE:
            assert isinstance(command, Answer)  # the terminal is admitted already, by another code
        elif message_id in {Id.LOCATION, Id.BATCH}:
            assert isinstance(command, Received)
            assert command.result is Result.OK and command.refused == (), command.refused
            assert len(command.fixes) == len(_reports(frame))
            assert results_of(frames_of(core.answer(command, command.result))) == [
                (frame.header.serial, message_id, Result.OK)
            ]
        else:
            assert isinstance(command, Answer)
            ((serial, replied_id, result),) = results_of(frames_of(command.data))
            assert (serial, replied_id) == (frame.header.serial, message_id)
            assert result == (Result.OK if message_id == Id.HEARTBEAT else Result.UNSUPPORTED)
            answered["ok" if result == Result.OK else "unsupported", result] += 1
    assert answered == {("ok", 0): 1, ("unsupported", 3): 21}


def test_every_code_and_every_registration_is_read() -> None:
    found = Counter[type]()
    for case in cases():
        frame = _frame(case)
        if isinstance(frame, Frame) and frame.header.message_id in {Id.REGISTER, Id.AUTHENTICATE}:
            core = ServerConnection()
            core.feed(_bytes(case), 0)
            command = core.take(LATER_MS)
            assert isinstance(command, Register | Authenticate)
            assert command.header.number == case["ref_decode"]["phone"].lstrip("0")
            found[type(command)] += 1
            if isinstance(command, Authenticate):
                assert command.code.isascii() and command.code.encode() == frame.body
    assert found == {Register: 6, Authenticate: 3}
