"""Tiles of a city as a browser gets and draws them: over HTTP, cut and kept; the frames of a dragged map."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import quantiles
from time import perf_counter

import httpx2
from playwright.sync_api import Page

from fleet.settings import Settings
from maps import assets
from tests.bench.figure import Figure
from tests.maps.product import opened, product
from tests.replay.serving import chromium

Place = tuple[int, int, int]
_CUT_MS, _FOUND_MS, _FRAME_MS = 60.0, 5.0, 33.4
_ZOOMS = (12, 14, 16)
# 150 frames by 9 x 4 dots each, with the turn half way, as a hand drags a map.
_DRAG = """([lat, lon, zoom]) => new Promise((done) => {
    const map = CareVan.map;
    map.setView([lat, lon], zoom, { animate: false });
    const frames = [];
    let last = 0;
    const step = (now) => {
        if (last) frames.push(now - last);
        last = now;
        if (frames.length >= 150) return done(frames);
        map.panBy(frames.length < 75 ? [9, 4] : [-9, 4], { animate: false });
        requestAnimationFrame(step);
    };
    setTimeout(() => requestAnimationFrame(step), 1500);
})"""


def figures(url: str, places: Sequence[Place], bounds: tuple[float, float, float, float]) -> Iterator[Figure]:
    """Serve the product on a database whose base map is imported.

    Parameters
    ----------
    places : the tiles to ask for, each once to be cut and once to be found again
    bounds : west, south, east, north of the map; its middle is dragged
    """
    with_browser = assets.installed(Settings().vendor_dir)
    with tempfile.TemporaryDirectory() as home, product(url, Path(home), browser=with_browser) as here:
        cold, warm = _over_http(here.address, places)
        yield limited("base map tile over HTTP, cut, p95", p95(cold), "ms", _CUT_MS)
        yield limited("base map tile over HTTP, cached, p95", p95(warm), "ms", _FOUND_MS)
        if not with_browser:
            return
        west, south, east, north = bounds
        with chromium() as browser, opened(browser, here, "li", "/") as page:
            for zoom in _ZOOMS:
                frames = _dragged(page, (south + north) / 2, (west + east) / 2, zoom)
                name = f"base map dragged at zoom {zoom}, frame p95"
                yield limited(name, p95(frames), "ms", _FRAME_MS)


def _over_http(address: str, places: Sequence[Place]) -> tuple[list[float], list[float]]:
    with httpx2.Client(base_url=address, trust_env=False) as client:

        def asked_ms(place: Place) -> float:
            z, x, y = place
            began = perf_counter()
            answer = client.get(f"/tiles/{z}/{x}/{y}.mvt")
            spent_ms = 1000 * (perf_counter() - began)
            assert answer.status_code in (200, 204)
            return spent_ms

        asked_ms((6, 0, 0))  # the connection, and the edition's first look-up
        return [asked_ms(place) for place in places], [asked_ms(place) for place in places]


def _dragged(page: Page, lat: float, lon: float, zoom: int) -> list[float]:
    frames: list[float] = page.evaluate(_DRAG, [lat, lon, zoom])
    return frames


def p95(values: list[float]) -> float:
    """The 95th of a hundred."""
    return quantiles(values, n=100)[94]


def limited(name: str, value: float, unit: str, limit: float) -> Figure:
    """A figure with the most that it may be."""
    return Figure(name, value, unit, expect=f"<= {limit:g}", ok=value <= limit)
