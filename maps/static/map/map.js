/* The map of a page: Folium's inline script draws through this object, the page's modules steer through it.
 *
 *   CareVan.map                        the Leaflet map
 *   CareVan.layers.NAME                the Folium Realtime layer NAME (beats fences places plan calls vans)
 *   CareVan.show(NAME, collection)     replace what a layer shows
 *   CareVan.kinds[van id]              {name, colour}
 *   CareVan.extras[NAME]               a Leaflet layer of a script of ours that may be switched like the others
 *   CareVan.roles[role]                {marker(feature, at), style(feature), update(feature, layer), each(feature, layer)}
 *   CareVan.onReady(fn)                fn() once the map stands
 */
"use strict";

window.CareVan = (() => {
  const EMPTY = { type: "FeatureCollection", features: [] };
  const shown = {};
  const waiting = [];
  const care = { map: null, layers: {}, kinds: {}, roles: {}, extras: {}, theme: "dark", locale: "zh" };

  const roleOf = (feature) => care.roles[feature.properties.role] || {};

  care.source = (name) => (ok) => ok(shown[name] || EMPTY);
  care.pointToLayer = (feature, at) => {
    const { marker } = roleOf(feature);
    return marker ? marker(feature, at) : L.circleMarker(at, { radius: 5 });
  };
  care.style = (feature) => {
    const { style } = roleOf(feature);
    return style ? style(feature) : {};
  };
  care.updateFeature = (feature, old) => {
    const { update } = roleOf(feature);
    return old && update ? update(feature, old) : undefined;
  };
  care.eachFeature = (feature, layer) => {
    const { each } = roleOf(feature);
    if (each) each(feature, layer);
  };

  care.show = (name, collection) => {
    shown[name] = collection;
    if (care.layers[name]) care.layers[name].update();
  };

  /* The page's words; this script is no module (see words.js). */
  function _(text) {
    return JSON.parse(document.getElementById("words")?.textContent || "{}")[text] || text;
  }

  care.say = _;

  /* Leaflet speaks English. */
  function nameButtons() {
    for (const [way, name] of [["in", _("Zoom in")], ["out", _("Zoom out")]]) {
      const button = care.map.getContainer().querySelector(`.leaflet-control-zoom-${way}`);
      button?.setAttribute("title", name);
      button?.setAttribute("aria-label", name);
    }
  }

  /* Which layers stand on the map is the person's choice; their names come with the map. */
  function offerChoices(choices) {
    for (const [name, label] of choices) care.layerControl().addOverlay(care.extras[name] ?? care.layers[name]._container, label);
  }

  let control = null;

  /* Made when there is something to choose. */
  care.layerControl = () => {
    if (control) return control;
    control = L.control.layers(null, null, { position: "topright" }).addTo(care.map);
    const toggle = control.getContainer().querySelector(".leaflet-control-layers-toggle");
    toggle.setAttribute("title", _("Layers of the map"));
    toggle.setAttribute("aria-label", _("Layers of the map"));
    return control;
  };

  care.adopt = (map, layers, first) => {
    care.map = map;
    // Above stops and places, below what is told under the pointer; a call for help above all.
    for (const [name, height] of [["vans", 630], ["sos", 640]]) map.createPane(name).style.zIndex = height;
    care.layers = layers;
    care.kinds = first.kinds || {};
    for (const name of Object.keys(layers)) {
      if (first[name]) care.show(name, first[name]);
    }
    nameButtons();
    for (const [name] of first.choices) care.extras[name]?.addTo(map);
    offerChoices(first.choices);
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
    for (const ready of waiting.splice(0)) ready();
  };

  care.onReady = (ready) => {
    if (care.map) ready();
    else waiting.push(ready);
  };

  return care;
})();
