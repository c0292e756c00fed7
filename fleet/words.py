"""Two languages: English sentences are the keys, Chinese stands in the packages' `locale/` folders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from babel.messages.pofile import read_po

from fleet.errors import Word

Locale = Literal["zh", "en"]
LOCALES: tuple[Locale, ...] = ("zh", "en")
_ROOT = Path(__file__).resolve().parent.parent
_PACKAGES = ("fleet", "tracking", "routing", "maps", "replay")


@cache
def catalogue() -> Mapping[str, str]:
    """Chinese by English, of all packages."""
    words: dict[str, str] = {}
    for package in _PACKAGES:
        for path in sorted((_ROOT / package / "locale").glob("zh*.po")):
            with path.open("rb") as file:
                for message in read_po(file, locale="zh"):
                    if isinstance(message.id, str) and message.id and isinstance(message.string, str):
                        words[message.id] = message.string
    return MappingProxyType(words)


def translate(locale: Locale, text: str, **params: object) -> str:
    """Say `text` in `locale`; a sentence without a translation stays English."""
    if not params:
        return _said(locale, text)
    values = {k: _said(locale, v) if isinstance(v, Word) else v for k, v in params.items()}
    return _said(locale, text).format(**values)


def _said(locale: Locale, text: str) -> str:
    return (catalogue().get(text) or text) if locale == "zh" else text


def locale_of(accept_language: str | None, chosen: str | None = None) -> Locale:
    """The language of a person: their own choice, else their browser's first of ours, else Chinese."""
    for each in LOCALES:
        if chosen == each:
            return each
    ranked: list[tuple[float, int, Locale]] = []
    for n, part in enumerate((accept_language or "").split(",")):
        match = re.fullmatch(r"\s*(zh|en)(?:-[\w-]+)?\s*(?:;\s*q=([\d.]+))?\s*", part, re.I)
        if match:
            tag: Locale = "zh" if match[1].lower() == "zh" else "en"
            ranked.append((-float(match[2] or 1), n, tag))
    return min(ranked)[2] if ranked else "zh"


def locale_of_environment(environ: Mapping[str, str]) -> Locale:
    """The language of whoever types at a terminal; English unless it is set to Chinese."""
    spoken = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return "zh" if spoken.startswith("zh") else "en"
