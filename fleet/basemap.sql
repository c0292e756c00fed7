-- The base map's making. Schema names cannot be parameters; they stand here once and never come from outside.

-- name: one_at_a_time
SELECT pg_advisory_lock(hashtext('carevan.basemap'))

-- name: begin_new
DROP SCHEMA IF EXISTS basemap_new CASCADE;
CREATE SCHEMA basemap_new

-- name: drop_new
DROP SCHEMA IF EXISTS basemap_new CASCADE

-- name: finish_new
-- osm2pgsql has made the indexes on geometry; the tiles also ask by rank and layer.
CREATE INDEX road_main ON basemap_new.road USING gist (geom) WHERE rank <= 3;
CREATE INDEX area_large ON basemap_new.area USING gist (geom) WHERE layer <> 'building';
ANALYZE basemap_new.road, basemap_new.area, basemap_new.label;
CREATE TABLE basemap_new.source (
    name        text NOT NULL,
    synthetic   boolean NOT NULL,
    west        double precision NOT NULL,
    south       double precision NOT NULL,
    east        double precision NOT NULL,
    north       double precision NOT NULL,
    roads       int NOT NULL,
    areas       int NOT NULL,
    imported_at timestamptz NOT NULL,
    attribution text NOT NULL
)

-- name: write_source
INSERT INTO basemap_new.source
SELECT %(name)s, %(synthetic)s, ST_XMin(lonlat), ST_YMin(lonlat), ST_XMax(lonlat), ST_YMax(lonlat),
       roads, (SELECT count(*) FROM basemap_new.area), %(imported_at)s, %(attribution)s
FROM (
    SELECT ST_Transform(ST_SetSRID(ST_Extent(geom)::geometry, 3857), 4326) AS lonlat, count(*) AS roads
    FROM basemap_new.road
) AS every
WHERE roads > 0

-- name: take_place
SET LOCAL lock_timeout = '20s';
DROP SCHEMA IF EXISTS basemap CASCADE;
ALTER SCHEMA basemap_new RENAME TO basemap

-- name: source
SELECT name, synthetic, west, south, east, north, roads, areas, imported_at, attribution FROM basemap.source
