-- The proofs that are kept of vans' days, and which of them have to be made again.

-- name: write_van_day
INSERT INTO van_day (van_id, day, district_id, proved_s, claimed_s, sos_s, distance_m, fixes, flagged, spans,
                     cells_seen, cells, longest_unseen_s, received_until, computed_at)
VALUES (%(van_id)s, %(day)s, %(district_id)s, %(proved_s)s, %(claimed_s)s, %(sos_s)s, %(distance_m)s, %(fixes)s,
        %(flagged)s, %(spans)s::jsonb, %(cells_seen)s, %(cells)s, %(longest_unseen_s)s, %(received_until)s,
        %(computed_at)s)
    ON CONFLICT (van_id, day) DO UPDATE
   SET district_id = EXCLUDED.district_id, proved_s = EXCLUDED.proved_s, claimed_s = EXCLUDED.claimed_s,
       sos_s = EXCLUDED.sos_s, distance_m = EXCLUDED.distance_m, fixes = EXCLUDED.fixes,
       flagged = EXCLUDED.flagged, spans = EXCLUDED.spans, cells_seen = EXCLUDED.cells_seen,
       cells = EXCLUDED.cells, longest_unseen_s = EXCLUDED.longest_unseen_s,
       received_until = EXCLUDED.received_until, computed_at = EXCLUDED.computed_at;

-- name: drop_van_day_beats
DELETE FROM van_day_beat WHERE van_id = %(van_id)s AND day = %(day)s AND beat_id <> ALL(%(beats)s::int[]);

-- name: write_van_day_beats
-- A beat that is gone since its cells were read is left out.
INSERT INTO van_day_beat (van_id, day, beat_id, cells, cells_seen, passes, longest_unseen_s, longest_revisit_s,
                          median_revisit_s)
SELECT %(van_id)s, %(day)s, told.*
  FROM unnest(%(beat_id)s::int[], %(cells)s::int[], %(cells_seen)s::int[], %(passes)s::int[],
              %(longest_unseen_s)s::int[], %(longest_revisit_s)s::int[], %(median_revisit_s)s::int[])
    AS told (beat_id, cells, cells_seen, passes, longest_unseen_s, longest_revisit_s, median_revisit_s)
  JOIN beat ON beat.id = told.beat_id
    ON CONFLICT (van_id, day, beat_id) DO UPDATE
   SET cells = EXCLUDED.cells, cells_seen = EXCLUDED.cells_seen, passes = EXCLUDED.passes,
       longest_unseen_s = EXCLUDED.longest_unseen_s, longest_revisit_s = EXCLUDED.longest_revisit_s,
       median_revisit_s = EXCLUDED.median_revisit_s;

-- name: van_day_beats
SELECT k.van_id, k.day, k.beat_id, b.name, b.name_en, k.cells, k.cells_seen, k.passes, k.longest_unseen_s,
       k.longest_revisit_s, k.median_revisit_s
  FROM van_day_beat k
  JOIN van_day USING (van_id, day)
  JOIN beat b ON b.id = k.beat_id
 WHERE van_day.district_id = %(district_id)s AND day BETWEEN %(first)s AND %(last)s
 ORDER BY k.day, k.van_id, b.code;

-- name: van_days
SELECT van_id, day, district_id, proved_s, claimed_s, sos_s, distance_m, fixes, flagged, spans, cells_seen, cells,
       longest_unseen_s, received_until, computed_at
  FROM van_day
 WHERE district_id = %(district_id)s AND day BETWEEN %(first)s AND %(last)s
 ORDER BY day, van_id;

-- name: fixes_kept
SELECT fixes FROM van_day WHERE van_id = %(van_id)s AND day = %(day)s;

-- name: mark_due
INSERT INTO van_day_due (van_id, day, since)
SELECT told.van_id, told.day, %(at)s
  FROM unnest(%(vans)s::int[], %(days)s::date[]) AS told (van_id, day)
  JOIN van ON van.id = told.van_id
 ORDER BY told.van_id, told.day
    ON CONFLICT (van_id, day) DO UPDATE
   SET since = EXCLUDED.since;

-- name: mark_ended
-- Days that have ended since they were proved last, and shifts of which nothing was ever heard.
INSERT INTO van_day_due AS held (van_id, day, since)
SELECT v.id, each.day, %(now)s
  FROM (SELECT van_id, day FROM shift WHERE day BETWEEN %(first)s AND %(last)s
         UNION
        SELECT van_id, day FROM van_day WHERE day BETWEEN %(first)s AND %(last)s) AS each
  JOIN van v ON v.id = each.van_id
  JOIN district d ON d.id = v.district_id
  LEFT JOIN van_day k ON k.van_id = each.van_id AND k.day = each.day
 WHERE (each.day + 1)::timestamp AT TIME ZONE d.timezone <= %(now)s
   AND (k.computed_at IS NULL OR k.computed_at < (each.day + 1)::timestamp AT TIME ZONE d.timezone)
 ORDER BY v.id, each.day
    ON CONFLICT (van_id, day) DO UPDATE
   SET since = EXCLUDED.since
 WHERE held.since IS NULL;

-- name: mark_called
-- The days of calls for help that were closed lately, be it from a desk.
INSERT INTO van_day_due AS held (van_id, day, since)
SELECT DISTINCT s.van_id, (each.t AT TIME ZONE d.timezone)::date AS day, %(now)s
  FROM sos s
  JOIN district d ON d.id = s.district_id
 CROSS JOIN LATERAL (VALUES (s.accepted_at), (s.closed_at)) AS each (t)
 WHERE s.van_id IS NOT NULL AND s.accepted_at IS NOT NULL AND s.closed_at > %(since)s AND s.closed_at <= %(now)s
 ORDER BY s.van_id, day
    ON CONFLICT (van_id, day) DO UPDATE
   SET since = EXCLUDED.since
 WHERE held.since IS NULL;

-- name: take_due
-- A mark made while this one is worked on waits for the end of it, and stands then.
DELETE FROM van_day_due AS due
 USING (SELECT d.van_id, d.day
          FROM van_day_due d
         CROSS JOIN LATERAL (SELECT (SELECT kept.computed_at FROM van_day kept
                                      WHERE kept.van_id = d.van_id AND kept.day = d.day)) AS k (computed_at)
         WHERE d.since IS NOT NULL
           AND (d.since NOT BETWEEN %(quiet)s AND %(now)s
                OR coalesce(k.computed_at NOT BETWEEN %(recent)s AND %(now)s, true))
           AND NOT EXISTS (SELECT FROM unnest(%(aside_vans)s::int[], %(aside_days)s::date[]) AS aside (van_id, day)
                            WHERE aside.van_id = d.van_id AND aside.day = d.day)
         ORDER BY k.computed_at NULLS FIRST, d.since, d.van_id, d.day
         LIMIT 1
           FOR UPDATE OF d SKIP LOCKED) AS next
 WHERE due.van_id = next.van_id AND due.day = next.day
RETURNING due.van_id, due.day, (SELECT district_id FROM van WHERE van.id = due.van_id);

-- name: take_due_by_change
-- Only when no day is due by its facts: there may be very many of these. The newest day goes first.
DELETE FROM van_day_due AS due
 USING (SELECT d.van_id, d.day
          FROM van_day_due d
         CROSS JOIN LATERAL (SELECT (SELECT kept.computed_at FROM van_day kept
                                      WHERE kept.van_id = d.van_id AND kept.day = d.day)) AS k (computed_at)
         WHERE d.since IS NULL
           AND coalesce(k.computed_at NOT BETWEEN %(recent)s AND %(now)s, true)
           AND NOT EXISTS (SELECT FROM unnest(%(aside_vans)s::int[], %(aside_days)s::date[]) AS aside (van_id, day)
                            WHERE aside.van_id = d.van_id AND aside.day = d.day)
         ORDER BY d.day DESC, d.van_id
         LIMIT 1
           FOR UPDATE OF d SKIP LOCKED) AS next
 WHERE due.van_id = next.van_id AND due.day = next.day
RETURNING due.van_id, due.day, (SELECT district_id FROM van WHERE van.id = due.van_id);

-- name: marked_until
SELECT marked_until FROM van_day_watermark;

-- name: raise_watermark
INSERT INTO van_day_watermark (marked_until) VALUES (%(until)s)
    ON CONFLICT (is_the_one) DO UPDATE
   SET marked_until = EXCLUDED.marked_until;

-- name: no_hurry
SELECT set_config('statement_timeout', '0', true);

-- name: received_lately
-- Which quarters of an hour got fixes since. All partitions are read: this is asked once, after a start.
SELECT f.van_id, v.district_id, array_agg(DISTINCT floor(extract(epoch FROM f.t) / 900)::bigint)
  FROM fix f
  JOIN van v ON v.id = f.van_id
 WHERE f.received_at > %(since)s
 GROUP BY f.van_id, v.district_id;
