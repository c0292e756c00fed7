-- What somebody was told, where a plan that was rewritten on its day begins a little beside it.
ALTER TABLE plan_stop ADD COLUMN promised timestamptz;
