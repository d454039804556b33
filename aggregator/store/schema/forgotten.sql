-- What a person had taken out (see store/forgotten.py): a row each time, and the rows of each entry
-- as they were, so that they can be put back.
CREATE TABLE forgotten (
    key INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE INDEX forgotten_by_name ON forgotten(kind, name);

CREATE TABLE forgotten_entries (
    forgotten INTEGER NOT NULL REFERENCES forgotten(key),
    id TEXT NOT NULL,
    rows BLOB NOT NULL,
    PRIMARY KEY (forgotten, id)
) WITHOUT ROWID;
