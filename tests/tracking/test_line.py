"""What a connection is sent, and in which order."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from fleet.outbox import Message
from tracking.line import MAX_IN_FLIGHT, Line, Pass
from tracking.protocol import Code, Have, Rejected, ServerConnection
from tracking.source import Source

AT = datetime(2026, 7, 22, 4, tzinfo=UTC)
NOW = 1_784_692_800_000


def _line(have: Have | None = None, last_seq: int = 50) -> Line:
    core = ServerConnection()
    core.receive('{"hello": {"token": "x"}}', NOW)
    return Line(core, Pass(Source(1, 2, 3), b"", 0, last_seq, None), have or Have())


def _say(line: Line, n: int) -> None:
    line.core.receive(json.dumps({"n": n, "fix": {"t": NOW, "lon": 1, "lat": 2}}), NOW)


def _keys(line: Line) -> list[str]:
    return [next(iter(json.loads(m))) if isinstance(m, bytes) else "close" for m in line.outgoing()]


def _messages(*seqs: int) -> list[Message]:
    return [Message(seq, "say", {"text": str(seq)}, AT) for seq in seqs]


def test_refusals_come_before_their_ack_and_the_farewell_last() -> None:
    line = _line()
    _say(line, 1)
    _say(line, 2)
    line.close(Code.UNKNOWN_TOKEN, "revoked")
    line.push(_messages(1), 0.0)
    line.tell_state(4, AT)
    line.tell_state(5, AT)
    line.committed(2, [Rejected(2, None, "bad", b"")])
    assert _keys(line) == ["refused", "ack", "seq", "state", "close"]
    assert line.core.acknowledged_n == 2


def test_hello_itself_is_not_acknowledged() -> None:
    line = _line()
    line.committed(0, ())
    assert _keys(line) == []


def test_pushes_go_once_and_again_only_when_they_are_overdue() -> None:
    line = _line(Have(seq=3))
    line.push(_messages(2, 3, 4, 5), at=10.0)
    assert len(_keys(line)) == 2
    line.push(_messages(4, 5), at=11.0)
    assert _keys(line) == []
    assert not line.push_again(12.0, after_s=15)
    line.have = Have(seq=4)
    assert line.push_again(26.0, after_s=15)
    line.push(_messages(5), at=26.0)
    assert _keys(line) == ["seq"]
    line.have = Have(seq=5)
    assert not line.push_again(99.0, after_s=15)


def test_a_terminal_moved_to_another_van_starts_from_the_beginning() -> None:
    assert _line(Have(seq=51), last_seq=50).have.seq == 0
    assert _line(Have(seq=50), last_seq=50).have.seq == 50


def test_a_line_is_full_until_its_acks_are_taken() -> None:
    line = _line()
    full = []
    for n in range(1, MAX_IN_FLIGHT + 1):
        full.append(line.is_full)
        _say(line, n)
    full.append(line.is_full)
    line.committed(MAX_IN_FLIGHT, ())
    full.append(line.is_full)  # committed, but the terminal has not read it
    line.on_room = lambda: full.append(line.is_full)
    assert _keys(line) == ["ack"]
    assert full == [False] * MAX_IN_FLIGHT + [True, True, False]
