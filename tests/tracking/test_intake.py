"""The flusher's queue: order on a connection, fairness between them, and its bound."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tracking.fix import Fix
from tracking.intake import BATCH_FIXES, LEAST_BACKLOG_FIXES, LIGHT_FIXES, Intake
from tracking.parcel import Parcel
from tracking.protocol import Rejected
from tracking.source import Source


class _Quiet:
    def committed(self, n: int, refused: Sequence[Rejected]) -> None:
        """Nobody listens."""


def _parcel(receiver: _Quiet, n: int, fixes: int) -> Parcel:
    each = Fix(1_784_692_800_000, 116.0, 36.0)
    return Parcel(receiver, Source(1, 1, 1), n, 0, [(k, each) for k in range(fixes)])


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from((0, 1, LIGHT_FIXES, 20, 50))), max_size=60))
def test_a_connections_messages_stay_in_order_and_none_is_lost(sent: list[tuple[int, int]]) -> None:
    intake, receivers = Intake(10**6), [_Quiet() for _ in range(4)]
    counts, taken = [0] * 4, list[Parcel]()
    for turn, (who, fixes) in enumerate(sent):
        counts[who] += 1
        intake.put(_parcel(receivers[who], counts[who], fixes))
        if turn % 5 == 4:
            batch = intake.take(0.1 * turn)
            intake.release(batch, 0.001)
            taken += batch
    while intake:
        batch = intake.take(100.0)
        intake.release(batch, 0.001)
        taken += batch
    for who, receiver in enumerate(receivers):
        assert [each.n for each in taken if each.receiver is receiver] == list(range(1, counts[who] + 1))
    assert intake.held == 0


def _fixes(batch: Sequence[Parcel]) -> int:
    return sum(len(each.fixes) for each in batch)


def test_backlog_waits_while_others_report_live_and_flows_when_nobody_does() -> None:
    intake, back, live = Intake(10**6), _Quiet(), _Quiet()
    for n in range(1, 301):
        intake.put(_parcel(back, n, 50))
    intake.put(_parcel(live, 1, 1))
    batch = intake.take(0.0)
    assert batch[0].receiver is live
    assert 100 <= _fixes(batch) <= 151
    assert _fixes(intake.take(0.5)) <= 150, "it was live just now"
    assert _fixes(intake.take(2.0)) >= BATCH_FIXES - 400


def test_how_much_backlog_goes_along_is_learnt_from_how_long_commits_take() -> None:
    intake, back, live = Intake(10**6, short_s=0.003), _Quiet(), _Quiet()
    for n in range(1, 2001):
        intake.put(_parcel(back, n, 50))
    taken: list[int] = []
    for turn, took_s in enumerate([0.001] * 100 + [0.05] * 20):
        intake.put(_parcel(live, turn, 1))
        batch = intake.take(0.005 * turn)
        taken.append(_fixes(batch))
        intake.release(batch, took_s)
    assert taken[99] > 5 * taken[0], "short commits take more along each time"
    assert taken[-1] <= LEAST_BACKLOG_FIXES + 1, "long ones soon take one message only"


def test_a_live_fix_behind_its_own_backlog_waits_for_it() -> None:
    intake, one, other = Intake(10**6), _Quiet(), _Quiet()
    for n in range(1, 11):
        intake.put(_parcel(one, n, 50))
    intake.put(_parcel(one, 11, 1))
    intake.put(_parcel(other, 1, 1))
    assert [(each.receiver is one, each.n) for each in intake.take(0.0)] == [
        (False, 1), *((True, n) for n in range(1, 3))
    ]  # fmt: skip


def test_a_full_intake_says_so_and_calls_once_there_is_room() -> None:
    intake, calls = Intake(10), list[str]()
    intake.put(_parcel(_Quiet(), 1, 8))
    fullness = [intake.is_full]
    intake.put(_parcel(_Quiet(), 1, 0))
    fullness.append(intake.is_full)
    intake.when_room(lambda: calls.append("room"))
    intake.release(intake.take(0.0), 0.001)
    assert fullness == [False, True]
    assert calls == ["room"]
    intake.release([], 0.001)
    assert calls == ["room"]
