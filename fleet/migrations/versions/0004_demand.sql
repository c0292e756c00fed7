-- What is asked for: cadences with exceptions, what others did, the season's rules and the weather.

-- ---------------------------------------------------------------- cadences
ALTER TABLE cadence DROP CONSTRAINT cadence_channel;
ALTER TABLE cadence ADD CONSTRAINT cadence_channel CHECK (channel IN ('check', 'visit', 'monthly', 'call'));
ALTER TABLE cadence ADD COLUMN day_from date, ADD COLUMN day_to date;
-- Which channels' visits count for it, where that is not what its channel says.
ALTER TABLE cadence ADD COLUMN closed_by_own text[]
    CONSTRAINT cadence_closed_by CHECK (closed_by_own <@ ARRAY['check', 'visit', 'monthly', 'call', 'grid']
                                        AND cardinality(closed_by_own) > 0);
-- A longer call closes a shorter one; a grid worker's visit is a doorstep check; every call in person greets.
ALTER TABLE cadence ADD COLUMN closed_by text[] GENERATED ALWAYS AS (COALESCE(closed_by_own,
    CASE channel WHEN 'call' THEN ARRAY['call', 'grid', 'check', 'visit', 'monthly']
                 WHEN 'check' THEN ARRAY['grid', 'check', 'visit', 'monthly']
                 WHEN 'visit' THEN ARRAY['visit', 'monthly']
                 ELSE ARRAY['monthly'] END)) STORED;
ALTER TABLE cadence ADD CONSTRAINT cadence_days CHECK (day_to >= day_from);
ALTER TABLE cadence ADD CONSTRAINT cadence_rule_has_no_days
    CHECK (own OR (day_from IS NULL AND day_to IS NULL));
-- One rule a person and channel; beside it any number of exceptions, one for each day it begins on.
ALTER TABLE cadence DROP CONSTRAINT cadence_key;
CREATE UNIQUE INDEX cadence_rule_key ON cadence (recipient_id, channel) WHERE NOT own;
CREATE UNIQUE INDEX cadence_exception_key ON cadence (recipient_id, channel, COALESCE(day_from, '-infinity'))
    WHERE own;

-- The cadences in force on a day: an exception replaces the rule, a later one an earlier one.
CREATE FUNCTION cadences_on(of_district int, on_day date) RETURNS SETOF cadence LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (c.recipient_id, c.channel) c.*
    FROM cadence c JOIN recipient r ON r.id = c.recipient_id
    WHERE r.district_id = of_district
      AND (c.day_from IS NULL OR c.day_from <= on_day) AND (c.day_to IS NULL OR c.day_to >= on_day)
    ORDER BY c.recipient_id, c.channel, c.own DESC, c.day_from DESC NULLS LAST, c.id DESC
$$;

-- ---------------------------------------------------------------- the ledger of visits
-- A wrong entry is taken back, not deleted.
ALTER TABLE visit ADD COLUMN undone_at timestamptz, ADD COLUMN undone_by text;
ALTER TABLE visit ADD CONSTRAINT visit_undone CHECK ((undone_at IS NULL) = (undone_by IS NULL));
-- What a person wrote down of others' calls: when it was entered, and by whom.
ALTER TABLE visit ADD COLUMN recorded_at timestamptz, ADD COLUMN recorded_by text;
CREATE INDEX visit_recorded ON visit (district_id, recorded_at DESC) WHERE recorded_at IS NOT NULL;

-- ---------------------------------------------------------------- seasons
CREATE TABLE season_rule (
    id          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    -- The first rule in this order that holds decides.
    rank        int NOT NULL,
    season      text NOT NULL CONSTRAINT season_rule_season CHECK (season IN ('summer', 'winter', 'none')),
    kind        text NOT NULL CONSTRAINT season_rule_kind
                CHECK (kind IN ('dates', 'terms', 'dog_days', 'nines', 'max_over', 'max_under', 'min_over', 'min_under')),
    -- Of 'dates' MM-DD, both inclusive and perhaps over the new year; of 'terms' two solar terms, the last exclusive.
    begins      text NOT NULL DEFAULT '',
    ends        text NOT NULL DEFAULT '',
    limit_c     real,
    CONSTRAINT season_rule_rank_key UNIQUE (district_id, rank),
    CONSTRAINT season_rule_parts CHECK (
        CASE WHEN kind IN ('dates', 'terms') THEN begins <> '' AND ends <> '' AND limit_c IS NULL
             WHEN kind IN ('dog_days', 'nines') THEN begins = '' AND ends = '' AND limit_c IS NULL
             ELSE begins = '' AND ends = '' AND limit_c IS NOT NULL END)
);

-- A day's highest and lowest temperature; what was measured goes before what was foretold.
CREATE TABLE day_temperature (
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    day         date NOT NULL,
    kind        text NOT NULL CONSTRAINT day_temperature_kind CHECK (kind IN ('forecast', 'measured')),
    max_c       real,
    min_c       real,
    noted_at    timestamptz NOT NULL,
    noted_by    text NOT NULL,
    PRIMARY KEY (district_id, day, kind),
    CONSTRAINT day_temperature_any CHECK (max_c IS NOT NULL OR min_c IS NOT NULL),
    CONSTRAINT day_temperature_order CHECK (max_c >= min_c)
);
