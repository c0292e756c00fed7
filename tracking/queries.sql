-- The hot path's statements. Times arrive as timestamptz parameters: no statement asks the database's clock.

-- name: partitions
SELECT c.relname, pg_get_expr(c.relpartbound, c.oid)
  FROM pg_inherits i
  JOIN pg_class c ON c.oid = i.inhrelid
 WHERE i.inhparent = 'fix'::regclass;

-- name: keep_promise
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';

-- name: promises
SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit');

-- name: make_stage
CREATE TEMPORARY TABLE IF NOT EXISTS fix_stage (LIKE fix) ON COMMIT DELETE ROWS;

-- name: store_staged
INSERT INTO fix
SELECT * FROM fix_stage
 ORDER BY van_id, t, terminal_id, digest
    ON CONFLICT DO NOTHING;

-- name: store_taps
INSERT INTO event (terminal_id, id, district_id, van_id, t, kind, stop_id, body, received_at)
SELECT terminal_id, id, district_id, van_id, t, kind, stop_id, body::jsonb, received_at
  FROM unnest(%(terminal_id)s::int[], %(id)s::uuid[], %(district_id)s::int[], %(van_id)s::int[],
              %(t)s::timestamptz[], %(kind)s::text[], %(stop_id)s::bigint[], %(body)s::text[],
              %(received_at)s::timestamptz[])
    AS told (terminal_id, id, district_id, van_id, t, kind, stop_id, body, received_at)
    ON CONFLICT DO NOTHING;

-- name: raise_van_state
-- A state that lies ahead of the clock belongs to a day that was shown before; it gives way.
INSERT INTO van_state AS held
       (van_id, district_id, t, terminal_id, digest, lon, lat, speed_mps, heading_deg, battery, received_at)
SELECT told.van_id, told.district_id, to_timestamp(told.t / 1000.0), told.terminal_id, told.digest,
       told.lon, told.lat, told.speed_mps, told.heading_deg, told.battery, to_timestamp(told.received_at / 1000.0)
  FROM unnest(%(van_id)s::int[], %(district_id)s::int[], %(t)s::bigint[], %(terminal_id)s::int[],
              %(digest)s::bigint[], %(lon)s::float8[], %(lat)s::float8[], %(speed_mps)s::real[],
              %(heading_deg)s::real[], %(battery)s::real[], %(received_at)s::bigint[])
    AS told (van_id, district_id, t, terminal_id, digest, lon, lat, speed_mps, heading_deg, battery, received_at)
    ON CONFLICT (van_id) DO UPDATE
   SET district_id = EXCLUDED.district_id, t = EXCLUDED.t, terminal_id = EXCLUDED.terminal_id,
       digest = EXCLUDED.digest, lon = EXCLUDED.lon, lat = EXCLUDED.lat, speed_mps = EXCLUDED.speed_mps,
       heading_deg = EXCLUDED.heading_deg, battery = EXCLUDED.battery, received_at = EXCLUDED.received_at
 WHERE EXCLUDED.t > held.t
    OR held.t > %(ahead)s
    OR (EXCLUDED.t = held.t AND (EXCLUDED.terminal_id, EXCLUDED.digest) < (held.terminal_id, held.digest));

-- name: quarantine
-- A repetition waits here for its first attempt, should that one's COMMIT be still on its way.
INSERT INTO quarantine (terminal_id, van_id, received_at, n, index, why, raw)
SELECT *
  FROM unnest(%(terminal_id)s::int[], %(van_id)s::int[], %(received_at)s::timestamptz[], %(n)s::bigint[],
              %(index)s::int[], %(why)s::text[], %(raw)s::bytea[])
    AS told (terminal_id, van_id, received_at, n, index, why, raw)
 ORDER BY terminal_id, received_at, n, index
    ON CONFLICT DO NOTHING;

-- name: note_seen
INSERT INTO terminal_seen AS held (terminal_id, plan, seq, state, app, at)
SELECT told.terminal_id, told.plan, told.seq, told.state, told.app, told.at
  FROM unnest(%(terminal_id)s::int[], %(plan)s::bigint[], %(seq)s::bigint[], %(state)s::bigint[],
              %(app)s::text[], %(at)s::timestamptz[]) AS told (terminal_id, plan, seq, state, app, at)
  JOIN terminal ON terminal.id = told.terminal_id
 ORDER BY told.terminal_id
    ON CONFLICT (terminal_id) DO UPDATE
   SET plan = EXCLUDED.plan, seq = EXCLUDED.seq, state = EXCLUDED.state, at = EXCLUDED.at,
       app = coalesce(nullif(EXCLUDED.app, ''), held.app);

-- name: note_alarms
INSERT INTO terminal_alarm (terminal_id, t, bits)
SELECT told.terminal_id, told.t, told.bits
  FROM unnest(%(terminal_id)s::int[], %(t)s::timestamptz[], %(bits)s::bigint[]) AS told (terminal_id, t, bits)
  JOIN terminal ON terminal.id = told.terminal_id
 ORDER BY told.terminal_id, told.t
    ON CONFLICT (terminal_id, t) DO UPDATE
   SET bits = EXCLUDED.bits;

-- name: note_heard
-- A newest fix that lies ahead of the clock belongs to a day that was shown before; it gives way.
INSERT INTO terminal_heard AS held
       (terminal_id, heard_at, protocol, fix_t, lag_s, offset_s, offset_told, fixes, refused)
SELECT told.*
  FROM unnest(%(terminal_id)s::int[], %(heard_at)s::timestamptz[], %(protocol)s::text[],
              %(fix_t)s::timestamptz[], %(lag_s)s::real[], %(offset_s)s::real[], %(offset_told)s::boolean[],
              %(fixes)s::bigint[], %(refused)s::bigint[])
    AS told (terminal_id, heard_at, protocol, fix_t, lag_s, offset_s, offset_told, fixes, refused)
  JOIN terminal ON terminal.id = told.terminal_id
 ORDER BY told.terminal_id
    ON CONFLICT (terminal_id) DO UPDATE
   SET heard_at = EXCLUDED.heard_at, protocol = EXCLUDED.protocol,
       (fix_t, lag_s) = (SELECT each.fix_t, each.lag_s
                           FROM (VALUES (EXCLUDED.fix_t, EXCLUDED.lag_s), (held.fix_t, held.lag_s))
                             AS each (fix_t, lag_s)
                          ORDER BY each.fix_t IS NULL, each.fix_t > %(ahead)s, each.fix_t DESC
                          LIMIT 1),
       offset_s = CASE WHEN EXCLUDED.offset_told OR (EXCLUDED.fixes > 0 AND NOT held.offset_told)
                       THEN EXCLUDED.offset_s ELSE held.offset_s END,
       offset_told = held.offset_told OR EXCLUDED.offset_told,
       fixes = held.fixes + EXCLUDED.fixes, refused = held.refused + EXCLUDED.refused;

-- name: ready
SELECT version_num,
       EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = to_regclass('fix') AND c.relname = %(partition)s) AS today
  FROM alembic_version;

-- name: notify
SELECT pg_notify(%(channel)s, %(payload)s);

-- name: authenticate
-- Until when the van has fixes, whoever of its terminals sent them: one row, where asking for the terminal's own
-- could walk the van's whole history. Too late a time only sends some fixes through the careful lane.
SELECT t.id, t.van_id, t.district_id, t.datum, coalesce(s.state, 0) AS state, coalesce(o.seq, 0) AS last_seq,
       v.t AS stored_until
  FROM terminal t
  LEFT JOIN district_state s ON s.district_id = t.district_id
  LEFT JOIN outbox_head o ON o.van_id = t.van_id
  LEFT JOIN van_state v ON v.van_id = t.van_id
 WHERE t.token_hash = %(token_hash)s AND t.revoked_at IS NULL;

-- name: admit_device
SELECT t.id, t.van_id, t.district_id, t.datum, coalesce(o.seq, 0) AS last_seq, s.plan, s.seq, s.state,
       v.t AS stored_until
  FROM terminal t
  LEFT JOIN terminal_seen s ON s.terminal_id = t.id
  LEFT JOIN outbox_head o ON o.van_id = t.van_id
  LEFT JOIN van_state v ON v.van_id = t.van_id
 WHERE t.hardware_id = %(number)s AND t.token_hash = %(token_hash)s
   AND t.kind = 'jt808' AND t.revoked_at IS NULL;

-- name: alarm_steps
SELECT t, bits FROM terminal_alarm WHERE terminal_id = %(terminal_id)s ORDER BY t DESC LIMIT %(most)s;

-- name: forget_alarm_steps
DELETE FROM terminal_alarm WHERE terminal_id = %(terminal_id)s AND t < %(oldest)s;

-- name: still_known
SELECT id, token_hash, van_id FROM terminal WHERE id = ANY(%(ids)s) AND revoked_at IS NULL;

-- name: van_states
-- The registry says whose a van is: it may have been moved since it last reported.
SELECT v.van_id, (extract(epoch FROM v.t) * 1000)::bigint, v.lon, v.lat, v.speed_mps, v.heading_deg, v.battery,
       (extract(epoch FROM v.received_at) * 1000)::bigint, van.district_id
  FROM van_state v
  JOIN van ON van.id = v.van_id;

-- name: van_states_of
SELECT v.van_id, (extract(epoch FROM v.t) * 1000)::bigint, v.lon, v.lat, v.speed_mps, v.heading_deg, v.battery,
       (extract(epoch FROM v.received_at) * 1000)::bigint, van.district_id
  FROM van_state v
  JOIN van ON van.id = v.van_id
 WHERE v.van_id = ANY(%(van_ids)s);

-- name: district_states
SELECT district_id, state FROM district_state;

-- name: journal_after
SELECT state, (extract(epoch FROM at) * 1000)::bigint, kind, body
  FROM journal
 WHERE district_id = %(district_id)s AND state > %(state)s
 ORDER BY state
 LIMIT %(most)s;

-- name: latest_of_district
SELECT v.van_id, v.t, v.lon, v.lat, v.speed_mps, v.heading_deg, v.battery, v.received_at
  FROM van_state v
  JOIN van ON van.id = v.van_id
 WHERE van.district_id = %(district_id)s
 ORDER BY v.van_id;

-- name: track
SELECT t, terminal_id, digest, ST_X(geom), ST_Y(geom), speed_mps, heading_deg, accuracy_m, flags, received_at
  FROM fix
 WHERE van_id = %(van_id)s AND t >= %(starts)s AND t < %(ends)s
 ORDER BY t, terminal_id, digest;

-- name: within
-- Hour and box first, and all of it, so that the exact test's cost does not sway the choice of an index.
WITH near AS MATERIALIZED (
    SELECT van_id, t, geom
      FROM fix
     WHERE t >= %(starts)s AND t < %(ends)s
       AND geom && ST_GeomFromText(%(polygon)s, 4326)
       AND flags = 0)
SELECT van_id, t, ST_X(geom), ST_Y(geom)
  FROM near
 WHERE ST_Intersects(geom, ST_GeomFromText(%(polygon)s, 4326))
 ORDER BY t, van_id;

-- name: vans_with_fixes
SELECT van_id, count(*), min(t), max(t)
  FROM fix
 WHERE van_id = ANY(%(van_ids)s) AND t >= %(starts)s AND t < %(ends)s
 GROUP BY van_id
 ORDER BY van_id;

-- name: counts
SELECT (SELECT count(*) FROM fix) AS fixes,
       (SELECT count(*) FROM (SELECT DISTINCT van_id, t, terminal_id, digest FROM fix) AS each) AS distinct_fixes,
       (SELECT count(*) FROM event) AS events,
       (SELECT count(*) FROM (SELECT DISTINCT terminal_id, id FROM event) AS each) AS distinct_events,
       (SELECT count(*) FROM quarantine) AS quarantined;

-- name: done_stops
SELECT count(DISTINCT stop_id) FROM event WHERE kind = 'done' AND stop_id IS NOT NULL;

-- name: put_blob
INSERT INTO blob (sha256, terminal_id, media_type, body, received_at)
VALUES (%(sha256)s, %(terminal_id)s, %(media_type)s, %(body)s, %(received_at)s)
    ON CONFLICT DO NOTHING;
