-- Files of the output folder as the last run left them, by the folder below it: of one with another
-- size or time, or with the size -1, it is not known that its bytes are right.
CREATE TABLE written (
    folder TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    PRIMARY KEY (folder, name)
) WITHOUT ROWID;

-- What the index shows of each agency.
CREATE TABLE agency_parts (
    agency TEXT PRIMARY KEY,
    card BLOB NOT NULL,
    row BLOB NOT NULL,
    links BLOB NOT NULL
);

-- The next run looks at all files, and notes them.
DELETE FROM output WHERE name IN ('context', 'feeds');

-- The index and an agency's page name it, also where it has no entries but those credited to it.
DROP TRIGGER agency_described;

CREATE TRIGGER agency_described AFTER UPDATE OF name, homepage ON agencies
WHEN (old.name, old.homepage) IS NOT (new.name, new.homepage)
BEGIN
    DELETE FROM to_archive WHERE agency = new.id AND month IN (
        SELECT substr(published, 1, 7) FROM entries WHERE agency = new.id
        UNION SELECT substr(published, 1, 7) FROM credits JOIN entries ON key = entry
            WHERE credits.agency = new.id
    );
    INSERT INTO to_archive (agency, month)
        SELECT new.id, substr(published, 1, 7) FROM entries
            WHERE agency = new.id AND published IS NOT NULL
        UNION SELECT new.id, substr(published, 1, 7) FROM credits JOIN entries ON key = entry
            WHERE credits.agency = new.id AND published IS NOT NULL;
    DELETE FROM to_show WHERE entry IN (SELECT key FROM entries WHERE agency = new.id);
    INSERT INTO to_show (entry, id) SELECT key, id FROM entries WHERE agency = new.id;
END;
