"""The server process."""

from __future__ import annotations

import gc
import resource
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from fleet.context import Context
from fleet.errors import InvalidInput
from fleet.main import address
from fleet.main.app import create_app
from routing.warmth import Warmth
from tracking import fastws

MAX_MESSAGE = 1 << 20
_GC_THRESHOLDS = (50_000, 20, 100)


def config_of(context: Context, cert: Path | None = None, key: Path | None = None) -> uvicorn.Config:
    """Uvicorn's configuration for this product."""
    settings = context.settings
    for file in (cert, key):
        if file is not None and not file.is_file():
            raise InvalidInput("There is no file {file}. Check its path.", file=file)
    return uvicorn.Config(
        create_app(context),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws=fastws.protocol_class(fast=settings.fast_sockets),
        ws_max_size=MAX_MESSAGE,
        ws_per_message_deflate=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        server_header=False,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
        ssl_certfile=str(cert) if cert else None,
        ssl_keyfile=str(key) if key else None,
    )


def settle_memory() -> None:
    """Keep the collector of circular garbage off what lives as long as the process, and seldom at work.

    At some thousand connections its passes cost more than the messages do.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)


def raise_open_files() -> None:
    """Let the process hold as many sockets as the system grants it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def serve(context: Context, cert: Path | None = None, key: Path | None = None) -> None:
    """Serve until told to stop."""
    address.check_port(context.settings.host, context.settings.port)
    config = config_of(context, cert, key)
    raise_open_files()
    settle_memory()
    warmth = Warmth()
    assert isinstance(config.app, FastAPI)
    config.app.state.warmth = warmth
    warmth.start()
    try:
        uvicorn.Server(config).run()
    finally:
        warmth.stop()
