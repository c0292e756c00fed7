-- What tracks prove: fences, rules and alerts, the ledger of a van's day, the evidence of each planned stop.

CREATE TABLE fence (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id int NOT NULL REFERENCES district (id) ON DELETE CASCADE,
    code text NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL DEFAULT '',
    -- An area with holes and several parts, a circle about a point, or a corridor along a line.
    kind text NOT NULL CHECK (kind IN ('area', 'circle', 'corridor')),
    geom geometry(Geometry, 4326) NOT NULL,
    radius_m double precision CHECK (radius_m > 0),
    -- Whose crossings count: NULL is every van of the district.
    van_ids int[],
    -- When it counts: instants, and hours of the district's day; the hours may pass midnight.
    valid_from timestamptz,
    valid_to timestamptz,
    hour_from time,
    hour_to time,
    -- What is told of it.
    tells text[] NOT NULL DEFAULT '{}' CHECK (tells <@ ARRAY['enter', 'exit', 'dwell']),
    dwell_s int NOT NULL DEFAULT 0 CHECK (dwell_s >= 0),
    created_at timestamptz NOT NULL,
    retired_at timestamptz,
    CONSTRAINT fence_code_key UNIQUE (district_id, code),
    CONSTRAINT fence_shape CHECK (
        CASE kind WHEN 'area' THEN geometrytype(geom) IN ('POLYGON', 'MULTIPOLYGON') AND radius_m IS NULL
                  WHEN 'circle' THEN geometrytype(geom) = 'POINT' AND radius_m IS NOT NULL
                  ELSE geometrytype(geom) IN ('LINESTRING', 'MULTILINESTRING') AND radius_m IS NOT NULL END),
    CONSTRAINT fence_hours CHECK ((hour_from IS NULL) = (hour_to IS NULL))
);
CREATE INDEX fence_place ON fence USING gist (geom);

CREATE TABLE alert_rule (
    district_id int NOT NULL REFERENCES district (id) ON DELETE CASCADE,
    code text NOT NULL,
    enabled boolean NOT NULL,
    severity text NOT NULL CHECK (severity IN ('sos', 'high', 'warn', 'info')),
    -- What it means depends on the rule: seconds, metres, metres a second, a share.
    threshold double precision NOT NULL,
    on_delay_s int NOT NULL CHECK (on_delay_s >= 0),
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL,
    PRIMARY KEY (district_id, code)
);

CREATE TABLE alert (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id int NOT NULL REFERENCES district (id) ON DELETE CASCADE,
    code text NOT NULL,
    -- What it is about: one open alert of a rule and subject at a time.
    subject text NOT NULL,
    van_id int REFERENCES van (id) ON DELETE CASCADE,
    severity text NOT NULL CHECK (severity IN ('sos', 'high', 'warn', 'info')),
    -- The condition's own times, of the district's day, and not those of its discovery.
    began timestamptz NOT NULL,
    ended timestamptz,
    raised_at timestamptz NOT NULL,
    -- Found from late facts, when it was over: shown in the day's history, never pushed as new.
    historical boolean NOT NULL DEFAULT false,
    body jsonb NOT NULL DEFAULT '{}',
    acked_at timestamptz,
    acked_by text,
    shelved_until timestamptz,
    shelved_by text,
    -- Late facts proved that it never was so: kept for the record, shown nowhere else.
    withdrawn_at timestamptz
);
CREATE UNIQUE INDEX alert_once ON alert (district_id, code, subject, began) WHERE withdrawn_at IS NULL;
CREATE UNIQUE INDEX alert_open ON alert (district_id, code, subject) WHERE ended IS NULL AND withdrawn_at IS NULL;
CREATE INDEX alert_of_day ON alert (district_id, began);
CREATE INDEX alert_of_van ON alert (van_id, began);

CREATE TABLE alert_step (
    alert_id bigint NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
    n int NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    step text NOT NULL CHECK (step IN ('raised', 'ended', 'acknowledged', 'shelved', 'unshelved', 'corrected', 'withdrawn')),
    detail jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (alert_id, n)
);

-- The proof of a van's day. It outlives the track that it was computed from.
CREATE TABLE van_day (
    van_id int NOT NULL REFERENCES van (id) ON DELETE CASCADE,
    day date NOT NULL,
    district_id int NOT NULL REFERENCES district (id) ON DELETE CASCADE,
    proved_s int NOT NULL,
    claimed_s int NOT NULL,
    sos_s int NOT NULL,
    distance_m double precision NOT NULL,
    fixes int NOT NULL,
    flagged int NOT NULL,
    -- Every span of the day with what it was: the timeline.
    spans jsonb NOT NULL,
    cells_seen int NOT NULL,
    cells int NOT NULL,
    longest_unseen_s int NOT NULL,
    -- Computed from all that was received until then.
    received_until timestamptz,
    computed_at timestamptz NOT NULL,
    PRIMARY KEY (van_id, day)
);
CREATE INDEX van_day_of_district ON van_day (district_id, day);

-- How each beat of a van's was covered that day: its cells seen, how often, how long they waited.
CREATE TABLE van_day_beat (
    van_id int NOT NULL,
    day date NOT NULL,
    beat_id int NOT NULL REFERENCES beat (id) ON DELETE CASCADE,
    cells int NOT NULL,
    cells_seen int NOT NULL,
    -- Of all its cells together.
    passes int NOT NULL,
    longest_unseen_s int NOT NULL,
    -- From a cell's pass to its next, over all cells; NULL where none was passed twice.
    longest_revisit_s int,
    median_revisit_s int,
    PRIMARY KEY (van_id, day, beat_id),
    CONSTRAINT van_day_beat_of_day FOREIGN KEY (van_id, day) REFERENCES van_day (van_id, day) ON DELETE CASCADE
);
CREATE INDEX van_day_beat_of_beat ON van_day_beat (beat_id, day);

-- What each planned stop came to, by its track and taps. The only writer is replay.evidence.
CREATE TABLE stop_evidence (
    stop_id bigint NOT NULL REFERENCES plan_stop (id) ON DELETE CASCADE,
    -- By whose track; mostly the van that it was planned for, else one that came in its stead.
    van_id int NOT NULL REFERENCES van (id) ON DELETE CASCADE,
    district_id int NOT NULL REFERENCES district (id) ON DELETE CASCADE,
    day date NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('served', 'arrived', 'no_answer', 'declined', 'skipped', 'pending')),
    arrived timestamptz,
    departed timestamptz,
    tapped timestamptz,
    -- Its part of a stay that it may share with others.
    dwell_s int NOT NULL,
    sharers int NOT NULL,
    distance_m real,
    late_s int NOT NULL,
    window_late_s int NOT NULL,
    late boolean NOT NULL,
    -- NULL where the van made no stay for it.
    in_order boolean,
    -- NULL until something is tapped that can be graded.
    grade text CHECK (grade IN ('A', 'B', 'C', 'D')),
    score int CHECK (score BETWEEN 0 AND 100),
    parts jsonb NOT NULL,
    computed_at timestamptz NOT NULL,
    PRIMARY KEY (stop_id, van_id)
);
CREATE INDEX stop_evidence_of_day ON stop_evidence (district_id, day, van_id);

ALTER TABLE visit ADD COLUMN grade text CHECK (grade IN ('A', 'B', 'C', 'D'));
CREATE INDEX visit_of_stop ON visit (stop_id) WHERE stop_id IS NOT NULL;

-- A call on an elder is one visit, however many taps tell of it: until now each tap made one of its own.
DELETE FROM visit AS older USING visit AS newer
WHERE older.source LIKE 'event:%' AND newer.source LIKE 'event:%' AND older.stop_id = newer.stop_id
    AND older.recipient_id = newer.recipient_id AND older.channel = newer.channel
    AND (older.began, older.id) < (newer.began, newer.id);
UPDATE visit SET source = 'call:' || plan.day || ':' || CASE plan_stop.kind
        WHEN 'visit' THEN 'visit:' || plan_stop.recipient_id ELSE 'dropoff:' || plan_stop.site_id END || ':1'
FROM plan_stop JOIN plan ON plan.id = plan_stop.plan_id
WHERE plan_stop.id = visit.stop_id AND visit.source LIKE 'event:%' AND plan_stop.kind IN ('visit', 'dropoff')
    AND NOT EXISTS (
        SELECT FROM visit AS other JOIN plan_stop AS s ON s.id = other.stop_id JOIN plan AS p ON p.id = s.plan_id
        WHERE other.id > visit.id AND other.source LIKE 'event:%' AND p.day = plan.day AND s.kind = plan_stop.kind
            AND other.recipient_id = visit.recipient_id AND other.channel = visit.channel);

-- Since when which van's day has to be computed again; whoever has computed it takes its mark away.
CREATE TABLE van_day_due (
    van_id int NOT NULL REFERENCES van (id) ON DELETE CASCADE,
    day date NOT NULL,
    -- NULL: not its facts have changed, but what they are judged by. It waits for those whose facts have.
    since timestamptz,
    PRIMARY KEY (van_id, day)
);
-- A change of sites marks very many days at once: neither those nor the few beside them are looked for among all.
CREATE INDEX van_day_due_by_facts ON van_day_due (van_id, day) WHERE since IS NOT NULL;
CREATE INDEX van_day_due_by_change ON van_day_due (day DESC, van_id) WHERE since IS NULL;

-- What a day is judged by may change behind it: beats and whose they are, shifts, sites, the published plan.
-- Whoever changes them marks the kept days that rest on them in the same transaction, be it a page, an import or a
-- hand at the database. Days more than 90 before the district's newest are left as they are: no clock is asked.
CREATE FUNCTION mark_van_days(of_district int, of_vans int[], first_day date, last_day date) RETURNS void
LANGUAGE sql AS $$
    -- A mark that stands already is held until the change is committed: nobody may prove its day before that.
    INSERT INTO van_day_due AS held (van_id, day, since)
    SELECT k.van_id, k.day, NULL::timestamptz
      FROM van_day k
     WHERE k.district_id = of_district AND (of_vans IS NULL OR k.van_id = ANY (of_vans))
       AND k.day BETWEEN coalesce(first_day, '-infinity') AND coalesce(last_day, 'infinity')
       AND k.day > (SELECT max(newest.day) FROM van_day AS newest WHERE newest.district_id = of_district) - 90
     ORDER BY k.van_id, k.day
        ON CONFLICT (van_id, day) DO UPDATE SET since = held.since;
$$;

-- An import changes row by row what is marked once.
CREATE FUNCTION is_first_change(what text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    told text := coalesce(current_setting('carevan.changed', true), '');
BEGIN
    IF position(format('<%s>', what) IN told) > 0 THEN
        RETURN false;
    END IF;
    PERFORM set_config('carevan.changed', told || format('<%s>', what), true);
    RETURN true;
END $$;

CREATE FUNCTION due_of_site() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mark_van_days(each.district_id, NULL, NULL, NULL)
       FROM (VALUES (OLD.district_id), (NEW.district_id)) AS each (district_id)
      WHERE each.district_id IS NOT NULL AND is_first_change('sites of ' || each.district_id);
    RETURN NULL;
END $$;
CREATE TRIGGER due_of_site AFTER INSERT OR DELETE ON site FOR EACH ROW EXECUTE FUNCTION due_of_site();
CREATE TRIGGER due_of_site_changed AFTER UPDATE ON site FOR EACH ROW
    WHEN ((OLD.district_id, OLD.geom, OLD.is_depot, OLD.is_kitchen)
          IS DISTINCT FROM (NEW.district_id, NEW.geom, NEW.is_depot, NEW.is_kitchen))
    EXECUTE FUNCTION due_of_site();

CREATE FUNCTION due_of_shift() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mark_van_days(van.district_id, ARRAY[van.id], each.day, each.day)
       FROM (VALUES (OLD.van_id, OLD.day), (NEW.van_id, NEW.day)) AS each (van_id, day)
       JOIN van ON van.id = each.van_id;
    RETURN NULL;
END $$;
CREATE TRIGGER due_of_shift AFTER INSERT OR DELETE ON shift FOR EACH ROW EXECUTE FUNCTION due_of_shift();
CREATE TRIGGER due_of_shift_changed AFTER UPDATE ON shift FOR EACH ROW
    WHEN ((OLD.van_id, OLD.day, OLD.starts, OLD.ends) IS DISTINCT FROM (NEW.van_id, NEW.day, NEW.starts, NEW.ends))
    EXECUTE FUNCTION due_of_shift();

CREATE FUNCTION due_of_beat_assignment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mark_van_days(van.district_id, ARRAY[van.id], each.day_from, each.day_to)
       FROM (VALUES (OLD.van_id, OLD.day_from, OLD.day_to), (NEW.van_id, NEW.day_from, NEW.day_to))
         AS each (van_id, day_from, day_to)
       JOIN van ON van.id = each.van_id;
    RETURN NULL;
END $$;
CREATE TRIGGER due_of_beat_assignment AFTER INSERT OR DELETE ON beat_assignment
    FOR EACH ROW EXECUTE FUNCTION due_of_beat_assignment();
CREATE TRIGGER due_of_beat_assignment_changed AFTER UPDATE ON beat_assignment FOR EACH ROW
    WHEN (OLD IS DISTINCT FROM NEW)
    EXECUTE FUNCTION due_of_beat_assignment();

-- A beat that is nobody's is no day's: one that is made or goes takes its assignments along, and they mark.
CREATE FUNCTION mark_days_of_beat(of_beat int) RETURNS void LANGUAGE sql AS $$
    SELECT mark_van_days(van.district_id, ARRAY[van.id], each.day_from, each.day_to)
      FROM beat_assignment AS each
      JOIN van ON van.id = each.van_id
     WHERE each.beat_id = of_beat
     ORDER BY van.id, each.day_from;
$$;

CREATE FUNCTION due_of_beat() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mark_days_of_beat(NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER due_of_beat_changed AFTER UPDATE ON beat FOR EACH ROW
    WHEN ((OLD.district_id, OLD.geom) IS DISTINCT FROM (NEW.district_id, NEW.geom))
    EXECUTE FUNCTION due_of_beat();

CREATE FUNCTION due_of_beat_cell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mark_days_of_beat(each.beat_id)
       FROM (VALUES (OLD.beat_id), (NEW.beat_id)) AS each (beat_id)
      WHERE each.beat_id IS NOT NULL AND is_first_change('cells of ' || each.beat_id);
    RETURN NULL;
END $$;
CREATE TRIGGER due_of_beat_cell AFTER INSERT OR DELETE ON beat_cell
    FOR EACH ROW EXECUTE FUNCTION due_of_beat_cell();
CREATE TRIGGER due_of_beat_cell_changed AFTER UPDATE ON beat_cell FOR EACH ROW
    WHEN ((OLD.beat_id, OLD.geom) IS DISTINCT FROM (NEW.beat_id, NEW.geom))
    EXECUTE FUNCTION due_of_beat_cell();

CREATE FUNCTION due_of_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mark_van_days(each.district_id, NULL, each.day, each.day)
       FROM (VALUES (OLD.district_id, OLD.day, OLD.status), (NEW.district_id, NEW.day, NEW.status))
         AS each (district_id, day, status)
      WHERE each.status = 'published';
    RETURN NULL;
END $$;
CREATE TRIGGER due_of_plan AFTER INSERT OR DELETE ON plan FOR EACH ROW EXECUTE FUNCTION due_of_plan();
CREATE TRIGGER due_of_plan_changed AFTER UPDATE ON plan FOR EACH ROW
    WHEN ((OLD.district_id, OLD.day, OLD.status) IS DISTINCT FROM (NEW.district_id, NEW.day, NEW.status))
    EXECUTE FUNCTION due_of_plan();

-- All that was received until then has left its marks; what came later may have been forgotten by a crash.
CREATE TABLE van_day_watermark (
    is_the_one boolean PRIMARY KEY DEFAULT true CHECK (is_the_one),
    marked_until timestamptz NOT NULL
);
