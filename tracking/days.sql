-- The days of the fix table: what is asked of the catalogue, and what retention deletes.

-- name: part_indexes
SELECT i.relname, x.indisvalid
  FROM pg_inherits h
  JOIN pg_index x ON x.indrelid = h.inhrelid
  JOIN pg_class i ON i.oid = x.indexrelid
 WHERE h.inhparent = 'fix'::regclass;

-- name: summarize
SELECT brin_summarize_new_values(%s::regclass);

-- name: is_unknown
-- Whether it has rows of which statistics know nothing.
SELECT reltuples < 0 AND pg_relation_size(oid) > 0 FROM pg_class WHERE oid = %(name)s::regclass;

-- name: be_patient
SELECT set_config('lock_timeout', %s, true);

-- name: database_born
-- The oldest line of the audit, which is never deleted; its time is the wall's.
SELECT at FROM audit ORDER BY id LIMIT 1;

-- name: received_since
SELECT EXISTS (
       SELECT FROM fix WHERE t >= %(starts)s AND t < %(ends)s AND received_at >= %(instant)s);

-- name: received_before
SELECT EXISTS (
       SELECT FROM fix WHERE t >= %(starts)s AND t < %(ends)s AND received_at < %(instant)s);

-- name: blocks
SELECT pg_relation_size(%(name)s::regclass) / current_setting('block_size')::int;

-- name: rows_about
SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = %(name)s::regclass;

-- name: prune_quarantine
DELETE FROM quarantine
 WHERE id IN (SELECT id FROM quarantine WHERE received_at < %(before)s LIMIT %(most)s);

-- name: prune_outbox
-- Only what has reached the van: the crew's tasks name people and places.
DELETE FROM outbox
 WHERE (van_id, seq) IN (
       SELECT o.van_id, o.seq
         FROM outbox o
        WHERE o.created_at < %(before)s
          AND EXISTS (
              SELECT FROM terminal m
                JOIN terminal_seen s ON s.terminal_id = m.id
               WHERE m.van_id = o.van_id AND s.seq >= o.seq)
        LIMIT %(most)s);

-- name: prune_van_state
DELETE FROM van_state
 WHERE van_id IN (SELECT van_id FROM van_state WHERE received_at < %(before)s LIMIT %(most)s);

-- name: note_retention
INSERT INTO audit (at, actor, action, object, result, detail)
VALUES (%(at)s, 'keeper', %(action)s, %(object)s, 'done', %(detail)s);

-- name: inventory
-- Rows as the planner estimates them: by the size now and the rows a page when it was last looked at (58 before).
SELECT c.relname, pg_get_expr(c.relpartbound, c.oid),
       (pg_relation_size(c.oid) / current_setting('block_size')::int
        * CASE WHEN c.relpages > 0 THEN c.reltuples / c.relpages ELSE 58 END)::bigint,
       pg_table_size(c.oid), pg_indexes_size(c.oid),
       ARRAY(SELECT i.relname::text
               FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
              WHERE x.indrelid = c.oid AND x.indisvalid),
       -- The newest receipt that statistics know: the search for the newest of all begins there.
       (SELECT max(known)
          FROM pg_stats s,
               unnest(coalesce(s.histogram_bounds::text::timestamptz[], '{}')
                      || coalesce(s.most_common_vals::text::timestamptz[], '{}')) AS known
         WHERE s.schemaname = current_schema() AND s.tablename = c.relname AND s.attname = 'received_at')
  FROM pg_inherits h
  JOIN pg_class c ON c.oid = h.inhrelid
 WHERE h.inhparent = 'fix'::regclass;

-- name: newest_receipt
SELECT max(received_at)
  FROM fix
 WHERE t >= %(starts)s AND t < %(ends)s AND received_at >= %(since)s;
