"""What terminals were told, to be held against what is stored: the measure of the promise."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

import psycopg

from tests.tracking.platform import Fleet
from tracking.event import Event
from tracking.fix import Fix, digest_of
from tracking.sender import Item, OnSettled

FixKey: TypeAlias = tuple[int, int, int, int]
"""Van, time, terminal, digest."""
Key: TypeAlias = FixKey | tuple[int, UUID]
# By a sequential scan: an index that a crash has spoilt must not hide what it does not find.
_PLAINLY = "SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off"
_FIXES = """
SELECT van_id, (extract(epoch FROM t) * 1000)::bigint, terminal_id, digest, count(*)
  FROM fix GROUP BY van_id, t, terminal_id, digest"""
_EVENTS = "SELECT terminal_id, id, count(*) FROM event GROUP BY terminal_id, id"
_REFUSALS = "SELECT terminal_id, received_at, n, index, raw FROM quarantine"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out of holding a ledger against a database.

    Parameters
    ----------
    missing : acknowledged and not stored
    twice : stored more than once, copies counted
    foreign : stored and never sent
    unkept : refused to the terminal's face and not in quarantine
    kept_twice : in quarantine more than once for one receipt
    unsettled : neither acknowledged nor refused yet
    """

    acknowledged: int
    stored: int
    missing: int
    twice: int
    foreign: int
    unkept: int
    kept_twice: int
    unsettled: int

    @property
    def is_kept(self) -> bool:
        """Whether the promise holds so far, what is on its way apart."""
        return not (self.missing or self.twice or self.foreign or self.unkept or self.kept_twice)


@dataclass(slots=True)
class Ledger:
    """The books of one fleet's terminals."""

    fleet: Fleet
    on_ack: Callable[[int, float], None] | None = None
    """Told of each settled item: whose, and when (monotonic) it was put."""
    acknowledged: set[Key] = field(default_factory=set)
    refused: set[tuple[int, int]] = field(default_factory=set)
    _sent: dict[Key, float] = field(default_factory=dict)
    _settled: int = 0

    def wrote(self, who: int, item: Item) -> None:
        """Terminal `who` is about to send an item."""
        self._sent[self.key(who, item)] = time.monotonic()

    def settler(self, who: int) -> OnSettled:
        """What terminal `who` is to call with each settled item."""

        def settled(item: Item, why: str | None) -> None:
            key = self.key(who, item)
            self._settled += 1
            if why is None:
                self.acknowledged.add(key)
            else:
                self.refused.add((self.fleet.terminals[who], item.t))
            if self.on_ack is not None:
                self.on_ack(who, self._sent[key])

        return settled

    def key(self, who: int, item: Item) -> Key:
        """What makes an item of terminal `who` itself."""
        terminal_id = self.fleet.terminals[who]
        if isinstance(item, Event):
            return terminal_id, item.id
        return self.fleet.vans[who], item.t, terminal_id, digest_of(item)

    def check(self, database: str) -> Verdict:
        """Hold it against the database. Call it from a thread while terminals go on: what was acknowledged
        before the database is asked must be found."""
        acknowledged, refused = set(self.acknowledged), set(self.refused)
        with psycopg.connect(database, options="-c timezone=UTC") as conn:
            conn.execute(_PLAINLY)
            found = Counter[Key]()
            for row in (*conn.execute(_FIXES), *conn.execute(_EVENTS)):
                found[row[:-1]] = row[-1]
            kept = conn.execute(_REFUSALS).fetchall()
        receipts = Counter(tuple(row) for row in kept)
        return Verdict(
            acknowledged=len(acknowledged),
            stored=found.total(),
            missing=len(acknowledged - found.keys()),
            twice=found.total() - len(found),
            foreign=len(found.keys() - set(self._sent)),
            unkept=len(refused - set(_kept_fixes(kept))),
            kept_twice=receipts.total() - len(receipts),
            unsettled=len(self._sent) - self._settled,
        )


def _kept_fixes(kept: Sequence[tuple[object, ...]]) -> Iterable[tuple[object, int]]:
    for terminal_id, *_, raw in kept:
        assert isinstance(raw, bytes)
        yield terminal_id, json.loads(raw)["t"]


def fix_at(t: int, k: int = 0) -> Fix:
    """A good fix at a time, another one for each k."""
    return Fix(t, 115.98 + k * 1e-6, 36.45, speed_mps=4.0)
