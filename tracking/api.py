"""Everything of `tracking` that can be asked for over HTTP, and what runs beside it."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from fleet import journal, outbox
from fleet.context import Context, get_context
from fleet.db import conninfo, translate_errors
from fleet.session import Principal, require
from tracking import blobs, live, platforms, store
from tracking.admission import Limits
from tracking.announcer import FIXES_CHANNEL, Announcer, ids_of
from tracking.feed import Hub
from tracking.fence_watch import FenceWatch
from tracking.gateway import Gateway, Parts
from tracking.heard import Hearing
from tracking.ingest import Flusher
from tracking.intake import Pace
from tracking.jt808_gateway import Jt808Gateway
from tracking.keeper import Keeper
from tracking.listener import Listener
from tracking.metrics import Metrics
from tracking.partitions import Partitions
from tracking.phones import Phones
from tracking.platforms import Platforms
from tracking.promise import Promise
from tracking.scribe import Scribe
from tracking.touched import Touched

router = APIRouter()
WS_MAX_BYTES = 1024 * 1024
"""What uvicorn should be given as `ws_max_size`: longer messages are cut off before they fill memory. The
protocol's own limit is far lower and explains itself."""


class Tracking:
    """One process's ingest and live feed; made by the application, started and stopped with it.

    Parameters
    ----------
    context : the application's
    """

    def __init__(self, context: Context) -> None:
        address = conninfo(context.database_url)
        settings, clock = context.settings, context.clock
        self.metrics = Metrics()
        self.hearing = Hearing()
        self.scribe = Scribe(address, self.hearing, clock)
        self.announcer = Announcer(address)
        self.touched = Touched()
        self.platforms = Platforms()
        self.fences = FenceWatch(context.engine, clock)
        self.flusher = Flusher(
            address,
            Partitions(settings.retention_days),
            clock,
            pace=Pace(queue_fixes=settings.queue_fixes),
            on_commit=(
                self.announcer.committed,
                self.metrics.committed,
                self.hearing.committed,
                self.touched.committed,
                self.fences.committed,
            ),
        )
        self.promise = Promise(address)
        self.keeper = Keeper(address, settings.retention_days, clock)
        limits = Limits(
            address_sockets=settings.address_sockets,
            terminal_rate=settings.terminal_rate,
            address_rate=settings.address_rate,
        )
        parts = Parts(
            address,
            context.engine,
            clock,
            settings.accuracy_limit_m,
            self.flusher,
            limits,
            self.metrics,
            self.platforms,
        )
        self.gateway = Gateway(parts)
        self.phones = Phones(parts)
        self.jt808 = Jt808Gateway(parts, self.hearing.heard)
        self._jt808_at = settings.host, settings.jt808_port
        self.hub = Hub(address, clock, self.gateway.state_changed)
        self.sessions = live.vigil(context)
        handlers = {
            FIXES_CHANNEL: lambda payload: self.hub.fixes_changed(ids_of(payload)),
            journal.CHANNEL: lambda payload: self.hub.journal_changed(int(payload)),
            outbox.CHANNEL: lambda payload: self._outbox_changed({int(payload)}),
            platforms.CHANNEL: lambda payload: self.platforms.heard(payload, time.monotonic()),
        }
        self.listener = Listener(address, handlers, self._reconnected)
        self._watch()

    @property
    def trouble(self) -> str:
        """Why fixes cannot be stored at present; empty when all is well."""
        return self.flusher.trouble

    async def start(self) -> None:
        """Begin to serve."""
        self.promise.start()
        self.flusher.start()
        self.scribe.start()
        self.keeper.start()
        self.announcer.start()
        self.fences.start()
        self.hub.start()
        await self.gateway.start()
        await self.phones.start()
        if self._jt808_at[1]:
            await self.jt808.start(*self._jt808_at)
        self.listener.start()

    async def stop(self) -> None:
        """Store what is queued and end."""
        await self.listener.stop()
        await self.gateway.stop()
        await self.phones.stop()
        await self.jt808.stop()
        await self.flusher.stop()
        await self.scribe.stop()
        await self.hub.stop()
        await self.announcer.stop()
        await self.fences.stop()
        await self.keeper.stop()
        await self.promise.stop()

    def _watch(self) -> None:
        """Let the metrics read what is known without counting."""
        metrics, flusher, gateway = self.metrics, self.flusher, self.gateway
        metrics.queue.set_function(lambda: flusher.pulse.held)
        metrics.trouble.set_function(lambda: bool(flusher.trouble))
        metrics.stalled.set_function(lambda: flusher.pulse.storing_s)
        metrics.watch_failures(lambda: flusher.pulse.failures)
        metrics.unconfirmed.set_function(lambda: gateway.unconfirmed)
        metrics.doubt.set_function(lambda: bool(self.promise.doubt))
        metrics.feed_lag.set_function(lambda: self.hub.lag_s)
        metrics.watch_sockets("carevan.v1", "welcomed", lambda: gateway.connected)
        metrics.watch_sockets("carevan.v1", "waiting", lambda: gateway.waiting)
        metrics.watch_sockets("jt808", "welcomed", lambda: self.jt808.connected)
        metrics.watch_sockets("jt808", "waiting", lambda: self.jt808.waiting)

    def _reconnected(self) -> None:
        self.hub.lost_track()
        self._outbox_changed(None)

    def _outbox_changed(self, van_ids: set[int] | None) -> None:
        self.gateway.outbox_changed(van_ids)
        self.jt808.outbox_changed(van_ids)


def tracking_of(connection: HTTPConnection) -> Tracking:
    """The application's `Tracking`, for a request or a WebSocket."""
    tracking = connection.app.state.tracking
    assert isinstance(tracking, Tracking)
    return tracking


@router.websocket("/terminal/ws")
async def terminal_socket(ws: WebSocket) -> None:
    """Terminal protocol v1."""
    await tracking_of(ws).gateway.serve(ws)


@router.api_route("/osmand", methods=["GET", "POST"])
@router.api_route("/osmand/", methods=["GET", "POST"])
async def osmand(request: Request) -> Response:
    """What Traccar Client and other OsmAnd clients send."""
    return await tracking_of(request).phones.osmand(request)


@router.post("/owntracks")
@router.post("/owntracks/")
async def owntracks(request: Request) -> Response:
    """What OwnTracks sends in its HTTP mode."""
    return await tracking_of(request).phones.owntracks(request)


@router.websocket("/ws/live")
async def live_socket(ws: WebSocket) -> None:
    """The live feed of the viewer's district."""
    tracking = tracking_of(ws)
    with tracking.metrics.viewers.track_inprogress():
        await live.serve(ws, tracking.hub, tracking.sessions)


@router.put("/terminal/blobs/{sha256}", status_code=204)
async def put_blob(sha256: str, request: Request) -> Response:
    """Keep a photo or a signature."""
    await blobs.put(request, get_context(request), sha256)
    return Response(status_code=204)


@router.get("/api/vans")
def latest_vans(
    context: Annotated[Context, Depends(get_context)],
    principal: Annotated[Principal, Depends(require("viewer"))],
) -> dict[str, Any]:
    """Where the vans of the viewer's district were last, and what time it is there."""
    with translate_errors(), context.engine.connect() as conn:
        found = store.latest(conn, principal.district_id)
    vans = [
        {
            "van_id": van.van_id,
            "t": _ms(van.t),
            "lon": van.lon,
            "lat": van.lat,
            "speed_mps": van.speed_mps,
            "heading_deg": van.heading_deg,
            "battery": van.battery,
            "received": _ms(van.received_at),
        }
        for van in found
    ]
    return {"now": _ms(context.clock.now()), "vans": vans}


def _ms(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)
