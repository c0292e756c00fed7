"""A tile service that an administrator may switch on: what it is, and where a tile of it is. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import parse_qsl, urlsplit

from fleet.errors import InvalidInput
from fleet.words import Locale

Kind = Literal["tianditu", "amap", "xyz"]
Datum = Literal["wgs84", "gcj02", "cgcs2000"]
Place = tuple[int, int, int]
"""Zoom, column, row of the usual web grid."""
MAX_ZOOM: Final = 22
_RANGE = re.compile(r"\{(\d)-(\d)\}")
_KEY = re.compile(r"[A-Za-z0-9._-]{1,200}")
_NAME = re.compile(r"[a-z0-9-]{1,30}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_KNOWN: Final = frozenset({"{z}", "{x}", "{y}", "{-y}", "{key}"})
_SECRET_WORDS: Final = frozenset(
    {
        "tk",
        "key",
        "ak",
        "token",
        "apikey",
        "api_key",
        "access_token",
        "appkey",
        "password",
        "sig",
        "signature",
    }
)


@dataclass(frozen=True, slots=True)
class Provider:
    """A tile service.

    Parameters
    ----------
    id : 0 before it is stored
    name : as it stands in our own addresses: small letters, digits, dashes
    urls : addresses with ``{z} {x} {y}`` (or ``{-y}``, counted from the south), ``{key}`` and ``{0-7}`` for a
        digit of the host's name; the ground, then what is written upon it
    sealed : its key, sealed; None without
    approval : the map's approval number (审图号)
    keep_h : how long its tiles may be kept, hours; 0: not at all
    guests : whether guests of shared maps see it
    """

    id: int
    district_id: int
    name: str
    kind: Kind
    title: str
    title_en: str
    urls: tuple[str, ...]
    datum: Datum
    min_zoom: int
    max_zoom: int
    attribution: str
    attribution_en: str
    approval: str
    keep_h: int
    guests: bool
    enabled: bool
    sealed: bytes | None = field(default=None, repr=False)

    @property
    def purpose(self) -> str:
        """What its key is sealed for."""
        return f"tile-provider:{self.district_id}:{self.name}"

    def titled(self, locale: Locale) -> str:
        """Its name for people."""
        return self.title_en if locale == "en" and self.title_en else self.title

    def credited(self, locale: Locale) -> str:
        """Whose map it is, in the person's language where it was given."""
        return self.attribution_en if locale == "en" and self.attribution_en else self.attribution

    def has(self, layer: int, place: Place) -> bool:
        """Whether there is such a tile."""
        z, x, y = place
        known = 0 <= layer < len(self.urls) and self.min_zoom <= z <= self.max_zoom
        return known and 0 <= x < 1 << z and 0 <= y < 1 << z


def address(url: str, place: Place, key: str) -> str:
    """Where a tile is; tiles side by side come from hosts side by side."""
    z, x, y = place

    def one(found: re.Match[str]) -> str:
        first, last = int(found[1]), int(found[2])
        return str(first + (x + y) % (last - first + 1))

    values = {"{z}": z, "{x}": x, "{y}": y, "{-y}": (1 << z) - 1 - y, "{key}": key}
    filled = _RANGE.sub(one, url)
    for name, value in values.items():
        filled = filled.replace(name, str(value))
    return filled


def check(wanted: Provider, *, has_key: bool, plain_http: bool) -> None:
    """Whether it can be stored as it is.

    Parameters
    ----------
    has_key : whether a key is given or stored
    plain_http : whether the operator has named networks that are asked without TLS

    Raises
    ------
    InvalidInput : the sentence names the field.
    """
    if not _NAME.fullmatch(wanted.name):
        raise InvalidInput(
            "The short name {name} cannot stand in an address."
            " Give 1 to 30 small letters, digits and dashes.",
            name=wanted.name,
        )
    if not 0 <= wanted.min_zoom <= wanted.max_zoom <= MAX_ZOOM:
        raise InvalidInput(
            "Zooms {a} to {b} cannot be. Give two whole numbers from 0 to 22, the smaller first.",
            a=wanted.min_zoom,
            b=wanted.max_zoom,
        )
    if not 1 <= len(wanted.urls) <= 2:
        raise InvalidInput("Give one tile address, or two: the ground, then what is written upon it.")
    for url in wanted.urls:
        _check_url(url, plain_http=plain_http)
    if any("{key}" in url for url in wanted.urls) and not has_key:
        raise InvalidInput("The tile address asks for a key. Enter the one that the service gave you.")
    if wanted.enabled and wanted.kind != "xyz" and not wanted.approval.strip():
        raise InvalidInput(
            "Enter the map's approval number (审图号) before it is switched on;"
            " it stands in the corner of the service's own map."
        )


def check_key(key: str) -> None:
    """Whether a key can stand in an address.

    Raises
    ------
    InvalidInput : it holds other letters; the key itself is not repeated.
    """
    if not _KEY.fullmatch(key):
        raise InvalidInput(
            "The key has letters that no map service's key has. Copy it again, without spaces and quotes."
        )


def _check_url(url: str, *, plain_http: bool) -> None:
    try:
        parts = urlsplit(_RANGE.sub("0", url))
        host, named = parts.hostname or "", parts.port
    except ValueError:
        host, named, parts = "", None, urlsplit("")
    _check_places(url)
    schemes = ("https", "http") if plain_http else ("https",)
    if parts.scheme not in schemes:
        raise InvalidInput("The tile address {url} must begin with https://.", url=url)
    tidy = not (parts.username or parts.password or parts.fragment) and named != 0
    if not tidy or not _HOST.fullmatch(host):
        raise InvalidInput("The tile address {url} names no host that can be asked. Copy it again.", url=url)
    for word, value in parse_qsl(parts.query):
        if word.lower() in _SECRET_WORDS and value != "{key}":
            raise InvalidInput(
                "The tile address holds a key after {word}=."
                " Write {place} there and enter the key in its own field.",
                word=word,
                place="{key}",
            )


def _check_places(url: str) -> None:
    if len(url) > 500 or not url.isascii() or any(letter.isspace() or letter == "\\" for letter in url):
        raise InvalidInput("A tile address has at most 500 plain letters and no spaces.")
    braces = set(re.findall(r"\{[^}]*\}", _RANGE.sub("", url)))
    if not {"{z}", "{x}"} <= braces or not braces & {"{y}", "{-y}"}:
        raise InvalidInput(
            "The tile address {url} lacks one of {places}: zoom, column and row.",
            url=url,
            places="{z} {x} {y}",
        )
    if braces - _KNOWN or any(int(a) > int(b) for a, b in _RANGE.findall(url)):
        raise InvalidInput("The tile address {url} holds a place that nobody knows.", url=url)


def presets() -> dict[Kind, dict[str, object]]:
    """What is known of each kind beforehand; key and approval number are the administrator's to obtain."""
    layer = (
        "https://t{{0-7}}.tianditu.gov.cn/{name}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={name}"
        "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={{key}}"
    )
    amap = (
        "https://webrd0{1-4}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}"
    )
    return {
        "tianditu": {
            "name": "tianditu", "title": "天地图", "title_en": "Tianditu", "datum": "cgcs2000",
            "urls": [layer.format(name="vec"), layer.format(name="cva")], "min_zoom": 1, "max_zoom": 18,
            "attribution": "© 国家地理信息公共服务平台 天地图", "attribution_en": "© Tianditu", "keep_h": 24,
        },
        "amap": {
            "name": "amap", "title": "高德地图", "title_en": "Amap", "datum": "gcj02",
            "urls": [amap], "min_zoom": 3, "max_zoom": 18, "attribution": "© 高德软件 AutoNavi",
            "attribution_en": "© AutoNavi", "keep_h": 0,
        },
        "xyz": {
            "name": "", "title": "", "title_en": "", "datum": "wgs84",
            "urls": [], "min_zoom": 0, "max_zoom": 18, "attribution": "", "attribution_en": "", "keep_h": 24,
        },
    }  # fmt: skip
