-- name: done
-- Calls in person that were made, by the district's days. As in fleet.visits, a claim counts until it was looked at.
SELECT (v.began AT TIME ZONE %(zone)s)::date AS day, count(*) AS n
FROM visit v
WHERE v.district_id = %(district)s AND v.began >= %(starts)s AND v.began < %(ends)s
  AND v.channel <> 'call' AND v.outcome = 'served' AND v.undone_at IS NULL
  AND (v.standing = 'verified' OR v.grade IS NULL)
GROUP BY 1
