-- What a van's day is proved from.

-- name: fixes_of_vans
-- Every column is there in every row, so that all rows are of one length and are read without being looked at.
COPY (
SELECT van_id, t, terminal_id, digest, ST_X(geom), ST_Y(geom),
       coalesce(speed_mps, 'NaN'::real), coalesce(heading_deg, 'NaN'::real),
       coalesce(accuracy_m, 'NaN'::real), coalesce(battery, 'NaN'::real), flags, received_at
  FROM fix
 WHERE van_id = ANY(%(van_ids)s) AND t >= %(starts)s AND t < %(ends)s AND received_at > %(received_after)s
) TO STDOUT (FORMAT binary);

-- name: primary_terminals
SELECT van_id, min(id) FROM terminal WHERE van_id = ANY(%(van_ids)s) AND is_primary GROUP BY van_id;

-- name: taps_of_vans
SELECT van_id, (extract(epoch FROM t) * 1000)::bigint, kind, stop_id
  FROM event
 WHERE van_id = ANY(%(van_ids)s) AND t >= %(starts)s AND t < %(ends)s
 ORDER BY t, kind, terminal_id, id;

-- name: calls_of_vans
SELECT van_id, (extract(epoch FROM accepted_at) * 1000)::bigint, (extract(epoch FROM closed_at) * 1000)::bigint
  FROM sos
 WHERE van_id = ANY(%(van_ids)s) AND accepted_at < %(ends)s AND (closed_at IS NULL OR closed_at > %(starts)s)
 ORDER BY accepted_at, id;

-- name: places_of_plan
-- Where the published plan of a day sends vans to serve.
SELECT s.van_id, ST_X(s.geom), ST_Y(s.geom)
  FROM plan_stop s
  JOIN plan p ON p.id = s.plan_id
 WHERE p.district_id = %(district_id)s AND p.day = %(day)s AND p.status = 'published'
   AND s.van_id = ANY(%(van_ids)s)
   AND s.kind IN ('visit', 'dropoff', 'pass')
 ORDER BY s.seq;
