"""A tile service on this machine, as one stands on the net: it counts, and may be made to misbehave."""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(red: int, green: int, blue: int, side: int = 256) -> bytes:
    """A picture of one colour."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes((red, green, blue)) * side) * side
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(rows))
        + _chunk(b"IEND", b"")
    )


@dataclass
class TileHost:
    """What it answers, and what it was asked."""

    address: str = ""
    status: int = 200
    body: bytes = field(default_factory=lambda: png(210, 220, 200))
    kind: str = "image/png"
    location: str = ""
    asked: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)
    """Clear: answers are held back."""


@contextmanager
def tile_host() -> Iterator[TileHost]:
    """Serve tiles on a free port of this machine."""
    host = TileHost()
    host.go.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.asked.append(self.path)
            host.hosts.append(self.headers["Host"])
            host.go.wait(20)
            self.send_response(host.status)
            self.send_header("Content-Type", host.kind)
            self.send_header("Content-Length", str(len(host.body)))
            if host.location:
                self.send_header("Location", host.location)
            self.end_headers()
            self.wfile.write(host.body)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_args: object) -> None:
            """Whoever asked went away."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    host.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield host
    finally:
        host.go.set()
        server.shutdown()
        thread.join()
        server.server_close()
