"""The administrator's page of tile services: which there are, on and off, keys that go in and never out."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from time import perf_counter
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from fleet import audit, registry
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.errors import FleetError, InvalidInput
from fleet.sealing import seal
from fleet.session import Principal, require
from fleet.words import translate
from maps import provider_store
from maps.board import Json
from maps.naming import named
from maps.pages import Page, locale_of, respond
from maps.provider import Datum, Kind, Place, Provider, check, check_key, presets
from maps.provider_tiles import tiles_of

router = APIRouter()
InContext = Annotated[Context, Depends(get_context)]
Administrator = Annotated[Principal, Depends(require("administrator"))]
_TRIED_ZOOM: Final = 12
_Short = Annotated[str, Field(max_length=120)]


class ServiceForm(BaseModel):
    """A tile service as the page sends it; an empty key leaves the stored one as it is."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: Annotated[str, Field(max_length=30)]
    kind: Kind
    title: Annotated[str, Field(min_length=1, max_length=60)]
    title_en: Annotated[str, Field(max_length=60)] = ""
    urls: Annotated[list[str], Field(max_length=2)]
    key: Annotated[str, Field(max_length=200, repr=False)] = ""
    datum: Datum
    min_zoom: int
    max_zoom: int
    attribution: Annotated[str, Field(min_length=1, max_length=120)]
    attribution_en: _Short = ""
    approval: _Short = ""
    keep_h: Annotated[int, Field(ge=0, le=720)]
    guests: bool = False


class Switch(BaseModel):
    """On or off."""

    model_config = ConfigDict(extra="forbid")

    on: bool


@router.get("/providers")
def providers_page(request: Request, context: InContext, who: Administrator) -> Response:
    """The page; its list and the known addresses it asks for."""
    locale = locale_of(request)
    with context.engine.connect() as conn:
        district = registry.district(conn, who.district_id)
    values = {"district": named(district.name, district.name_en, locale)}
    return respond(request, Page("providers.html", values, principal=who))


@router.get("/api/providers")
def list_providers(context: InContext, who: Administrator) -> Json:
    """The district's services without their keys, and what is known of each kind beforehand."""
    with context.engine.connect() as conn:
        found = provider_store.list_of(conn, who.district_id)
    return {"providers": [_json(each) for each in found], "presets": presets()}


@router.post("/api/providers", status_code=204)
def save_provider(request: Request, form: ServiceForm, context: InContext, who: Administrator) -> Response:
    """Store a service, in place of the one of its name; a new one is off.

    Raises
    ------
    InvalidInput : it cannot be so, or its key would go to another host than it was entered for.
    """
    with translate_errors(), context.engine.begin() as conn:
        before = provider_store.find(conn, who.district_id, form.name)
        wanted = _wanted(context, who, form, before)
        check(wanted, has_key=wanted.sealed is not None, plain_http=bool(context.settings.tile_networks))
        provider_store.save(conn, wanted)
        audit.record(
            conn, who.actor, "provider.save", f"provider:{form.name}", who.district_id,
            changed=_changed(before, wanted),
        )  # fmt: skip
    tiles_of(request).forget()
    return Response(status_code=204)


@router.post("/api/providers/{name}/switch", status_code=204)
def switch_provider(
    name: str, asked: Switch, request: Request, context: InContext, who: Administrator
) -> Response:
    """Switch a service on or off.

    Raises
    ------
    InvalidInput : what must be shown with its map is missing.
    """
    with translate_errors(), context.engine.begin() as conn:
        wanted = replace(provider_store.get(conn, who.district_id, name), enabled=asked.on)
        if asked.on:
            plain = bool(context.settings.tile_networks)
            check(wanted, has_key=wanted.sealed is not None, plain_http=plain)
        provider_store.save(conn, wanted)
        audit.record(conn, who.actor, "provider.switch", f"provider:{name}", who.district_id, on=asked.on)
    tiles_of(request).forget()
    return Response(status_code=204)


@router.post("/api/providers/{name}/remove", status_code=204)
def remove_provider(name: str, request: Request, context: InContext, who: Administrator) -> Response:
    """Forget a service and its key."""
    with translate_errors(), context.engine.begin() as conn:
        provider_store.remove(conn, who.district_id, name)
        audit.record(conn, who.actor, "provider.remove", f"provider:{name}", who.district_id)
    tiles_of(request).forget()
    return Response(status_code=204)


@router.post("/api/providers/{name}/try")
async def try_provider(name: str, request: Request, context: InContext, who: Administrator) -> Json:
    """Fetch the district's middle from a service, on or off, and say what came of it."""
    provider, at = await run_in_threadpool(_middle, context, who, name)
    zoom = max(provider.min_zoom, min(provider.max_zoom, _TRIED_ZOOM))
    began = perf_counter()
    try:
        for layer in range(len(provider.urls)):
            await tiles_of(request).fetch(provider, layer, _tile(zoom, *at))
    except FleetError as error:
        return {"ok": False, "said": translate(locale_of(request), error.text, **error.params)}
    said = translate(locale_of(request), "A tile came in {ms} ms.", ms=round(1000 * (perf_counter() - began)))
    return {"ok": True, "said": said}


def _middle(context: Context, who: Principal, name: str) -> tuple[Provider, tuple[float, float]]:
    with translate_errors(), context.engine.begin() as conn:
        district = registry.district(conn, who.district_id)
        return provider_store.get(conn, who.district_id, name), (district.lon, district.lat)


def _tile(z: int, lon: float, lat: float) -> Place:
    across = 1 << z
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return z, int((lon + 180) / 360 * across), int(down * across)


def _wanted(context: Context, who: Principal, form: ServiceForm, before: Provider | None) -> Provider:
    values = form.model_dump(exclude={"key", "urls"})
    urls = tuple(url.strip() for url in form.urls if url.strip())
    made = Provider(
        id=0, district_id=who.district_id, urls=urls, enabled=before is not None and before.enabled,
        sealed=before.sealed if before else None, **values,
    )  # fmt: skip
    if form.key:
        check_key(form.key)
        return replace(made, sealed=seal(context.key, made.purpose, form.key))
    # Whoever may write addresses must not so read a key that somebody else entered.
    if before is not None and before.sealed is not None and not _hosts(urls) <= _hosts(before.urls):
        raise InvalidInput("The tile address leads to another host now. Enter the key again.")
    return made


def _hosts(urls: tuple[str, ...]) -> set[str]:
    return {"//".join(urlsplit(url)[:2]) for url in urls}


def _changed(before: Provider | None, wanted: Provider) -> list[str]:
    """Which fields, not what stands in them: an address may be a contract's."""
    if before is None:
        return ["new"]
    old, new = asdict(before), asdict(wanted)
    fields = [name for name in new if name not in ("id", "sealed") and new[name] != old[name]]
    return [*fields, "key"] if before.sealed != wanted.sealed else fields


def _json(provider: Provider) -> Json:
    shown = asdict(provider)
    del shown["sealed"], shown["id"], shown["district_id"]
    return {**shown, "urls": list(provider.urls), "has_key": provider.sealed is not None}
