-- The day as it was, van by van. Flagged fixes stay out; of several fixes of one instant one is chosen by
-- rule: the van's primary terminal, then the better accuracy, then the smaller digest.

-- name: taps_of_van
SELECT
    (extract(epoch FROM t) * 1000)::bigint AS t_ms, kind, stop_id,
    body ->> 'task' AS task,
    (body ->> 'lon')::float AS lon, (body ->> 'lat')::float AS lat
FROM event
WHERE van_id = %(van_id)s AND t >= %(start)s AND t < %(end)s AND kind <> 'seen'
ORDER BY t, terminal_id, id

-- name: stops_of_van
-- A home is never named: its elder's masked name is put there by the caller.
SELECT
    s.id, s.seq, s.kind, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat,
    CASE WHEN site.kind = 'home' THEN NULL ELSE site.name END AS place,
    recipient.name AS who, beat.name AS beat,
    (extract(epoch FROM s.arrives) * 1000)::bigint AS arrives,
    (extract(epoch FROM s.begins) * 1000)::bigint AS begins,
    (extract(epoch FROM s.leaves) * 1000)::bigint AS leaves
FROM plan_stop AS s
JOIN plan ON plan.id = s.plan_id
LEFT JOIN site ON site.id = s.site_id
LEFT JOIN recipient ON recipient.id = s.recipient_id
LEFT JOIN beat ON beat.id = s.beat_id
WHERE plan.district_id = %(district_id)s AND plan.day = %(day)s AND plan.status = 'published'
    AND s.van_id = %(van_id)s
ORDER BY s.seq

-- name: route_of_van
SELECT ST_AsGeoJSON(r.geom, 6)::json -> 'coordinates' AS line
FROM plan_route AS r
JOIN plan ON plan.id = r.plan_id
WHERE plan.district_id = %(district_id)s AND plan.day = %(day)s AND plan.status = 'published'
    AND r.van_id = %(van_id)s AND r.geom IS NOT NULL

-- name: days_with_tracks
SELECT DISTINCT d::date AS day
FROM van AS v
CROSS JOIN LATERAL (
    SELECT min(t) AS first, max(t) AS last FROM fix WHERE fix.van_id = v.id
) AS span
CROSS JOIN LATERAL generate_series(
    greatest(span.first AT TIME ZONE %(timezone)s, span.last AT TIME ZONE %(timezone)s - interval '60 days')::date,
    (span.last AT TIME ZONE %(timezone)s)::date, '1 day'
) AS d
WHERE v.district_id = %(district_id)s AND span.first IS NOT NULL
    AND EXISTS (
        SELECT FROM fix WHERE fix.van_id = v.id
            AND fix.t >= (d::timestamp AT TIME ZONE %(timezone)s)
            AND fix.t < ((d + interval '1 day')::timestamp AT TIME ZONE %(timezone)s)
    )
ORDER BY day DESC
LIMIT 60

-- name: taps_for_screen
SELECT
    (extract(epoch FROM e.t) * 1000)::bigint AS t, e.kind, e.stop_id AS stop,
    e.body ->> 'task' AS task, e.body ->> 'container' AS container,
    (e.body ->> 'celsius')::float AS celsius,
    s.kind || '|' || coalesce(s.recipient_id::text, site.name, '') || '|'
        || to_char(ST_X(s.geom), 'FM990.00000') || '|' || to_char(ST_Y(s.geom), 'FM990.00000') AS key
FROM event AS e
LEFT JOIN plan_stop AS s ON s.id = e.stop_id
LEFT JOIN site ON site.id = s.site_id
WHERE e.van_id = %(van_id)s AND e.t >= %(start)s AND e.t < %(end)s AND e.kind <> 'seen'
ORDER BY e.t, e.terminal_id, e.id
