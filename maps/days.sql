-- name: calls
-- What each planned stop of the day came to, by whose track; one that another van saw to is shown with both.
-- A stop of a plan that was published anew stays while something is proved of it.
SELECT coalesce(e.van_id, s.van_id) AS van_id, s.van_id AS planned_van_id, s.id, s.seq, s.kind,
       ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat, s.arrives, s.begins, s.leaves, s.items,
       site.kind AS site_kind, site.name AS site_name, site.name_en AS site_name_en, r.name AS recipient,
       beat.name AS beat_name, beat.name_en AS beat_name_en,
       e.verdict, e.arrived, e.departed, e.tapped, e.dwell_s, e.sharers, e.distance_m, e.late_s, e.late,
       e.in_order, e.grade, e.score, e.parts, e.computed_at
FROM plan p
JOIN plan_stop s ON s.plan_id = p.id
LEFT JOIN stop_evidence e ON e.stop_id = s.id
LEFT JOIN site ON site.id = s.site_id
LEFT JOIN recipient r ON r.id = s.recipient_id
LEFT JOIN beat ON beat.id = s.beat_id
WHERE p.district_id = %(district)s AND p.day = %(day)s AND s.kind IN ('visit', 'dropoff')
  AND (p.status = 'published' OR p.status = 'superseded' AND e.stop_id IS NOT NULL)
ORDER BY coalesce(e.arrived, s.begins), s.seq, s.id

-- name: alerts
SELECT a.id, a.van_id, a.code, a.severity, a.began, a.ended, a.historical, a.acked_at, a.acked_by, a.shelved_until,
       a.body
FROM alert a
WHERE a.district_id = %(district)s AND a.van_id IS NOT NULL AND a.began < %(ends)s
  AND coalesce(a.ended, a.began) >= %(starts)s AND a.withdrawn_at IS NULL
ORDER BY a.began, a.id
