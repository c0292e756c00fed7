"""Calls that come in by signed webhook: the signature, and what the body says.

``X-CareVan-Signature: t=<epoch seconds>,v1=<hex HMAC-SHA256 of "t.body">``. The secret is derived from the
server's key and never stored; raising a webhook's generation makes the old secret worthless. Some sources
send another signature beside ours while they roll their secret over: any matching ``v1`` will do.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec

from fleet.errors import Forbidden, InvalidInput
from fleet.keys import derive

SIGNATURE_HEADER = "X-CareVan-Signature"
TOLERANCE_S = 300
"""How far the signature's time may lie from ours, either way."""
MAX_BODY_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Call:
    """What a source says of a call.

    ``key`` is the source's own identity of the call: the same key is the same call however often it is
    sent. Either ``recipient`` (the customer's own code of an elder) or both coordinates are given.
    """

    key: str
    recipient: str | None
    place: str
    lon: float | None
    lat: float | None


class _Body(msgspec.Struct, frozen=True):
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    recipient: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    place: Annotated[str, msgspec.Meta(max_length=200)] = ""
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None


_DECODER = msgspec.json.Decoder(_Body)


def secret_of(key: bytes, webhook_id: int, generation: int) -> str:
    """The secret of one webhook, hex, to be shown to an administrator and given to the source."""
    return derive(key, f"webhook:{webhook_id}:{generation}")


def sign(secret: str, body: bytes, at: datetime) -> str:
    """The header a source sends with `body` at wall time `at`."""
    epoch_s = int(at.timestamp())
    return f"t={epoch_s},v1={_digest(secret, epoch_s, body)}"


def verify(secret: str, header: str, body: bytes, now: datetime) -> None:
    """Check a webhook's signature.

    Parameters
    ----------
    secret : from `secret_of`
    header : the value of ``X-CareVan-Signature``
    body : the request's body, byte for byte
    now : wall time, aware

    Raises
    ------
    Forbidden : no readable header, a time more than 5 minutes off, or a signature that does not match.
    """
    fields = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in fields if name == "t" and value.isascii() and value.isdecimal()]
    if len(times) != 1 or len(times[0]) > 12:
        raise Forbidden(
            "The header {header} is missing or cannot be read. Send t=<epoch seconds>,v1=<hex HMAC-SHA256>.",
            header=SIGNATURE_HEADER,
        )
    epoch_s = int(times[0])
    if abs(now.timestamp() - epoch_s) > TOLERANCE_S:
        raise Forbidden(
            "The signature's time {t} is more than 5 minutes off. Set the sender's clock.", t=epoch_s
        )
    expected = _digest(secret, epoch_s, body)
    if not any(
        name == "v1" and hmac.compare_digest(expected.encode(), value.encode()) for name, _, value in fields
    ):
        raise Forbidden(
            "The signature does not match the body. Check the webhook's secret; it may have been renewed."
        )


def decode_call(body: bytes) -> Call:
    """Read a webhook's body.

    Raises
    ------
    InvalidInput : no JSON object of a call; the sentence names the field.
    """
    if len(body) > MAX_BODY_BYTES:
        raise InvalidInput(
            "The call is {n} bytes long; {limit} are allowed.", n=len(body), limit=MAX_BODY_BYTES
        )
    try:
        read = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput("The call cannot be read: {why}.", why=str(error)) from None
    has_point = read.lon is not None and read.lat is not None
    if read.recipient is None and not has_point:
        raise InvalidInput('The call names no place. Give "recipient", or "lon" and "lat".')
    if has_point and not (math.isfinite(read.lon or 0) and math.isfinite(read.lat or 0)):
        raise InvalidInput("The call's coordinates are not numbers.")
    return Call(
        read.key, read.recipient, read.place, read.lon if has_point else None, read.lat if has_point else None
    )


def _digest(secret: str, epoch_s: int, body: bytes) -> str:
    return hmac.new(secret.encode(), b"%d." % epoch_s + body, hashlib.sha256).hexdigest()
