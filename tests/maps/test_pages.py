"""Languages, themes, and the words that scripts say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.requests import Request

from fleet import words
from maps import pages

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
