-- name: registry_mark
-- Changes with every row that a day's agenda is read from: how many there are, and the newest transaction that
-- wrote one of them.
SELECT string_agg(n || ':' || newest, ',' ORDER BY name) AS mark
FROM (
    SELECT 'van' AS name, count(*) AS n, COALESCE(max(xmin::text::bigint), 0) AS newest FROM van WHERE district_id = %(district)s
    UNION ALL SELECT 'site', count(*), COALESCE(max(xmin::text::bigint), 0) FROM site WHERE district_id = %(district)s
    UNION ALL SELECT 'crew', count(*), COALESCE(max(xmin::text::bigint), 0) FROM crew WHERE district_id = %(district)s
    UNION ALL SELECT 'menu', count(*), COALESCE(max(xmin::text::bigint), 0) FROM menu_item WHERE district_id = %(district)s
    UNION ALL SELECT 'beat', count(*), COALESCE(max(xmin::text::bigint), 0) FROM beat WHERE district_id = %(district)s
    UNION ALL SELECT 'person', count(*), COALESCE(max(xmin::text::bigint), 0) FROM recipient WHERE district_id = %(district)s
    UNION ALL SELECT 'season', count(*), COALESCE(max(xmin::text::bigint), 0) FROM season_override WHERE district_id = %(district)s
    UNION ALL SELECT 'rule', count(*), COALESCE(max(xmin::text::bigint), 0) FROM season_rule WHERE district_id = %(district)s
    UNION ALL SELECT 'degrees', count(*), COALESCE(max(xmin::text::bigint), 0) FROM day_temperature WHERE district_id = %(district)s
    UNION ALL SELECT 'day_rule', count(*), COALESCE(max(xmin::text::bigint), 0) FROM day_rule WHERE district_id = %(district)s
    UNION ALL SELECT 'equipment', count(*), COALESCE(max(xmin::text::bigint), 0) FROM equipment WHERE district_id = %(district)s
    UNION ALL SELECT 'visit', count(*), COALESCE(max(xmin::text::bigint), 0) FROM visit WHERE district_id = %(district)s
    UNION ALL SELECT 'shift', count(*), COALESCE(max(s.xmin::text::bigint), 0)
        FROM shift s JOIN van v ON v.id = s.van_id WHERE v.district_id = %(district)s
    UNION ALL SELECT 'cadence', count(*), COALESCE(max(c.xmin::text::bigint), 0)
        FROM cadence c JOIN recipient r ON r.id = c.recipient_id WHERE r.district_id = %(district)s
    UNION ALL SELECT 'cell', count(*), COALESCE(max(c.xmin::text::bigint), 0)
        FROM beat_cell c JOIN beat b ON b.id = c.beat_id WHERE b.district_id = %(district)s
    UNION ALL SELECT 'assigned', count(*), COALESCE(max(a.xmin::text::bigint), 0)
        FROM beat_assignment a JOIN van v ON v.id = a.van_id WHERE v.district_id = %(district)s
    UNION ALL SELECT 'published', count(*), COALESCE(max(p.id), 0)
        FROM plan p WHERE p.district_id = %(district)s AND p.day = %(day)s AND p.status = 'published'
) AS rows

-- name: stop_sites
SELECT id, site_id FROM plan_stop WHERE plan_id = %(plan)s AND site_id IS NOT NULL

-- name: published_plan
SELECT id FROM plan WHERE district_id = %(district)s AND day = %(day)s AND status = 'published'

-- name: begun_calls
SELECT id, van_id, site_id, recipient_id, begins FROM plan_stop
WHERE id = ANY(%(stops)s) AND kind IN ('visit', 'dropoff') AND site_id IS NOT NULL
ORDER BY van_id, seq
