-- Telephone numbers of a district as its boards tell them, in their order.
CREATE TABLE district_phone (
    district_id int NOT NULL REFERENCES district ON DELETE CASCADE,
    seq         smallint NOT NULL,
    label       text NOT NULL CONSTRAINT district_phone_label CHECK (label <> ''),
    label_en    text NOT NULL DEFAULT '',
    number      text NOT NULL CONSTRAINT district_phone_number CHECK (number ~ '[0-9]'),
    PRIMARY KEY (district_id, seq)
);
