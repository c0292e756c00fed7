"""The doors of phones and HTTP trackers: answered with 200 once what they sent is committed, and not before.

It holds no rule of their protocols (`tracking.adapters`) nor of who is let in (`admission`, `passes`).
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from fleet.keys import secret_as_typed, token_hash
from fleet.words import locale_of, translate
from tracking.adapters import osmand, owntracks
from tracking.admission import Admission, Place
from tracking.doorman import AWAY, Doorman
from tracking.fix import Bounds
from tracking.gateway import Parts
from tracking.line import Pass
from tracking.parcel import parcel_of
from tracking.passes import Passes
from tracking.protocol import MAX_BYTES, Received, Rejected
from tracking.reason import Reason
from tracking.source import Protocol

READ_WITHIN_S: Final = 10.0
ANSWER_WITHIN_S: Final = 8.0
"""How long a phone waits for our commit, wall time; then it is told to send again."""
_AGAIN_S: Final = 10


@dataclass(frozen=True, slots=True)
class _No:
    """An answer that is not 200, and so makes the phone send again; `reason` is what it is counted as."""

    status: int
    reason: Reason
    text: str


_SLOW: Final = _No(408, "late_hello", "The request did not arrive within 10 s. Send it again.")
_TOO_LARGE: Final = _No(413, "too_big", "A request is at most 64 KiB. Send fewer positions at once.")
_UNKNOWN: Final = _No(
    401,
    "unknown_token",
    "The secret (device identifier, or OwnTracks' password) is missing, unknown or was revoked. "
    "Enter the one that ./carevan terminal add printed.",
)
_GUESSING: Final = _No(
    429, "unknown_token", "Too many unknown secrets from this address. Wait a minute, then try again."
)
_BUSY: Final = _No(429, "too_many", "This terminal has too many requests open. Send one after the other.")
_LATER: Final = _No(503, "again", "What was sent could not be stored now. Keep it and send it again.")

_Judge: TypeAlias = Callable[[int, int], list[Received]]
"""Makes messages of a request, given the terminal and our clock."""


class Receipt:
    """Waits for the commit of all messages of one request.

    Parameters
    ----------
    last_n : the number of the last of them
    """

    def __init__(self, last_n: int) -> None:
        self._last_n = last_n
        self._refused: list[Rejected] = []
        self.stored: asyncio.Future[Sequence[Rejected]] = asyncio.get_running_loop().create_future()
        """Done after commit, with what was refused."""

    def committed(self, n: int, refused: Sequence[Rejected]) -> None:
        """Message `n` is on disk, and its refusals are in quarantine."""
        self._refused.extend(refused)
        if n >= self._last_n and not self.stored.done():
            self.stored.set_result(self._refused)


class Phones:
    """Serves what phones and HTTP trackers send to one process.

    Parameters
    ----------
    parts : the gateway's
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._doorman = Doorman(parts.conninfo)
        self._admission = Admission(parts.limits)
        self._passes = Passes()

    async def start(self) -> None:
        """Begin to serve."""
        await self._doorman.start()

    async def stop(self) -> None:
        """End."""
        await self._doorman.stop()

    async def osmand(self, request: Request) -> Response:
        """One request of an OsmAnd client, such as Traccar Client."""
        body = b"" if request.method == "GET" else await _read(request)
        if isinstance(body, _No):
            return self._turn_away(request, "osmand", body)
        query, media_type = request.scope["query_string"], request.headers.get("content-type", "")
        told = osmand.read(query.decode("latin-1"), media_type, body)

        def judge(terminal_id: int, now_ms: int) -> list[Received]:
            return osmand.received(told, terminal_id, now_ms)

        refused = await self._take(request, (told.identifier, "osmand"), judge)
        if isinstance(refused, _No):
            return self._turn_away(request, "osmand", refused)
        return JSONResponse({"refused": [each.why for each in refused]})

    async def owntracks(self, request: Request) -> Response:
        """One message of OwnTracks."""
        body = await _read(request)
        if isinstance(body, _No):
            return self._turn_away(request, "owntracks", body)

        def judge(_terminal_id: int, now_ms: int) -> list[Received]:
            return owntracks.received(body, now_ms)

        refused = await self._take(request, (_password(request), "owntracks"), judge)
        if isinstance(refused, _No):
            return self._turn_away(request, "owntracks", refused)
        return JSONResponse([])

    def _turn_away(self, request: Request, protocol: Protocol, no: _No) -> Response:
        self._parts.metrics.refused(protocol, no.reason)
        basic = {"WWW-Authenticate": 'Basic realm="CareVan"'} if protocol == "owntracks" else None
        return _say(request, no, basic)

    async def _take(
        self, request: Request, claim: tuple[str, Protocol], judge: _Judge
    ) -> Sequence[Rejected] | _No:
        """Store what a request holds; what of it was refused, or why it was not taken."""
        secret, protocol = claim
        address = request.client.host if request.client else ""
        place: Place | None = None
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                granted = await self._admit(secret, address)
                if isinstance(granted, _No):
                    return granted
                place = self._admission.enter(address, granted.source.terminal_id)
                if place is None:
                    return _BUSY
                now_ms = self._parts.clock.now_ms()
                messages = judge(granted.source.terminal_id, now_ms)
                refused = await self._store(granted, protocol, messages, now_ms)
            weight = len(messages) + sum(len(message.fixes) for message in messages)
            await asyncio.sleep(place.wait_s(weight, _monotonic()))
        except (TimeoutError, *AWAY):
            return _LATER
        finally:
            if place is not None:
                self._admission.leave(place)
        return refused

    async def _admit(self, secret: str, address: str) -> Pass | _No:
        letters, now_s = secret_as_typed(secret), _monotonic()
        digest = token_hash(letters)
        held = self._passes.find(digest, now_s)
        if held is not None:
            return held
        # Who was let in before is looked up even beside somebody who guesses.
        if not self._passes.was_let_in(digest) and self._admission.is_guessing(address, now_s):
            return _GUESSING
        granted = await self._doorman.admit(letters) if letters else None
        if granted is not None:
            return self._passes.keep(granted, now_s)
        self._passes.forget(digest)
        return _UNKNOWN if self._admission.may_guess(address, now_s) else _GUESSING

    async def _store(
        self, granted: Pass, protocol: Protocol, messages: Sequence[Received], now_ms: int
    ) -> Sequence[Rejected]:
        source = replace(granted.source, protocol=protocol)
        bounds = Bounds(now_ms, self._parts.accuracy_limit_m)
        receipt = Receipt(messages[-1].n)
        for message in messages:
            parcel = parcel_of(receipt, source, message, bounds, granted.stored_until_ms)
            if message.fixes:
                self._passes.sent(granted.token_hash, max(fix.t for _, fix in message.fixes))
            await self._parts.sink.put(parcel)
        return await receipt.stored


async def _read(request: Request) -> bytes | _No:
    if len(declared := request.headers.get("content-length", "")) > 9 or int(declared or 0) > MAX_BYTES:
        return _TOO_LARGE
    parts = bytearray()
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            async for part in request.stream():
                parts += part
                if len(parts) > MAX_BYTES:
                    return _TOO_LARGE
    except (TimeoutError, ClientDisconnect):
        return _SLOW
    return bytes(parts)


def _password(request: Request) -> str:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(given.strip(), validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _say(request: Request, no: _No, headers: dict[str, str] | None = None) -> Response:
    # Said here and not by the application's error pages: those send a person to the log-in page, with the
    # address they asked for, and that address may hold a secret.
    sentence = translate(locale_of(request.headers.get("accept-language")), no.text)
    told = dict(headers or {}) if no.status == 401 else {}
    if no in {_LATER, _BUSY, _GUESSING}:
        told["Retry-After"] = str(_AGAIN_S)
    return JSONResponse({"error": sentence}, no.status, told)


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
