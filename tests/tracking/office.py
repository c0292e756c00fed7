"""An office with a JT/T 808 device, its gateway running on a port of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import sqlalchemy as sa

from fleet import tables, terminals
from fleet.clock import wall_now
from fleet.context import Context
from tests.tracking.device import Device, Dialled, Place
from tests.tracking.platform import NOON, NOON_MS, Fleet, Platform, context_on, register, running
from tracking import jt808_desk

NUMBER = "13912345678"
LON, LAT = 115_980_000, 36_450_000


def with_device(engine: sa.Engine, fleet: Fleet, van: int = 0, number: str = NUMBER) -> int:
    """Register a device of this number for a van; its terminal's id."""
    with engine.begin() as conn:
        made = terminals.register(
            conn, fleet.district_id, fleet.vans[van], f"box-{number}", kind="jt808", now=NOON
        )
        t = tables.terminal
        conn.execute(t.update().where(t.c.id == made).values(hardware_id=number))
    return made


def opened(engine: sa.Engine, terminal_id: int) -> None:
    """Open the device's window."""
    with engine.begin() as conn:
        terminals.open_enrolment(conn, terminal_id, wall_now())


def place(k: int = 0, alarm: int = 0) -> bytes:
    """A good location, another one for each k."""
    return Place(NOON_MS - 1000 * k, LON + 10 * k, LAT, alarm=alarm).body()


class Office:
    """A district with one device that may connect."""

    def __init__(self, database: str, home: Path, **settings: int) -> None:
        self.context: Context = context_on(database, home, **settings)
        self.fleet = register(self.context.engine)
        self.terminal_id = with_device(self.context.engine, self.fleet)
        opened(self.context.engine, self.terminal_id)
        self.code = jt808_desk.register(self.context.engine, NUMBER, wall_now()) or ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Platform]:
        """Serve, the devices' port among it."""
        async with running(self.context) as platform:
            await platform.tracking.jt808.start("127.0.0.1", 0)
            async with asyncio.timeout(60):
                yield platform


async def dial(platform: Platform, device: Device | None = None) -> Dialled:
    """Connect a device."""
    return await Dialled.to(platform.tracking.jt808.port, device or Device(NUMBER))


async def admitted(platform: Platform, office: Office, device: Device | None = None) -> Dialled:
    """Connect a device and authenticate it."""
    dialled = await dial(platform, device)
    await dialled.admit(office.code)
    return dialled
