-- Fences: who keeps them, and what stored tracks had to do with them.

-- name: fence_steps
-- The steps of a van's stored track that matter at each fence: from where to where, and how they lie to it. The
-- fixes are those that tracking.track.choose takes; each fence lies on the plane about the middle of its bounds.
-- A step after one that was near is looked at too, as it starts where that one ended.
WITH chosen AS (
    SELECT DISTINCT ON (f.t) f.t, ST_X(f.geom) AS lon, ST_Y(f.geom) AS lat
      FROM fix f
      LEFT JOIN terminal m ON m.id = f.terminal_id
     WHERE f.van_id = %(van_id)s AND f.t >= %(since)s AND f.t < %(until)s AND f.flags = 0
     ORDER BY f.t, coalesce(m.is_primary, false) DESC, f.accuracy_m NULLS LAST, f.digest, f.terminal_id
), step AS (
    SELECT row_number() OVER w AS n, t, lon, lat,
           coalesce(lag(t) OVER w, t) AS from_t, coalesce(lag(lon) OVER w, lon) AS from_lon,
           coalesce(lag(lat) OVER w, lat) AS from_lat,
           coalesce(t - lag(t) OVER w > %(gap)s, true) AS is_gap
      FROM chosen
    WINDOW w AS (ORDER BY t)
), farthest AS MATERIALIZED (
    SELECT coalesce(max(radius_m), 0) + %(margin_m)s AS reach_m
      FROM fence
     WHERE district_id = %(district_id)s AND retired_at IS NULL
), boxed AS MATERIALIZED (
    SELECT s.*,
           ST_SetSRID(
               ST_Expand(
                   ST_MakeLine(ST_MakePoint(s.from_lon, s.from_lat), ST_MakePoint(s.lon, s.lat)),
                   1.01 * reach_m / (%(north_m)s * cos(radians(greatest(abs(s.lat), abs(s.from_lat))))),
                   1.01 * reach_m / %(north_m)s),
               4326) AS box
      FROM step s, farthest
), way AS (
    SELECT f.id, b.*, coalesce(f.radius_m, 0) AS reach_m,
           ST_Scale(ST_Translate(ST_SetSRID(f.geom, 0), -lon0, -lat0), east_m, %(north_m)s) AS core,
           ST_MakePoint((b.from_lon - lon0) * east_m, (b.from_lat - lat0) * %(north_m)s) AS there,
           ST_MakePoint((b.lon - lon0) * east_m, (b.lat - lat0) * %(north_m)s) AS here
      FROM boxed b
      JOIN fence f ON f.geom && b.box
     CROSS JOIN LATERAL (
           SELECT (ST_XMin(f.geom) + ST_XMax(f.geom)) / 2 AS lon0,
                  (ST_YMin(f.geom) + ST_YMax(f.geom)) / 2 AS lat0) mid
     CROSS JOIN LATERAL (SELECT %(north_m)s * cos(radians(lat0)) AS east_m) scale
     WHERE f.district_id = %(district_id)s AND f.retired_at IS NULL
       AND (f.van_ids IS NULL OR %(van_id)s = ANY (f.van_ids))
), side AS (
    SELECT id, n, from_t, from_lon, from_lat, t, lon, lat, is_gap,
           ST_DWithin(core, CASE WHEN is_gap THEN here ELSE ST_MakeLine(there, here) END, reach_m) AS crosses,
           ST_DWithin(core, here, reach_m) AS lies_in,
           ST_DWithin(core, here, reach_m + %(margin_m)s) AS is_near
      FROM way
), beside AS (
    SELECT *, lag(is_near) OVER (PARTITION BY id ORDER BY n) AS was_near FROM side
)
SELECT id, from_t, from_lon, from_lat, t, lon, lat, is_gap, crosses, lies_in, is_near
  FROM beside
 WHERE crosses OR is_near OR was_near
 ORDER BY id, n;

-- name: fence_recent
-- The chosen fixes of all vans since an instant: what a watch that begins has to know.
SELECT DISTINCT ON (f.van_id, f.t)
       f.van_id, v.district_id, f.t, ST_X(f.geom), ST_Y(f.geom)
  FROM fix f
  JOIN van v ON v.id = f.van_id
  LEFT JOIN terminal m ON m.id = f.terminal_id
 WHERE f.t >= %(since)s AND f.t < %(until)s AND f.flags = 0
 ORDER BY f.van_id, f.t, coalesce(m.is_primary, false) DESC, f.accuracy_m NULLS LAST, f.digest, f.terminal_id;

-- name: fence_edition
SELECT md5(coalesce(string_agg(f::text, ' ' ORDER BY f.id), '')) FROM fence f WHERE district_id = %(district_id)s;
