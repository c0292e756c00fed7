/* The two datums that maps of China are drawn in: WGS-84, which we store, and GCJ-02. As fleet/geo.py, digit by digit. */
"use strict";

(() => {
  const AXIS_M = 6378245;
  const ECC2 = 0.00669342162296594323;
  const { PI, abs, cos, sin, sqrt } = Math;
  const rad = PI / 180;
  const shifted = (lon, lat) => lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;

  function shiftM(x, y) {
    const root = sqrt(abs(x));
    const ripple = ((20 * sin(6 * x * PI) + 20 * sin(2 * x * PI)) * 2) / 3;
    let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple;
    east += ((20 * sin(x * PI) + 40 * sin((x / 3) * PI)) * 2) / 3;
    east += ((150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * 2) / 3;
    let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple;
    north += ((20 * sin(y * PI) + 40 * sin((y / 3) * PI)) * 2) / 3;
    north += ((160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * 2) / 3;
    return [east, north];
  }

  function toGcj02(lon, lat) {
    if (!shifted(lon, lat)) return [lon, lat];
    const [east, north] = shiftM(lon - 105, lat - 35);
    const m = 1 - ECC2 * sin(lat * rad) ** 2;
    const latRadius = (AXIS_M * (1 - ECC2)) / (m * sqrt(m));
    const lonRadius = (AXIS_M / sqrt(m)) * cos(lat * rad);
    return [lon + east / lonRadius / rad, lat + north / latRadius / rad];
  }

  /* By iteration: each step gains two digits or more. */
  function toWgs84(lon, lat) {
    if (!shifted(lon, lat)) return [lon, lat];
    let [x, y] = [lon, lat];
    for (let n = 0; n < 12; n += 1) {
      const [gotLon, gotLat] = toGcj02(x, y);
      const [dx, dy] = [gotLon - lon, gotLat - lat];
      [x, y] = [x - dx, y - dy];
      if (abs(dx) < 1e-12 && abs(dy) < 1e-12) break;
    }
    return [x, y];
  }

  const plane = L.Projection.SphericalMercator;
  /* A map in this system is given WGS-84, and draws it where GCJ-02 tiles have it. */
  const gcj02 = L.extend({}, L.CRS.EPSG3857, {
    code: "EPSG:3857 of GCJ-02",
    projection: {
      bounds: plane.bounds,
      project({ lat, lng }) {
        const [x, y] = toGcj02(lng, lat);
        return plane.project(L.latLng(y, x));
      },
      unproject(point) {
        const { lat, lng } = plane.unproject(point);
        const [x, y] = toWgs84(lng, lat);
        return L.latLng(y, x);
      },
    },
  });

  CareVan.datum = { toGcj02, toWgs84 };
  /* CGCS2000 and WGS-84 are a few centimetres apart: less than any dot. */
  CareVan.crs = { wgs84: L.CRS.EPSG3857, cgcs2000: L.CRS.EPSG3857, gcj02 };
})();
