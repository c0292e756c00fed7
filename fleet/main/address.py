"""Where the web server listens, and what people type to reach it."""

from __future__ import annotations

import socket

from fleet.errors import Unavailable
from fleet.settings import Settings

_ANY = frozenset({"", "::", ".".join("0" * 4)})


def check_port(host: str, port: int, option: str = "--port") -> None:
    """Raise if nobody could listen there; `option` is how another port is given.

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
                "Nothing can listen on {host} port {port} ({why}). Give another port with {option}.",
                host=host, port=port, why=error.strerror, option=option,
            ) from None  # fmt: skip


def of(settings: Settings, *, tls: bool = False) -> str:
    """What to type into a browser."""
    host = "127.0.0.1" if settings.host in _ANY else settings.host
    return f"{'https' if tls else 'http'}://{host}:{settings.port}"
