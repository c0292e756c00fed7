"""The van's own screen: a page that installs itself, works without network and speaks the protocol."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from fleet.words import translate
from maps.pages import STATIC_DIR, Page, locale_of, respond
from maps.render import draw
from maps.scene import Look, Scene

_HERE = Path(__file__).parent
_OWN = STATIC_DIR / "terminal"
# The page belongs to no district until it is paired: the map is moved to the route once there is one.
_ANYWHERE = Scene(centre=(116.0, 36.5), zoom=13)

router = APIRouter()


@router.get("/terminal")
def terminal_page(request: Request) -> Response:
    """The page itself. It holds nothing of any van: that comes over the protocol, to a paired screen."""
    look = Look(locale=locale_of(request), theme="light", layers=("plan", "calls", "vans"))
    values = {"version": shell_version()}
    return respond(request, Page("terminal.html", values, drawn=draw(_ANYWHERE, look), theme="light"))


@router.get("/terminal/manifest.webmanifest")
def manifest(request: Request) -> Response:
    """What the tablet needs to install the page."""
    locale = locale_of(request)
    body = {
        "name": translate(locale, "CareVan terminal"),
        "short_name": translate(locale, "CareVan"),
        "start_url": "/terminal",
        "scope": "/terminal",
        "display": "standalone",
        "background_color": "#f5f7f9",
        "theme_color": "#f5f7f9",
        "icons": [{"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
    }
    return Response(json.dumps(body, ensure_ascii=False), media_type="application/manifest+json")


@router.get("/terminal/sw.js")
def service_worker() -> Response:
    """The worker that keeps the page for times without network; its version changes with any of its files."""
    script = (_OWN / "worker.js").read_text(encoding="utf-8").replace("VERSION", shell_version())
    headers = {"Service-Worker-Allowed": "/terminal", "Cache-Control": "no-cache"}
    return Response(script, media_type="text/javascript", headers=headers)


@cache
def shell_version() -> str:
    """A short digest of everything the page is made of."""
    digest = hashlib.sha256()
    shared = (STATIC_DIR / "theme.css", STATIC_DIR / "words.js", _HERE / "templates" / "terminal.html")
    for path in sorted([*_OWN.rglob("*"), *(STATIC_DIR / "map").rglob("*"), *shared]):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
