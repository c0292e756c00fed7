"""Log-in and log-out, and the two choices a person makes for themselves: language and theme."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from fleet import accounts, audit, session
from fleet.clock import wall_now
from fleet.context import Context, get_context
from fleet.errors import Forbidden, NotFound
from fleet.session import Principal, require
from fleet.words import LOCALES, translate
from maps.pages import LANGUAGE_COOKIE, THEME_COOKIE, Page, locale_of, respond, safe_next

_CHOICE_LASTS_S = 365 * 24 * 3600
_THEMES = ("dark", "light")

router = APIRouter()


@router.get("/login")
def login_page(request: Request) -> Response:
    """The log-in form."""
    onward = safe_next(request.query_params.get("next"))
    return respond(request, Page("login.html", {"next": onward, "login": "", "wrong": ""}))


@router.post("/login")
def log_in(
    request: Request,
    login: Annotated[str, Form()],
    password: Annotated[str, Form()],
    onward: Annotated[str, Form(alias="next")] = "/",
    context: Context = Depends(get_context),
) -> Response:
    """Check the password, open a session and go on to where the person wanted to be."""
    now = wall_now()
    with context.engine.begin() as conn:
        found = accounts.log_in(conn, login, password, now)
        if isinstance(found, accounts.Refusal):
            audit.record(conn, f"login:{login[:64]}", "session.open", "session", None, result="refused")
        else:
            token = _open(conn, found.id, timedelta(hours=context.settings.session_max_h))
    if isinstance(found, accounts.Refusal):
        wrong = _why(request, found)
        values = {"next": safe_next(onward), "login": login, "wrong": wrong}
        return respond(request, Page("login.html", values, status=401))
    return _with_session(request, token, safe_next(onward))


def _with_session(request: Request, token: str, onward: str) -> Response:
    answer = RedirectResponse(onward, status_code=303)
    secure = request.url.scheme == "https"
    answer.set_cookie(session.COOKIE, token, httponly=True, samesite="lax", secure=secure)
    return answer


def _open(conn: sa.Connection, account_id: int, lasts: timedelta) -> str:
    given = accounts.districts_of(conn, account_id)
    if not given:
        raise Forbidden("You have not been given a district yet. Ask your administrator for one.")
    district_id = min(given)
    token = accounts.open_session(conn, account_id, district_id, wall_now(), lasts)
    audit.record(conn, f"account:{account_id}", "session.open", "session", district_id)
    return token


def _why(request: Request, refusal: accounts.Refusal) -> str:
    locale = locale_of(request)
    if refusal.until is None:
        return translate(locale, "The login or the password is wrong. Check both and try again.")
    minutes = max(1, round((refusal.until - wall_now()).total_seconds() / 60))
    return translate(
        locale, "Too many wrong passwords. This login is locked; try again in {minutes} min.", minutes=minutes
    )


@router.post("/logout")
def log_out(who: Principal = Depends(require("viewer")), context: Context = Depends(get_context)) -> Response:
    """End the session."""
    with context.engine.begin() as conn:
        accounts.close_session(conn, who.session)
        audit.record(conn, who.actor, "session.close", "session", who.district_id)
    answer = RedirectResponse("/login", status_code=303)
    answer.delete_cookie(session.COOKIE)
    return answer


@router.post("/district")
def change_district(
    request: Request,
    district: Annotated[int, Form()],
    who: Principal = Depends(require("viewer")),
    context: Context = Depends(get_context),
) -> Response:
    """Go on in another district that the person was given, in a session of its own."""
    with context.engine.begin() as conn:
        if district not in accounts.districts_of(conn, who.account_id):
            raise Forbidden("You have not been given this district. Ask your administrator for it.")
        accounts.close_session(conn, who.session)
        lasts = timedelta(hours=context.settings.session_max_h)
        token = accounts.open_session(conn, who.account_id, district, wall_now(), lasts)
        audit.record(conn, who.actor, "session.open", "session", district)
    return _with_session(request, token, "/")


@router.get("/language/{locale}")
def choose_language(locale: str, request: Request) -> Response:
    """Remember a person's language and go back."""
    return _chosen(request, LANGUAGE_COOKIE, locale, LOCALES)


@router.get("/theme/{theme}")
def choose_theme(theme: str, request: Request) -> Response:
    """Remember a person's theme and go back."""
    return _chosen(request, THEME_COOKIE, theme, _THEMES)


def _chosen(request: Request, cookie: str, value: str, allowed: tuple[str, ...]) -> Response:
    if value not in allowed:
        raise NotFound(
            "There is no choice {value}. Choose one of: {allowed}.", value=value, allowed=", ".join(allowed)
        )
    answer = RedirectResponse(safe_next(request.query_params.get("next")), status_code=303)
    answer.set_cookie(cookie, value, max_age=_CHOICE_LASTS_S, samesite="lax", httponly=True)
    return answer
