-- A tile service of others. Its addresses hold {key} where the key belongs; the key itself is sealed with the
-- server's own, which is not in the database.
CREATE TABLE tile_provider (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_id integer NOT NULL REFERENCES district ON DELETE CASCADE,
    name text NOT NULL CHECK (name ~ '^[a-z0-9-]{1,30}$'),
    kind text NOT NULL CHECK (kind IN ('tianditu', 'amap', 'xyz')),
    title text NOT NULL,
    title_en text NOT NULL DEFAULT '',
    urls text[] NOT NULL CHECK (cardinality(urls) BETWEEN 1 AND 2),  -- the ground, then what is written upon it
    sealed bytea,
    datum text NOT NULL CHECK (datum IN ('wgs84', 'gcj02', 'cgcs2000')),
    min_zoom smallint NOT NULL CHECK (min_zoom BETWEEN 0 AND 22),
    max_zoom smallint NOT NULL CHECK (max_zoom BETWEEN min_zoom AND 22),
    attribution text NOT NULL,
    attribution_en text NOT NULL DEFAULT '',
    approval text NOT NULL DEFAULT '',  -- 审图号
    keep_h integer NOT NULL CHECK (keep_h BETWEEN 0 AND 720),
    guests boolean NOT NULL DEFAULT false,
    enabled boolean NOT NULL DEFAULT false,
    UNIQUE (district_id, name)
);
