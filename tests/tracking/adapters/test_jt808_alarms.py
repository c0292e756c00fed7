"""Alarms: one event a rising edge, however the reports come again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from tracking.adapters.jt808_alarms import MOST_STEPS, Alarms, Step, event_id, name_of

Report = tuple[int, int]
"""Time and bits."""
Message = list[Report]


def edges_of(alarms: Alarms, message: Message) -> set[Report]:
    """The rising edges, as bit and time, of one message; its reports are judged by time."""
    return {(bit, t) for t, bits in sorted(message) for bit in alarms.judge(t, bits).rising}


def test_an_edge_is_told_once_while_the_bit_stays() -> None:
    alarms = Alarms()
    assert edges_of(alarms, [(1, 0)]) == set()
    assert edges_of(alarms, [(2, 0b11)]) == {(0, 2), (1, 2)}
    assert edges_of(alarms, [(3, 0b111), (4, 0b111)]) == {(2, 3)}
    assert edges_of(alarms, [(5, 0), (6, 1)]) == {(0, 6)}


def test_a_repeat_is_no_edge_and_nothing_to_remember() -> None:
    alarms = Alarms()
    edges_of(alarms, [(1, 0), (2, 1), (3, 1), (4, 0), (5, 0)])
    for t, bits in ((2, 1), (3, 1), (4, 0), (5, 0)):
        judged = alarms.judge(t, bits)
        assert (judged.rising, judged.steps) == ((), ())


def test_two_reports_of_one_instant() -> None:
    alarms = Alarms()
    assert edges_of(alarms, [(7, 0)]) == set()
    assert edges_of(alarms, [(7, 1)]) == {(0, 7)}
    assert edges_of(alarms, [(8, 1)]) == set()


def test_backfill_is_judged_by_what_went_before_it_and_hides_nothing_that_came_after() -> None:
    alarms = Alarms()
    edges_of(alarms, [(0, 1)])
    assert edges_of(alarms, [(900_000, 0)]) == set()
    assert edges_of(alarms, [(300_000, 1), (400_000, 0), (500_000, 1), (600_000, 1)]) == {(0, 500_000)}
    assert edges_of(alarms, [(901_000, 1)]) == {(0, 901_000)}


def test_backfill_with_an_alarm_does_not_outlast_the_live_reports_after_it() -> None:
    alarms = Alarms()
    edges_of(alarms, [(0, 0), (900_000, 0)])
    assert edges_of(alarms, [(300_000, 1)]) == {(0, 300_000)}
    assert edges_of(alarms, [(901_000, 1)]) == {(0, 901_000)}


def test_a_report_without_alarms_is_never_remembered() -> None:
    alarms = Alarms()
    assert all(alarms.judge(t, 0).steps == () for t in range(0, 10_000_000, 90_000))


def test_what_is_remembered_is_bounded() -> None:
    alarms = Alarms()
    steps = [step for t in range(4 * MOST_STEPS) for step in alarms.judge(t, t & 1).steps]
    assert len(steps) == 4 * MOST_STEPS - 1
    assert len(alarms._times) == len(alarms._bits) == MOST_STEPS


def test_ids_follow_from_terminal_bit_and_time() -> None:
    ids = {event_id(*key) for key in ((1, 0, 5), (2, 0, 5), (1, 1, 5), (1, 0, 6))}
    assert len(ids) == 4
    assert str(event_id(1, 0, 5)) == "abe69456-ef98-581c-bebe-15364714dccd"


def test_every_bit_has_a_name_in_either_edition() -> None:
    assert (name_of(1, is_2019=False), name_of(2, is_2019=True)) == ("overspeed", "fatigue")
    assert (name_of(16, is_2019=False), name_of(16, is_2019=True)) == ("bit_16", "tyre_pressure")
    names = {name_of(bit, is_2019=True) for bit in range(1, 32)}
    assert len(names) == 31 and all(len(name) <= 64 for name in names)


@dataclass(frozen=True, slots=True)
class Cut:
    """A connection's end: how much was sent, stored and acknowledged by then, and if the rest is lost."""

    sent: int
    stored: int
    acknowledged: int
    crash: bool


_BITS = st.sampled_from([0, 1, 1, 0, 2])
_GAP_MS = 90_000


@st.composite
def _histories(draw: st.DrawFn) -> list[Message]:
    """What a device sends: live reports, and after a dead zone some live ones, then batches of backfill."""
    t, messages = 0, list[Message]()
    for _ in range(draw(st.integers(2, 3))):
        live = draw(st.lists(_BITS, min_size=1, max_size=3))
        for bits in live:
            t += draw(st.sampled_from([1_000, 30_000]))
            messages.append([(t, bits)])
        hidden = draw(st.lists(_BITS, min_size=1, max_size=4))
        zone = []
        for bits in hidden:
            t += _GAP_MS
            zone.append((t, bits))
        t += _GAP_MS
        for bits in draw(st.lists(_BITS, min_size=1, max_size=3)):
            messages.append([(t, bits)])
            t += 1_000
        size = draw(st.integers(1, 3))
        batches = [zone[i : i + size] for i in range(0, len(zone), size)]
        messages += [draw(st.permutations(each)) for each in batches]
    return messages


@st.composite
def _journeys(draw: st.DrawFn) -> tuple[list[Message], list[Cut]]:
    messages = draw(_histories())
    cuts, done = list[Cut](), 0
    for _ in range(draw(st.integers(1, 4))):
        sent = draw(st.integers(done, len(messages)))
        stored = draw(st.integers(done, sent))
        acknowledged = draw(st.integers(done, stored))
        cuts.append(Cut(sent, stored, acknowledged, draw(st.booleans())))
        done = acknowledged
    return messages, cuts


def told_by_memory(messages: list[Message]) -> set[Report]:
    """The edges, by whoever remembers every single report that has come."""
    seen: dict[int, int] = {}
    edges = set()
    for message in messages:
        for t, bits in sorted(message):
            before = max((each for each in seen if each < t), default=None)
            rising = bits & ~(0 if before is None else seen[before])
            edges |= {(bit, t) for bit in range(32) if rising >> bit & 1}
            seen[t] = bits
    return edges


@given(_histories())
@settings(max_examples=600)
def test_the_little_that_is_remembered_tells_what_all_reports_would_tell(messages: list[Message]) -> None:
    alarms = Alarms()
    found = {edge for message in messages for edge in edges_of(alarms, message)}
    assert found == told_by_memory(messages)


class Database:
    """What is stored: events, steps and the time of the newest report."""

    def __init__(self) -> None:
        self.events: set[Report] = set()
        self.steps: dict[int, int] = {}
        self.newest: int | None = None

    def known(self) -> Alarms:
        """What a new connection reads."""
        return Alarms([Step(*item) for item in self.steps.items()], self.newest)

    def commit(self, alarms: Alarms, message: Message) -> Callable[[], None]:
        """Judge a message; its commit, to be called when it happens."""
        judged = [(t, alarms.judge(t, bits)) for t, bits in sorted(message)]

        def write() -> None:
            for t, each in judged:
                self.events |= {(bit, t) for bit in each.rising}
                self.steps |= {step.t: step.bits for step in each.steps}
                self.newest = t if self.newest is None else max(self.newest, t)

        return write


@given(_journeys())
@settings(max_examples=600)
def test_however_it_is_cut_and_sent_again_the_events_are_the_same(
    journey: tuple[list[Message], list[Cut]],
) -> None:
    messages, cuts = journey
    uncut, database = Alarms(), Database()
    wanted = {edge for message in messages for edge in edges_of(uncut, message)}
    first, late = 0, list[Callable[[], None]]()
    for cut in [*cuts, Cut(len(messages), len(messages), len(messages), crash=False)]:
        alarms = database.known()
        # What the connection before had left in the queue is stored after this one has read what is known.
        for write in late:
            write()
        late = []
        for i in range(first, cut.sent):
            write = database.commit(alarms, messages[i])
            if i < cut.stored:
                write()
            elif not cut.crash:
                late.append(write)
        first = cut.acknowledged
    assert database.events == wanted
