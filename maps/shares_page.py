"""The dispatchers' list of shared maps: making a link, showing it once, taking it back."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from fleet import accounts, audit, phones, registry
from fleet.clock import wall_now
from fleet.context import Context, get_context
from fleet.errors import InvalidInput, NotFound
from fleet.keys import derive
from fleet.session import Principal, require
from maps import share_store, share_tries
from maps.naming import named
from maps.pages import Page, locale_of, respond
from maps.scope import Scope
from maps.share_store import NewShare, Share

FLASH: Final = "carevan_new_link"
MIN_PASSWORD: Final = 8
_AS_BEFORE: Final = 0
_NOT_ON_OFFER: Final = "This expiry or delay is not on offer. Choose one of the list."
_HOURS: Final = (2, 12, 24, 7 * 24, 30 * 24)
_DELAYS_S: Final = (30, 60, 120, 300, 900, 3600)
_LIVE_S: Final = 120
_MAX_TITLE: Final = 80
_FLASH_S: Final = 60
_PHONE_ROWS: Final = 3

router = APIRouter()

InContext = Annotated[Context, Depends(get_context)]
Dispatcher = Annotated[Principal, Depends(require("dispatcher"))]


@dataclass(frozen=True, slots=True)
class ShareForm:
    """A dispatcher's wish, as the form sends it; what is not ticked or filled in narrows nothing."""

    title: Annotated[str, Form()]
    hours: Annotated[int, Form()]
    delay_s: Annotated[int, Form()]
    vans: Annotated[list[int] | None, Form()] = None
    beats: Annotated[list[int] | None, Form()] = None
    day: Annotated[str, Form()] = ""
    hour_from: Annotated[int, Form()] = 0
    hour_to: Annotated[int, Form()] = 24
    password: Annotated[str, Form(max_length=200)] = ""
    unguarded: Annotated[bool, Form()] = False


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
    InvalidInput : no title, a time that is not on offer, a day that cannot be shown, a weak password.
    NotFound : a van or a beat that the district does not have.
    """
    now = wall_now()
    with context.engine.begin() as conn:
        wanted = _wanted(conn, context, who, form)
        share_id, token = share_store.create(conn, wanted, now)
        kept = _kept(wanted.scope, wanted.expires_at, guarded=wanted.password_hash is not None)
        audit.record(
            conn, who.actor, "share.create", f"share:{share_id}", who.district_id, result="done", **kept
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


@router.get("/shares/{share_id}")
def share_page(share_id: int, request: Request, context: InContext, who: Dispatcher) -> Response:
    """The form that changes an open link.

    Raises
    ------
    NotFound : the district has no open one with this number.
    """
    with context.engine.connect() as conn:
        share = share_store.of(conn, who.district_id, share_id, wall_now())
    return _shares(request, context, who, edited=share)


@router.post("/shares/{share_id}")
def change_share(
    share_id: int, context: InContext, who: Dispatcher, form: Annotated[ShareForm, Depends()]
) -> Response:
    """Change a link: its address stays, its guests' pages are loaded anew within seconds.

    Raises
    ------
    InvalidInput, NotFound : as when it is made; or the district has no open one with this number.
    """
    with context.engine.begin() as conn:
        share = share_store.of(conn, who.district_id, share_id, wall_now())
        wanted = _wanted(conn, context, who, form, share)
        unguarded = form.unguarded and wanted.password_hash is None
        share_store.change(conn, share, wanted, unguarded=unguarded)
        guarded = wanted.password_hash is not None or (share.guarded and not unguarded)
        audit.record(
            conn, who.actor, "share.change", f"share:{share_id}", who.district_id,
            before=_kept(share.scope, share.expires_at, guarded=share.guarded),
            after=_kept(wanted.scope, wanted.expires_at, guarded=guarded),
            new_title=wanted.title != share.title, new_password=wanted.password_hash is not None,
        )  # fmt: skip
    return RedirectResponse("/shares", status_code=303)


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


def _kept(scope: Scope, expires_at: datetime, *, guarded: bool) -> dict[str, object]:
    """What the audit keeps of a link: neither title nor password."""
    return {
        "delay_s": scope.delay_s,
        "vans": scope.vans,
        "beats": scope.beats,
        "day": str(scope.day or ""),
        "hours": [scope.hour_from, scope.hour_to],
        "guarded": guarded,
        "expires_at": expires_at.isoformat(),
    }


def _sealed(context: Context, who: Principal, token: str) -> str:
    return derive(context.key, f"new-link:{who.session}:{token}")


def _flashed(request: Request, context: Context, who: Principal) -> str:
    """The token of the share that this session made a moment ago; empty when there is none."""
    token, _, seal = request.cookies.get(FLASH, "").partition(".")
    return token if token and hmac.compare_digest(seal, _sealed(context, who, token)) else ""


def _base(request: Request, context: Context) -> str:
    return context.settings.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"


def _lasts(form: ShareForm, edited: Share | None, now: datetime) -> timedelta:
    """For how long from now; a link that is changed may end when it would have."""
    if edited is not None and form.hours == _AS_BEFORE:
        return edited.expires_at - now
    if form.hours not in _HOURS:
        raise InvalidInput(_NOT_ON_OFFER)
    return timedelta(hours=form.hours)


def _wanted(
    conn: sa.Connection, context: Context, who: Principal, form: ShareForm, edited: Share | None = None
) -> NewShare:
    now = wall_now()
    title = form.title.strip()
    if not title or len(title) > _MAX_TITLE:
        raise InvalidInput("The title has {n} characters; give 1 to {most}.", n=len(title), most=_MAX_TITLE)
    lasts = _lasts(form, edited, now)
    if form.delay_s not in _DELAYS_S:
        raise InvalidInput(_NOT_ON_OFFER)
    if not 0 <= form.hour_from < form.hour_to <= 24:
        raise InvalidInput(
            "The hours {begins} to {ends} are none. Let the first be before the second.",
            begins=form.hour_from,
            ends=form.hour_to,
        )
    if form.password and len(form.password) < MIN_PASSWORD:
        raise InvalidInput(
            "The password has {n} characters; give at least {least}, or none.",
            n=len(form.password),
            least=MIN_PASSWORD,
        )
    _check_known(conn, who.district_id, form)
    scope = Scope(
        form.delay_s, _chosen(form.vans), _chosen(form.beats), _day(form.day), form.hour_from, form.hour_to
    )
    if scope.day is not None:
        zone = ZoneInfo(registry.district(conn, who.district_id).timezone)
        _check_day(scope, scope.day, context.clock.now() + lasts, zone)
    stored = accounts.hash_password(form.password) if form.password else None
    return NewShare(who.district_id, title, scope, who.account_id, now + lasts, stored)


def _check_known(conn: sa.Connection, district_id: int, form: ShareForm) -> None:
    vans = {van.id for van in registry.vans(conn, district_id)}
    if strange := set(form.vans or ()) - vans:
        raise NotFound("There is no van {van} in this district.", van=min(strange))
    beats = {beat.id for beat in registry.beats(conn, district_id)} if form.beats else set()
    if strange := set(form.beats or ()) - beats:
        raise NotFound("There is no beat {beat} here. Choose another.", beat=min(strange))


def _check_day(scope: Scope, day: date, ends: datetime, zone: ZoneInfo) -> None:
    """Refuse a link that ends before it has shown anything."""
    if scope.at(ends) <= scope.hours_on(day, zone)[0]:
        raise InvalidInput(
            "The link would end before it shows anything of {day}. Let it last longer.", day=day
        )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput("The field {place} is no day. Write it as 2026-07-20.", place="day") from None


def _chosen(ticked: list[int] | None) -> tuple[int, ...] | None:
    return tuple(sorted(set(ticked))) if ticked else None


def _shares(
    request: Request, context: Context, who: Principal, *, link: str = "", edited: Share | None = None
) -> Response:
    locale, now = locale_of(request), wall_now()
    with context.engine.connect() as conn:
        shares = share_store.list_of(conn, who.district_id)
        guarded = [share.id for share in shares if share.guarded and share.is_open(now)]
        tries = share_tries.tries_of(conn, guarded, now)
        fleet = registry.vans(conn, who.district_id)
        beats = registry.beats(conn, who.district_id)
        numbers = phones.phones(conn, who.district_id)
        zone = registry.district(conn, who.district_id).timezone
    values = {
        "shares": [(share, _standing(share, now), tries.get(share.id)) for share in shares],
        "lately_min": round(share_tries.LOCK.total_seconds() / 60),
        "names": {van.id: named(van.name, van.name_en, locale) for van in fleet},
        "beats": {beat.id: named(beat.name, beat.name_en, locale) for beat in beats},
        "hours": _HOURS,
        "delays": _DELAYS_S,
        "live_s": _LIVE_S,
        "least": MIN_PASSWORD,
        "link": link,
        "edited": edited,
        "zone": zone,
        "phones": numbers,
        "phone_rows": min(phones.MOST, max(_PHONE_ROWS, len(numbers) + 1)),
    }
    return respond(request, Page("shares.html", values, principal=who))


def _standing(share: Share, now: datetime) -> str:
    if share.revoked_at is not None:
        return "revoked"
    return "open" if share.is_open(now) else "expired"
