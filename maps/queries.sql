-- name: tile
-- One tile of the base map. A label of an area stands once, in the tile that holds the area's inner point.
WITH box AS (
    SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS tile,
           ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096) AS wide
), area AS (
    SELECT layer, kind, ST_AsMVTGeom(geom, box.tile, 4096, 64) AS geom
    FROM basemap.area, box
    WHERE geom && box.wide AND (layer <> 'building' OR %(z)s >= 15)
), road AS (
    SELECT rank, kind, name, name_en, ST_AsMVTGeom(geom, box.tile, 4096, 64) AS geom
    FROM basemap.road, box
    WHERE geom && box.wide AND rank <= %(z)s - 8
    ORDER BY rank DESC
), label AS (
    SELECT kind, name, false AS area, ST_AsMVTGeom(geom, box.tile, 4096, 64) AS geom
    FROM basemap.label, box
    WHERE geom && box.wide
    UNION ALL
    SELECT layer, name, true, ST_AsMVTGeom(ST_PointOnSurface(geom), box.tile, 4096, 0)
    FROM basemap.area, box
    WHERE geom && box.tile AND name IS NOT NULL AND layer IN ('water', 'green') AND %(z)s >= 12
)
SELECT coalesce((SELECT ST_AsMVT(area, 'area') FROM area WHERE area.geom IS NOT NULL), '')
    || coalesce((SELECT ST_AsMVT(road, 'road') FROM road WHERE road.geom IS NOT NULL), '')
    || coalesce((SELECT ST_AsMVT(label, 'label') FROM label WHERE label.geom IS NOT NULL), '') AS tile
