"""The server's side of the protocol: every message gets a number, a verdict and no exception."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking import protocol
from tracking.fix import Fix
from tracking.protocol import Close, Code, Have, Hello, Received, Rejected, ServerConnection

NOW = 1_784_692_800_000
_GOOD = {"t": NOW, "lon": 116.0, "lat": 36.0}


def _greeted() -> ServerConnection:
    core = ServerConnection()
    assert isinstance(core.receive('{"hello": {"token": "x"}}', NOW), Hello)
    return core


def _tell(core: ServerConnection, told: object) -> protocol.Command | None:
    return core.receive(json.dumps(told), NOW)


def _received(core: ServerConnection, told: object) -> Received:
    command = _tell(core, told) if not isinstance(told, str | bytes) else core.receive(told, NOW)
    assert isinstance(command, Received), command
    return command


def test_hello_comes_first_and_tells_what_is_drawn() -> None:
    core = ServerConnection()
    hello = _tell(core, {"hello": {"token": "t", "app": "1.4", "have": {"plan": 7, "seq": 91}}, "new": 1})
    assert hello == Hello("t", "1.4", Have(7, 91, 0))
    assert ServerConnection(bearer=True).receive('{"hello": {}}', NOW) == Hello()


@pytest.mark.parametrize(
    "first",
    [
        json.dumps({"n": 1, "fix": _GOOD}), "", "null", '{"hello": {}}', '{"hello": {"token": 5}}',
        '{"hello": {"token": "x", "have": {"seq": -1}}}', '{"hello": {"token": "x", "app": "\\u0000"}}',
        b"\xff\xfe", "[" * 5000,
    ],
)  # fmt: skip
def test_anything_else_first_closes_for_good(first: str | bytes) -> None:
    core = ServerConnection()
    command = core.receive(first, NOW)
    assert isinstance(command, Close)
    assert command.code is Code.BAD_HELLO
    assert core.receive('{"hello": {"token": "x"}}', NOW) is None


def test_good_fixes_of_a_message_survive_bad_ones() -> None:
    core = _greeted()
    fixes = [_GOOD, {**_GOOD, "lat": 99}, {"t": NOW}, 5, {**_GOOD, "t": NOW + 0.6}]
    told = _received(core, {"n": 1, "fixes": fixes})
    assert [index for index, _ in told.fixes] == [0, 4]
    assert told.fixes[1][1].t == NOW + 1
    assert [(r.n, r.index) for r in told.refused] == [(1, 1), (1, 2), (1, 3)]
    assert json.loads(told.refused[0].raw)["lat"] == 99
    assert [(i, f) for i, f in _received(core, {"n": 2, "fix": _GOOD}).fixes] == [(0, Fix(NOW, 116.0, 36.0))]


@pytest.mark.parametrize(
    "garbage",
    [
        "", "nonsense", '{"n": 1, "fix": {"t": 1, "lon": NaN, "lat": 1}}', "[1]", '{"fix": {}}',
        '{"n": true}', '{"n": "1", "fix": {}}', '{"n": 1}', '{"n": 1, "fix": {}, "fixes": []}',
        '{"n": 1, "fixes": 5}',
        '{"n": 1, "event": {"id": "no", "t": 1, "kind": "done"}}', '{"n": 1, "have": {"seq": "x"}}',
        '{"n": 1, "have": {"seq": -4}}', '{"n": 1, "event": {"t": 1}}', b"\xff", "[" * 60_000, "9" * 60_000,
        '{"n": 1, "fix": {"t": ' + "9" * 6_000 + ', "lon": 1, "lat": 1}}',
    ],
)  # fmt: skip
def test_garbage_takes_a_number_and_is_refused_whole(garbage: str | bytes) -> None:
    core = _greeted()
    told = _received(core, garbage)
    assert [(r.n, r.index) for r in told.refused] == [(1, None)]
    assert told.refused[0].why
    assert not told.fixes
    assert _received(core, {"n": 2, "fix": _GOOD}).fixes


@pytest.mark.parametrize("n", [0, 2, -1, 10**25])
def test_a_wrong_number_closes(n: int) -> None:
    for told in ({"n": n, "fix": _GOOD}, {"n": n, "fix": 5}):
        command = _tell(_greeted(), told)
        assert isinstance(command, Close)
        assert command.code is Code.WRONG_N
        assert len(command.why.encode()) <= 123


def test_a_long_message_closes() -> None:
    command = _greeted().receive("x" * (protocol.MAX_BYTES + 1), NOW)
    assert isinstance(command, Close)
    assert command.code is Code.TOO_BIG


def test_events_are_taken_or_refused_with_their_value() -> None:
    core = _greeted()
    event = {"id": str(uuid4()), "t": NOW, "kind": "done", "stop": 42, "later": "field"}
    taken = _received(core, {"n": 1, "event": event}).event
    assert taken is not None
    assert taken.stop == 42
    refused = _received(core, {"n": 2, "event": {**event, "kind": "flew"}}).refused
    assert "flew" in refused[0].why
    assert _received(core, {"n": 3, "have": {"seq": 4}}).have == Have(0, 4, 0)
    # A clock that is absurdly wrong is what is to be found out, and no reason to refuse.
    assert _received(core, {"n": 4, "have": {"seq": 4, "t": -5}}).have == Have(0, 4, 0, -5)


def test_acks_only_grow_and_never_run_ahead() -> None:
    core = _greeted()
    for n in (1, 2, 3):
        _received(core, {"n": n, "fix": _GOOD})
    assert core.acknowledge(2) == b'{"ack":2}'
    for n in (1, 2, 4):
        with pytest.raises(ValueError, match="ack"):
            core.acknowledge(n)
    assert core.acknowledge(3) == b'{"ack":3}'


def test_what_the_server_says_reads_as_documented() -> None:
    at = datetime(2026, 7, 22, 4, tzinfo=UTC)
    said = [
        protocol.welcome(3, at, 2.0, 812),
        protocol.refused(Rejected(18, 3, "time", b"")),
        protocol.refused(Rejected(18, None, "garbage", b"")),
        protocol.state(813, at),
        protocol.push(92, "plan", {"version": 7}),
    ]
    assert [json.loads(message) for message in said] == [
        {"welcome": {"van": 3, "time": "2026-07-22T04:00:00Z", "every_s": 2.0, "state": 812}},
        {"refused": {"n": 18, "index": 3, "why": "time"}},
        {"refused": {"n": 18, "why": "garbage"}},
        {"state": 813, "time": "2026-07-22T04:00:00Z", "platform": None},
        {"seq": 92, "plan": {"version": 7}},
    ]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_loose = st.fixed_dictionaries(
    {"t": _json | st.integers(NOW - 9, NOW), "lon": _json | st.floats(-181, 181), "lat": _json | st.just(1)},
    optional={"speed_mps": _json, "battery": _json},
)
_told: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"n": st.just(1) | _json},
    optional={
        "fix": _loose | _json,
        "fixes": st.lists(_loose, max_size=3) | _json,
        "event": _json,
        "have": _json,
    },
)


@given(_told.map(json.dumps) | st.text(max_size=40) | st.binary(max_size=40))
def test_nothing_that_is_sent_raises_and_every_item_gets_its_verdict(data: str | bytes) -> None:
    core = _greeted()
    command = core.receive(data, NOW)
    if isinstance(command, Close):
        assert command.code is Code.WRONG_N
        return
    assert isinstance(command, Received)
    assert command.n == core.received_n == 1
    for rejected in command.refused:
        json.loads(protocol.refused(rejected))
        assert len(rejected.why.encode()) <= 123
    whole = any(rejected.index is None for rejected in command.refused)
    if not whole and command.event is None and command.have is None:
        indexes = [i for i, _ in command.fixes] + [r.index for r in command.refused if r.index is not None]
        assert sorted(indexes) == list(range(len(indexes)))


@given(
    st.lists(
        st.builds(
            Fix,
            t=st.integers(946_684_800_000, NOW),
            lon=st.floats(-180, 180),
            lat=st.floats(-90, 90),
            speed_mps=st.none() | st.floats(0, 150),
            satellites=st.none() | st.integers(0, 255),
        ),
        max_size=50,
    )
)
def test_fixes_come_out_of_the_wire_as_they_went_in(fixes: list[Fix]) -> None:
    told = _greeted().receive(msgspec.json.encode({"n": 1, "fixes": fixes}), NOW)
    assert isinstance(told, Received)
    assert [fix for _, fix in told.fixes] == fixes
    assert not told.refused


@pytest.mark.parametrize("item", [_GOOD, 5])
def test_a_message_of_far_too_many_fixes_draws_one_refusal(item: object) -> None:
    core = _greeted()
    told = _received(core, {"n": 1, "fixes": [item] * (protocol.MOST_FIXES + 1)})
    assert told.fixes == ()
    (refused,) = told.refused
    assert (refused.n, refused.index) == (1, None)
