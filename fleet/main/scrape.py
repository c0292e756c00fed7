"""`/metrics`, for Prometheus: no page of people, and not for everybody."""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

from fastapi import APIRouter, Request
from starlette.responses import Response

from fleet.context import context_of
from fleet.errors import Forbidden, InvalidInput
from fleet.session import principal_of
from tracking.api import tracking_of
from tracking.metrics import MEDIA_TYPE

router = APIRouter()
Network: TypeAlias = IPv4Network | IPv6Network
_FORWARDED: Final = ("forwarded", "x-forwarded-for")


@cache
def networks(text: str) -> tuple[Network, ...]:
    """Read `CAREVAN_METRICS_FROM`: addresses and networks, comma-separated.

    Raises
    ------
    InvalidInput : a part is neither.
    """
    try:
        return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())
    except ValueError:
        raise InvalidInput(
            "CAREVAN_METRICS_FROM is {given!r}, which cannot be read. "
            "Write addresses or networks, such as 127.0.0.1,10.0.0.0/8.",
            given=text,
        ) from None


def may_ask(host: str, allowed: tuple[Network, ...]) -> bool:
    """Whether an address is one of those allowed."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in allowed)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """The application's numbers in Prometheus' text form.

    Raises
    ------
    Forbidden : the asker is neither at an allowed address nor an administrator.
    """
    settings = context_of(request).settings
    host = request.client.host if request.client else ""
    # Behind a proxy that nobody named to us, everybody seems to come from the proxy's own address.
    veiled = not settings.trusted_proxies and any(name in request.headers for name in _FORWARDED)
    if veiled or not may_ask(host, networks(settings.metrics_from)):
        who = await principal_of(request)
        if who is None or not who.may("administrator"):
            raise Forbidden(
                "The metrics are told to the addresses in CAREVAN_METRICS_FROM and to a logged in "
                "administrator. Ask from one of those."
            )
    return Response(tracking_of(request).metrics.text(), media_type=MEDIA_TYPE)
