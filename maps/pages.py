"""How a page is made: templates by language, theme, words for scripts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse

from fleet import session, words
from fleet.session import Principal
from fleet.words import Locale
from maps import assets
from maps.render import Drawn

Theme = Literal["dark", "light"]
_HERE = Path(__file__).parent
STATIC_DIR = _HERE / "static"
LANGUAGE_COOKIE, THEME_COOKIE = "lang", "theme"
# What scripts say stands in the scripts: _("...") with plain double quotes.
_SAID = re.compile(r'(?<![\w$])_\(\s*"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be made: its template and what the template needs.

    `drawn` is the Folium map, when there is one; `principal` who looks, when logged in.
    """

    template: str
    values: Mapping[str, Any]
    drawn: Drawn | None = None
    principal: Principal | None = None
    status: int = 200
    theme: Theme | None = None
    """The only theme this page is drawn in; None: the person's choice."""


def locale_of(connection: HTTPConnection) -> Locale:
    """The language of whoever asks: their choice, else their browser's."""
    return words.locale_of(connection.headers.get("accept-language"), connection.cookies.get(LANGUAGE_COOKIE))


def theme_of(connection: HTTPConnection) -> Theme:
    """Dark, unless the person chose light."""
    return "light" if connection.cookies.get(THEME_COOKIE) == "light" else "dark"


def safe_next(path: str | None) -> str:
    """A path of ours to go on to; the platform screen when the one given leads elsewhere."""
    if not path or not path.startswith("/") or path.startswith("//") or "\\" in path:
        return "/"
    parts = urlsplit(path)
    return path if not parts.scheme and not parts.netloc else "/"


@cache
def environment(locale: Locale) -> Environment:
    """The templates in one language, compiled once a process."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def say(text: str, **params: object) -> str:
        return words.translate(locale, text, **params)

    made.globals["_"] = say
    return made


@cache
def said_by_scripts(locale: Locale) -> dict[str, str]:
    """Every sentence of our scripts that has a translation into `locale`."""
    if locale == "en":
        return {}
    said = {
        text.replace('\\"', '"')
        for path in sorted(STATIC_DIR.rglob("*.js"))
        for text in _SAID.findall(path.read_text(encoding="utf-8"))
    }
    known = words.catalogue()
    return {text: known[text] for text in sorted(said) if text in known}


def respond(request: Request, page: Page) -> HTMLResponse:
    """Make the page for whoever asks.

    Raises
    ------
    ValueError : the page names a foreign host; our mistake.
    """
    locale = locale_of(request)
    nonce: str = getattr(request.state, "csp_nonce", "")
    html = (
        environment(locale)
        .get_template(page.template)
        .render(
            {
                "locale": locale,
                "theme": page.theme or theme_of(request),
                "nonce": nonce,
                "script_words": said_by_scripts(locale),
                "csrf": session.csrf_token(request),
                "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
                "principal": page.principal,
                "map": page.drawn.nonced(nonce) if page.drawn else None,
                **page.values,
            }
        )
    )
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
    return HTMLResponse(assets.check(html), status_code=page.status, headers=headers)


def error_page(request: Request, status: int, sentence: str) -> HTMLResponse:
    """A page that says what was wrong and what to do; `sentence` is already in the person's language."""
    return respond(request, Page("error.html", {"sentence": sentence, "code": status}, status=status))
