"""What every HTTP exchange goes through: security headers, sizes, rates, and the Origin of writes."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fleet.errors import FleetError, Forbidden, InvalidInput, TooMany
from fleet.limits import Buckets, Limit
from fleet.session import COOKIE, origin_is_ours

MAX_BODY = 4 << 20
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LIMITS: tuple[tuple[str, str, Limit], ...] = (
    ("POST", "/login", Limit(10, 10)),
    ("POST", "/terminal/pair", Limit(10, 10)),
    ("POST", "/hooks/", Limit(60, 120)),
    ("GET", "/api/export/", Limit(20, 20)),
)
# Only what is refused counts: an office of hundreds may look on from one address.
_GUESSED = "/s/"
_GUESSES = Limit(60, 60)
_REFUSED = frozenset({401, 404, 429})
_TOO_MANY = "Too many tries from this address. Wait a minute, then try again."
Answer = Callable[[Request, FleetError], Awaitable[ASGIApp]]


class Guard:
    """ASGI middleware.

    Parameters
    ----------
    answer : makes the response to a refusal, in the asker's language
    """

    def __init__(self, app: ASGIApp, answer: Answer) -> None:
        self._app = app
        self._answer = answer
        self._buckets = [(method, path, Buckets(limit)) for method, path, limit in _LIMITS]
        self._guesses = Buckets(_GUESSES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(12)
        scope.setdefault("state", {})["csp_nonce"] = nonce
        request = Request(scope, receive)
        send = _with_headers(send, request, nonce)
        refusal = self._refuse(request)
        if refusal is not None:
            await (await self._answer(request, refusal))(scope, receive, send)
            return
        if request.url.path.startswith(_GUESSED):
            send = self._counting(send, _address(request))
        await self._app(scope, _bounded(receive), send)

    def _counting(self, send: Send, address: str) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in _REFUSED:
                self._guesses.take(address, time.monotonic())
            await send(message)

        return sending

    def _refuse(self, request: Request) -> FleetError | None:
        path, method, address = request.url.path, request.method, _address(request)
        if path.startswith(_GUESSED) and self._guesses.is_empty(address, time.monotonic()):
            return TooMany(_TOO_MANY)
        for limited_method, prefix, buckets in self._buckets:
            if (
                method == limited_method
                and path.startswith(prefix)
                and not buckets.take(address, time.monotonic())
            ):
                return TooMany(_TOO_MANY)
        declared = request.headers.get("content-length", "0")
        if len(declared) > 9 or (declared.isdigit() and int(declared) > MAX_BODY):
            return InvalidInput(
                "What was sent is larger than {limit} MiB. Send less at once.", limit=MAX_BODY >> 20
            )
        if method not in _SAFE and _from_a_browser(request.headers) and not origin_is_ours(request):
            return Forbidden("This was sent from another site's page. Open CareVan's own page and repeat.")
        return None


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _from_a_browser(headers: Headers) -> bool:
    """A browser names the Origin of every write; a device that uses no cookie need not."""
    return "origin" in headers or COOKIE in headers.get("cookie", "")


def _bounded(receive: Receive) -> Receive:
    got = 0

    async def bounded() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > MAX_BODY:
            return {"type": "http.disconnect"}
        return message

    return bounded


def _with_headers(send: Send, request: Request, nonce: str) -> Send:
    secure = request.url.scheme == "https"
    host = request.headers.get("host", "")
    policy = "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{nonce}'",
            # Leaflet and charts set style attributes; style elements need the nonce.
            f"style-src-elem 'self' 'nonce-{nonce}'",
            "style-src-attr 'unsafe-inline'",
            "img-src 'self' data: blob:",
            f"connect-src 'self' {'wss' if secure else 'ws'}://{host}",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("Content-Security-Policy", policy)
            headers["X-Content-Type-Options"] = "nosniff"
            headers["Referrer-Policy"] = "same-origin"
            headers["Permissions-Policy"] = "geolocation=(self), camera=(), microphone=()"
            if secure:
                headers["Strict-Transport-Security"] = "max-age=31536000"
        await send(message)

    return sending
