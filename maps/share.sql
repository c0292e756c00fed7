-- name: courses
-- Into which cells vans came and when, the one in force at the beginning included, with the homes that may be
-- near each cell. The cells are those of maps/redact.py.
WITH located AS (
    SELECT v.id, v.district_id, f.t, f.digest, ST_X(f.geom) AS x,
        (floor(ST_Y(f.geom) / %(step_deg)s) + 0.5) * %(step_deg)s AS lat
    FROM van AS v
    CROSS JOIN LATERAL (
        (SELECT t, geom, digest FROM fix
         WHERE van_id = v.id AND flags = 0 AND t <= %(begins)s AND t > %(since)s
         ORDER BY t DESC, digest DESC LIMIT 1)
        UNION ALL
        SELECT t, geom, digest FROM fix
        WHERE van_id = v.id AND flags = 0 AND t > %(begins)s AND t < %(until)s
    ) AS f
    WHERE v.district_id = %(district_id)s AND (%(vans)s::int[] IS NULL OR v.id = ANY(%(vans)s))
), celled AS (
    SELECT id, district_id, t, digest, lat,
        (floor(x / (%(step_deg)s / greatest(1e-6, cos(radians(lat))))) + 0.5)
            * (%(step_deg)s / greatest(1e-6, cos(radians(lat)))) AS lon
    FROM located
), compared AS (
    SELECT *, lag(lon) OVER w IS DISTINCT FROM lon OR lag(lat) OVER w IS DISTINCT FROM lat AS came
    FROM celled
    WINDOW w AS (PARTITION BY id ORDER BY t, digest)
), cells AS MATERIALIZED (
    -- Vans come back to their cells all day: of each it is asked once which homes are near.
    SELECT district_id, lon, lat, ARRAY(
        SELECT ARRAY[ST_X(h.geom), ST_Y(h.geom)] FROM site AS h
        WHERE h.district_id = came_into.district_id AND h.kind = 'home'
            AND h.geom && ST_Expand(
                ST_SetSRID(ST_MakePoint(lon, lat), 4326),
                %(reach_deg)s / cos(radians(lat)), %(reach_deg)s
            )
    ) AS homes
    FROM (SELECT DISTINCT district_id, lon, lat FROM compared WHERE came) AS came_into
)
SELECT id, round(extract(epoch FROM t) * 1000)::bigint AS t_ms, lon, lat, homes
FROM compared JOIN cells USING (district_id, lon, lat)
WHERE came
ORDER BY id, t, digest

-- name: positions
-- Where each van was at a time of its own.
SELECT s.n, round(extract(epoch FROM f.t) * 1000)::bigint AS t_ms, ST_X(f.geom) AS lon, ST_Y(f.geom) AS lat
FROM unnest(%(vans)s::int[], %(times)s::timestamptz[]) WITH ORDINALITY AS s (id, at, n)
CROSS JOIN LATERAL (
    SELECT t, geom FROM fix
    WHERE fix.van_id = s.id AND fix.flags = 0
        AND fix.t <= s.at AND fix.t > s.at - make_interval(secs => %(seen_within_s)s)
        -- Of all times together: the other days' partitions are left alone when it is planned.
        AND fix.t <= %(last)s::timestamptz AND fix.t > %(first)s::timestamptz
    ORDER BY t DESC, digest DESC LIMIT 1
) AS f
ORDER BY s.n

-- name: inside
-- Which places, by number, lie in one of these beats.
SELECT p.n
FROM unnest(%(lons)s::float8[], %(lats)s::float8[]) WITH ORDINALITY AS p (lon, lat, n)
WHERE EXISTS (
    SELECT FROM beat
    WHERE beat.id = ANY(%(beats)s::int[])
        AND ST_Covers(beat.geom, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326))
)
