-- A job that outlives its worker: how often it was taken up, how many workers died of it, what it has found.
ALTER TABLE plan_job
    ADD COLUMN attempts smallint NOT NULL DEFAULT 0,
    ADD COLUMN deaths smallint NOT NULL DEFAULT 0,
    ADD COLUMN keep boolean NOT NULL DEFAULT true,
    ADD COLUMN spent_s real NOT NULL DEFAULT 0,
    ADD COLUMN levels jsonb,
    ADD COLUMN started_at timestamptz;

-- Apart from the job, whose row changes twice a second: this one is large and changes when a plan gets better.
CREATE TABLE plan_job_best (
    job_id bigint PRIMARY KEY REFERENCES plan_job ON DELETE CASCADE,
    curve jsonb NOT NULL DEFAULT '[]',
    orders jsonb,
    levels jsonb,
    found_s real
);

CREATE INDEX plan_job_day ON plan_job (district_id, day);

-- When each district is planned by itself; a district without a row has the defaults.
CREATE TABLE plan_schedule (
    district_id integer PRIMARY KEY REFERENCES district ON DELETE CASCADE,
    enabled boolean NOT NULL DEFAULT true,
    at time NOT NULL DEFAULT '04:30',
    days_ahead smallint NOT NULL DEFAULT 0 CHECK (days_ahead BETWEEN 0 AND 1),
    seconds real NOT NULL DEFAULT 120 CHECK (seconds BETWEEN 1 AND 3600),
    last_day date
);

-- What a district's days keep to beside their registry; a district without a row has the defaults.
CREATE TABLE day_rule (
    district_id integer PRIMARY KEY REFERENCES district ON DELETE CASCADE,
    span_s integer CHECK (span_s > 0),
    overtime_s integer NOT NULL DEFAULT 0 CHECK (overtime_s >= 0),
    waits_s integer NOT NULL DEFAULT 0 CHECK (waits_s >= 0),
    patrol_s integer NOT NULL DEFAULT 21600 CHECK (patrol_s >= 0),
    -- For each hour of the day the percentage of the road's seconds that a drive takes; none is 100 throughout.
    pace smallint[] NOT NULL DEFAULT '{}' CHECK (cardinality(pace) IN (0, 24) AND 0 < ALL (pace)),
    -- When the kitchens' batches are ready, after the one that the vans leave with.
    batches time[] NOT NULL DEFAULT '{12:00}'
);

-- Portable things that any van may carry: skills of this name are asked of the thing, not of a van.
CREATE TABLE equipment (
    district_id integer NOT NULL REFERENCES district ON DELETE CASCADE,
    code text NOT NULL,
    units smallint NOT NULL DEFAULT 1 CHECK (units > 0),
    PRIMARY KEY (district_id, code)
);

-- What a plan differs in from the registry's day: assumed changes, locks and bans. A scenario's added van has
-- a van_id below 0 and no row in van; such a plan is never published.
ALTER TABLE plan
    ADD COLUMN name     text NOT NULL DEFAULT '',
    ADD COLUMN scenario jsonb NOT NULL DEFAULT '[]',  -- [{"kind": "shift", "van": 3, "minutes": 14}, ...]
    ADD COLUMN edits    jsonb NOT NULL DEFAULT '{}';  -- {"locks": {"p12": 3}, "bans": {"p14": [1, 2]}}
ALTER TABLE plan_job ADD COLUMN variant jsonb NOT NULL DEFAULT '{}';
ALTER TABLE plan_route
    DROP CONSTRAINT plan_route_van_id_fkey,
    ADD COLUMN known_van_id int GENERATED ALWAYS AS (CASE WHEN van_id > 0 THEN van_id END) STORED
        REFERENCES van ON DELETE CASCADE;
ALTER TABLE plan_stop
    DROP CONSTRAINT plan_stop_van_id_fkey,
    ADD COLUMN known_van_id int GENERATED ALWAYS AS (CASE WHEN van_id > 0 THEN van_id END) STORED
        REFERENCES van ON DELETE CASCADE;
