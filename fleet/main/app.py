"""The application: every package's router, behind one guard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.requests import Request
from starlette.types import ASGIApp

from fleet.context import Context
from fleet.errors import FleetError
from fleet.main import beginning, enrolling, health, http, pairing, running_api, scrape, sos_api, speaking
from fleet.main.alarming import Watch
from fleet.main.bookkeeping import Bookkeeper
from fleet.main.books import BOOKS
from fleet.main.follower import Follower
from fleet.main.guard import Guard
from fleet.main.roads_ahead import RoadsAhead
from maps import api as maps_api
from maps import provider_tiles
from replay import api as replay_api
from replay import evidence_api, export_api
from routing import api as routing_api
from routing import desk_api, diff_api, plan_file_api, schedule_api, vroom_api
from tracking import api as tracking_api


def create_app(context: Context) -> FastAPI:
    """Assemble the application on a context."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        tracking = tracking_api.Tracking(context)
        follower = Follower(context)
        bookkeeper = Bookkeeper(context, tracking.touched, BOOKS)
        watch = Watch(context, lambda: tracking.flusher.pulse.storing_s)
        ahead = RoadsAhead(context)
        tracking.fences.tell.append(watch.passed)
        app.state.tracking = tracking
        await tracking.start()
        await follower.start()
        await bookkeeper.start()
        await watch.start()
        await ahead.start()
        try:
            yield
        finally:
            await ahead.stop()
            await watch.stop()
            await follower.stop()
            await tracking.stop()
            await bookkeeper.stop()
            await provider_tiles.close(app.state)

    app = FastAPI(title="CareVan", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.context = context
    app.state.begun = beginning.look
    app.add_middleware(Guard, answer=_answer)
    http.install(app)
    for router in (
        health.router,
        scrape.router,
        tracking_api.router,
        desk_api.router,
        diff_api.router,
        plan_file_api.router,
        vroom_api.router,
        schedule_api.router,
        routing_api.router,
        replay_api.router,
        evidence_api.router,
        export_api.router,
        sos_api.router,
        running_api.router,
        pairing.router,
        enrolling.router,
        speaking.router,
    ):
        app.include_router(router)
    maps_api.mount(app)
    return app


async def _answer(request: Request, error: FleetError) -> ASGIApp:
    return http.answer(request, error)
