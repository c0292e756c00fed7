-- name: positions
-- Where the vans of a share were, as late as the share's delay, and the homes near enough to matter.
SELECT
    v.id, (extract(epoch FROM f.t) * 1000)::bigint AS t_ms,
    ST_X(f.geom) AS lon, ST_Y(f.geom) AS lat,
    ARRAY(
        SELECT ARRAY[ST_X(h.geom), ST_Y(h.geom)] FROM site AS h
        WHERE h.district_id = v.district_id AND h.kind = 'home'
            AND h.geom && ST_Expand(f.geom, %(reach_deg)s / cos(radians(ST_Y(f.geom))), %(reach_deg)s)
    ) AS homes
FROM van AS v
CROSS JOIN LATERAL (
    SELECT t, geom FROM fix
    WHERE fix.van_id = v.id AND fix.t <= %(until)s AND fix.t > %(since)s AND fix.flags = 0
    ORDER BY t DESC LIMIT 1
) AS f
WHERE v.district_id = %(district_id)s AND (%(vans)s::int[] IS NULL OR v.id = ANY(%(vans)s))
ORDER BY v.id
