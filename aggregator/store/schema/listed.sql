-- The agencies that have feeds, as the lists of feeds and of agencies have them.
CREATE TABLE listed_agencies (
    agency TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    homepage TEXT
) WITHOUT ROWID;

-- What the index showed of each agency: it shows the newest entries of all instead.
DROP TABLE agency_parts;

-- Files of which it is not known that they are right are looked for in each run.
CREATE INDEX written_unknown ON written(folder, name) WHERE size < 0;

-- The next run lists the agencies.
DELETE FROM output WHERE name IN ('context', 'listed');
