-- Terminals of every kind: phones, JT/T 808 devices, and what was heard of each.

ALTER TABLE terminal
    ADD COLUMN hardware_id text CONSTRAINT terminal_hardware_key UNIQUE,  -- JT/T 808: its phone number, no leading zeros
    ADD COLUMN enrol_until timestamptz;  -- wall time; until then a JT/T 808 device may register, once

-- The last that was heard of a terminal, written a few times a minute; times of the clock.
CREATE TABLE terminal_heard (
    terminal_id int PRIMARY KEY REFERENCES terminal ON DELETE CASCADE,
    heard_at    timestamptz NOT NULL,
    protocol    text NOT NULL,
    fix_t       timestamptz,            -- of the newest fix
    lag_s       real,                   -- that fix's age when it reached us
    offset_s    real,                   -- the terminal's clock less ours
    fixes       bigint NOT NULL DEFAULT 0,
    refused     bigint NOT NULL DEFAULT 0,
    offset_told boolean NOT NULL DEFAULT false  -- by the terminal itself; else its clock is ahead by at least so much
) WITH (fillfactor = 50);

-- From when on a JT/T 808 device had which alarm bits set, so that one alarm is one event over every reconnect,
-- repeat and backfill. The newest few hundred of a terminal are kept.
CREATE TABLE terminal_alarm (
    terminal_id int NOT NULL REFERENCES terminal ON DELETE CASCADE,
    t           timestamptz NOT NULL,
    bits        bigint NOT NULL,
    PRIMARY KEY (terminal_id, t)
);

-- One receipt is kept once, however often its batch is tried.
DELETE FROM quarantine AS copy
 USING quarantine AS held
 WHERE copy.id > held.id
   AND (copy.terminal_id, copy.received_at, copy.n, coalesce(copy.index, -1), copy.raw)
     = (held.terminal_id, held.received_at, held.n, coalesce(held.index, -1), held.raw);
CREATE UNIQUE INDEX quarantine_once ON quarantine (terminal_id, received_at, n, coalesce(index, -1), sha256(raw));
CREATE INDEX quarantine_received ON quarantine USING brin (received_at);
