"""A viewer that opens a WebSocket and then reads nothing: by hand, for no library behaves so badly."""

from __future__ import annotations

import socket

RECEIVES_BYTES = 4096


def stalled(address: str, path: str, cookie: str = "") -> socket.socket:
    """Connect, upgrade, and read no further than the upgrade's answer."""
    host, _, port = address.partition(":")
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVES_BYTES)
    raw.settimeout(20)
    raw.connect((host, int(port)))
    lines = [
        f"GET {path} HTTP/1.1", f"Host: {address}", "Upgrade: websocket", "Connection: Upgrade",
        f"Origin: http://{address}", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        f"Cookie: {cookie}", "", "",
    ]  # fmt: skip
    raw.sendall("\r\n".join(lines).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += raw.recv(1)
    assert b" 101 " in answer, answer
    return raw


def drained(raw: socket.socket) -> tuple[int, bool]:
    """Read whatever is still there: how many bytes, and whether the connection was torn down at their end."""
    read = 0
    try:
        while data := raw.recv(65_536):
            read += len(data)
    except ConnectionResetError:
        return read, True
    return read, False
