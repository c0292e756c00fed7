-- What a van's day is judged by. A call is what was planned for an elder or a place on a day, whichever
-- version of the day's plan says so: its taps may name the stop of an older one.

-- name: stops_of_van
SELECT s.id
FROM plan_stop AS s
JOIN plan AS p ON p.id = s.plan_id
WHERE p.district_id = %(district_id)s AND p.day = %(day)s AND p.status = 'published' AND s.van_id = %(van_id)s
UNION
SELECT s.id
FROM event AS e
JOIN plan_stop AS s ON s.id = e.stop_id
JOIN plan AS p ON p.id = s.plan_id
WHERE e.van_id = %(van_id)s AND e.t >= %(start)s AND e.t < %(start)s + interval '8 days'
    AND p.district_id = %(district_id)s AND p.day = %(day)s AND p.status IN ('published', 'superseded')

-- name: calls_of_stops
WITH asked AS (
    SELECT DISTINCT p.day, s.kind, s.recipient_id, s.site_id, s.van_id
    FROM plan_stop AS s
    JOIN plan AS p ON p.id = s.plan_id
    WHERE s.id = ANY(%(stop_ids)s) AND p.district_id = %(district_id)s
),
alike AS (
    SELECT DISTINCT s.id
    FROM asked AS a
    JOIN plan AS p ON p.district_id = %(district_id)s AND p.day = a.day AND p.status IN ('published', 'superseded')
    JOIN plan_stop AS s ON s.plan_id = p.id AND s.kind = a.kind AND CASE a.kind
        WHEN 'visit' THEN s.recipient_id = a.recipient_id
        WHEN 'dropoff' THEN s.site_id = a.site_id
        ELSE s.van_id = a.van_id AND s.site_id IS NOT DISTINCT FROM a.site_id END
)
SELECT
    s.id, s.seq, s.kind, s.van_id, s.site_id, s.recipient_id, c.channel, p.day, p.status, p.version,
    ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat,
    (extract(epoch FROM s.begins) * 1000)::bigint AS begins_ms,
    (extract(epoch FROM s.leaves) * 1000)::bigint AS leaves_ms,
    (extract(epoch FROM s.window_from) * 1000)::bigint AS window_from_ms,
    (extract(epoch FROM s.window_to) * 1000)::bigint AS window_to_ms,
    'call:' || p.day || ':' || s.kind || ':' || CASE s.kind
        WHEN 'visit' THEN s.recipient_id::text WHEN 'dropoff' THEN s.site_id::text
        ELSE s.van_id || '-' || coalesce(s.site_id, 0) END
        || ':' || row_number() OVER (
            PARTITION BY p.id, s.kind, CASE s.kind
                WHEN 'visit' THEN s.recipient_id::text WHEN 'dropoff' THEN s.site_id::text
                ELSE s.van_id || '-' || coalesce(s.site_id, 0) END
            ORDER BY s.begins, s.id) AS call
FROM alike
JOIN plan_stop AS s ON s.id = alike.id
JOIN plan AS p ON p.id = s.plan_id
LEFT JOIN cadence AS c ON c.id = s.cadence_id
ORDER BY p.version NULLS FIRST, s.id

-- name: taps_of_stops
-- A task of an SOS is no stop's. Of pictures only those count that are kept, and one that goes with several
-- stops within a day counts for the first.
SELECT
    e.terminal_id, e.id, e.van_id, (extract(epoch FROM e.t) * 1000)::bigint AS t_ms, e.kind, e.stop_id,
    (e.body ->> 'lon')::float AS lon, (e.body ->> 'lat')::float AS lat,
    (e.body ->> 'celsius')::float AS celsius,
    (SELECT count(*) FROM jsonb_array_elements_text(e.body -> 'blobs') AS named
        JOIN blob ON blob.sha256 = decode(named, 'hex')
        WHERE NOT EXISTS (
            SELECT FROM event AS earlier
            WHERE earlier.van_id = e.van_id AND earlier.t <= e.t AND earlier.t > e.t - interval '1 day'
                AND (earlier.t, earlier.terminal_id, earlier.id) < (e.t, e.terminal_id, e.id)
                AND earlier.stop_id <> e.stop_id AND earlier.body -> 'blobs' ? named))::int AS pictures
FROM event AS e
WHERE e.district_id = %(district_id)s AND e.stop_id = ANY(%(stop_ids)s)
    AND coalesce(e.body ->> 'task', '') NOT LIKE 'sos:%%'
ORDER BY e.t, e.terminal_id, e.id

-- name: readings_of_van
SELECT
    e.terminal_id, e.id, e.van_id, (extract(epoch FROM e.t) * 1000)::bigint AS t_ms, e.kind, e.stop_id,
    NULL::float AS lon, NULL::float AS lat, (e.body ->> 'celsius')::float AS celsius, 0 AS pictures
FROM event AS e
WHERE e.district_id = %(district_id)s AND e.van_id = %(van_id)s AND e.t >= %(start)s AND e.t < %(end)s
    AND e.kind = 'reading' AND e.stop_id IS NULL
ORDER BY e.t, e.terminal_id, e.id

-- name: evidence_of_day
-- A home is never named: its elder's masked name is put there by the caller.
SELECT
    x.stop_id, x.van_id, s.seq, s.kind, s.van_id AS planned_van_id, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat,
    CASE WHEN site.kind = 'home' THEN NULL ELSE site.name END AS place,
    CASE WHEN site.kind = 'home' THEN NULL ELSE site.name_en END AS place_en,
    recipient.name AS who, recipient.code AS who_code,
    (extract(epoch FROM s.begins) * 1000)::bigint AS begins,
    (extract(epoch FROM s.leaves) * 1000)::bigint AS leaves,
    (extract(epoch FROM s.window_from) * 1000)::bigint AS window_from,
    (extract(epoch FROM s.window_to) * 1000)::bigint AS window_to,
    x.verdict,
    (extract(epoch FROM x.arrived) * 1000)::bigint AS arrived,
    (extract(epoch FROM x.departed) * 1000)::bigint AS departed,
    (extract(epoch FROM x.tapped) * 1000)::bigint AS tapped,
    x.dwell_s, x.sharers, x.distance_m, x.late_s, x.window_late_s, x.late, x.in_order,
    x.grade, x.score, x.parts,
    (SELECT count(*) FROM visit AS v WHERE v.stop_id = x.stop_id AND v.van_id = x.van_id)::int AS visits,
    (SELECT count(*) FROM visit AS v
        WHERE v.stop_id = x.stop_id AND v.van_id = x.van_id AND v.standing = 'verified')::int AS verified,
    (extract(epoch FROM x.computed_at) * 1000)::bigint AS computed
FROM stop_evidence AS x
JOIN plan_stop AS s ON s.id = x.stop_id
LEFT JOIN site ON site.id = s.site_id
LEFT JOIN recipient ON recipient.id = s.recipient_id
WHERE x.district_id = %(district_id)s AND x.day = %(day)s
    AND (%(van_id)s::int IS NULL OR x.van_id = %(van_id)s)
ORDER BY x.van_id, s.begins, s.seq, x.stop_id
