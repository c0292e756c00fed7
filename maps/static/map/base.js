/* The base map: paint and label rules over our own tiles, in the tokens of the two themes. */
"use strict";

(() => {
  const FONT = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",system-ui,sans-serif';
  const PALETTES = {
    dark: {
      ground: "#0f1720", land: "#111b25", water: "#15304a", green: "#14281f", care: "#182431",
      building: "#1e2c3a", buildingLine: "#2a3a4a", casing: "#0f1720",
      minor: "#263646", middle: "#38506a", arterial: "#55728f", path: "#1e2c3a",
      label: "#a6b7c6", place: "#b7c6d3", waterLabel: "#7fa6ca", halo: "#0f1720",
    },
    light: {
      ground: "#eef2f5", land: "#e8edf1", water: "#b9d6ee", green: "#d5e8d6", care: "#f3e6ea",
      building: "#e0e6eb", buildingLine: "#d0d9e0", casing: "#c9d3dc",
      minor: "#ffffff", middle: "#ffffff", arterial: "#ffe9b8", path: "#d5dde5",
      label: "#51616f", place: "#33424f", waterLabel: "#2f6b9c", halo: "#f5f7f9",
    },
  };
  const WIDTHS_PX = [0, 6, 5.2, 4.4, 3.4, 2.4, 1.6, 0.8];
  const rank = (feature) => feature.props.rank || 5;
  const width = (extra) => (zoom, feature) => extra + WIDTHS_PX[rank(feature)] * Math.pow(1.38, zoom - 15);
  const isLayer = (name) => (_zoom, feature) => feature.props.layer === name;
  const ranks = (from, to) => (_zoom, feature) => rank(feature) >= from && rank(feature) <= to;

  function paintRules(colours) {
    const area = (name, options, more) => ({
      dataLayer: "area", symbolizer: new protomapsL.PolygonSymbolizer(options), filter: isLayer(name), ...more,
    });
    const road = (from, to, colour, extra, more) => ({
      dataLayer: "road",
      symbolizer: new protomapsL.LineSymbolizer({
        color: colour, width: width(extra), lineCap: "round", lineJoin: "round",
      }),
      filter: ranks(from, to), ...more,
    });
    return [
      area("land", { fill: colours.land }),
      area("green", { fill: colours.green }),
      area("water", { fill: colours.water }),
      {
        dataLayer: "road",
        symbolizer: new protomapsL.LineSymbolizer({ color: colours.water, width: width(6), lineCap: "round" }),
        filter: (_zoom, feature) => feature.props.kind === "river",
      },
      area("care", { fill: colours.care }, { minzoom: 13 }),
      area("building", { fill: colours.building, stroke: colours.buildingLine, width: 0.7 }, { minzoom: 15 }),
      road(1, 5, colours.casing, 1.6, { minzoom: 14 }),
      {
        dataLayer: "road",
        symbolizer: new protomapsL.LineSymbolizer({ color: colours.path, width: 0.8, dash: [3, 3] }),
        filter: ranks(7, 7), minzoom: 16,
      },
      road(5, 6, colours.minor, 0),
      road(3, 4, colours.middle, 0),
      road(1, 2, colours.arterial, 0),
    ];
  }

  function labelRules(colours, locale) {
    const names = locale === "en" ? ["name_en", "name"] : ["name", "name_en"];
    // Between two whole zooms tiles are stretched: their words are written smaller or larger by as much.
    const stretch = () => 2 ** (CareVan.map ? CareVan.map.getZoom() - Math.round(CareVan.map.getZoom()) : 0);
    const text = (fill, px, weight = 400) => ({
      labelProps: names, fill, stroke: colours.halo, width: 2.5, font: () => `${weight} ${px / stretch()}px ${FONT}`,
    });
    // Far out a map names its quarters and great roads; the rest waits until somebody looks closer.
    const named = (kinds) => (_zoom, { props }) => !props.area && kinds.includes(props.kind);
    const others = (...kinds) => (_zoom, { props }) => !props.area && !kinds.includes(props.kind);
    const place = (filter, symbol, minzoom) => ({
      dataLayer: "label", symbolizer: new protomapsL.CenteredTextSymbolizer(symbol), filter, minzoom,
    });
    const roads = (from, to, px, minzoom) => ({
      dataLayer: "road", symbolizer: new protomapsL.LineLabelSymbolizer(text(colours.label, px)),
      filter: ranks(from, to), minzoom,
    });
    return [
      place(named(["city", "town", "village", "suburb"]), text(colours.place, 13, 600), 10),
      roads(1, 3, 12, 13),
      place((_zoom, { props }) => Boolean(props.area), text(colours.waterLabel, 12), 13),
      place(named(["neighbourhood", "quarter"]), text(colours.label, 12), 15),
      place(others("city", "town", "village", "suburb", "neighbourhood", "quarter"), text(colours.label, 11), 16),
      roads(4, 5, 11, 16),
    ];
  }

  /* What a map's origin asks it to say stands in its lower left corner, below the buttons. */
  async function ownOrigin() {
    const answer = await fetch("/tiles/source").catch(() => null);
    return answer?.ok ? (await answer.json()).attribution : "";
  }

  /* origin: what to say; null: what our own map's import says */
  CareVan.tellOrigin = async (map, origin) => {
    map.originTurn = (map.originTurn || 0) + 1;
    const turn = map.originTurn;
    const attribution = origin ?? await ownOrigin();
    if (turn !== map.originTurn || !map.getContainer().isConnected || (!attribution && !map.origin)) return;
    map.origin ??= L.control.attribution({ prefix: false, position: "bottomleft" }).addTo(map);
    const box = map.origin.getContainer();
    box.textContent = attribution;
    box.parentElement.append(box);
  };

  CareVan.palette = (theme) => PALETTES[theme] || PALETTES.dark;

  CareVan.base = ({ theme, locale }) => {
    const colours = CareVan.palette(theme);
    CareVan.theme = theme;
    CareVan.locale = locale;
    const layer = protomapsL.leafletLayer({
      url: "/tiles/{z}/{x}/{y}.mvt",
      maxDataZoom: 16,
      maxZoom: 19,
      noWrap: true,
      lang: locale,
      devicePixelRatio: Math.max(window.devicePixelRatio, 1.5),
      attribution: "",
      backgroundColor: colours.ground,
      paintRules: paintRules(colours),
      labelRules: labelRules(colours, locale),
    });
    CareVan.own = layer;
    layer.once("add", () => CareVan.tellOrigin(layer._map, null));
    return layer;
  };
})();
