"""Whether the short way in ever differs from the stock parser, over random right and wrong bytes."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from functools import partial
from typing import Final

from tests.bench.figure import Case, Figure, Mode
from tests.tracking.test_fastws import difference

_COUNTS: Final[dict[Mode, int]] = {"quick": 5_000, "default": 50_000, "full": 1_000_000}
_CASE: Final = 50_000


def cases(mode: Mode) -> Iterator[Case]:
    """Conversations by their seeds, so many in a case."""
    count = _COUNTS[mode]
    for first in range(0, count, _CASE):
        seeds = range(first, min(first + _CASE, count))
        yield Case(f"seeds from {first:,}", partial(_compare, seeds))


def _compare(seeds: range) -> Iterator[Figure]:
    began = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        differing = sum(each is not None for each in pool.imap_unordered(difference, seeds, 500))
    rate = len(seeds) / (time.monotonic() - began)
    name = f"conversations {seeds.start:,} to {seeds.stop - 1:,}: differing"
    beside = f"conversations, {rate:,.0f} a second"
    yield Figure(name, differing, "", beside, len(seeds), expect="= 0", ok=differing == 0)
