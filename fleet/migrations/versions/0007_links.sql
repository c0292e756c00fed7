-- What a shared map shows besides its vans; hours are of the district's clock.
ALTER TABLE share
    ADD COLUMN beats         int[],                          -- null = anywhere
    ADD COLUMN day           date,                           -- null = each day while the link holds
    ADD COLUMN hour_from     smallint NOT NULL DEFAULT 0,
    ADD COLUMN hour_to       smallint NOT NULL DEFAULT 24,
    ADD COLUMN password_hash text,
    ADD CONSTRAINT share_hours CHECK (0 <= hour_from AND hour_from < hour_to AND hour_to <= 24);

-- Wrong passwords of a link lately: from one address (keyed hash), and from all of them ('').
CREATE TABLE share_try (
    share_id int NOT NULL REFERENCES share ON DELETE CASCADE,
    address  bytea NOT NULL,
    tries    smallint NOT NULL DEFAULT 0,
    since    timestamptz NOT NULL,
    PRIMARY KEY (share_id, address)
);
