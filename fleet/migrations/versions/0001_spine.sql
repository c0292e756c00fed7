-- The first schema. Every row belongs to a district; hot tables (fix, event, van_state) name their
-- district by value, without a foreign key, so that they can be sharded by van.

-- ---------------------------------------------------------------- registry
CREATE TABLE district (
    id          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL CONSTRAINT district_name_key UNIQUE,
    name_en     text NOT NULL DEFAULT '',
    timezone    text NOT NULL DEFAULT 'Asia/Shanghai',
    centre      geometry(Point, 4326) NOT NULL,
    synthetic   boolean NOT NULL DEFAULT false
);

-- The district's revision. Raised, under this row's lock, by every journal entry; never by a fix.
CREATE TABLE district_state (
    district_id int PRIMARY KEY REFERENCES district ON DELETE CASCADE,
    state       bigint NOT NULL DEFAULT 0
);

CREATE TABLE journal (
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    state       bigint NOT NULL,
    at          timestamptz NOT NULL,
    kind        text NOT NULL,          -- plan | task | tap | sos | alert
    body        jsonb NOT NULL,
    PRIMARY KEY (district_id, state)
);

CREATE TABLE site (
    id          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    code        text NOT NULL,          -- the customer's own key, stable over imports
    kind        text NOT NULL CONSTRAINT site_kind CHECK (kind IN ('centre', 'stop_point', 'home')),
    name        text NOT NULL,
    name_en     text NOT NULL DEFAULT '',
    geom        geometry(Point, 4326) NOT NULL,
    is_depot    boolean NOT NULL DEFAULT false,
    is_kitchen  boolean NOT NULL DEFAULT false,
    opens       time NOT NULL DEFAULT '08:00',
    closes      time NOT NULL DEFAULT '18:00',
    CONSTRAINT site_code_key UNIQUE (district_id, code)
);
CREATE INDEX site_geom ON site USING gist (geom);

CREATE TABLE crew (
    id          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    name        text NOT NULL,
    skills      text[] NOT NULL DEFAULT '{}',
    CONSTRAINT crew_name_key UNIQUE (district_id, name)
);

CREATE TABLE van (
    id          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    code        text NOT NULL,
    name        text NOT NULL,
    name_en     text NOT NULL DEFAULT '',
    plate       text NOT NULL DEFAULT '',
    colour      text NOT NULL DEFAULT '#2fb7c9',
    features    text[] NOT NULL DEFAULT '{}',
    hot_cups    int NOT NULL DEFAULT 0 CONSTRAINT van_hot_cups CHECK (hot_cups >= 0),
    cold_cups   int NOT NULL DEFAULT 0 CONSTRAINT van_cold_cups CHECK (cold_cups >= 0),
    depot_id    int REFERENCES site,
    CONSTRAINT van_code_key UNIQUE (district_id, code)
);

CREATE TABLE shift (
    van_id      int NOT NULL REFERENCES van ON DELETE CASCADE,
    day         date NOT NULL,
    crew_id     int NOT NULL REFERENCES crew,
    starts      timestamptz NOT NULL,
    ends        timestamptz NOT NULL,
    PRIMARY KEY (van_id, day),
    CONSTRAINT shift_span CHECK (ends > starts)
);

CREATE TABLE terminal (
    id          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    van_id      int NOT NULL REFERENCES van ON DELETE CASCADE,
    code        text NOT NULL,
    kind        text NOT NULL DEFAULT 'screen'
                CONSTRAINT terminal_kind CHECK (kind IN ('screen', 'simulator', 'feed', 'phone', 'jt808')),
    is_primary  boolean NOT NULL DEFAULT false,
    datum       text NOT NULL DEFAULT 'wgs84' CONSTRAINT terminal_datum CHECK (datum IN ('wgs84', 'gcj02', 'bd09')),
    token_hash  bytea CONSTRAINT terminal_token_key UNIQUE,
    created_at  timestamptz NOT NULL,
    revoked_at  timestamptz,
    CONSTRAINT terminal_code_key UNIQUE (district_id, code)
);

-- What a terminal has drawn, by its own word.
CREATE TABLE terminal_seen (
    terminal_id int PRIMARY KEY REFERENCES terminal ON DELETE CASCADE,
    plan        bigint NOT NULL DEFAULT 0,
    seq         bigint NOT NULL DEFAULT 0,
    state       bigint NOT NULL DEFAULT 0,
    app         text NOT NULL DEFAULT '',
    at          timestamptz NOT NULL
);

CREATE TABLE pairing (
    code_hash   bytea PRIMARY KEY,
    terminal_id int NOT NULL REFERENCES terminal ON DELETE CASCADE,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz
);

CREATE TABLE recipient (
    id          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    code        text NOT NULL,
    name        text NOT NULL,
    birth_year  int NOT NULL CONSTRAINT recipient_birth_year CHECK (birth_year BETWEEN 1900 AND 2100),
    home_id     int NOT NULL REFERENCES site,
    stop_id     int REFERENCES site,    -- the stop point that serves them, when the door is not called at
    risk        int NOT NULL DEFAULT 1 CONSTRAINT recipient_risk CHECK (risk BETWEEN 1 AND 5),
    sugar_free  boolean NOT NULL DEFAULT false,
    nap_from    time NOT NULL DEFAULT '12:00',
    nap_to      time NOT NULL DEFAULT '14:00',
    CONSTRAINT recipient_code_key UNIQUE (district_id, code)
);

CREATE TABLE cadence (
    id          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient_id int NOT NULL REFERENCES recipient ON DELETE CASCADE,
    channel     text NOT NULL CONSTRAINT cadence_channel CHECK (channel IN ('check', 'visit', 'monthly', 'call')),
    target_days real NOT NULL,
    min_days    real NOT NULL,
    max_days    real NOT NULL,
    service_s   int NOT NULL CONSTRAINT cadence_service_s CHECK (service_s > 0),
    skills      text[] NOT NULL DEFAULT '{}',
    mandatory   boolean NOT NULL DEFAULT false,
    own         boolean NOT NULL DEFAULT false,    -- a person's own exception, not the rule
    CONSTRAINT cadence_key UNIQUE (recipient_id, channel),
    CONSTRAINT cadence_gaps CHECK (0 < min_days AND min_days <= target_days AND target_days <= max_days)
);

CREATE TABLE beat (
    id          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    code        text NOT NULL,
    name        text NOT NULL,
    name_en     text NOT NULL DEFAULT '',
    dedicated   boolean NOT NULL DEFAULT false,
    geom        geometry(MultiPolygon, 4326) NOT NULL,
    CONSTRAINT beat_code_key UNIQUE (district_id, code)
);

CREATE TABLE beat_cell (
    id          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    beat_id     int NOT NULL REFERENCES beat ON DELETE CASCADE,
    geom        geometry(Point, 4326) NOT NULL,
    passes      int NOT NULL DEFAULT 2
);
CREATE INDEX beat_cell_beat ON beat_cell (beat_id);

CREATE TABLE beat_assignment (
    van_id      int NOT NULL REFERENCES van ON DELETE CASCADE,
    beat_id     int NOT NULL REFERENCES beat ON DELETE CASCADE,
    day_from    date NOT NULL,
    day_to      date,                   -- inclusive; open when null
    PRIMARY KEY (van_id, beat_id, day_from)
);

CREATE TABLE menu_item (
    id          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    code        text NOT NULL,
    name        text NOT NULL,
    name_en     text NOT NULL DEFAULT '',
    season      text NOT NULL CONSTRAINT menu_item_season CHECK (season IN ('summer', 'winter')),
    container   text NOT NULL CONSTRAINT menu_item_container CHECK (container IN ('hot', 'cold')),
    hold_s      int NOT NULL,           -- how long a container keeps it outside the danger zone
    sugary      boolean NOT NULL DEFAULT false,
    CONSTRAINT menu_item_code_key UNIQUE (district_id, code)
);

CREATE TABLE season_override (
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    day_from    date NOT NULL,
    day_to      date NOT NULL,
    season      text NOT NULL CONSTRAINT season_override_season CHECK (season IN ('summer', 'winter', 'none')),
    PRIMARY KEY (district_id, day_from),
    CONSTRAINT season_override_span CHECK (day_to >= day_from)
);

-- ---------------------------------------------------------------- people who log in
CREATE TABLE account (
    id          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login       text NOT NULL CONSTRAINT account_login_key UNIQUE,
    display     text NOT NULL DEFAULT '',
    password_hash text NOT NULL,
    failures    int NOT NULL DEFAULT 0,
    locked_until timestamptz,
    created_at  timestamptz NOT NULL,
    disabled_at timestamptz
);

CREATE TABLE membership (
    account_id  int NOT NULL REFERENCES account ON DELETE CASCADE,
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    role        text NOT NULL CONSTRAINT membership_role
                CHECK (role IN ('administrator', 'planner', 'dispatcher', 'viewer')),
    PRIMARY KEY (account_id, district_id)
);

CREATE TABLE session (
    token_hash  bytea PRIMARY KEY,
    account_id  int NOT NULL REFERENCES account ON DELETE CASCADE,
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    created_at  timestamptz NOT NULL,
    seen_at     timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL
);

CREATE TABLE audit (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL,
    actor       text NOT NULL,          -- account:3, terminal:7, webhook:1, command, worker
    district_id int,
    action      text NOT NULL,          -- plan.publish, share.create, ...
    object      text NOT NULL,          -- plan:12
    result      text NOT NULL,          -- done | refused
    detail      jsonb NOT NULL DEFAULT '{}'
);
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit is append-only' USING ERRCODE = '42501'; END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- ---------------------------------------------------------------- messages to a van
CREATE TABLE outbox_head (
    van_id      int PRIMARY KEY REFERENCES van ON DELETE CASCADE,
    seq         bigint NOT NULL DEFAULT 0
);

CREATE TABLE outbox (
    van_id      int NOT NULL REFERENCES van ON DELETE CASCADE,
    seq         bigint NOT NULL,
    kind        text NOT NULL CONSTRAINT outbox_kind CHECK (kind IN ('plan', 'task', 'withdraw', 'say')),
    body        jsonb NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (van_id, seq)
);

-- ---------------------------------------------------------------- plans
CREATE TABLE plan (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    day         date NOT NULL,
    version     int,                    -- set when published; 1, 2, ... within a day
    status      text NOT NULL CONSTRAINT plan_status CHECK (status IN ('draft', 'published', 'superseded')),
    basis       text NOT NULL,          -- road | great-circle
    seed        bigint NOT NULL,
    levels      jsonb NOT NULL,         -- each objective level's value
    violations  int NOT NULL,           -- what the independent checker found; none is stored with any
    created_at  timestamptz NOT NULL,
    created_by  text NOT NULL,
    published_at timestamptz,
    published_by text,
    CONSTRAINT plan_version_key UNIQUE (district_id, day, version)
);
CREATE UNIQUE INDEX plan_one_published ON plan (district_id, day) WHERE status = 'published';

CREATE TABLE plan_route (
    plan_id     bigint NOT NULL REFERENCES plan ON DELETE CASCADE,
    van_id      int NOT NULL REFERENCES van ON DELETE CASCADE,
    starts      timestamptz NOT NULL,
    ends        timestamptz NOT NULL,
    patrol_s    int NOT NULL,
    drive_s     int NOT NULL,
    drive_m     int NOT NULL,
    geom        geometry(LineString, 4326),
    PRIMARY KEY (plan_id, van_id)
);

CREATE TABLE plan_stop (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id     bigint NOT NULL REFERENCES plan ON DELETE CASCADE,
    van_id      int NOT NULL REFERENCES van ON DELETE CASCADE,
    seq         int NOT NULL,           -- 0 = leave the depot
    kind        text NOT NULL CONSTRAINT plan_stop_kind
                CHECK (kind IN ('start', 'visit', 'dropoff', 'reload', 'break', 'pass', 'end')),
    site_id     int REFERENCES site,    -- null for a beat pass
    geom        geometry(Point, 4326) NOT NULL,
    recipient_id int REFERENCES recipient,
    cadence_id  int REFERENCES cadence ON DELETE SET NULL,
    beat_id     int REFERENCES beat,
    arrives     timestamptz NOT NULL,
    begins      timestamptz NOT NULL,
    leaves      timestamptz NOT NULL,
    window_from timestamptz,
    window_to   timestamptz,
    items       jsonb NOT NULL DEFAULT '{}',   -- {"menu item code": cups}
    CONSTRAINT plan_stop_seq_key UNIQUE (plan_id, van_id, seq)
);

CREATE TABLE plan_unserved (
    plan_id     bigint NOT NULL REFERENCES plan ON DELETE CASCADE,
    n           int NOT NULL,
    site_id     int NOT NULL REFERENCES site,
    recipient_id int REFERENCES recipient,
    cadence_id  int REFERENCES cadence ON DELETE SET NULL,
    mandatory   boolean NOT NULL,
    prize       int NOT NULL,
    reasons     jsonb NOT NULL,         -- [{"van": 3, "code": "shift_end", "short_s": 840}, ...]
    PRIMARY KEY (plan_id, n)
);

CREATE TABLE plan_job (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    day         date NOT NULL,
    seconds     real NOT NULL,
    seed        bigint NOT NULL,
    status      text NOT NULL CONSTRAINT plan_job_status
                CHECK (status IN ('waiting', 'running', 'done', 'cancelled', 'failed')),
    share_done  real NOT NULL DEFAULT 0,    -- 0..1
    stage       text NOT NULL DEFAULT '',
    served      int,
    unserved    int,
    cancel      boolean NOT NULL DEFAULT false,
    why         text NOT NULL DEFAULT '',
    plan_id     bigint REFERENCES plan ON DELETE SET NULL,
    queued_at   timestamptz NOT NULL,
    ended_at    timestamptz,
    asked_by    text NOT NULL
);

-- ---------------------------------------------------------------- the ledger of visits
CREATE TABLE visit (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    recipient_id int NOT NULL REFERENCES recipient ON DELETE CASCADE,
    channel     text NOT NULL,
    began       timestamptz NOT NULL,
    service_s   int NOT NULL,
    standing    text NOT NULL CONSTRAINT visit_standing CHECK (standing IN ('claimed', 'verified')),
    outcome     text NOT NULL CONSTRAINT visit_outcome CHECK (outcome IN ('served', 'no_answer', 'declined')),
    van_id      int REFERENCES van,
    stop_id     bigint REFERENCES plan_stop ON DELETE SET NULL,
    source      text NOT NULL,          -- identity of the fact: "event:7:<uuid>", "seed:...", "import:..."
    CONSTRAINT visit_source_key UNIQUE (district_id, source, recipient_id, channel)
);
CREATE INDEX visit_recipient ON visit (recipient_id, channel, began DESC);
CREATE INDEX visit_day ON visit (district_id, began);

-- ---------------------------------------------------------------- SOS
CREATE TABLE webhook (
    id          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    name        text NOT NULL,
    generation  int NOT NULL DEFAULT 1,    -- the secret is derived from the server key, never stored
    created_at  timestamptz NOT NULL,
    revoked_at  timestamptz
);

CREATE TABLE sos (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    source      text NOT NULL,          -- "webhook:1", "account:3", "terminal:7"
    source_key  text NOT NULL,          -- idempotency key given by the source
    recipient_id int REFERENCES recipient,
    place       text NOT NULL DEFAULT '',
    geom        geometry(Point, 4326) NOT NULL,
    state       text NOT NULL CONSTRAINT sos_state
                CHECK (state IN ('called', 'seen', 'offered', 'accepted', 'arrived', 'closed')),
    van_id      int REFERENCES van,
    called_at   timestamptz NOT NULL,
    seen_at     timestamptz,
    seen_by     int REFERENCES account,
    offered_at  timestamptz,
    accepted_at timestamptz,
    arrived_at  timestamptz,
    closed_at   timestamptz,
    outcome     text NOT NULL DEFAULT '',
    receipt     jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT sos_source_key UNIQUE (district_id, source, source_key)
);
CREATE INDEX sos_open ON sos (district_id) WHERE state <> 'closed';

-- ---------------------------------------------------------------- shared maps
CREATE TABLE share (
    id          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    token_hash  bytea NOT NULL CONSTRAINT share_token_key UNIQUE,
    title       text NOT NULL,
    vans        int[],                  -- null = all vans of the district
    delay_s     int NOT NULL DEFAULT 60,
    created_by  int NOT NULL REFERENCES account,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    revoked_at  timestamptz,
    views       int NOT NULL DEFAULT 0
);

CREATE TABLE guest (
    cookie_hash bytea PRIMARY KEY,
    share_id    int NOT NULL REFERENCES share ON DELETE CASCADE,
    created_at  timestamptz NOT NULL
);

-- ---------------------------------------------------------------- the hot path
CREATE TABLE fix (
    van_id      int NOT NULL,
    t           timestamptz NOT NULL,
    terminal_id int NOT NULL,
    digest      bigint NOT NULL,        -- 64-bit hash of canonical lon, lat, speed
    geom        geometry(Point, 4326) NOT NULL,
    speed_mps   real,
    heading_deg real,
    altitude_m  real,
    accuracy_m  real,
    hdop        real,
    satellites  smallint,
    battery     real,
    flags       smallint NOT NULL DEFAULT 0,   -- 1 ahead of time, 2 inaccurate, 4 zero island
    received_at timestamptz NOT NULL,
    PRIMARY KEY (van_id, t, terminal_id, digest)
) PARTITION BY RANGE (t);

CREATE TABLE event (
    terminal_id int NOT NULL,
    id          uuid NOT NULL,
    district_id int NOT NULL,
    van_id      int NOT NULL,
    t           timestamptz NOT NULL,
    kind        text NOT NULL,
    stop_id     bigint,
    body        jsonb NOT NULL DEFAULT '{}',
    received_at timestamptz NOT NULL,
    followed_at timestamptz,            -- when its consequences were drawn
    PRIMARY KEY (terminal_id, id)
);
CREATE INDEX event_unfollowed ON event (received_at) WHERE followed_at IS NULL;
CREATE INDEX event_van_t ON event (van_id, t);
CREATE INDEX event_stop ON event (stop_id) WHERE stop_id IS NOT NULL;

CREATE TABLE quarantine (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    terminal_id int NOT NULL,
    van_id      int NOT NULL,
    received_at timestamptz NOT NULL,
    n           bigint NOT NULL,
    index       int,
    why         text NOT NULL,
    raw         bytea NOT NULL
);

CREATE TABLE van_state (
    van_id      int PRIMARY KEY,
    district_id int NOT NULL,
    t           timestamptz NOT NULL,
    terminal_id int NOT NULL,
    digest      bigint NOT NULL,
    lon         double precision NOT NULL,
    lat         double precision NOT NULL,
    speed_mps   real,
    heading_deg real,
    battery     real,
    received_at timestamptz NOT NULL
);
CREATE INDEX van_state_district ON van_state (district_id);

CREATE TABLE blob (
    sha256      bytea PRIMARY KEY,
    terminal_id int NOT NULL,
    media_type  text NOT NULL,
    body        bytea NOT NULL,
    received_at timestamptz NOT NULL
);
