"""Other services' tiles through us: for whoever is logged in, and for guests where that is allowed."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from fleet import session
from fleet.clock import wall_now
from fleet.context import Context
from fleet.errors import NotFound, Unauthenticated
from fleet.sealing import unseal
from maps import provider_store, share_store
from maps.courier import NOTHING, Courier, Refused, media_type, networks_of
from maps.larder import Larder
from maps.pages import locale_of
from maps.provider import Place, Provider, address

GUEST_COOKIE: Final = "carevan_guest"
_KNOWN_S: Final = 3.0  # how long somebody is known who was let in, and a service as it was read
_MOST_KNOWN: Final = 2000
_EMPTY_PNG: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000b49444154789c6360000200000500017a5eab3f0000000049454e44ae426082"
)
router = APIRouter()
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Admission:
    """What one asker may see."""

    until_s: float
    known: bool
    services: Mapping[str, Provider]


class ProviderTiles:
    """The proxy of one process; made by the application, closed by it."""

    def __init__(self, context: Context) -> None:
        settings = context.settings
        self._context = context
        self._larder = Larder(settings.provider_tiles_dir, settings.tile_disk_mb << 20)
        self.courier = Courier(networks_of(settings.tile_networks))
        self._admitted: dict[tuple[str, str], _Admission] = {}

    async def close(self) -> None:
        """Give up what is under way."""
        await self.courier.close()

    async def services(self, request: Request) -> _Admission:
        """What whoever asks may see; looked up each three seconds."""
        cookies = request.cookies
        asker = cookies.get(session.COOKIE, ""), cookies.get(GUEST_COOKIE, "")
        now_s = time.monotonic()
        found = self._admitted.get(asker)
        if found is None or found.until_s < now_s:
            if len(self._admitted) >= _MOST_KNOWN:
                self._admitted.clear()
            known, services = await run_in_threadpool(self._look_up, *asker)
            found = _Admission(now_s + _KNOWN_S, known, services)
            self._admitted[asker] = found
        return found

    def forget(self) -> None:
        """A service was changed: look everything up anew."""
        self._admitted.clear()

    def _look_up(self, cookie: str, guest: str) -> tuple[bool, dict[str, Provider]]:
        who = session.find_principal(self._context, cookie)
        with self._context.engine.connect() as conn:
            share = None if who or not guest else share_store.of_guest(conn, guest, wall_now())
            if who is None and share is None:
                return False, {}
            district_id = who.district_id if who else share.district_id if share else 0
            found = provider_store.list_of(conn, district_id)
        return True, {each.name: each for each in found if each.enabled and (who or each.guests)}

    async def tile(self, provider: Provider, layer: int, place: Place) -> bytes:
        """One tile, kept or fetched; `NOTHING` where the service has none.

        Raises
        ------
        Refused : the service gave none.
        """
        after_s = time.time() - 3600 * provider.keep_h
        key = (self.edition(provider), layer, *place)
        kept = self._larder.at_hand(key, after_s) if provider.keep_h else None
        if kept is None and provider.keep_h:
            kept = await run_in_threadpool(self._larder.get, key, after_s)
        if kept is not None:
            return kept.body
        body = await self.fetch(provider, layer, place)
        if provider.keep_h:
            await run_in_threadpool(self._larder.put, key, body)
        return body

    async def fetch(self, provider: Provider, layer: int, place: Place) -> bytes:
        """One tile from the service itself.

        Raises
        ------
        Refused : the service gave none.
        """
        key = unseal(self._context.key, provider.purpose, provider.sealed) if provider.sealed else ""
        return await self.courier.fetch(self.edition(provider), address(provider.urls[layer], place, key))

    @staticmethod
    def edition(provider: Provider) -> str:
        """A name for the service as it is: other addresses or another key make another."""
        said = "\n".join([*provider.urls, (provider.sealed or b"").hex()])
        return f"{provider.id}-{hashlib.blake2b(said.encode(), digest_size=8).hexdigest()}"


def tiles_of(request: Request) -> ProviderTiles:
    """The application's proxy, made on first use."""
    state = request.app.state
    if not hasattr(state, "provider_tiles"):
        state.provider_tiles = ProviderTiles(state.context)
    tiles = state.provider_tiles
    assert isinstance(tiles, ProviderTiles)
    return tiles


@router.get("/tiles/providers")
async def list_services(request: Request) -> list[dict[str, object]]:
    """The services that a map may offer whoever asks; none to a stranger. No address and no key of theirs."""
    locale = locale_of(request)
    found = await tiles_of(request).services(request)
    return [
        {
            "name": each.name,
            "title": each.titled(locale),
            "datum": each.datum,
            "layers": len(each.urls),
            "min_zoom": each.min_zoom,
            "max_zoom": each.max_zoom,
            "attribution": each.credited(locale),
            "approval": each.approval,
        }
        for each in found.services.values()
    ]


@router.get("/tiles/provider/{name}/{z}/{x}/{y}")
async def tile(
    name: str, z: int, x: int, y: int, request: Request, layer: Annotated[int, Query(ge=0, le=1)] = 0
) -> Response:
    """One tile of a service that is switched on.

    Raises
    ------
    Unauthenticated : nobody is logged in and no shared map is open.
    NotFound : no such service or tile for whoever asks.
    Unavailable : the service gave none.
    """
    tiles = tiles_of(request)
    admission = await tiles.services(request)
    if not admission.known:
        raise Unauthenticated("You are not logged in, or the session has ended. Log in again.")
    provider = admission.services.get(name)
    if provider is None or not provider.has(layer, (z, x, y)):
        raise NotFound("There is no map tile {z}/{x}/{y}.", z=z, x=x, y=y)
    try:
        body = await tiles.tile(provider, layer, (z, x, y))
    except Refused as error:
        log.info("a map service gave no tile", provider=provider.id, why=error.text)
        raise
    return _answer(request, provider, body)


def _answer(request: Request, provider: Provider, body: bytes) -> Response:
    etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
    # A browser keeps what it was given for itself alone, and no longer than an hour without asking again.
    fresh_s = min(3600, 3600 * provider.keep_h)
    headers = {"Cache-Control": f"private, max-age={fresh_s}" if fresh_s else "no-store", "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    if body == NOTHING:
        return Response(_EMPTY_PNG, media_type="image/png", headers=headers)
    return Response(body, media_type=media_type(body), headers=headers)


async def close(state: object) -> None:
    """Close an application's proxy, if there is one."""
    tiles = getattr(state, "provider_tiles", None)
    if isinstance(tiles, ProviderTiles):
        await asyncio.shield(tiles.close())
