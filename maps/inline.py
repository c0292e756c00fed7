"""A page made whole: what it would ask a server for is put into it, so that it opens from a disk."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Final

Read = Callable[[str], bytes]
"""What stands at an address of ours, as `/vendor/leaflet/leaflet.js`."""
_SCRIPT = re.compile(r'<script[^>]* src="(/[^"]*)"[^>]*></script>')
_LINK = re.compile(r'<link[^>]* href="(/[^"]*)"[^>]*/?>')
_URL = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)""")
_LEFT = re.compile(r"""<(?:script|link|img|iframe)[^>]*\s(?:src|href)\s*=\s*["'](?!data:)[^"']*["']""")
_END = re.compile(r"</(script|style)", re.I)
_NONCE = re.compile(r' nonce="[^"]*"')
_TYPES: Final = {".png": "image/png", ".svg": "image/svg+xml", ".gif": "image/gif"}


def inline(html: str, read: Read) -> str:
    """Put scripts, styles and pictures into a page.

    Raises
    ------
    ValueError : the page would still ask somebody for something; our mistake.
    FileNotFoundError : something that the page needs is not there.
    """

    def script(found: re.Match[str]) -> str:
        body = _END.sub(r"<\\/\1", read(found[1]).decode())
        return f"<script>{body}</script>"

    def style(found: re.Match[str]) -> str:
        return f"<style>{_END.sub('', _with_pictures(found[1], read))}</style>"

    whole = _LINK.sub(style, _NONCE.sub("", html))
    left = _LEFT.findall(_SCRIPT.sub("", whole))
    if left:
        raise ValueError(f"the page is not whole, it asks for: {sorted(left)}")
    return _SCRIPT.sub(script, whole)


def _with_pictures(address: str, read: Read) -> str:
    """A style sheet with its pictures in it."""
    folder = PurePosixPath(address).parent

    def picture(found: re.Match[str]) -> str:
        path = found[1]
        kind = _TYPES.get(PurePosixPath(path).suffix)
        if path.startswith(("data:", "#")) or kind is None:
            # Leaflet names a behaviour of old browsers by `url(#default#VML)`; nobody is asked for it.
            return found[0]
        body = read(str(folder / path))
        return f'url("data:{kind};base64,{b64encode(body).decode()}")'

    return _URL.sub(picture, read(address).decode())
