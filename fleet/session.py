"""Who asks: sessions by cookie, roles, CSRF and Origin checks."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.websockets import WebSocket

from fleet import accounts
from fleet.accounts import ROLES, Role
from fleet.clock import wall_now
from fleet.context import Context, context_of
from fleet.errors import Forbidden, Unauthenticated, Word
from fleet.keys import derive

COOKIE = "carevan_session"
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf_token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, slots=True)
class Principal:
    """The person behind a request; `session` is the cookie's token, never to be logged."""

    account_id: int
    login: str
    display: str
    district_id: int
    role: Role
    session: str

    @property
    def actor(self) -> str:
        """As the audit names them."""
        return f"account:{self.account_id}"

    def may(self, role: Role) -> bool:
        """Whether this role reaches `role`."""
        return ROLES.index(self.role) >= ROLES.index(role)


def find_principal(context: Context, token: str | None) -> Principal | None:
    """The person of a session token, if it is alive. Asks the database: not for the event loop."""
    return find_principals(context, [token]).get(token) if token else None


def find_principals(context: Context, tokens: Collection[str]) -> dict[str, Principal]:
    """The people of those session tokens that are alive, by token, in one question."""
    idle = timedelta(minutes=context.settings.session_idle_min)
    with context.engine.begin() as conn:
        found = accounts.find_sessions(conn, tokens, wall_now(), idle)
    return {token: _principal(each, token) for token, each in found.items()}


def _principal(found: accounts.Session, token: str) -> Principal:
    who = found.account
    return Principal(who.id, who.login, who.display, found.district_id, found.role, token)


async def principal_of(connection: HTTPConnection) -> Principal | None:
    """The person behind a request or WebSocket, if any."""
    token = connection.cookies.get(COOKIE)
    return await run_in_threadpool(find_principal, context_of(connection), token)


async def principal_of_websocket(ws: WebSocket) -> Principal | None:
    """The person behind a WebSocket, if its `Origin` is ours."""
    return await principal_of(ws) if origin_is_ours(ws) else None


def origin_is_ours(connection: HTTPConnection) -> bool:
    """Whether the `Origin` header names exactly the address that was asked."""
    origin = connection.headers.get("origin", "")
    public = context_of(connection).settings.public_url.rstrip("/")
    if public:
        return origin == public
    scheme = {"ws": "http", "wss": "https"}.get(connection.url.scheme, connection.url.scheme)
    return origin == f"{scheme}://{connection.headers.get('host', '')}"


def csrf_for(context: Context, session: str) -> str:
    """The CSRF token of a session."""
    return derive(context.key, f"csrf:{session}")[:32]


def csrf_token(request: Request) -> str:
    """The CSRF token for the pages of this request; empty where nobody is logged in."""
    session = request.cookies.get(COOKIE)
    return csrf_for(context_of(request), session) if session else ""


def require(role: Role) -> Callable[[Request], Awaitable[Principal]]:
    """A FastAPI dependency: somebody logged in whose role reaches `role`; writes are CSRF-checked."""

    async def dependency(request: Request) -> Principal:
        principal = await principal_of(request)
        if principal is None:
            raise Unauthenticated("You are not logged in, or the session has ended. Log in again.")
        if request.method not in _SAFE and not await _csrf_holds(request, principal):
            raise Forbidden("This page is too old to act from. Load it again and repeat.")
        if not principal.may(role):
            raise Forbidden(
                "This needs the role {role}; you are {own}. Ask your administrator.",
                role=Word(role),
                own=Word(principal.role),
            )
        return principal

    return dependency


async def _csrf_holds(request: Request, principal: Principal) -> bool:
    given: object = request.headers.get(CSRF_HEADER)
    if given is None and request.headers.get("content-type", "").startswith(_FORMS):
        given = (await request.form()).get(CSRF_FIELD)
    return isinstance(given, str) and hmac.compare_digest(
        given, csrf_for(context_of(request), principal.session)
    )
