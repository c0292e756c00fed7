"""Fetches tiles from other services: public addresses only, few at once, none twice, never for long."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import httpx2

from fleet.errors import Unavailable

MOST_BYTES: Final = 1 << 20
_TIMEOUT_S: Final = 8.0
_AT_ONCE: Final = 8
_WAITING: Final = 256
_FAILURES: Final = 3
_REST_S: Final = 10.0
_SIGNS: Final = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
_EMBEDDING: Final = tuple(ipaddress.ip_network(each) for each in ("64:ff9b::/96", "2002::/16", "2001::/32"))
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
NOTHING: Final = b""
"""A tile that the service does not have."""


# It would write every address that is asked, and those hold keys.
logging.getLogger("httpx2").setLevel(logging.WARNING)
logging.getLogger("httpcore2").setLevel(logging.WARNING)


class Refused(Unavailable):
    """The service gave no tile. The sentence holds no address and no key."""


@dataclass(slots=True)
class _Host:
    """How a service has been doing."""

    failures: int = 0
    rests_until_s: float = 0.0
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))


class Courier:
    """Belongs to one event loop.

    Parameters
    ----------
    networks : of one's own, where services may stand besides public addresses, and be asked by plain http
    """

    def __init__(self, networks: tuple[Network, ...] = (), *, timeout_s: float = _TIMEOUT_S) -> None:
        self._networks = networks
        self._timeout_s = timeout_s
        self._hosts: dict[str, _Host] = {}
        self._errands: dict[str, asyncio.Task[bytes]] = {}
        self._http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(timeout_s, connect=3.0),
            limits=httpx2.Limits(max_connections=64, keepalive_expiry=20.0),
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Give up what is under way."""
        for errand in list(self._errands.values()):
            errand.cancel()
        await asyncio.gather(*self._errands.values(), return_exceptions=True)
        await self._http.aclose()

    async def fetch(self, service: str, url: str) -> bytes:
        """One tile: a picture's bytes, or `NOTHING` where the service has none.

        Parameters
        ----------
        service : whose failures and turns are counted together
        url : made of a stored address only

        Raises
        ------
        Refused : no picture came within the time.
        """
        under_way = self._errands.get(url)
        if under_way is None:
            under_way = asyncio.create_task(self._errand(self._hosts.setdefault(service, _Host()), url))
            self._errands[url] = under_way
            under_way.add_done_callback(lambda done: self._done(url, done))
        # Whoever asked may go away; the tile is fetched for the others and for later.
        return await asyncio.shield(under_way)

    def _done(self, url: str, errand: asyncio.Task[bytes]) -> None:
        self._errands.pop(url, None)
        if not errand.cancelled():
            errand.exception()  # nobody may be left to hear it

    async def _errand(self, host: _Host, url: str) -> bytes:
        now_s = asyncio.get_running_loop().time()
        if now_s < host.rests_until_s or len(self._errands) > _WAITING:
            raise Refused("The map service is not asked for some seconds, since it did not answer.")
        try:
            async with asyncio.timeout(self._timeout_s), host.gate:
                body = await self._ask(url)
        except (Refused, httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError) as error:
            host.failures += 1
            if host.failures >= _FAILURES:
                host.rests_until_s = asyncio.get_running_loop().time() + _REST_S
            raise error if isinstance(error, Refused) else _told(error) from None
        host.failures = 0
        return body

    async def _ask(self, url: str) -> bytes:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        # The address that was looked at is the one that is asked: a name cannot lead elsewhere in between.
        where = await self._reach(host, port, plain=parts.scheme != "https")
        there = f"[{where}]" if ":" in where else where
        request = self._http.build_request(
            "GET",
            f"{parts.scheme}://{there}:{port}{parts.path}{'?' if parts.query else ''}{parts.query}",
            headers={"Host": parts.netloc, "Accept": "image/*", "User-Agent": "CareVan"},
            extensions={"sni_hostname": host},
        )
        answer = await self._http.send(request, stream=True)
        try:
            return await _picture(answer)
        finally:
            await answer.aclose()

    async def _reach(self, host: str, port: int, *, plain: bool) -> str:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(each[4][0]).partition("%")[0] for each in found]
        if not addresses or not all(self._may_ask(each, plain=plain) for each in addresses):
            raise Refused("The map service's host leads to an address that is not asked from here.")
        return addresses[0]

    def _may_ask(self, address: str, *, plain: bool) -> bool:
        ip = ipaddress.ip_address(address)
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        if any(ip in network for network in self._networks):
            return True
        public = ip.is_global and not ip.is_multicast and not any(ip in network for network in _EMBEDDING)
        return public and not plain


def networks_of(text: str) -> tuple[Network, ...]:
    """Networks as an operator writes them, with commas between.

    Raises
    ------
    ValueError : one of them is none.
    """
    return tuple(ipaddress.ip_network(each.strip()) for each in text.split(",") if each.strip())


def media_type(body: bytes) -> str:
    """What a picture is by its own first bytes; empty if it is none that a map may show."""
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for sign, kind in _SIGNS.items() if body.startswith(sign)), "")


async def _picture(answer: httpx2.Response) -> bytes:
    if answer.status_code in (204, 404):
        return NOTHING
    if answer.status_code in (401, 403):
        raise Refused("The map service refused the key ({status}).", status=answer.status_code)
    if answer.status_code != 200:
        raise Refused("The map service answered {status}.", status=answer.status_code)
    if not answer.headers.get("content-type", "").lower().startswith("image/"):
        raise Refused("The map service answered with something that is no picture.")
    body = b""
    async for chunk in answer.aiter_bytes(65_536):
        body += chunk
        if len(body) > MOST_BYTES:
            raise Refused("The map service's tile is larger than 1 MiB.")
    if not media_type(body):
        raise Refused("The map service answered with something that is no picture.")
    return body


def _told(error: Exception) -> Refused:
    if isinstance(error, (TimeoutError, httpx2.TimeoutException)):
        return Refused("The map service did not answer in time.")
    return Refused("The map service cannot be reached.")
