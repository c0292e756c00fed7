/* Which ground the map stands on: our own, or a service that an administrator switched on. The choice is remembered. */
"use strict";

(() => {
  const KEY = "carevan.ground";
  const GREY = "data:image/gif;base64,R0lGODlhAQABAIAAAJmZmQAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==";
  const _ = (text, values = {}) => CareVan.say(text).replace(/\{(\w+)\}/g, (_whole, name) => values[name]);

  function remembered() {
    try {
      return localStorage.getItem(KEY) || "";
    } catch {
      return "";
    }
  }

  function remember(name) {
    try {
      localStorage.setItem(KEY, name);
    } catch {
      // a browser that keeps nothing asks again next time
    }
  }

  /* Layers with the system that they are drawn in: whatever stands upon them is drawn anew in it. */
  const Ground = L.LayerGroup.extend({
    initialize(crs, layers, origin) {
      L.LayerGroup.prototype.initialize.call(this, layers);
      this.crs = crs;
      this.origin = origin;
    },
    onAdd(map) {
      if (map.options.crs !== this.crs) {
        const [centre, zoom] = [map.getCenter(), map.getZoom()];
        map.options.crs = this.crs;
        map.setView(centre, zoom, { reset: true, animate: false });
      }
      L.LayerGroup.prototype.onAdd.call(this, map);
      CareVan.tellOrigin(map, this.origin);
    },
  });

  function tiles(service, layer, origin) {
    const made = L.tileLayer(`/tiles/provider/${service.name}/{z}/{x}/{y}?layer=${layer}`, {
      minNativeZoom: service.min_zoom, maxNativeZoom: service.max_zoom, maxZoom: 19, noWrap: true, zIndex: layer + 1,
      className: "provider-tiles", errorTileUrl: layer ? "" : GREY, attribution: "",
    });
    let failing = false;
    const tell = (now) => {
      if (failing === now || !made._map) return;
      failing = now;
      const trouble = _("{title} does not answer: grey is where its map is missing. Vans and routes are right all the same.",
        { title: service.title });
      CareVan.tellOrigin(made._map, failing ? `${trouble} ${origin}` : origin);
    };
    made.on("tileerror", () => tell(true));
    // The grey in a missing tile's place is loaded too, and is no answer of the service's.
    made.on("tileload", ({ tile }) => { if (tile.getAttribute("src") !== GREY) tell(false); });
    made.on("remove", () => { failing = false; });
    return made;
  }

  function groundOf(service) {
    const origin = [service.attribution, service.approval && _("Approval no. {number}", { number: service.approval })]
      .filter(Boolean).join(" · ");
    const layers = Array.from({ length: service.layers }, (_nothing, n) => tiles(service, n, origin));
    return new Ground(CareVan.crs[service.datum], layers, origin);
  }

  CareVan.onReady(async () => {
    const { map } = CareVan;
    const answer = await fetch("/tiles/providers").catch(() => null);
    const services = answer?.ok ? await answer.json() : [];
    if (!services.length || !map.getContainer().isConnected) return;
    const own = CareVan.own;
    map.removeLayer(own);
    const grounds = new Map([["", new Ground(CareVan.crs.wgs84, [own], null)]]);
    for (const service of services) grounds.set(service.name, groundOf(service));
    const titles = new Map([["", _("Our own map")], ...services.map(({ name, title }) => [name, title])]);
    const control = CareVan.layerControl();
    for (const [name, ground] of grounds) control.addBaseLayer(ground, titles.get(name));
    map.addLayer(grounds.get(remembered()) || grounds.get(""));
    map.on("baselayerchange", ({ layer }) => {
      for (const [name, ground] of grounds) if (ground === layer) remember(name);
    });
    CareVan.grounds = grounds;
  });
})();
