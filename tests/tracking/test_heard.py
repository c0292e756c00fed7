"""What was heard of a terminal: newest fix, lag, clock; the same however it was cut into lots."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.storing import Deaf, batch_of
from tracking.fix import Fix
from tracking.heard import Heard, Hearing
from tracking.parcel import Parcel
from tracking.protocol import Have, Rejected
from tracking.source import Source

NOW = 1_784_692_800_000


def parcel(
    ages_ms: Sequence[int] = (),
    *,
    at: int = NOW,
    terminal: int = 5,
    refused: int = 0,
    clock: int | None = None,
) -> Parcel:
    """A message at `at` with fixes of these ages; `clock` is what its terminal's clock shows."""
    source = Source(terminal, 7, 3)
    fixes = [(k, Fix(at - age, 116.0, 36.0)) for k, age in enumerate(ages_ms)]
    wrong = [Rejected(1, k, "no", b"") for k in range(refused)]
    have = None if clock is None else Have(t=clock)
    return Parcel(Deaf(), source, 1, at, fixes, refused=wrong, have=have)


def heard(*parcels: Parcel) -> Heard:
    hearing = Hearing()
    hearing.committed(batch_of(parcels))
    (note,) = hearing.take()
    return note


def test_the_newest_fix_and_its_lag_are_those_of_the_newest_not_of_the_last() -> None:
    note = heard(parcel([500, 1500]), parcel([90_000, 80_000], at=NOW + 2000, refused=1))
    assert note == Heard(5, "carevan.v1", NOW + 2000, NOW - 500, 500, fixes=4, refused=1)


def test_a_terminal_s_own_word_gives_its_clock_also_when_it_is_slow() -> None:
    note = heard(parcel([100], clock=NOW - 7000), parcel([-3000], at=NOW + 10))
    assert (note.offset_ms, note.told) == (-7000, True)
    for absurd in (-1, 2**60):
        assert heard(parcel(clock=absurd)).offset_ms is None


def test_without_its_word_only_a_fix_of_the_future_is_certain() -> None:
    assert heard(parcel([4000])).offset_ms is None, "an old fix is late or the clock is slow: nobody knows"
    note = heard(parcel([-2000, -9000, 4000]))
    assert (note.offset_ms, note.told, note.fix_ms) == (9000, False, NOW + 9000)


def test_a_fix_far_ahead_is_no_newest_fix() -> None:
    note = heard(parcel([-7_200_000, 1000]), parcel([-7_200_000]))
    assert (note.fix_ms, note.lag_ms, note.offset_ms) == (NOW - 1000, 1000, 7_200_000)
    assert heard(parcel([-7_200_000])).fix_ms is None


def test_a_sign_of_life_without_a_message_is_heard_too() -> None:
    hearing = Hearing()
    hearing.heard(9, "jt808", NOW)
    hearing.heard(9, "jt808", NOW - 5)
    assert hearing.take() == [Heard(9, "jt808", NOW)]
    assert hearing.take() == []


_parcels = st.lists(
    st.builds(
        parcel,
        st.lists(st.sampled_from([-90_000, -5000, 0, 5, 700, 60_000, 9_000_000]), max_size=3),
        at=st.integers(NOW, NOW + 5000), terminal=st.sampled_from([5, 6]), refused=st.integers(0, 2),
        clock=st.sampled_from([None, None, NOW - 3000, NOW + 12_000]),
    ),
    max_size=8,
)  # fmt: skip


@given(_parcels, st.data())
def test_notes_put_back_and_added_to_are_the_notes_of_all(parcels: list[Parcel], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(parcels)))
    whole, parts = Hearing(), Hearing()
    whole.committed(batch_of(parcels))
    parts.committed(batch_of(parcels[:cut]))
    older = parts.take()
    parts.committed(batch_of(parcels[cut:]))
    parts.put_back(older)
    assert parts.take() == whole.take()
