-- name: plans
SELECT p.id, p.day, p.version, p.status, p.basis, p.seed, p.levels, p.violations, p.name, p.scenario, p.edits, p.created_at, p.created_by,
       p.published_at, p.published_by,
       (SELECT count(*) FROM plan_stop s WHERE s.plan_id = p.id AND s.kind IN ('visit', 'dropoff'))::int AS served,
       (SELECT count(*) FROM plan_unserved u WHERE u.plan_id = p.id)::int AS unserved
FROM plan p
WHERE p.district_id = %(district)s
  AND (%(day)s::date IS NULL OR p.day = %(day)s::date)
  AND (%(plan)s::bigint IS NULL OR p.id = %(plan)s::bigint)
ORDER BY p.id DESC

-- name: routes
SELECT r.van_id, COALESCE(v.code, '+') AS van, r.starts, r.ends, r.patrol_s, r.drive_s, r.drive_m,
       ST_AsGeoJSON(r.geom, 6) AS geojson
FROM plan_route r
LEFT JOIN van v ON v.id = r.van_id
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

-- name: planned
-- Stops by what they are for, so that they can be found again among the day's visits.
SELECT id, van_id, seq, kind, site_id, recipient_id, cadence_id, beat_id,
       ST_X(geom) AS lon, ST_Y(geom) AS lat, arrives, begins, leaves, promised
FROM plan_stop WHERE plan_id = %(plan)s ORDER BY van_id, seq

-- name: asked
-- Whom a plan calls on or leaves out, and by which channel.
SELECT s.recipient_id, c.channel
FROM plan_stop s JOIN cadence c ON c.id = s.cadence_id WHERE s.plan_id = %(plan)s
UNION
SELECT u.recipient_id, c.channel
FROM plan_unserved u JOIN cadence c ON c.id = u.cadence_id WHERE u.plan_id = %(plan)s

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
INSERT INTO plan_job (district_id, day, seconds, seed, status, stage, queued_at, asked_by, variant)
VALUES (%(district)s, %(day)s, %(seconds)s, %(seed)s, 'waiting', 'waiting', %(now)s, %(by)s, %(variant)s)
RETURNING id

-- name: waiting_job
SELECT id FROM plan_job
WHERE district_id = %(district)s AND day = %(day)s AND status = 'waiting'
ORDER BY id LIMIT 1

-- name: job
SELECT j.id, j.district_id, j.day, j.seconds, j.seed, j.status, j.share_done, j.stage, j.served, j.unserved,
       j.cancel, j.why, j.plan_id, j.queued_at, j.started_at, j.ended_at, j.asked_by, j.variant, j.attempts, j.levels,
       b.found_s, COALESCE(b.curve, '[]'::jsonb) AS curve
FROM plan_job j
LEFT JOIN plan_job_best b ON b.job_id = j.id
WHERE j.id = %(job)s

-- name: start_job
-- One that was cancelled while it waited to be taken up again is taken up to keep its best so far.
UPDATE plan_job j SET status = 'running', stage = 'reading', attempts = attempts + 1,
       started_at = COALESCE(started_at, %(now)s)
FROM (SELECT id FROM plan_job WHERE id = %(job)s FOR UPDATE) asked
LEFT JOIN plan_job_best b ON b.job_id = asked.id
WHERE j.id = asked.id AND j.status = 'waiting' AND (NOT j.cancel OR j.attempts > 0)
RETURNING j.attempts, j.deaths, j.spent_s, b.orders, COALESCE(b.curve, '[]'::jsonb) AS curve

-- name: progress_job
UPDATE plan_job SET share_done = %(share)s, stage = %(stage)s, served = %(served)s, unserved = %(unserved)s,
       spent_s = %(spent)s, levels = COALESCE(%(levels)s::jsonb, levels)
WHERE id = %(job)s AND attempts = %(attempt)s AND status = 'running'
RETURNING cancel, keep

-- name: keep_best
-- Only of the attempt that has the job, and only with what is given: a curve grows oftener than orders change.
INSERT INTO plan_job_best (job_id, curve, orders, levels, found_s)
SELECT id, %(curve)s::jsonb, %(orders)s::jsonb, %(levels)s::jsonb, %(found)s
FROM plan_job WHERE id = %(job)s AND attempts = %(attempt)s AND status = 'running'
ON CONFLICT (job_id) DO UPDATE SET
    curve = excluded.curve,
    orders = COALESCE(excluded.orders, plan_job_best.orders),
    levels = COALESCE(excluded.levels, plan_job_best.levels),
    found_s = COALESCE(excluded.found_s, plan_job_best.found_s)

-- name: end_job
UPDATE plan_job SET status = %(status)s, why = %(why)s, plan_id = %(plan)s, ended_at = %(now)s,
       stage = '', share_done = CASE WHEN %(status)s = 'done' THEN 1 ELSE share_done END
WHERE id = %(job)s AND status IN ('waiting', 'running')
  AND (%(attempt)s::int IS NULL OR attempts = %(attempt)s)
RETURNING id

-- name: give_back_job
-- The worker was told to stop; it says itself that the job waits again.
UPDATE plan_job SET status = 'waiting', stage = 'waiting'
WHERE id = %(job)s AND status = 'running' AND attempts = %(attempt)s
RETURNING id

-- name: mourn_job
-- The worker is dead. A job that it had not begun, or that waits again already, has lost nothing.
UPDATE plan_job SET status = 'waiting', stage = 'waiting', deaths = deaths + (status = 'running')::int
WHERE id = %(job)s AND status IN ('waiting', 'running')
RETURNING deaths

-- name: cancel_job
UPDATE plan_job SET cancel = true, keep = %(keep)s
WHERE id = %(job)s AND district_id = %(district)s AND status IN ('waiting', 'running')
RETURNING status, attempts

-- name: schedules
SELECT d.id AS district_id, d.timezone, COALESCE(s.enabled, true) AS enabled,
       COALESCE(s.at, time '04:30') AS at, COALESCE(s.days_ahead, 0) AS days_ahead,
       COALESCE(s.seconds, 120) AS seconds, s.last_day
FROM district d
LEFT JOIN plan_schedule s ON s.district_id = d.id
WHERE %(district)s::int IS NULL OR d.id = %(district)s
ORDER BY d.id

-- name: set_schedule
INSERT INTO plan_schedule (district_id, enabled, at, days_ahead, seconds)
VALUES (%(district)s, %(enabled)s, %(at)s, %(days_ahead)s, %(seconds)s)
ON CONFLICT (district_id) DO UPDATE SET enabled = excluded.enabled, at = excluded.at,
    days_ahead = excluded.days_ahead, seconds = excluded.seconds

-- name: claim_day
-- Of several workers that look at once one alone gets the row; nobody gets a day without a shift, or one that
-- has a plan or a job already.
INSERT INTO plan_schedule (district_id, last_day)
SELECT %(district)s, %(day)s::date
WHERE EXISTS (SELECT 1 FROM shift h JOIN van v ON v.id = h.van_id
              WHERE v.district_id = %(district)s AND h.day = %(day)s::date)
  AND NOT EXISTS (SELECT 1 FROM plan p WHERE p.district_id = %(district)s AND p.day = %(day)s::date)
  AND NOT EXISTS (SELECT 1 FROM plan_job j WHERE j.district_id = %(district)s AND j.day = %(day)s::date
                  AND j.status IN ('waiting', 'running'))
ON CONFLICT (district_id) DO UPDATE SET last_day = excluded.last_day
WHERE plan_schedule.last_day IS DISTINCT FROM excluded.last_day
RETURNING district_id

-- name: unclaim_day
UPDATE plan_schedule SET last_day = NULL WHERE district_id = %(district)s AND last_day = %(day)s::date
