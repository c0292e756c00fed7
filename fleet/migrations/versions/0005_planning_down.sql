DELETE FROM plan_route WHERE van_id < 0;
DELETE FROM plan_stop WHERE van_id < 0;
ALTER TABLE plan_stop
    DROP COLUMN known_van_id,
    ADD CONSTRAINT plan_stop_van_id_fkey FOREIGN KEY (van_id) REFERENCES van ON DELETE CASCADE;
ALTER TABLE plan_route
    DROP COLUMN known_van_id,
    ADD CONSTRAINT plan_route_van_id_fkey FOREIGN KEY (van_id) REFERENCES van ON DELETE CASCADE;
ALTER TABLE plan_job DROP COLUMN variant;
ALTER TABLE plan DROP COLUMN name, DROP COLUMN scenario, DROP COLUMN edits;
