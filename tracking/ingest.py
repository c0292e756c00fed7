"""The group commit: every message goes through one flusher, and is acknowledged after commit.

While one batch is being committed the next one fills. Whatever the database does, a batch is tried until it
is stored: its repeats do no harm, and a unit that can never be stored is found by bisection and put into
quarantine.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Final

import psycopg
import structlog

from fleet.clock import Clock
from tracking import commit, promise
from tracking.allowance import Allowance
from tracking.cargo import Cargo, Key, cargo_of, set_aside
from tracking.intake import Intake, Pace
from tracking.parcel import Batch, Parcel, Receiver
from tracking.parked import apart
from tracking.partitions import Partitions
from tracking.protocol import Rejected
from tracking.pulse import Pulse
from tracking.statements import SQL

logger = structlog.get_logger(__name__)
_FIRST_WAIT_S = 0.02
_LONGEST_WAIT_S = 1.0
_FAREWELL_S = 10.0
# A session that the network has swallowed, or whose gateway lost its power, must soon let go of its locks:
# every repetition of its batch waits for them. A batch's own statements are milliseconds apart.
_OPTIONS: Final = (
    "-c timezone=UTC -c idle_in_transaction_session_timeout=5s "
    "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
)


class Verdict(Enum):
    """What an error of the database asks for."""

    CAREFUL = auto()
    """A fresh fix was not fresh."""
    AGAIN = auto()
    """Somebody stood in the way."""
    PARTITION = auto()
    """A day has no partition."""
    BISECT = auto()
    """Some unit cannot be stored."""
    CONNECT = auto()
    """The connection is gone, and whether its last commit was done is unknown."""
    WAIT = auto()
    """The database cannot store anything now."""


# Beside the database's own errors, those of a value that not even its row can be made of.
_FAILURES: Final = (psycopg.Error, OSError, ArithmeticError, LookupError, TypeError, ValueError)


# The session was ended for its silence, or its server only reads by now: another may write.
_ELSEWHERE: Final = frozenset({"25P03", "25006"})


def judge(error: Exception) -> Verdict:
    """What to do about an error of the database, by its SQLSTATE, or of a value."""
    if not isinstance(error, psycopg.Error):
        return Verdict.CONNECT if isinstance(error, OSError) else Verdict.BISECT
    state = error.sqlstate or ""
    if not state or state[:2] in {"08", "57"} or state in _ELSEWHERE:
        return Verdict.CONNECT
    if state == "23505":
        return Verdict.CAREFUL
    if state[:2] == "40" or state == "55P03":
        return Verdict.AGAIN
    if state == "23514" and "no partition" in str(error):
        return Verdict.PARTITION
    # XX000 is what PostGIS raises for bytes that are no geometry.
    if state[:2] in {"22", "23"} or state == "XX000":
        return Verdict.BISECT
    return Verdict.WAIT


class Flusher:
    """Commits parcels in batches.

    Parameters
    ----------
    conninfo : the database, for psycopg
    partitions : what makes the days of the fix table
    clock : domain time
    on_commit : each is told, after each commit, what was in it; must neither block nor raise
    """

    def __init__(
        self,
        conninfo: str,
        partitions: Partitions,
        clock: Clock,
        *,
        pace: Pace | None = None,
        on_commit: Sequence[Callable[[Batch], None]] = (),
    ) -> None:
        self._conninfo = conninfo
        self._partitions = partitions
        self._clock = clock
        self._pace = pace or Pace()
        self._on_commit = on_commit
        self._allowance = Allowance()
        self._conn: psycopg.AsyncConnection | None = None
        self._intake = Intake(self._pace.queue_fixes, self._pace.interval_s / 2)
        self.pulse = Pulse(self._intake)
        self._parked: list[Parcel] = []
        self._some = asyncio.Event()
        self._hurry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self.trouble = ""
        """Why nothing can be stored at present; empty when all is well."""

    @property
    def is_full(self) -> bool:
        """Whether `put` would wait, and so no socket should be read."""
        return self._intake.is_full

    def when_room(self, call: Callable[[], None]) -> None:
        """Call once, as soon as it is not full any more."""
        self._intake.when_room(call)

    def put_now(self, parcel: Parcel) -> None:
        """Queue a parcel, in the order of its connection, for a caller that minds `is_full` itself."""
        self._intake.put(parcel)
        if not self._some.is_set():
            self._some.set()
        if self._intake.has_light and not self._hurry.is_set():
            self._hurry.set()

    async def put(self, parcel: Parcel) -> None:
        """Queue a parcel, in the order of its connection; waits while the queue is full."""
        while self._intake.is_full:
            room = asyncio.Event()
            self._intake.when_room(room.set)
            await room.wait()
        self.put_now(parcel)

    def start(self) -> None:
        """Begin to flush."""
        self._closing = False
        self._task = asyncio.create_task(self._run(), name="flusher")

    async def stop(self) -> None:
        """Flush what is queued, for some seconds if need be, and end. Nothing unstored is acknowledged."""
        self._closing = True
        self._some.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=_FAREWELL_S)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._hang_up()

    async def _run(self) -> None:
        while not self._closing or self._intake or self._parked:
            await self._some.wait()
            began = time.monotonic()
            batch, self._parked = [*self._parked, *self._intake.take(began)], []
            self._hurry.clear()
            if batch:
                with self.pulse.storing():
                    await self._store(batch)
            if not self._intake and not self._parked and not self._closing:
                self._some.clear()
            if batch:
                commit_s = time.monotonic() - began
                self._settle(batch)
                self._intake.release(batch, commit_s)
                self._tell(Batch(batch, commit_s, self._intake.held))
            rest = self._pace.interval_s - (time.monotonic() - began)
            if rest > 0 and not self._closing:
                await self._rest(rest)

    async def _rest(self, rest_s: float) -> None:
        """Let the next batch gather; but who reports live need not also wait for the pace of a backlog."""
        if not self._intake.carried_backlog:
            await asyncio.sleep(rest_s)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(rest_s):
                await self._hurry.wait()

    def _settle(self, batch: Sequence[Parcel]) -> None:
        last: dict[Receiver, int] = {}
        refused: dict[Receiver, list[Rejected]] = {}
        for parcel in batch:
            last[parcel.receiver] = parcel.n
            if parcel.refused:
                refused.setdefault(parcel.receiver, []).extend(parcel.refused)
        for receiver, n in last.items():
            try:
                receiver.committed(n, refused.get(receiver, ()))
            except Exception:
                # One connection's fault must not cost the others their acknowledgement.
                logger.exception("a connection failed to take its acknowledgement")

    def _tell(self, batch: Batch) -> None:
        for told in self._on_commit:
            try:
                told(batch)
            except Exception:
                # What is committed is committed; who counts or announces it must not end ingest.
                logger.exception("a commit could not be told on")

    async def _store(self, batch: list[Parcel]) -> None:
        """Try until the batch is committed, less what its attempts have parked."""
        careful = remade = False
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                await self._attempt(batch, careful=careful)
            except _FAILURES as error:
                self.pulse.failures += 1
                verdict = Verdict.CONNECT if self._broken() else judge(error)
                careful = careful or verdict in {Verdict.CAREFUL, Verdict.CONNECT}
                if verdict is Verdict.PARTITION and remade:
                    verdict = Verdict.BISECT  # Its day is there by now, and takes it no more than before.
                remade = remade or verdict is Verdict.PARTITION
                if not await self._mend(verdict, error, batch):
                    await asyncio.sleep(wait_s)
                    wait_s = min(_LONGEST_WAIT_S, wait_s * 2)
            else:
                self._allowance.spend(batch)
                self._well()
                return

    async def _attempt(self, batch: list[Parcel], *, careful: bool) -> None:
        conn = await self._connection()
        cargo, now = cargo_of(batch), self._clock.now()
        if unready := await self._partitions.unready(conn, cargo.lot.days(), now):
            # These wait for the next round, and the others not for these.
            batch[:], parked = apart(batch, unready)
            self._parked += parked
            if not batch:
                await asyncio.sleep(_FIRST_WAIT_S)
                return
            cargo = cargo_of(batch)
        if careful:
            cargo = cargo.all_careful()
        async with conn.transaction():
            await commit.write(conn, batch, cargo, commit.Attempt(now, self._allowance))

    async def _mend(self, verdict: Verdict, error: Exception, batch: Sequence[Parcel]) -> bool:
        """Prepare the next attempt; False when it should wait a little."""
        if verdict is Verdict.CAREFUL:
            return True
        if verdict is Verdict.PARTITION:
            self._partitions.forget()
            return False
        if verdict is Verdict.BISECT:
            return await self._bisect(batch, error)
        if verdict is Verdict.CONNECT:
            await self._hang_up()
        if verdict is not Verdict.AGAIN:
            self._ill(error)
        return False

    async def _bisect(self, batch: Sequence[Parcel], error: Exception) -> bool:
        """Find what can never be stored and set it aside; whether something was found."""
        bad: dict[Key, str] = {}
        try:
            await self._find_bad(await self._connection(), cargo_of(batch), bad)
        except _FAILURES as worse:
            self._ill(worse)
            return False
        set_aside(batch, bad)
        if not bad:
            self._ill(error)
        return bool(bad)

    async def _find_bad(self, conn: psycopg.AsyncConnection, cargo: Cargo, bad: dict[Key, str]) -> None:
        try:
            async with conn.transaction(force_rollback=True):
                await commit.write_cargo(conn, cargo.all_careful())
        except _FAILURES as error:
            if judge(error) not in {Verdict.BISECT, Verdict.PARTITION}:
                raise
            if len(cargo) == 1:
                days, now = cargo.lot.days(), self._clock.now()
                if judge(error) is Verdict.PARTITION and await self._partitions.lacked(conn, days, now):
                    return
                why = _primary(error)
                bad.update((key, f"cannot be stored: {why}") for key in cargo.identities())
                return
            for half in cargo.halves():
                await self._find_bad(conn, half, bad)

    async def _connection(self) -> psycopg.AsyncConnection:
        if self._conn is None or self._conn.closed:
            conn = await psycopg.AsyncConnection.connect(
                self._conninfo,
                autocommit=True,
                options=_OPTIONS,
                application_name="carevan ingest",
                # A server that vanished without a word must not hold the batch for ever, whether it owes an
                # answer or takes no more.
                keepalives_idle=5,
                keepalives_interval=2,
                keepalives_count=3,
                tcp_user_timeout=30_000,
            )
            await promise.keep(conn)
            await conn.execute(SQL["make_stage"])
            self._conn = conn
        return self._conn

    def _broken(self) -> bool:
        return self._conn is not None and (self._conn.closed or self._conn.broken)

    async def _hang_up(self) -> None:
        if self._conn is not None:
            await self._conn.close()
            self._conn = None

    def _ill(self, error: Exception) -> None:
        why = _sentence(error)
        if why != self.trouble:
            logger.error("fixes cannot be stored; they wait in memory", why=why)
            self.trouble = why

    def _well(self) -> None:
        if self.trouble:
            logger.info("fixes are stored again")
            self.trouble = ""


def _primary(error: Exception) -> str:
    told = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    return (told or str(error) or type(error).__name__).replace("\0", "")


def _sentence(error: Exception) -> str:
    """What an operator should read about it."""
    if isinstance(error, psycopg.errors.DiskFull):
        return "the database's disk is full; free some space, and what waits is stored by itself"
    told = str(error).strip()
    return told.splitlines()[0] if told else type(error).__name__
