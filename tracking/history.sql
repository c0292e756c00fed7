-- What a van's day is proved from.

-- name: fixes_of_vans
-- A row a van, its columns as they travel in binary: whoever reads them looks at no fix. All aggregates of a row
-- see its fixes in one order, whichever that is.
SELECT van_id,
       string_agg(timestamptz_send(t), '') AS t_ms,
       string_agg(int4send(terminal_id), '') AS terminal_id,
       string_agg(int8send(digest), '') AS digest,
       string_agg(float8send(ST_X(geom)), '') AS lon,
       string_agg(float8send(ST_Y(geom)), '') AS lat,
       string_agg(float4send(coalesce(speed_mps, 'NaN')), '') AS speed_mps,
       string_agg(float4send(coalesce(heading_deg, 'NaN')), '') AS heading_deg,
       string_agg(float4send(coalesce(accuracy_m, 'NaN')), '') AS accuracy_m,
       string_agg(float4send(coalesce(battery, 'NaN')), '') AS battery,
       string_agg(int2send(flags), '') AS flags,
       string_agg(timestamptz_send(received_at), '') AS received_ms
  FROM fix
 WHERE van_id = ANY(%(van_ids)s) AND t >= %(starts)s AND t < %(ends)s AND received_at > %(received_after)s
 GROUP BY van_id;

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
