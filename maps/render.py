"""Scenes to Folium maps: the only module that knows Folium, and the only place where lon, lat is flipped."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from html import escape

import folium
from branca.element import Figure
from folium.elements import JSCSSMixin
from folium.plugins import Realtime
from folium.template import Template
from folium.utilities import JsCode

from maps import assets, scene
from maps.document import Document
from maps.document import Sheet as Drawable
from maps.scene import Feature, LonLat, Look, Scene

MAX_ZOOM = 19
_NONCE = "nonce-stands-here"
_PLACE = '<b aria-hidden="true">✚</b><span>{}</span>'
_LINKED = re.compile(r'<script[^>]* src="[^"]*"></script>|<link [^>]*/>')
_TAG = re.compile(r"<(script|style)(?=[\s>])")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A Folium map in three pieces for a page of ours.

    `head` goes into <head>, `body` where the map stands (it fills its parent), `script` before </body>.
    """

    head: str
    body: str
    script: str

    def nonced(self, nonce: str) -> Drawn:
        """The same with this response's Content-Security-Policy nonce on every inline script and style."""
        return Drawn(*(part.replace(_NONCE, nonce) for part in (self.head, self.body, self.script)))


_SCRIPTS = [
    ("protomaps_leaflet", "/vendor/protomaps-leaflet/protomaps-leaflet.js"),
    ("carevan_map", "/static/map/map.js"),
    ("carevan_base", "/static/map/base.js"),
    ("carevan_datum", "/static/map/datum.js"),
    ("carevan_grounds", "/static/map/grounds.js"),
    ("carevan_vans", "/static/map/vans.js"),
    ("carevan_plan", "/static/map/plan.js"),
    ("carevan_fences", "/static/map/fences.js"),
    ("carevan_driven", "/static/map/driven.js"),
]
_STYLES = [("carevan_map_css", "/static/map/map.css")]


_DOCUMENT_SCRIPTS = [("carevan_document", "/static/document/document.js")]


class VectorBase(JSCSSMixin, folium.map.Layer):
    """The base map: our own PostGIS tiles, painted by protomaps-leaflet."""

    default_js = _SCRIPTS
    default_css = _STYLES
    _template = Template(
        """{% macro script(this, kwargs) %}
        var {{ this.get_name() }} = CareVan.base({{ this.options|tojson }});
        {% endmacro %}"""
    )

    def __init__(self, options: dict[str, object]) -> None:
        super().__init__(name="base", overlay=False, control=False)
        self._name = "VectorBase"
        self.options = options


class Handle(folium.map.Layer):
    """Gives the page's own scripts the map and its layers, with what stands on it at first."""

    _template = Template(
        """{% macro script(this, kwargs) %}
        CareVan.adopt({{ this.map.get_name() }},
            { {% for name, layer in this.layers.items() %}
                {{ name|tojson }}: {{ layer.get_name() }}, {% endfor %} },
            {{ this.first|tojson }});
        {% endmacro %}"""
    )

    def __init__(self, drawn_map: folium.Map, layers: dict[str, Realtime], first: dict[str, object]) -> None:
        super().__init__(name="handle", control=False, show=False)
        self._name = "Handle"
        self.map = drawn_map
        self.layers = layers
        self.first = first


class Sheet(JSCSSMixin, folium.map.Layer):
    """One layer of a document, drawn by its features' roles."""

    default_js = _DOCUMENT_SCRIPTS
    _template = Template(
        """{% macro script(this, kwargs) %}
        var {{ this.get_name() }} = CareVanDocument.sheet({{ this.code|tojson }}, {{ this.features|tojson }});
        {% endmacro %}"""
    )

    def __init__(self, sheet: Drawable) -> None:
        super().__init__(
            name=sheet.name or sheet.code, overlay=True, control=bool(sheet.name), show=sheet.shown
        )
        self._name = "Sheet"
        self.code = sheet.code
        self.features = sheet.features


class Opening(folium.map.Layer):
    """Starts a document once its layers stand."""

    _template = Template(
        """{% macro script(this, kwargs) %}
        CareVanDocument.start({{ this.map.get_name() }}, {{ this.start|tojson }});
        {% endmacro %}"""
    )

    def __init__(self, drawn_map: folium.Map, start: dict[str, object]) -> None:
        super().__init__(name="opening", control=False, show=False)
        self._name = "Opening"
        self.map = drawn_map
        self.start = start


_FEATURES: dict[str, Callable[[Scene], Feature]] = {
    "beats": scene.beat_features,
    "fences": scene.fence_features,
    "places": scene.place_features,
    "plan": scene.plan_features,
    "calls": scene.call_features,
    "unseen": scene.unseen_features,
    "driven": scene.driven_features,
}


@cache
def localise() -> None:
    """Make Folium name our own addresses instead of its networks of copies, once a process."""
    todo: list[type] = [JSCSSMixin]
    while todo:
        cls = todo.pop()
        todo += cls.__subclasses__()
        for attribute in ("default_js", "default_css"):
            if attribute in vars(cls):
                setattr(cls, attribute, _ours(cls.__name__, vars(cls)[attribute]))


def _ours(cls: str, links: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Links that stay, at our addresses. One that nobody decided about stays as it is: `check` refuses it."""
    kept = []
    for name, url in links:
        try:
            mine = url if url.startswith("/") else assets.address(cls, name)
        except LookupError:
            mine = url
        if mine is not None:
            kept.append((name, mine))
    return kept


def draw(what: Scene, look: Look) -> Drawn:
    """Draw a scene as a Folium map.

    Layers are filled by the page: `CareVan.layers.vans.update(...)` moves vans, and
    `CareVan.show("plan", featureCollection)` replaces what a layer shows.

    Returns
    -------
    Three pieces of HTML; call `nonced` before use.

    Raises
    ------
    ValueError : the map names a foreign host.
    """
    localise()
    drawn_map = _map(what, look)
    VectorBase({"theme": look.theme, "locale": look.locale}).add_to(drawn_map)
    layers = {name: _live_layer(name) for name in look.layers}
    for layer in layers.values():
        layer.add_to(drawn_map)
    first: dict[str, object] = {name: _FEATURES[name](what) for name in look.layers if name in _FEATURES}
    first["choices"] = look.choices
    first |= {f"plan{n}": scene.several_features(what, n) for n in range(len(what.plans))}
    first["kinds"] = {str(van.id): {"name": van.name, "colour": van.colour} for van in what.vans}
    Handle(drawn_map, layers, first).add_to(drawn_map)
    return _pieces(drawn_map)


def draw_printed(scenes: Sequence[Scene], look: Look) -> tuple[Drawn, tuple[str, ...]]:
    """Draw still maps for paper, as many as are wanted on one page.

    They show beats, places by their names, routes, and stops by their labels.

    Returns
    -------
    What the page needs once (its `body` is empty), and each map's own piece of HTML, in order.

    Raises
    ------
    ValueError : a map names a foreign host.
    """
    localise()
    drawn = [_printed(each, look) for each in scenes]
    tags = list(dict.fromkeys(tag for each in drawn for tag in _LINKED.findall(each.head)))
    rest = [_LINKED.sub("", each.head) for each in drawn]
    script = "\n".join(each.script for each in drawn)
    return Drawn("\n".join([*tags, *rest]), "", script), tuple(each.body for each in drawn)


def draw_document(document: Document, words: dict[str, str]) -> Drawn:
    """Draw a document's map; its layers may be hidden by their names.

    Raises
    ------
    ValueError : the map names a foreign host.
    """
    localise()
    centre = document.bounds[0] if document.bounds else (0.0, 0.0)
    drawn_map = _map(Scene(centre, bounds=document.bounds), Look(theme="light", layers=()))
    for sheet in document.sheets:
        Sheet(sheet).add_to(drawn_map)
    folium.LayerControl(collapsed=False).add_to(drawn_map)
    Opening(drawn_map, {"series": document.series, "words": words}).add_to(drawn_map)
    return _pieces(drawn_map)


def _printed(what: Scene, look: Look) -> Drawn:
    drawn_map = _map(what, replace(look, interactive=False), canvas=False)
    VectorBase({"theme": look.theme, "locale": look.locale}).add_to(drawn_map)
    for beat in what.beats:
        for part in beat.parts:
            rings = [[_flip(point) for point in ring] for ring in part]
            area = folium.Polygon(rings, color="#1560bd", weight=3, fill=True, fill_opacity=0.12)
            area.add_to(drawn_map)
    for place in what.places:
        icon = folium.DivIcon(
            icon_size=(22, 22), html=_PLACE.format(escape(place.name)), class_name="printed-place"
        )
        folium.Marker(_flip(place.at), icon=icon, keyboard=False).add_to(drawn_map)
    for route in what.routes:
        points = [_flip(point) for point in route.points]
        line = folium.PolyLine(points, color=route.colour, weight=4, opacity=0.85)  # type: ignore[no-untyped-call]
        line.add_to(drawn_map)
    for stop in what.stops:
        kind = f"printed printed-{stop.kind}" if stop.label else "printed printed-dot"
        icon = folium.DivIcon(icon_size=(22, 22), html=escape(stop.label), class_name=kind)
        folium.Marker(_flip(stop.at), icon=icon, keyboard=False).add_to(drawn_map)
    return _pieces(drawn_map)


def _flip(at: LonLat) -> tuple[float, float]:
    return at[1], at[0]


def _map(what: Scene, look: Look, *, canvas: bool = True) -> folium.Map:
    drawn_map = folium.Map(
        _flip(what.centre),
        zoom_start=what.zoom,
        tiles=None,
        prefer_canvas=canvas,
        max_zoom=MAX_ZOOM,
        zoom_control="bottomleft" if look.interactive else False,
        dragging=look.interactive,
        scroll_wheel_zoom=look.interactive,
        zoom_snap=0.25,
        attribution_control=False,
    )
    if what.bounds is not None:
        drawn_map.fit_bounds([_flip(what.bounds[0]), _flip(what.bounds[1])])
    return drawn_map


def _live_layer(name: str) -> Realtime:
    """A layer whose features and looks are the page's: see static/map/."""
    return Realtime(
        JsCode(f"CareVan.source({json.dumps(name)})"),
        start=False,
        remove_missing=True,
        get_feature_id=JsCode("(feature) => feature.properties.id"),
        update_feature=JsCode("(feature, old) => CareVan.updateFeature(feature, old)"),
        point_to_layer=JsCode("(feature, at) => CareVan.pointToLayer(feature, at)"),
        style=JsCode("(feature) => CareVan.style(feature)"),
        on_each_feature=JsCode("(feature, layer) => CareVan.eachFeature(feature, layer)"),
    )


def _pieces(drawn_map: folium.Map) -> Drawn:
    figure = drawn_map.get_root()
    assert isinstance(figure, Figure)
    figure.render()
    pieces = (
        figure.header.render(),
        figure.html.render(),
        f"<script>{figure.script.render()}</script>",
    )
    checked = (assets.check(piece) for piece in pieces)
    return Drawn(*(_TAG.sub(rf'<\1 nonce="{_NONCE}"', piece) for piece in checked))
