"""A small application around a router, on a real database, for tests of pages and endpoints."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from playwright.sync_api import Browser, expect, sync_playwright
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from fleet import accounts
from fleet.clock import Clock, wall_now
from fleet.context import Context
from fleet.db import make_engine
from fleet.errors import FleetError, Forbidden, InvalidInput, NotFound, Unauthenticated
from fleet.main import http, pairing
from fleet.main.guard import Guard
from fleet.roads import Roads
from fleet.settings import Settings
from maps import api as maps_api
from maps import assets
from replay import api as replay_api
from tracking import api as tracking_api

_STATUS: dict[type[Exception], int] = {NotFound: 404, Forbidden: 403, Unauthenticated: 401, InvalidInput: 422}


@contextmanager
def context_on(database: str, clock: Clock, home: Path) -> Iterator[Context]:
    """A context on a test's database, without roads."""
    settings = Settings(home=home, database_url=database)
    engine, roads = make_engine(database), Roads("")
    try:
        yield Context(settings, database, engine, clock, roads, secrets.token_bytes(32))
    finally:
        engine.dispose()
        roads.close()


def app_with(context: Context, *routers: APIRouter) -> FastAPI:
    """An application that serves these routers and says errors as the product does."""
    app = FastAPI()
    app.state.context = context
    for router in routers:
        app.include_router(router)

    async def say(request: Request, error: Exception) -> Response:
        return JSONResponse({"error": str(error)}, status_code=_STATUS.get(type(error), 400))

    app.add_exception_handler(FleetError, say)
    return app


def log_in(engine: sa.Engine, account_id: int, district_id: int, role: accounts.Role) -> str:
    """Open a session and return its cookie's value."""
    with engine.begin() as conn:
        accounts.grant(conn, account_id, district_id, role)
        return accounts.open_session(conn, account_id, district_id, wall_now(), timedelta(hours=1))


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        self.listens.set()


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port of this machine; the value is its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_level="warning", ws="websockets-sansio", timeout_graceful_shutdown=2)
        server = _Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            assert server.listens.wait(20)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def screens(context: Context) -> FastAPI:
    """All that and the pages, with the browser assets of this machine's home."""
    vendor = Settings().vendor_dir
    if not assets.installed(vendor):
        pytest.skip(f"the browser assets are not in {vendor}: run ./carevan setup")
    link = context.settings.home / "vendor"
    if not link.exists():
        link.symlink_to(vendor)
    app = gateway(context)
    maps_api.mount(app)
    return app


def gateway(context: Context) -> FastAPI:
    """The terminals' gateway and the replay's data."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.tracking = tracking_api.Tracking(context)
        await app.state.tracking.start()
        yield
        await app.state.tracking.stop()

    async def answer(request: Request, error: FleetError) -> ASGIApp:
        return http.answer(request, error)

    app = FastAPI(lifespan=lifespan)
    app.state.context = context
    app.add_middleware(Guard, answer=answer)
    http.install(app)
    for router in (tracking_api.router, pairing.router, replay_api.router):
        app.include_router(router)
    return app


# A busy machine is no failure: what comes late has come.
expect.set_options(timeout=60_000)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium, headless."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        yield browser
        browser.close()
