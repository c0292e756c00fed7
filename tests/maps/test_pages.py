"""Languages, themes, and the words that scripts say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from starlette.requests import Request

from fleet import words
from maps import pages
from tests.maps.product import Product, opened

ROOT = Path(__file__).resolve().parents[2] / "maps"
_IN_TEMPLATES = re.compile(r"_\('((?:[^'\\]|\\.)*)'|_\(\"((?:[^\"\\]|\\.)*)\"")


def asked(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw, "path": "/", "query_string": b"", "method": "GET"})


@pytest.mark.parametrize(
    ("path", "safe"),
    [
        ("/plan?day=2026-07-24", "/plan?day=2026-07-24"),
        (None, "/"),
        ("//evil.example", "/"),
        ("https://x", "/"),
        ("/\\x", "/"),
    ],
)
def test_only_our_own_paths_are_gone_on_to(path: str | None, safe: str) -> None:
    assert pages.safe_next(path) == safe


def test_language_and_theme_are_the_person_s_choice_first() -> None:
    assert pages.locale_of(asked(accept_language="en-GB,en")) == "en"
    assert pages.locale_of(asked(accept_language="en", cookie="lang=zh")) == "zh"
    assert pages.theme_of(asked(cookie="theme=light")) == "light"
    assert pages.theme_of(asked()) == "dark"


def test_every_sentence_of_templates_and_scripts_is_in_chinese_too() -> None:
    said = {
        a or b
        for path in (ROOT / "templates").glob("*.html")
        for a, b in _IN_TEMPLATES.findall(path.read_text())
    }
    for path in pages.STATIC_DIR.rglob("*.js"):
        said |= set(re.findall(r'(?<![\w$])_\(\s*"((?:[^"\\]|\\.)*)"', path.read_text()))
    assert sorted(text for text in said if text not in words.catalogue()) == []


def test_scripts_get_only_what_has_a_translation() -> None:
    assert pages.said_by_scripts("en") == {}
    assert pages.said_by_scripts("zh")["serving"] == "服务中"


def test_places_in_translations_are_those_of_the_sentence() -> None:
    places = re.compile(r"\{(\w+)\}")
    wrong = [
        text
        for text, said in words.catalogue().items()
        if set(places.findall(text)) != set(places.findall(said))
    ]
    assert wrong == []


# What a person who cannot see the page would miss on it.
UNNAMED = """() => {
  const shown = (e) => { const box = e.getBoundingClientRect(); return box.width > 0 && box.height > 0; };
  const byId = (ids) => ids.split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join("");
  const name = (e) => e.getAttribute("aria-label") || byId(e.getAttribute("aria-labelledby") || "") ||
    [...(e.labels || [])].map((label) => label.textContent).join("") || e.textContent || e.title || "";
  const worked = "button, a[href], input:not([type=hidden]), select, [role=slider]";
  const found = [...document.querySelectorAll(worked)]
    .filter((e) => shown(e) && !name(e).trim());
  found.push(...[...document.querySelectorAll("dialog")]
    .filter((e) => !e.hasAttribute("aria-labelledby") && !e.hasAttribute("aria-label")));
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  const twice = ids.filter((id, n) => ids.indexOf(id) !== n);
  const wide = document.documentElement.scrollWidth > innerWidth ? ["wider than a laptop"] : [];
  const bare = ["main", "h1"].filter((tag) => !document.querySelector(tag));
  return [...found.map((e) => e.outerHTML.slice(0, 120)), ...twice, ...wide, ...bare];
}"""


PAGES = {
    "/": ".van-row", "/plan": ".lane", "/day": "#rows tr", "/replay": "#day",
    "/terminals": "#empty", "/visits": "#due tr", "/season": "#days tr",
    "/shares": "form.new", "/terminal": "#keys",
}  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize(("locale", "theme"), [("zh-CN", "light"), ("en-GB", "dark")])
def test_every_page_is_named_fits_a_laptop_and_makes_no_error(
    shared: Product, chrome: Browser, locale: str, theme: str
) -> None:
    with opened(chrome, shared, "planner", locale=locale) as page:
        page.set_viewport_size({"width": 1366, "height": 768})
        for path, standing in PAGES.items():
            page.goto(f"{shared.address}/theme/{theme}?next={path}")
            page.locator(standing).first.wait_for()
            assert page.evaluate(UNNAMED) == [], path
        zoom = page.locator(".leaflet-control-zoom-in")
        assert zoom.get_attribute("aria-label") == ("放大" if locale == "zh-CN" else "Zoom in")
