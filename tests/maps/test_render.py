"""Folium draws scenes without naming any host but ours."""

from __future__ import annotations

import re

import pytest

from maps import render, scene
from maps.scene import Look, Scene

HERE = Scene(centre=(115.98, 36.44), vans=(scene.Van(1, "1号车", "#2fb7c9"),))


def test_longitude_and_latitude_are_flipped_for_leaflet_alone() -> None:
    assert "center: [36.44, 115.98]" in render.draw(HERE, Look()).script
    bounded = Scene(centre=(115.98, 36.44), bounds=((115.0, 36.0), (116.0, 37.0)))
    assert re.search(r"\[\[36\.0, 115\.0\], \[37\.0, 116\.0\]\]", render.draw(bounded, Look()).script)


def test_every_address_is_ours() -> None:
    drawn = render.draw(HERE, Look())
    assert re.findall(r'(?:src|href)="([^"]+)"', drawn.head) != []
    assert not re.search(r"https?://", drawn.head + drawn.body + drawn.script)


def test_every_inline_script_and_style_carries_the_nonce() -> None:
    drawn = render.draw(HERE, Look()).nonced("abc")
    tags = re.findall(r"<(?:script|style)[^>]*>", drawn.head + drawn.script)
    assert tags
    assert all('nonce="abc"' in tag for tag in tags)


@pytest.mark.parametrize("layers", [("vans",), ("plan", "calls", "vans"), ()])
def test_only_the_layers_asked_for_are_there(layers: tuple[str, ...]) -> None:
    script = render.draw(HERE, Look(layers=layers)).script
    assert script.count("L.realtime(") == len(layers)
    assert "CareVan.adopt(" in script


def test_what_is_drawn_cannot_end_the_script() -> None:
    bad = Scene(centre=(0.0, 0.0), places=(scene.Place(1, "centre", "</script><b>", (0.0, 0.0)),))
    assert render.draw(bad, Look()).script.count("</script>") == 1


def test_printed_maps_share_a_page_with_what_each_needs_once() -> None:
    what = Scene(
        centre=(115.98, 36.44),
        routes=(scene.Route(1, "#2fb7c9", ((115.98, 36.44), (115.99, 36.45))),),
        stops=(scene.Stop(7, 1, "#2fb7c9", "visit", "to_come", (115.985, 36.445), "<3>"),),
    )
    drawn, bodies = render.draw_printed([what, what, what], Look(theme="light"))
    assert len(set(bodies)) == 3 and all('class="folium-map"' in body for body in bodies)
    assert drawn.head.count("/leaflet.js") == 1
    assert drawn.script.count("L.map(") == 3 and "CareVan.adopt(" not in drawn.script
    assert "[[36.44, 115.98], [36.45, 115.99]]" in drawn.script
    assert "<3>" not in drawn.script and "lt;3" in drawn.script
