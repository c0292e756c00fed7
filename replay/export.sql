-- name: track_to_export
-- Every stored fix of a span by time, each value a number: what is unknown is not a number.
SELECT
    (extract(epoch FROM t) * 1000)::bigint,
    terminal_id, digest, ST_X(geom), ST_Y(geom),
    coalesce(speed_mps, 'NaN')::float8, coalesce(heading_deg, 'NaN')::float8,
    coalesce(accuracy_m, 'NaN')::float8, coalesce(battery, 'NaN')::float8,
    flags::bigint, (extract(epoch FROM received_at) * 1000)::bigint,
    coalesce(altitude_m, 'NaN')::float8, coalesce(hdop, 'NaN')::float8, coalesce(satellites, -1)::bigint
FROM fix
WHERE van_id = %(van_id)s AND t >= %(starts)s AND t < %(ends)s
ORDER BY t, terminal_id, digest
