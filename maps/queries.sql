-- name: edition
-- An import makes its tables anew, so the number of one of them tells one base map from the next.
SELECT coalesce(to_regclass('basemap.road')::oid::bigint, 0)

-- name: attribution
SELECT attribution FROM basemap.source

-- name: tile
-- One tile of the base map. A label of an area stands once, in the tile that holds the area's inner point.
-- Far out, what is smaller than a dot is left out, lines are as coarse as the dots, and a road's parts are one. No tile
-- holds more than so many of each; the small ones give way.
WITH box AS (
    SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS tile,
           ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096) AS wide,
           40075016.7 / 512 / (1 << %(z)s) AS dot_m
), area_shown AS (
    SELECT layer, kind, name, geom
    FROM basemap.area, box
    WHERE geom && box.wide AND (layer <> 'building' OR %(z)s >= 14)
      AND greatest(ST_XMax(geom) - ST_XMin(geom), ST_YMax(geom) - ST_YMin(geom)) > 2 * box.dot_m
    ORDER BY layer = 'building', ST_Area(geom) DESC LIMIT 8000
), area AS (
    SELECT layer, kind, ST_AsMVTGeom(
        CASE WHEN %(z)s < 13 THEN ST_SimplifyPreserveTopology(geom, box.dot_m / 2) ELSE geom END, box.tile, 4096, 64
    ) AS geom
    FROM area_shown, box
), road_shown AS (
    SELECT rank, kind, name, name_en, geom
    FROM basemap.road, box
    WHERE geom && box.wide AND rank <= greatest(1, %(z)s - 7)
    ORDER BY rank LIMIT 12000
), road_joined AS (
    SELECT rank, kind, name, name_en, ST_Simplify(ST_LineMerge(ST_Collect(geom)), min(box.dot_m) / 2, true) AS geom
    FROM road_shown, box WHERE %(z)s < 13 GROUP BY rank, kind, name, name_en
    UNION ALL
    SELECT rank, kind, name, name_en, geom FROM road_shown WHERE %(z)s >= 13
), road AS (
    SELECT rank, kind, name, name_en, ST_AsMVTGeom(road_joined.geom, box.tile, 4096, 64) AS geom
    FROM road_joined, box
    ORDER BY rank DESC
), label_shown AS (
    SELECT kind, name, false AS area, geom
    FROM basemap.label, box
    WHERE geom && box.wide AND %(z)s >= CASE
        WHEN kind IN ('city', 'town') THEN 0
        WHEN kind IN ('village', 'suburb') THEN 9
        WHEN kind IN ('neighbourhood', 'quarter') THEN 14
        ELSE 15 END
    LIMIT 500
), label AS (
    SELECT kind, name, area, ST_AsMVTGeom(geom, box.tile, 4096, 64) AS geom
    FROM label_shown, box
    UNION ALL
    SELECT layer, name, true, ST_AsMVTGeom(ST_PointOnSurface(geom), box.tile, 4096, 0)
    FROM area_shown, box
    WHERE name IS NOT NULL AND layer IN ('water', 'green') AND %(z)s >= 12
)
SELECT coalesce((SELECT ST_AsMVT(area, 'area') FROM area WHERE area.geom IS NOT NULL), '')
    || coalesce((SELECT ST_AsMVT(road, 'road') FROM road WHERE road.geom IS NOT NULL), '')
    || coalesce((SELECT ST_AsMVT(label, 'label') FROM label WHERE label.geom IS NOT NULL), '') AS tile

-- name: published
SELECT id, version, basis, published_at FROM plan
WHERE district_id = %(district)s AND day = %(day)s AND status = 'published'

-- name: routes
SELECT van_id, starts, ends, patrol_s, drive_s, drive_m, ST_AsGeoJSON(geom, 6) AS line
FROM plan_route WHERE plan_id = %(plan)s ORDER BY van_id

-- name: stops
SELECT s.id, s.van_id, s.seq, s.kind, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat,
       s.arrives, s.begins, s.leaves, s.items, s.site_id, s.beat_id,
       site.kind AS site_kind, site.name AS site_name, site.name_en AS site_name_en,
       r.name AS recipient, beat.name AS beat_name, beat.name_en AS beat_name_en
FROM plan_stop s
LEFT JOIN site ON site.id = s.site_id
LEFT JOIN recipient r ON r.id = s.recipient_id
LEFT JOIN beat ON beat.id = s.beat_id
WHERE s.plan_id = %(plan)s ORDER BY s.van_id, s.seq

-- name: unserved
SELECT u.n, u.mandatory, u.prize, u.reasons, site.name AS site_name, site.name_en AS site_name_en,
       r.name AS recipient, c.channel, c.service_s
FROM plan_unserved u
JOIN site ON site.id = u.site_id
LEFT JOIN recipient r ON r.id = u.recipient_id
LEFT JOIN cadence c ON c.id = u.cadence_id
WHERE u.plan_id = %(plan)s ORDER BY u.mandatory DESC, u.prize DESC, u.n

-- name: taps
SELECT van_id, kind, t, stop_id, body FROM event
WHERE van_id = ANY(%(vans)s) AND t >= %(from)s AND t <= %(to)s AND kind <> 'seen'
ORDER BY van_id, t, received_at

-- name: positions
SELECT van_id, t, lon, lat, heading_deg, received_at FROM van_state WHERE district_id = %(district)s

-- name: monthly
-- Elders who are to be visited in person, and how many of them were, in the last 30 days. As in fleet.visits, a
-- claim counts until it was looked at.
SELECT count(*) AS total,
       count(*) FILTER (WHERE EXISTS (
           SELECT FROM visit v
           WHERE v.recipient_id = r.id AND v.outcome = 'served' AND v.channel <> 'call'
             AND v.undone_at IS NULL
             AND (v.standing = 'verified' OR v.grade IS NULL)
             AND v.began > %(now)s - interval '30 days' AND v.began <= %(now)s)) AS seen
FROM recipient r
WHERE r.district_id = %(district)s
  AND EXISTS (SELECT FROM cadence c WHERE c.recipient_id = r.id AND c.channel <> 'call')

-- name: overdue
-- Calls in person whose greatest allowed gap has passed. Somebody never served has no last visit to count from.
SELECT count(*) AS n, coalesce(max(extract(epoch FROM %(now)s - last.began) / 86400 - c.max_days), 0) AS days
FROM district d
CROSS JOIN LATERAL cadences_on(d.id, (%(now)s AT TIME ZONE d.timezone)::date) c
JOIN LATERAL (
    SELECT max(v.began) AS began FROM visit v
    WHERE v.recipient_id = c.recipient_id AND v.channel = ANY (c.closed_by) AND v.undone_at IS NULL
      AND v.outcome = 'served' AND v.began <= %(now)s AND (v.standing = 'verified' OR v.grade IS NULL)
) last ON true
WHERE d.id = %(district)s AND c.channel <> 'call' AND %(now)s - last.began > c.max_days * interval '1 day'

-- name: homes
SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat, count(*) AS elders
FROM site JOIN recipient r ON r.home_id = site.id
WHERE r.district_id = %(district)s GROUP BY 1, 2

-- name: versions
SELECT id, version, status, basis, levels, violations, created_at, published_at, name FROM plan
WHERE district_id = %(district)s AND day = %(day)s ORDER BY created_at DESC, id DESC LIMIT 50

-- name: plan
SELECT id, day, version, status, basis, levels, violations, created_at, published_at, name FROM plan
WHERE district_id = %(district)s AND id = %(plan)s

-- name: running_job
SELECT id FROM plan_job
WHERE district_id = %(district)s AND day = %(day)s AND status IN ('waiting', 'running')
ORDER BY id DESC LIMIT 1

-- name: roster
-- Every terminal of a district with the last that was heard of it.
SELECT t.id, t.code, t.kind, t.is_primary, t.revoked_at IS NOT NULL AS revoked, t.enrol_until,
       v.id AS van_id, v.name AS van_name, v.name_en AS van_name_en, v.colour AS van_colour,
       h.heard_at, h.protocol, h.fix_t, h.lag_s, h.offset_s, h.offset_told,
       coalesce(h.fixes, 0) AS fixes, s.plan, s.state, s.app,
       (SELECT count(*) FROM quarantine q WHERE q.terminal_id = t.id AND q.received_at > %(since)s) AS refused
FROM terminal t
JOIN van v ON v.id = t.van_id
LEFT JOIN terminal_heard h ON h.terminal_id = t.id
LEFT JOIN terminal_seen s ON s.terminal_id = t.id
WHERE t.district_id = %(district)s
ORDER BY v.code, t.code;

-- name: drawn_goal
-- What a screen should have drawn: the district's state, and the published plan of a day.
SELECT coalesce((SELECT state FROM district_state WHERE district_id = %(district)s), 0) AS state,
       (SELECT version FROM plan
        WHERE district_id = %(district)s AND day = %(day)s AND status = 'published') AS plan;

-- name: refusals
SELECT q.received_at, q.why
FROM quarantine q
JOIN terminal t ON t.id = q.terminal_id
WHERE q.terminal_id = %(terminal)s AND t.district_id = %(district)s AND q.received_at > %(since)s
ORDER BY q.received_at DESC, q.id DESC
LIMIT %(most)s;

-- name: screens
-- The state that each van's screen has drawn last, and when the district went on from there; by van.
SELECT DISTINCT ON (t.van_id) t.van_id, s.state,
       (SELECT j.at FROM journal j WHERE j.district_id = t.district_id AND j.state > s.state
        ORDER BY j.state LIMIT 1) AS since
FROM terminal t
JOIN terminal_seen s ON s.terminal_id = t.id
WHERE t.district_id = %(district)s AND t.revoked_at IS NULL AND s.state > 0
ORDER BY t.van_id, s.at DESC;

-- name: left_at
-- When a district went on from a state; no row while it stands.
SELECT at FROM journal WHERE district_id = %(district)s AND state > %(state)s ORDER BY state LIMIT 1;
