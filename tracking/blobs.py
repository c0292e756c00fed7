"""Photos and signatures, kept under their own hash before the event that names them."""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import Final

import sqlalchemy as sa
from starlette.requests import Request

from fleet import terminals
from fleet.context import Context
from fleet.db import translate_errors
from fleet.errors import InvalidInput, Unauthenticated
from tracking.statements import TEXTS

MAX_BYTES: Final = 2 * 1024 * 1024
_HASH = re.compile(r"[0-9a-f]{64}")
_MEDIA_TYPES: Final = ("image/jpeg", "image/png", "image/webp")


async def put(request: Request, context: Context, sha256: str) -> None:
    """Keep the body of a request under its hash; putting it again does no harm.

    Raises
    ------
    Unauthenticated : no terminal's token came with it.
    InvalidInput : too long, of a kind that is not kept, or its hash is another one.
    """
    terminal_id = await asyncio.to_thread(_terminal_of, context, request)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _MEDIA_TYPES:
        raise InvalidInput(
            "A blob of type {given!r} is not kept. Send image/jpeg, image/png or image/webp.",
            given=media_type,
        )
    body = await _read(request)
    found = hashlib.sha256(body).hexdigest()
    if not _HASH.fullmatch(sha256) or found != sha256:
        raise InvalidInput(
            "The body's SHA-256 is {found}, the address says {given}. Send it again.",
            found=found,
            given=sha256[:64],
        )
    await asyncio.to_thread(_store, context, (terminal_id, media_type), body)


def _terminal_of(context: Context, request: Request) -> int:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    with translate_errors(), context.engine.connect() as conn:
        found = terminals.by_token(conn, token.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise Unauthenticated("The terminal's token is missing, unknown or was revoked. Pair it again.")
    return found.id


async def _read(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BYTES:
            raise InvalidInput("A blob is at most {most} bytes. Send a smaller picture.", most=MAX_BYTES)
        parts.append(part)
    return b"".join(parts)


def _store(context: Context, told: tuple[int, str], body: bytes) -> None:
    terminal_id, media_type = told
    with translate_errors(), context.engine.begin() as conn:
        # The terminal deletes its picture once we have answered.
        conn.exec_driver_sql(TEXTS["keep_promise"])
        _insert(
            conn,
            sha256=hashlib.sha256(body).digest(),
            terminal_id=terminal_id,
            media_type=media_type,
            body=body,
            received_at=context.clock.now(),
        )


def _insert(conn: sa.Connection, **values: object) -> None:
    conn.exec_driver_sql(TEXTS["put_blob"], values)
