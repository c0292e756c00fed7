"""A recorded file back through the real terminal protocol, at true speed, faster, or as fast as it goes."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import tempfile
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import sqlalchemy as sa

from fleet.clock import wall_now
from fleet.errors import InvalidInput, Unavailable
from replay.enrolment import Enrolled, count_stored, enrol
from replay.entry import Reading, Recorded, Unreadable
from replay.recording import read
from tracking.client import Access, Terminal
from tracking.fix import Fix

_QUEUE_FIXES = 400
_MAX_OPEN = 400
_YIELD_ROWS = 50
_TICK_S = 1.0
_STALLED_S = 30.0
_REASONS_KEPT = 20
_APP = "carevan-feed"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be fed.

    Parameters
    ----------
    url : the platform's terminal address, ``ws://host:port/terminal/ws``
    speed : recorded seconds a wall second, above 0; None: as fast as the platform acknowledges
    limit : only the first so many rows; None: all
    """

    path: Path
    reading: Reading
    district_id: int
    url: str
    create_vans: bool = False
    speed: float | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file holds, found by reading it once."""

    rows: int
    vehicles: tuple[str, ...]
    first_ms: int
    last_ms: int
    unreadable: Mapping[str, int]


@dataclass(slots=True)
class Report:
    """What became of a file's rows. ``sent = acknowledged + refused`` once the feed has ended."""

    rows: int = 0
    sent: int = 0
    acknowledged: int = 0
    refused: int = 0
    stored: int = 0
    """New in the database; acknowledged ones beyond these were repeats."""
    reasons: Counter[str] = field(default_factory=Counter)
    unreadable: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0


Progress = Callable[[Report], None]


def silent(_report: Report) -> None:
    """Progress that nobody watches."""


def run(engine: sa.Engine, order: Order, progress: Progress = silent) -> Report:
    """Feed a file and count what the database made of it.

    Raises
    ------
    InvalidInput : the file cannot be read, or holds no fix.
    NotFound : no such file, or vans are missing that may not be made.
    Unavailable : the platform does not answer.
    """
    if order.speed is not None and order.speed <= 0:
        raise InvalidInput("The speed {speed} is not above zero. Give 1 for true speed.", speed=order.speed)
    found = survey(_entries(order))
    if not found.vehicles:
        raise InvalidInput("The file {path} holds no fix that can be read.", path=order.path.name)
    with engine.begin() as conn:
        enrolled = enrol(
            conn, order.district_id, found.vehicles, create_vans=order.create_vans, now=wall_now()
        )
        before = count_stored(conn, enrolled)

    def tell(report: Report) -> None:
        report.rows = found.rows
        progress(report)

    report = asyncio.run(feed(_entries(order), enrolled, order, tell))
    report.rows, report.unreadable = found.rows, found.unreadable
    with engine.connect() as conn:
        report.stored = count_stored(conn, enrolled) - before
    return report


def survey(entries: Iterable[Recorded | Unreadable]) -> Survey:
    """Read a file through: whose rows it holds, of which times, and what cannot be read."""
    rows, first_ms, last_ms = 0, 2**63, -(2**63)
    vehicles: dict[str, None] = {}
    unreadable: Counter[str] = Counter()
    for entry in entries:
        rows += 1
        if isinstance(entry, Unreadable):
            known = entry.why in unreadable or len(unreadable) < _REASONS_KEPT
            unreadable[entry.why if known else "other reasons"] += 1
            continue
        vehicles[entry.vehicle] = None
        first_ms, last_ms = min(first_ms, entry.fix.t), max(last_ms, entry.fix.t)
    return Survey(rows, tuple(vehicles), first_ms, last_ms, unreadable)


async def feed(
    entries: Iterable[Recorded | Unreadable],
    enrolled: Mapping[str, Enrolled],
    order: Order,
    progress: Progress = silent,
) -> Report:
    """Send every readable row of `entries`, each vehicle as its own terminal.

    Memory is bounded whatever the file's size: some hundred fixes a terminal, some hundred terminals.

    Raises
    ------
    Unavailable : the platform does not answer for half a minute.
    Forbidden : the platform dismissed a terminal, as when the same file is fed twice at once.
    """
    crowd = _Crowd(order.url, enrolled)
    began = time.monotonic()
    fixes = (entry for entry in entries if isinstance(entry, Recorded))
    sending = asyncio.create_task(_send_all(fixes, crowd, order.speed))
    try:
        await _watch(sending, crowd, progress)
    finally:
        sending.cancel()
        await crowd.close()
    report = crowd.report()
    report.seconds = time.monotonic() - began
    return report


async def _send_all(fixes: Iterable[Recorded], crowd: _Crowd, speed: float | None) -> None:
    if speed is None:
        for n, entry in enumerate(fixes):
            await crowd.send(entry, live=False)
            if n % _YIELD_ROWS == 0:
                await asyncio.sleep(0)
    else:
        with _in_time_order(fixes) as ordered:
            await _send_paced(ordered, crowd, speed)
    await crowd.drain()


async def _send_paced(ordered: Iterator[Recorded], crowd: _Crowd, speed: float) -> None:
    began, first_ms = time.monotonic(), None
    for entry in ordered:
        first_ms = entry.fix.t if first_ms is None else first_ms
        due = began + (entry.fix.t - first_ms) / 1000 / speed
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        await crowd.send(entry, live=True)


async def _watch(sending: asyncio.Task[None], crowd: _Crowd, progress: Progress) -> None:
    """Report each second; give up when nobody has answered for long."""
    last, since = -1, time.monotonic()
    while not sending.done():
        await asyncio.wait([sending], timeout=_TICK_S)
        report = crowd.report()
        progress(report)
        crowd.raise_if_dismissed()
        if report.acknowledged + report.refused != last or crowd.any_connected:
            last, since = report.acknowledged + report.refused, time.monotonic()
        if time.monotonic() - since > _STALLED_S:
            raise Unavailable(
                "No platform answers at {url} ({why}). Start it with: ./carevan serve",
                url=crowd.url,
                why=crowd.trouble,
            )
    await sending


class _Crowd:
    """The terminals that are connected, the longest unused one leaving when there are too many."""

    def __init__(self, url: str, enrolled: Mapping[str, Enrolled]) -> None:
        self.url = url
        self._enrolled = enrolled
        self._open: OrderedDict[str, tuple[Terminal, asyncio.Task[None]]] = OrderedDict()
        self._gone = Report()

    @property
    def any_connected(self) -> bool:
        """Whether the platform has welcomed any of them."""
        return any(terminal.connected for terminal, _ in self._open.values())

    @property
    def trouble(self) -> str:
        """Why one of them has no connection."""
        return next(
            (terminal.trouble for terminal, _ in self._open.values() if terminal.trouble), "no answer"
        )

    async def send(self, entry: Recorded, *, live: bool) -> None:
        """Queue a fix with its vehicle's terminal, waiting while that queue is full."""
        terminal = await self._terminal(entry.vehicle)
        await terminal.send(entry.fix, live=live)

    async def drain(self) -> None:
        """Wait until everything is settled."""
        for terminal, _ in list(self._open.values()):
            await terminal.drained()

    async def close(self) -> None:
        """Disconnect everybody."""
        for vehicle in list(self._open):
            await self._leave(vehicle)

    def report(self) -> Report:
        """What became of the fixes so far, of all terminals that ever were connected."""
        total = Report(0, self._gone.sent, self._gone.acknowledged, self._gone.refused)
        total.reasons.update(self._gone.reasons)
        for terminal, _ in self._open.values():
            _add(total, terminal)
        return total

    def raise_if_dismissed(self) -> None:
        """Raise what ended a terminal, if anything did."""
        for _, task in self._open.values():
            if task.done() and not task.cancelled():
                task.result()

    async def _terminal(self, vehicle: str) -> Terminal:
        if vehicle in self._open:
            self._open.move_to_end(vehicle)
            return self._open[vehicle][0]
        if len(self._open) >= _MAX_OPEN:
            await self._leave(next(iter(self._open)), drained=True)
        access = Access(self.url, self._enrolled[vehicle].token, _APP)
        terminal = Terminal(access, queue_limit=_QUEUE_FIXES)
        self._open[vehicle] = (terminal, asyncio.create_task(terminal.run()))
        return terminal

    async def _leave(self, vehicle: str, *, drained: bool = False) -> None:
        terminal, task = self._open[vehicle]
        if drained:
            await terminal.drained()
        terminal.stop()
        # A dismissal has been told by `raise_if_dismissed` already.
        await asyncio.gather(task, return_exceptions=True)
        del self._open[vehicle]
        _add(self._gone, terminal)


def _add(report: Report, terminal: Terminal) -> None:
    tally = terminal.fixes
    report.sent += tally.sent
    report.acknowledged += tally.acknowledged
    report.refused += tally.refused
    report.reasons.update(tally.reasons)


@contextlib.contextmanager
def _in_time_order(fixes: Iterable[Recorded]) -> Iterator[Iterator[Recorded]]:
    """Rows by time. Files come in any order, so the rows wait on disk, in a scratch file that is removed."""
    with (
        tempfile.TemporaryDirectory(prefix="carevan-feed-") as folder,
        contextlib.closing(sqlite3.connect(Path(folder) / "rows")) as scratch,
    ):
        scratch.execute("PRAGMA synchronous = OFF")
        scratch.execute("CREATE TABLE row (t INTEGER, vehicle TEXT, fix BLOB)")
        packed = ((each.fix.t, each.vehicle, msgspec.msgpack.encode(each.fix)) for each in fixes)
        scratch.executemany("INSERT INTO row VALUES (?, ?, ?)", packed)
        decoder = msgspec.msgpack.Decoder(Fix)
        ordered = scratch.execute("SELECT vehicle, fix FROM row ORDER BY t, rowid")
        yield (Recorded(vehicle, decoder.decode(fix)) for vehicle, fix in ordered)


def _entries(order: Order) -> Iterator[Recorded | Unreadable]:
    for n, entry in enumerate(read(order.path, order.reading)):
        if order.limit is not None and n >= order.limit:
            return
        yield entry
