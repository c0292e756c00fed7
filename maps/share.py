"""A map for guests: a link, exchanged for a cookie, that shows the vans and the time and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Form, Request, WebSocket
from starlette.responses import RedirectResponse, Response

from fleet import accounts, audit, registry
from fleet.clock import wall_now
from fleet.context import Context, get_context
from fleet.errors import NotFound
from fleet.session import origin_is_ours
from fleet.words import Locale, translate
from maps import scene, share_store, share_tries
from maps.guests import ENDED, guests_of
from maps.naming import named
from maps.pages import Page, locale_of, respond, theme_of
from maps.render import draw
from maps.scope import Scope
from maps.share_store import Share

COOKIE: Final = "carevan_guest"

router = APIRouter()

InContext = Annotated[Context, Depends(get_context)]


@router.get("/s/{token}")
def enter(token: str, request: Request, context: InContext) -> Response:
    """Let a guest in, or ask for the password where the map has one.

    Raises
    ------
    NotFound : the link has expired or was revoked.
    """
    now = wall_now()
    with context.engine.begin() as conn:
        share, _ = share_store.find(conn, token, now)
        if share.guarded:
            return _door(request, share, "", 200)
        share, cookie = _admit(conn, token, now)
    return _let_in(request, share, cookie, now)


@router.post("/s/{token}")
def enter_by_password(
    token: str, request: Request, context: InContext, password: Annotated[str, Form(max_length=200)]
) -> Response:
    """Let a guest in by the map's password.

    Raises
    ------
    NotFound : the link has expired or was revoked.
    """
    now = wall_now()
    address = share_tries.address_key(context.key, request.client.host if request.client else "")
    with context.engine.connect() as conn:
        share, stored = share_store.find(conn, token, now)
        locked = share_tries.locked_until(conn, share.id, address, now)
    # Looked at outside of any transaction, it takes long; what it came to is settled one after the other.
    right = locked is None and (stored is None or accounts.matches(stored, password))
    with context.engine.begin() as conn:
        locked = locked or share_tries.settle(conn, share.id, address, now, right=right)
        if right and locked is None:
            share, cookie = _admit(conn, token, now, stored)
            return _let_in(request, share, cookie, now)
        audit.record(
            conn, f"share:{share.id}", "share.view", f"share:{share.id}", share.district_id, result="refused"
        )
    locale = locale_of(request)
    if locked is None:
        wrong = translate(locale, "The password is wrong. Check it, or ask whoever sent the link.")
        return _door(request, share, wrong, 401)
    minutes = max(1, round((locked - now).total_seconds() / 60))
    wrong = translate(locale, "Too many wrong passwords. Try again in {minutes} min.", minutes=minutes)
    return _door(request, share, wrong, 429)


def _admit(conn: sa.Connection, token: str, now: datetime, stored: str | None = None) -> tuple[Share, str]:
    share, cookie = share_store.admit(conn, token, now, stored)
    audit.record(conn, f"share:{share.id}", "share.view", f"share:{share.id}", share.district_id)
    return share, cookie


def _let_in(request: Request, share: Share, cookie: str, now: datetime) -> Response:
    """The token leaves the address, an HttpOnly cookie takes its place."""
    answer = RedirectResponse("/shared", status_code=303)
    answer.set_cookie(
        COOKIE,
        cookie,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        max_age=max(1, int((share.expires_at - now).total_seconds())),
    )
    answer.headers["Cache-Control"] = "no-store"
    # Wherever the guest goes next need not know the link they came by.
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _door(request: Request, share: Share, wrong: str, status: int) -> Response:
    """The form that asks for the password; it tells the title and nothing else."""
    return respond(request, Page("share_door.html", {"title": share.title, "wrong": wrong}, status=status))


@router.get("/shared")
def shared_page(request: Request, context: InContext) -> Response:
    """The guest's map.

    Raises
    ------
    NotFound : no cookie, or its share has ended.
    """
    with context.engine.connect() as conn:
        share = share_store.of_guest(conn, request.cookies.get(COOKIE), wall_now())
        if share is None:
            raise NotFound("This link has expired or was taken back. Ask whoever sent it for a new one.")
        district = registry.district(conn, share.district_id)
        what = _scene(conn, district, share.scope, locale_of(request))
    look = scene.Look(locale=locale_of(request), theme=theme_of(request), layers=("beats", "vans"))
    values = {
        "share": share,
        "scope": share.scope,
        "standing": share.scope.standing(context.clock.now(), ZoneInfo(district.timezone)),
        "zone": district.timezone,
        "synthetic": district.synthetic,
    }
    return respond(request, Page("shared.html", values, drawn=draw(what, look)))


def _scene(conn: sa.Connection, district: registry.District, scope: Scope, locale: Locale) -> scene.Scene:
    """The vans that may appear, and the outlines of the beats that it is about."""
    vans = [v for v in registry.vans(conn, district.id) if scope.vans is None or v.id in scope.vans]
    beats = [
        scene.Beat(each.id, named(each.name, each.name_en, locale), each.polygons)
        for each in (registry.beats(conn, district.id) if scope.beats else ())
        if each.id in (scope.beats or ())
    ]
    corners = [corner for beat in beats for part in beat.parts for ring in part for corner in ring]
    centres = [(site.lon, site.lat) for site in registry.sites(conn, district.id, "centre")]
    return scene.Scene(
        centre=(district.lon, district.lat),
        zoom=13,
        vans=tuple(scene.Van(van.id, named(van.name, van.name_en, locale), van.colour) for van in vans),
        beats=tuple(beats),
        bounds=scene.bounds_of(corners or centres),
    )


@router.websocket("/ws/shared")
async def watch(ws: WebSocket) -> None:
    """Positions for a guest, each second, for as long as the share is open."""
    await ws.accept()
    if origin_is_ours(ws):
        await guests_of(ws).serve(ws, ws.cookies.get(COOKIE))
    else:
        await ws.close(ENDED)
