"""A map for guests: a link, exchanged for a cookie, that shows the vans and the time and nothing else."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Form, Request, WebSocket
from starlette.responses import RedirectResponse, Response

from fleet import audit, registry
from fleet.clock import wall_now
from fleet.context import Context, get_context
from fleet.errors import InvalidInput, NotFound
from fleet.keys import derive
from fleet.session import Principal, origin_is_ours, require
from maps import scene, share_store
from maps.guests import ENDED, guests_of
from maps.pages import Page, locale_of, respond, theme_of
from maps.render import draw
from maps.share_store import NewShare, Share

COOKIE = "carevan_guest"
FLASH = "carevan_new_link"
_HOURS = (2, 12, 24, 7 * 24)
_DELAYS_S = (30, 60, 120, 300)
_MAX_TITLE = 80
_FLASH_S = 60

router = APIRouter()

InContext = Annotated[Context, Depends(get_context)]
Dispatcher = Annotated[Principal, Depends(require("dispatcher"))]


@router.get("/s/{token}")
def enter(token: str, request: Request, context: InContext) -> Response:
    """Let a guest in: the token leaves the address, an HttpOnly cookie takes its place.

    Raises
    ------
    NotFound : the link has expired or was revoked.
    """
    now = wall_now()
    with context.engine.begin() as conn:
        share, cookie = share_store.admit(conn, token, now)
        audit.record(conn, f"share:{share.id}", "share.view", f"share:{share.id}", share.district_id)
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
        fleet = registry.vans(conn, share.district_id)
        centres = registry.sites(conn, share.district_id, "centre")
    locale = locale_of(request)
    shown = [van for van in fleet if share.vans is None or van.id in share.vans]
    what = scene.Scene(
        centre=(district.lon, district.lat),
        zoom=13,
        vans=tuple(scene.Van(van.id, _name(van, locale), van.colour) for van in shown),
        bounds=scene.bounds_of([(site.lon, site.lat) for site in centres]),
    )
    look = scene.Look(locale=locale, theme=theme_of(request), layers=("vans",))
    values = {"share": share, "zone": district.timezone, "synthetic": district.synthetic}
    return respond(request, Page("shared.html", values, drawn=draw(what, look)))


@router.websocket("/ws/shared")
async def watch(ws: WebSocket) -> None:
    """Positions for a guest, each second, for as long as the share is open."""
    await ws.accept()
    if origin_is_ours(ws):
        await guests_of(ws).serve(ws, ws.cookies.get(COOKIE))
    else:
        await ws.close(ENDED)


@dataclass(frozen=True, slots=True)
class ShareForm:
    """A dispatcher's wish, as the form sends it; no van ticked means all."""

    title: Annotated[str, Form()]
    hours: Annotated[int, Form()]
    delay_s: Annotated[int, Form()]
    vans: Annotated[list[int] | None, Form()] = None


@router.get("/shares")
def shares_page(request: Request, context: InContext, who: Dispatcher) -> Response:
    """The district's shared maps, the form for a new one, and the link just made, this once."""
    token = _flashed(request, context, who)
    answer = _shares(request, context, who, link=f"{_base(request, context)}/s/{token}" if token else "")
    if FLASH in request.cookies:
        answer.delete_cookie(FLASH, path="/shares", httponly=True, samesite="strict")
    return answer


@router.post("/shares")
def create_share(
    request: Request, context: InContext, who: Dispatcher, form: Annotated[ShareForm, Depends()]
) -> Response:
    """Make a shared map, and go on to the page that shows its link: a reload there makes no second one.

    Raises
    ------
    InvalidInput : no title, or a time that is not on offer.
    """
    now = wall_now()
    with context.engine.begin() as conn:
        wanted = _wanted(conn, who, form)
        share_id, token = share_store.create(conn, wanted, now)
        audit.record(
            conn, who.actor, "share.create", f"share:{share_id}", who.district_id, delay_s=wanted.delay_s
        )
    answer = RedirectResponse("/shares", status_code=303)
    answer.set_cookie(
        FLASH,
        f"{token}.{_sealed(context, who, token)}",
        max_age=_FLASH_S,
        path="/shares",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


def _sealed(context: Context, who: Principal, token: str) -> str:
    return derive(context.key, f"new-link:{who.session}:{token}")


def _flashed(request: Request, context: Context, who: Principal) -> str:
    """The token of the share that this session made a moment ago; empty when there is none."""
    token, _, seal = request.cookies.get(FLASH, "").partition(".")
    return token if token and hmac.compare_digest(seal, _sealed(context, who, token)) else ""


def _base(request: Request, context: Context) -> str:
    return context.settings.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"


@router.post("/shares/{share_id}/revoke")
def revoke_share(share_id: int, context: InContext, who: Dispatcher) -> Response:
    """End a shared map.

    Raises
    ------
    NotFound : the district has none with this number.
    """
    with context.engine.begin() as conn:
        share_store.revoke(conn, who.district_id, share_id, wall_now())
        audit.record(conn, who.actor, "share.revoke", f"share:{share_id}", who.district_id)
    return RedirectResponse("/shares", status_code=303)


def _wanted(conn: sa.Connection, who: Principal, form: ShareForm) -> NewShare:
    title = form.title.strip()
    if not title or len(title) > _MAX_TITLE:
        raise InvalidInput("The title has {n} characters; give 1 to {most}.", n=len(title), most=_MAX_TITLE)
    if form.hours not in _HOURS or form.delay_s not in _DELAYS_S:
        raise InvalidInput("This expiry or delay is not on offer. Choose one of the list.")
    known = {van.id for van in registry.vans(conn, who.district_id)}
    if not known.issuperset(form.vans or ()):
        raise NotFound("There is no van {van} in this district.", van=min(set(form.vans or ()) - known))
    vans = tuple(sorted(set(form.vans))) if form.vans else None
    expires_at = wall_now() + timedelta(hours=form.hours)
    return NewShare(who.district_id, title, vans, form.delay_s, who.account_id, expires_at)


def _shares(request: Request, context: Context, who: Principal, *, link: str) -> Response:
    with context.engine.connect() as conn:
        shares = share_store.list_of(conn, who.district_id)
        fleet = registry.vans(conn, who.district_id)
        zone = registry.district(conn, who.district_id).timezone
    locale, now = locale_of(request), wall_now()
    values = {
        "shares": [(share, _standing(share, now)) for share in shares],
        "names": {van.id: _name(van, locale) for van in fleet},
        "hours": _HOURS,
        "delays": _DELAYS_S,
        "link": link,
        "zone": zone,
    }
    return respond(request, Page("shares.html", values, principal=who))


def _standing(share: Share, now: datetime) -> str:
    if share.revoked_at is not None:
        return "revoked"
    return "open" if share.is_open(now) else "expired"


def _name(van: registry.Van, locale: str) -> str:
    return van.name_en if locale == "en" and van.name_en else van.name
