"""The server process."""

from __future__ import annotations

from pathlib import Path

import uvicorn

from fleet.context import Context
from fleet.errors import InvalidInput
from fleet.main import address
from fleet.main.app import create_app
from tracking import fastws

MAX_MESSAGE = 1 << 20


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


def serve(context: Context, cert: Path | None = None, key: Path | None = None) -> None:
    """Serve until told to stop."""
    address.check_port(context.settings.host, context.settings.port)
    uvicorn.Server(config_of(context, cert, key)).run()
