-- name: has_ground
SELECT to_regclass('basemap.road') IS NOT NULL AS ground, to_regclass('basemap.source') IS NOT NULL AS source

-- name: ground_roads
-- The roads of a box as coarse lines, the great ones first; cut at the box.
WITH box AS (
    SELECT ST_Transform(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326), 3857) AS geom
), shown AS (
    SELECT r.rank, r.name, r.geom FROM basemap.road r, box
    WHERE r.geom && box.geom AND r.rank <= 6 ORDER BY r.rank LIMIT 40000
), joined AS (
    SELECT rank, ST_Simplify(
        ST_LineMerge(ST_Collect(ST_ClipByBox2D(shown.geom, box.geom::box2d))), %(coarse_m)s
    ) AS geom
    FROM shown, box GROUP BY rank, name, box.geom
)
SELECT rank, ST_NPoints(geom) AS points, ST_AsGeoJSON(ST_Transform(geom, 4326), 5) AS line
FROM joined WHERE geom IS NOT NULL AND NOT ST_IsEmpty(geom) AND ST_Length(geom) > %(coarse_m)s
ORDER BY rank, ST_Length(geom) DESC

-- name: ground_areas
WITH box AS (
    SELECT ST_Transform(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326), 3857) AS geom
)
SELECT a.layer, ST_AsGeoJSON(ST_Transform(ST_SimplifyPreserveTopology(a.geom, %(coarse_m)s), 4326), 5) AS area,
       ST_NPoints(ST_SimplifyPreserveTopology(a.geom, %(coarse_m)s)) AS points
FROM basemap.area a, box
WHERE a.geom && box.geom AND a.layer IN ('water', 'green')
ORDER BY ST_Area(a.geom) DESC LIMIT 200

-- name: attribution
SELECT attribution FROM basemap.source
