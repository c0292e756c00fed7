"""What a broken terminal may leave with us."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from fleet.clock import Clock
from tests.tracking.platform import NOON, NOON_MS, rows
from tests.tracking.storing import Deaf, Ear
from tracking.allowance import AN_HOUR, RAW_BYTES, Allowance
from tracking.ingest import Flusher
from tracking.parcel import Parcel
from tracking.partitions import Partitions
from tracking.protocol import Rejected
from tracking.source import Source


def _parcel(count: int, *, terminal: int = 1, at_ms: int = NOON_MS, raw: bytes = b"x") -> Parcel:
    refused = [Rejected(1, index, "bad", raw) for index in range(count)]
    return Parcel(Deaf(), Source(terminal, 1, 1), 1, at_ms, refused=refused)


def test_the_first_are_kept_whole_and_of_the_rest_ever_fewer() -> None:
    allowance = Allowance(3)
    kept = [each.refused for each in allowance.sift([_parcel(20, raw=b"x" * 9_000)])]
    assert [each.index for each in kept] == [0, 1, 2, 3, 4, 6, 10, 18]
    assert [len(each.raw) for each in kept] == [RAW_BYTES] * 3 + [0] * 5
    assert kept[-1].why == "bad; 16 beyond 3 this hour, kept without what was sent"


def test_another_terminal_and_another_hour_have_their_own() -> None:
    allowance = Allowance(2)
    allowance.spend([_parcel(2)])
    assert [each.refused.raw for each in allowance.sift([_parcel(1)])] == [b""]
    assert [each.refused.raw for each in allowance.sift([_parcel(1, terminal=2)])] == [b"x"]
    assert [each.refused.raw for each in allowance.sift([_parcel(1, at_ms=NOON_MS + 3_600_000)])] == [b"x"]


@given(counts=st.lists(st.integers(0, 40), max_size=8), an_hour=st.integers(1, 20))
def test_however_it_is_split_the_same_is_kept(counts: list[int], an_hour: int) -> None:
    parcels = [_parcel(count) for count in counts]
    whole = Allowance(an_hour).sift(parcels)
    parts, allowance = [], Allowance(an_hour)
    for parcel in parcels:
        first = allowance.sift([parcel])
        assert allowance.sift([parcel]) == first
        parts += first
        allowance.spend([parcel])
    assert parts == whole
    beyond = max(0, sum(counts) - an_hour)
    assert len(whole) == min(sum(counts), an_hour) + beyond.bit_length()


def test_a_broken_terminal_does_not_fill_the_quarantine(database: str) -> None:
    async def scene() -> None:
        flusher, ear = Flusher(database, Partitions(90), Clock.opening(NOON)), Ear()
        flusher.start()
        for n in range(1, 4):
            refused = [Rejected(n, index, "bad", b"x" * 60_000) for index in range(AN_HOUR)]
            await flusher.put(Parcel(ear, Source(1, 1, 1), n, NOON_MS, refused=refused))
            await ear.until(n)
        await flusher.stop()
        assert len(ear.refused) == 3 * AN_HOUR

    asyncio.run(scene())
    assert rows(database, "SELECT count(*), max(length(raw)) FROM quarantine WHERE raw <> ''") == [
        (AN_HOUR, RAW_BYTES)
    ]
    assert rows(database, "SELECT count(*) FROM quarantine WHERE raw = ''") == [((2 * AN_HOUR).bit_length(),)]
