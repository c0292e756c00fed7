"""The flusher's queue: order on a connection, fairness between them, and its bound."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tracking.fix import Fix
from tracking.intake import BATCH_FIXES, LIGHT_FIXES, LIVELY_FIXES, Intake
from tracking.parcel import Parcel
from tracking.protocol import Rejected
from tracking.source import Source

_LANES = st.sampled_from(("light", "backlog"))


class _Quiet:
    def committed(self, n: int, refused: Sequence[Rejected]) -> None:
        """Nobody listens."""


def _parcel(receiver: _Quiet, n: int, fixes: int) -> Parcel:
    each = Fix(1_784_692_800_000, 116.0, 36.0)
    return Parcel(receiver, Source(1, 1, 1), n, 0, [(k, each) for k in range(fixes)])


class _Lanes(RuleBasedStateMachine):
    """Two lanes take, park and release as they like; each connection's parcels are stored, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.intake = Intake(10**6)
        self.lanes = {"light": self.intake.light, "backlog": self.intake.backlog}
        self.under_way: dict[str, list[list[Parcel]]] = {"light": [], "backlog": []}
        self.receivers = [_Quiet() for _ in range(4)]
        self.sent, self.now_s = dict.fromkeys(self.receivers, 0), 0.0
        self.stored = dict.fromkeys(self.receivers, 0)

    @rule(who=st.integers(0, 3), fixes=st.sampled_from((0, 1, LIGHT_FIXES, 20, 50)))
    def put(self, who: int, fixes: int) -> None:
        """A message comes."""
        receiver = self.receivers[who]
        self.sent[receiver] += 1
        self.intake.put(_parcel(receiver, self.sent[receiver], fixes))

    @rule(lane=_LANES)
    def take(self, lane: str) -> None:
        """One batch is being stored, another one made ahead."""
        self.now_s += 0.3
        if len(self.under_way[lane]) < 2 and (batch := self.lanes[lane].take(self.now_s)):
            self.under_way[lane].append(batch)

    @rule(lane=_LANES, held_up=st.sets(st.integers(0, 3)))
    def end(self, lane: str, held_up: set[int]) -> None:
        """A batch is stored, less what waits for its day."""
        if not self.under_way[lane]:
            return
        batch, ahead = self.under_way[lane].pop(0), self.under_way[lane]
        waits = [each for each in batch if any(each.receiver is self.receivers[who] for who in held_up)]
        if waits:
            self.lanes[lane].set_back(waits, ahead.pop() if ahead else ())
        self._store(lane, [each for each in batch if each not in waits])

    def _store(self, lane: str, batch: list[Parcel]) -> None:
        for each in batch:
            assert isinstance(each.receiver, _Quiet)
            self.stored[each.receiver] += 1
            assert each.n == self.stored[each.receiver], "an ack covers all before it"
        self.lanes[lane].release(batch)

    def teardown(self) -> None:
        """In the end nothing is left."""
        for lane in self.lanes:
            while self.under_way[lane]:
                self._store(lane, self.under_way[lane].pop(0))
        for _ in range(200):
            self.now_s += 0.3
            for lane, side in self.lanes.items():
                if batch := side.take(self.now_s):
                    self._store(lane, batch)
        assert self.stored == self.sent
        assert self.intake.held == self.intake.light.waiting == self.intake.backlog.waiting == 0


TestLanes = _Lanes.TestCase


def _fixes(batch: Sequence[Parcel]) -> int:
    return sum(len(each.fixes) for each in batch)


def test_backlog_goes_little_by_little_while_others_report_live_and_flows_when_nobody_does() -> None:
    intake, back, live = Intake(10**6), _Quiet(), _Quiet()
    for n in range(1, 301):
        intake.put(_parcel(back, n, 50))
    intake.put(_parcel(live, 1, 1))
    assert [each.receiver for each in intake.light.take(0.0)] == [live]
    assert LIVELY_FIXES - 50 <= _fixes(intake.backlog.take(0.5)) <= LIVELY_FIXES, "it was live just now"
    assert _fixes(intake.backlog.take(2.0)) >= BATCH_FIXES - 400


def test_a_live_fix_behind_its_own_backlog_waits_for_it() -> None:
    intake, one, other = Intake(10**6), _Quiet(), _Quiet()
    assert not intake.put(_parcel(one, 1, 50))
    assert not intake.put(_parcel(one, 2, 1))
    assert intake.put(_parcel(other, 1, 1))
    batch = intake.backlog.take(0.0)
    assert [each.n for each in batch] == [1, 2]
    assert not intake.put(_parcel(one, 3, 1)), "its backlog is not stored yet"
    intake.light.release(intake.light.take(0.0))
    intake.backlog.release(batch)
    assert not intake.put(_parcel(one, 4, 1))
    intake.backlog.release(intake.backlog.take(0.0))
    assert intake.put(_parcel(one, 5, 1))


def test_backlog_waits_for_the_light_batch_before_it_and_for_no_later_one() -> None:
    intake, one, other = Intake(10**6), _Quiet(), _Quiet()
    intake.put(_parcel(one, 1, 1))
    intake.put(_parcel(one, 2, 50))
    assert not intake.backlog.take(0.0), "its ack would cover what is not stored"
    first = intake.light.take(0.0)
    intake.put(_parcel(other, 1, 1))
    assert not intake.backlog.take(0.0)
    intake.light.release(first)
    assert [each.n for each in intake.backlog.take(0.0)] == [2]


def test_a_full_intake_says_so_and_calls_once_there_is_room() -> None:
    intake, calls = Intake(10), list[str]()
    intake.put(_parcel(_Quiet(), 1, 8))
    fullness = [intake.is_full]
    intake.put(_parcel(_Quiet(), 1, 0))
    fullness.append(intake.is_full)
    intake.when_room(lambda: calls.append("room"))
    intake.light.release(intake.light.take(0.0))
    assert fullness == [False, True]
    assert calls == ["room"]
    intake.light.release([])
    assert calls == ["room"]
