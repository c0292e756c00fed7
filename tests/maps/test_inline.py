"""A page that holds what it would ask for."""

from __future__ import annotations

import pytest

from maps.inline import inline

FILES = {
    "/vendor/a/a.js": b'x = "</script><b>"; y = "\\n";',
    "/vendor/a/a.css": b".l { background: url(images/l.png); } v { behavior: url(#default#VML); }",
    "/vendor/a/images/l.png": b"\x89PNG",
}


def test_scripts_styles_and_pictures_are_put_in() -> None:
    page = (
        '<link nonce="n" rel="stylesheet" href="/vendor/a/a.css"/>'
        '<script nonce="n" src="/vendor/a/a.js"></script>'
        '<script nonce="n">go()</script><link rel="icon" href="data:,">'
    )
    assert inline(page, FILES.__getitem__) == (
        '<style>.l { background: url("data:image/png;base64,iVBORw=="); } '
        "v { behavior: url(#default#VML); }</style>"
        '<script>x = "<\\/script><b>"; y = "\\n";</script><script>go()</script>'
        '<link rel="icon" href="data:,">'
    )


@pytest.mark.parametrize(
    "left", ['<img src="/a.png">', '<script src="b.js"></script>', '<link href="c.css">']
)
def test_what_would_still_be_asked_for_is_refused(left: str) -> None:
    with pytest.raises(ValueError, match="not whole"):
        inline(f"<p>{left}</p>", FILES.__getitem__)
