-- name: plans
SELECT p.id, p.day, p.version, p.status, p.basis, p.seed, p.levels, p.created_at, p.created_by,
       p.published_at, p.published_by,
       (SELECT count(*) FROM plan_stop s WHERE s.plan_id = p.id AND s.kind IN ('visit', 'dropoff'))::int AS served,
       (SELECT count(*) FROM plan_unserved u WHERE u.plan_id = p.id)::int AS unserved
FROM plan p
WHERE p.district_id = %(district)s
  AND (%(day)s::date IS NULL OR p.day = %(day)s::date)
  AND (%(plan)s::bigint IS NULL OR p.id = %(plan)s::bigint)
ORDER BY p.id DESC

-- name: routes
SELECT r.van_id, v.code AS van, r.starts, r.ends, r.patrol_s, r.drive_s, r.drive_m,
       ST_AsGeoJSON(r.geom, 6) AS geojson
FROM plan_route r
JOIN van v ON v.id = r.van_id
WHERE r.plan_id = %(plan)s
ORDER BY r.van_id

-- name: stops
SELECT s.id, s.van_id, s.seq, s.kind, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat,
       COALESCE(t.name, b.name) AS name, COALESCE(t.name_en, b.name_en) AS name_en,
       s.recipient_id, r.name AS who, COALESCE(r.sugar_free, false) AS sugar_free, b.code AS beat,
       s.arrives, s.begins, s.leaves, s.window_from, s.window_to, s.items, s.site_id, s.cadence_id,
       COALESCE(c.skills, '{}') AS needs, r.nap_from, r.nap_to
FROM plan_stop s
LEFT JOIN site t ON t.id = s.site_id
LEFT JOIN recipient r ON r.id = s.recipient_id
LEFT JOIN cadence c ON c.id = s.cadence_id
LEFT JOIN beat b ON b.id = s.beat_id
WHERE s.plan_id = %(plan)s
ORDER BY s.van_id, s.seq

-- name: unserved
SELECT u.n, u.site_id, t.name, u.recipient_id, r.name AS who, c.channel, u.mandatory, u.prize, u.reasons
FROM plan_unserved u
JOIN site t ON t.id = u.site_id
LEFT JOIN recipient r ON r.id = u.recipient_id
LEFT JOIN cadence c ON c.id = u.cadence_id
WHERE u.plan_id = %(plan)s
ORDER BY u.mandatory DESC, u.prize DESC, u.n

-- name: items
SELECT m.code, m.name, m.name_en, m.container
FROM menu_item m
JOIN plan p ON p.district_id = m.district_id
WHERE p.id = %(plan)s
ORDER BY m.code

-- name: lock_day
-- All plans of the day, so that two people who publish at once wait for each other.
SELECT p.id FROM plan p
JOIN plan asked ON asked.id = %(plan)s AND asked.district_id = p.district_id AND asked.day = p.day
WHERE p.district_id = %(district)s
ORDER BY p.id
FOR UPDATE OF p

-- name: whom
-- What a person is called by those who work beside them.
SELECT COALESCE(NULLIF(display, ''), login) AS name FROM account WHERE id = %(account)s

-- name: supersede
UPDATE plan SET status = 'superseded'
WHERE district_id = %(district)s AND day = %(day)s AND status = 'published'
RETURNING id

-- name: publish
UPDATE plan p SET status = 'published', published_at = %(now)s, published_by = %(by)s,
       version = 1 + COALESCE((SELECT max(o.version) FROM plan o
                               WHERE o.district_id = p.district_id AND o.day = p.day), 0)
WHERE p.id = %(plan)s
RETURNING version

-- name: new_job
INSERT INTO plan_job (district_id, day, seconds, seed, status, stage, queued_at, asked_by)
VALUES (%(district)s, %(day)s, %(seconds)s, %(seed)s, 'waiting', 'waiting', %(now)s, %(by)s)
RETURNING id

-- name: waiting_job
SELECT id FROM plan_job
WHERE district_id = %(district)s AND day = %(day)s AND status = 'waiting'
ORDER BY id LIMIT 1

-- name: job
SELECT id, district_id, day, seconds, seed, status, share_done, stage, served, unserved, cancel, why, plan_id,
       queued_at, ended_at, asked_by
FROM plan_job WHERE id = %(job)s

-- name: start_job
UPDATE plan_job SET status = 'running', stage = 'reading'
WHERE id = %(job)s AND status = 'waiting' AND NOT cancel
RETURNING id

-- name: progress_job
UPDATE plan_job SET share_done = %(share)s, stage = %(stage)s, served = %(served)s, unserved = %(unserved)s
WHERE id = %(job)s
RETURNING cancel

-- name: end_job
UPDATE plan_job SET status = %(status)s, why = %(why)s, plan_id = %(plan)s, ended_at = %(now)s,
       stage = '', share_done = CASE WHEN %(status)s = 'done' THEN 1 ELSE share_done END
WHERE id = %(job)s AND status IN ('waiting', 'running')
RETURNING id

-- name: cancel_job
UPDATE plan_job SET cancel = true
WHERE id = %(job)s AND district_id = %(district)s AND status IN ('waiting', 'running')
RETURNING status
