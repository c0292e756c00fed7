"""One connection that commits batches. Whatever the database does, a batch is tried until it is stored: its
repeats do no harm, and a unit that can never be stored is found by bisection and put into quarantine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import psycopg
import structlog

from fleet.clock import Clock
from tracking import commit, promise
from tracking.allowance import Allowance
from tracking.cargo import Cargo, Key, cargo_of, set_aside
from tracking.lot import Lot
from tracking.parcel import Parcel
from tracking.parked import apart
from tracking.partitions import Partitions
from tracking.pulse import Pulse
from tracking.statements import SQL
from tracking.verdict import FAILURES, Verdict, judge, primary, sentence

logger = structlog.get_logger(__name__)
_FIRST_WAIT_S = 0.02
_LONGEST_WAIT_S = 1.0
# A session that the network has swallowed, or whose gateway lost its power, must soon let go of its locks:
# every repetition of its batch waits for them. A batch's own statements are milliseconds apart.
_OPTIONS: Final = (
    "-c timezone=UTC -c idle_in_transaction_session_timeout=5s "
    "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
)


class Stored(NamedTuple):
    """What became of a batch.

    Parameters
    ----------
    parked : what must wait, since its day takes no fix yet; it is not stored
    lot : the fixes that are stored; None where nothing was
    """

    parked: list[Parcel]
    lot: Lot | None


class Lane:
    """Commits batches, one after the other.

    Parameters
    ----------
    conninfo : the database, for psycopg
    partitions : what makes the days of the fix table
    clock : domain time
    pulse : told of failures
    allowance : what terminals may still leave in quarantine; other lanes share it
    """

    def __init__(
        self, conninfo: str, partitions: Partitions, clock: Clock, pulse: Pulse, allowance: Allowance
    ) -> None:
        self._conninfo = conninfo
        self._partitions = partitions
        self._clock = clock
        self._pulse = pulse
        self._allowance = allowance
        self._conn: psycopg.AsyncConnection | None = None
        self.trouble = ""
        """Why nothing can be stored at present; empty when all is well."""

    async def store(self, batch: list[Parcel], cargo: Cargo | None, meanwhile: Callable[[], None]) -> Stored:
        """Try until the batch is committed.

        Parameters
        ----------
        batch : in the order of arrival; what must wait is taken out of it
        cargo : what it holds, if that is known
        meanwhile : called once the database has rows to work on

        Returns
        -------
        What was stored, and what must wait.
        """
        parked: list[Parcel] = []
        careful = remade = False
        wait_s = _FIRST_WAIT_S
        while batch:
            try:
                cargo = cargo_of(batch) if cargo is None else cargo
                conn = await self._connection()
                if unready := await self._partitions.unready(conn, cargo.lot.days(), self._clock.now()):
                    # These wait for another round, and the others not for these.
                    batch[:], waits = apart(batch, unready)
                    parked += waits
                    cargo = None
                    continue
                attempt = commit.Attempt(self._clock.now(), self._allowance, meanwhile)
                async with conn.transaction():
                    await commit.write(conn, batch, cargo.all_careful() if careful else cargo, attempt)
            except FAILURES as error:
                self._pulse.failures += 1
                verdict = Verdict.CONNECT if self._broken() else judge(error)
                careful = careful or verdict in {Verdict.CAREFUL, Verdict.CONNECT}
                if verdict is Verdict.PARTITION and remade:
                    verdict = Verdict.BISECT  # Its day is there by now, and takes it no more than before.
                remade = remade or verdict is Verdict.PARTITION
                if not await self._mend(verdict, error, batch):
                    await asyncio.sleep(wait_s)
                    wait_s = min(_LONGEST_WAIT_S, wait_s * 2)
                cargo = None
            else:
                self._allowance.spend(batch)
                self._well()
                break
        return Stored(parked, None if cargo is None else cargo.lot)

    async def hang_up(self) -> None:
        """Close the connection; the next batch opens another."""
        if self._conn is not None:
            await self._conn.close()
            self._conn = None

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
            await self.hang_up()
        if verdict is not Verdict.AGAIN:
            self._ill(error)
        return False

    async def _bisect(self, batch: Sequence[Parcel], error: Exception) -> bool:
        """Find what can never be stored and set it aside; whether something was found."""
        bad: dict[Key, str] = {}
        try:
            await self._find_bad(await self._connection(), cargo_of(batch), bad)
        except FAILURES as worse:
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
        except FAILURES as error:
            if judge(error) not in {Verdict.BISECT, Verdict.PARTITION}:
                raise
            if len(cargo) == 1:
                days, now = cargo.lot.days(), self._clock.now()
                if judge(error) is Verdict.PARTITION and await self._partitions.lacked(conn, days, now):
                    return
                why = primary(error)
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

    def _ill(self, error: Exception) -> None:
        why = sentence(error)
        if why != self.trouble:
            logger.error("fixes cannot be stored; they wait in memory", why=why)
            self.trouble = why

    def _well(self) -> None:
        if self.trouble:
            logger.info("fixes are stored again")
            self.trouble = ""
