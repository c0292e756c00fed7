/* Geofences: their ground with a border, dashed and empty while they are not in force; named under the pointer. */
"use strict";

(() => {
  const colour = () => (CareVan.theme === "light" ? "#9d2a77" : "#f28fd0");

  CareVan.roles.fence = {
    style: ({ properties: { in_force: inForce } }) => ({
      color: colour(), weight: 2, opacity: inForce ? 0.9 : 0.75, dashArray: inForce ? null : "6 7",
      // A circle stays round from afar.
      smoothFactor: 0.3, fill: true, fillColor: colour(), fillOpacity: inForce ? 0.1 : 0.02,
    }),
    update: (feature, layer) => {
      if (JSON.stringify(feature.geometry) !== JSON.stringify(layer.feature.geometry)) return undefined;
      layer.setTooltipContent(feature.properties.label);
      return layer;
    },
    each: (feature, layer) => {
      layer.bindTooltip(feature.properties.label, { sticky: true, className: "hint" });
      // Whatever stands on it is to be reached through it, also when it is drawn later.
      layer.on("add", () => layer.bringToBack());
    },
  };
})();
