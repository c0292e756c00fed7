"""The server process."""

from __future__ import annotations

import socket
from pathlib import Path

import uvicorn

from fleet.context import Context
from fleet.errors import InvalidInput, Unavailable
from fleet.main.app import create_app
from fleet.settings import Settings

MAX_MESSAGE = 1 << 20
_ANY = frozenset({"", "::", ".".join("0" * 4)})


def check_port(host: str, port: int) -> None:
    """Raise if nobody could listen there.

    Raises
    ------
    Unavailable : the port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Unavailable(
                "Nothing can listen on {host} port {port} ({why}). Give another port with --port.",
                host=host, port=port, why=error.strerror,
            ) from None  # fmt: skip


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
        ws="websockets-sansio",
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
    check_port(context.settings.host, context.settings.port)
    uvicorn.Server(config_of(context, cert, key)).run()


def address(settings: Settings, *, tls: bool = False) -> str:
    """What to type into a browser."""
    host = "127.0.0.1" if settings.host in _ANY else settings.host
    return f"{'https' if tls else 'http'}://{host}:{settings.port}"
