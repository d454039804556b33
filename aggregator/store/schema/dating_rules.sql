-- The version of the rules by which dates were worked out last, in one row, and the documents that
-- were dated by older ones: see store/dating_rules.py.
CREATE TABLE dated_by (version TEXT NOT NULL);
CREATE TABLE to_redate (document INTEGER PRIMARY KEY);
