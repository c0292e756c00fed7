-- Alerts and their rules. Every change is one statement that says by its result whether it was made.

-- name: rules
SELECT code, enabled, severity, threshold, on_delay_s, updated_at, updated_by
  FROM alert_rule WHERE district_id = %(district)s;

-- name: set_rule
INSERT INTO alert_rule (district_id, code, enabled, severity, threshold, on_delay_s, updated_at, updated_by)
VALUES (%(district)s, %(code)s, %(enabled)s, %(severity)s, %(threshold)s, %(on_delay_s)s, %(at)s, %(by)s)
    ON CONFLICT (district_id, code) DO UPDATE
   SET enabled = EXCLUDED.enabled, severity = EXCLUDED.severity, threshold = EXCLUDED.threshold,
       on_delay_s = EXCLUDED.on_delay_s, updated_at = EXCLUDED.updated_at, updated_by = EXCLUDED.updated_by;

-- name: take_turn
-- One watch of a district at a time, of all servers; held until the transaction ends.
SELECT pg_try_advisory_xact_lock(hashtext('carevan alerts'), %(district)s);

-- name: wait_turn
SELECT pg_advisory_xact_lock(hashtext('carevan alerts'), %(district)s);

-- name: of_codes
SELECT a.* FROM alert a
 WHERE a.district_id = %(district)s AND a.withdrawn_at IS NULL AND a.ended IS NULL AND a.code = ANY(%(codes)s)
 ORDER BY a.id;

-- name: of_van_day
SELECT a.* FROM alert a
 WHERE a.van_id = %(van)s AND a.withdrawn_at IS NULL AND a.code = ANY(%(codes)s)
   AND a.began >= %(from)s AND a.began < %(to)s
 ORDER BY a.began, a.id;

-- name: of_code_between
SELECT a.* FROM alert a
 WHERE a.district_id = %(district)s AND a.withdrawn_at IS NULL AND a.code = %(code)s
   AND a.began >= %(from)s AND a.began < %(to)s
 ORDER BY a.began, a.id;

-- name: raise
-- Nothing when it stands already: another server was quicker.
INSERT INTO alert (district_id, code, subject, van_id, severity, began, ended, raised_at, historical, body)
VALUES (%(district)s, %(code)s, %(subject)s, %(van)s, %(severity)s, %(began)s, %(ended)s, %(at)s, %(historical)s,
        %(body)s::jsonb)
    ON CONFLICT DO NOTHING
RETURNING id;

-- name: correct
UPDATE alert
   SET began = %(began)s, ended = %(ended)s, body = %(body)s::jsonb,
       historical = historical AND %(ended)s::timestamptz IS NOT NULL
 WHERE id = %(id)s AND withdrawn_at IS NULL
   AND (began, ended, body) IS DISTINCT FROM (%(began)s::timestamptz, %(ended)s::timestamptz, %(body)s::jsonb)
RETURNING id;

-- name: reopen
UPDATE alert SET ended = NULL
 WHERE district_id = %(district)s AND code = %(code)s AND subject = %(subject)s AND began = %(began)s
   AND ended IS NOT NULL AND withdrawn_at IS NULL
RETURNING id;

-- name: end
UPDATE alert SET ended = greatest(began, %(ended)s) WHERE id = %(id)s AND ended IS NULL RETURNING id;

-- name: withdraw
UPDATE alert SET withdrawn_at = %(at)s WHERE id = %(id)s AND withdrawn_at IS NULL RETURNING id;

-- name: acknowledge
UPDATE alert SET acked_at = %(at)s, acked_by = %(by)s
 WHERE id = %(id)s AND district_id = %(district)s AND withdrawn_at IS NULL AND acked_at IS NULL
RETURNING id;

-- name: shelve
UPDATE alert SET shelved_until = %(until)s, shelved_by = %(by)s
 WHERE id = %(id)s AND district_id = %(district)s AND withdrawn_at IS NULL AND ended IS NULL
RETURNING id;

-- name: unshelve
UPDATE alert SET shelved_until = NULL, shelved_by = NULL
 WHERE id = %(id)s AND district_id = %(district)s AND shelved_until IS NOT NULL
RETURNING id;

-- name: expired
-- Shelves that have run out: their alerts come back.
UPDATE alert SET shelved_until = NULL, shelved_by = NULL
 WHERE district_id = %(district)s AND shelved_until <= %(at)s
RETURNING id;

-- name: note
INSERT INTO alert_step (alert_id, n, at, actor, step, detail)
SELECT %(id)s, coalesce(max(n), 0) + 1, %(at)s, %(by)s, %(step)s, %(detail)s::jsonb
  FROM alert_step WHERE alert_id = %(id)s;

-- name: one
SELECT a.* FROM alert a WHERE a.id = %(id)s AND a.district_id = %(district)s FOR UPDATE;

-- name: steps
SELECT n, at, actor, step, detail FROM alert_step WHERE alert_id = %(id)s ORDER BY n;

-- name: standing
SELECT a.* FROM alert a
 WHERE a.district_id = %(district)s AND a.withdrawn_at IS NULL AND a.ended IS NULL
 ORDER BY a.began DESC, a.id DESC;

-- name: between
SELECT a.* FROM alert a
 WHERE a.district_id = %(district)s AND a.withdrawn_at IS NULL AND a.began >= %(from)s AND a.began < %(to)s
   AND (%(van)s::int IS NULL OR a.van_id = %(van)s) AND (%(code)s::text IS NULL OR a.code = %(code)s)
 ORDER BY a.began DESC, a.id DESC
 LIMIT %(most)s;

-- name: lately
-- What stands, and what of the day has ended and was told while it lasted.
SELECT a.* FROM alert a
 WHERE a.district_id = %(district)s AND a.withdrawn_at IS NULL AND (a.ended IS NULL OR a.began >= %(from)s)
 ORDER BY a.ended IS NOT NULL, a.began DESC, a.id DESC
 LIMIT %(most)s;

-- name: days_open
-- Van-days of the past whose alerts have not ended.
SELECT DISTINCT van_id, (began AT TIME ZONE %(zone)s)::date AS day FROM alert
 WHERE district_id = %(district)s AND withdrawn_at IS NULL AND ended IS NULL AND code = ANY(%(codes)s)
   AND began < %(before)s;

-- name: heard
SELECT t.van_id, max(h.heard_at) FROM terminal t JOIN terminal_heard h ON h.terminal_id = t.id
 WHERE t.district_id = %(district)s AND t.revoked_at IS NULL GROUP BY 1;

-- name: good
SELECT van_id, t, lon, lat FROM van_state WHERE district_id = %(district)s;

-- name: unseen
SELECT id, called_at FROM sos WHERE district_id = %(district)s AND state = 'called' AND seen_at IS NULL
   AND called_at <= %(now)s;

-- name: twins
SELECT (body->>'van')::int, max(at)
  FROM (SELECT at, kind, body FROM journal WHERE district_id = %(district)s ORDER BY state DESC LIMIT 500) AS late
 WHERE kind = 'alert' AND body->>'code' = 'two_sockets' AND NOT body ? 'alert' AND at > %(since)s
   AND body->>'van' IS NOT NULL
 GROUP BY 1;

-- name: proved
SELECT van_id, proved_s, computed_at FROM van_day WHERE district_id = %(district)s AND day = %(day)s;

-- name: windows
SELECT id, window_to FROM plan_stop WHERE plan_id = %(plan)s AND window_to IS NOT NULL;
